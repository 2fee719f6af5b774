"""`imagecap evaluate`, run as its users run it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock
from PIL import Image
from pycocoevalcap.eval import COCOEvalCap
from pycocotools.coco import COCO

from imagecap import Captioner

# Importing a module that is None there fails, as where training is not installed.
_BASE_INSTALL = (
    "import sys; sys.modules.update(dict.fromkeys("
    "('tensorflow', 'keras', 'jax', 'nltk', 'matplotlib', 'pycocoevalcap')));"
    "from imagecap.commands.main import main; main()"
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Five pictures to train, three for dev."""
    folder = tmp_path / "made-up"
    (folder / "Images").mkdir(parents=True)
    lines = ["image,caption"]
    for number in range(8):
        name = f"{number}.png"
        Image.new("RGB", (64, 48), (30 * number, 90, 40)).save(folder / "Images" / name)
        lines += [f"{name},A dog sits on the grass.", f"{name},picture {number}"]
    (folder / "captions.csv").write_text("\n".join(lines))
    (folder / "trainImages.txt").write_text("".join(f"{n}.png\n" for n in range(5)))
    (folder / "devImages.txt").write_text("".join(f"{n}.png\n" for n in range(5, 8)))
    return folder


def evaluate(*arguments: object, folder: Path, status: int = 0) -> tuple[str, str]:
    done = subprocess.run(
        [sys.executable, "-c", _BASE_INSTALL, "evaluate", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout, done.stderr


def test_a_model_is_scored_without_keras_and_the_public_code_reads_its_captions(
    untrained_bundle: Path, data: Path, tmp_path: Path
) -> None:
    printed, _ = evaluate(
        "--model", untrained_bundle, "--data", data, "--beam", 2, folder=tmp_path
    )
    assert printed.startswith("untrained on made-up, dev: 3 pictures, consensus of 2\n")
    folder = tmp_path / "evaluation" / "untrained-made-up-dev"
    assert "METEOR" not in printed
    saved = json.loads((folder / "scores.json").read_text())
    assert f"| CIDEr | {saved['scores']['CIDEr']['value']:.1f} |" in printed
    assert "<html" in (folder / "report.html").read_text()

    coco = COCO(str(folder / "annotations.json"))
    found = coco.loadRes(str(folder / "results.json"))
    assert COCOEvalCap(coco, found).params["image_id"] == [1, 2, 3]
    captioner = Captioner.load(untrained_bundle)
    for number, image in coco.imgs.items():
        picture = data / "Images" / image["file_name"]
        (entry,) = found.imgToAnns[number]
        assert entry["caption"] == captioner.caption(picture, 2).text
        assert len(coco.imgToAnns[number]) == 2

    again, _ = evaluate(
        *("--results", folder / "results.json", "--data", data, "-o", tmp_path / "o"),
        folder=tmp_path,
    )
    assert again.startswith("results.json on made-up, dev: 3 pictures\n")
    rescored = json.loads((tmp_path / "o" / "scores.json").read_text())
    assert rescored["scores"] == saved["scores"]


def test_a_picture_that_cannot_be_read_is_left_out_and_said(
    untrained_bundle: Path, data: Path, tmp_path: Path
) -> None:
    (data / "Images" / "6.png").write_text("no picture")
    printed, errors = evaluate(
        *("--model", untrained_bundle, "--data", data, "-o", tmp_path / "out"),
        folder=tmp_path,
        status=1,
    )
    assert "6.png is not a picture" in errors
    assert "dev: 2 pictures" in printed
    assert "Left out: " in printed
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    assert [entry["image_id"] for entry in results] == [1, 3]


def test_captions_of_others_that_do_not_fit_are_one_sentence(
    data: Path, tmp_path: Path
) -> None:
    results = tmp_path / "others.json"
    results.write_text(json.dumps([{"image_id": "5.png", "caption": "A dog."}]))
    _, errors = evaluate(
        "--results", results, "--data", data, folder=tmp_path, status=1
    )
    assert f"Error: {results} has no caption for pictures of made-up, dev: 6" in errors
    assert not (tmp_path / "evaluation").exists()


def test_a_results_file_and_a_model_are_too_much(data: Path, tmp_path: Path) -> None:
    _, errors = evaluate(
        *("--results", "a.json", "--model", "b", "--data", data),
        folder=tmp_path,
        status=2,
    )
    assert "leave out the model" in errors


def test_an_empty_split_is_one_sentence(
    untrained_bundle: Path, data: Path, tmp_path: Path
) -> None:
    _, errors = evaluate(
        *("--model", untrained_bundle, "--data", data, "--split", "test"),
        folder=tmp_path,
        status=1,
    )
    assert "has no pictures in its test split" in errors


def test_all_splits_are_scored_together_whatever_the_results_are_called(
    data: Path, tmp_path: Path
) -> None:
    (data / "trainImages.txt").unlink()
    (data / "devImages.txt").unlink()
    (data / "testImages.txt").write_text("".join(f"{n}.png\n" for n in range(8)))
    results = tmp_path / "c.tsv"
    rows = [f"Images\\{n}.PNG\tA dög sits.\n" for n in range(8)]
    results.write_bytes(("Filename\tDescription\n" + "".join(rows)).encode("cp1252"))
    for split in ("all", "test"):
        printed, errors = evaluate(
            *("--results", results, "--data", data, "--split", split), folder=tmp_path
        )
        assert printed.startswith(f"c.tsv on made-up, {split}: 8 pictures\n")
        assert "note: 8 lines of c.tsv read as Windows-1252, not UTF-8" in errors


def test_scores_that_one_picture_leaves_undefined_are_left_out(
    data: Path, tmp_path: Path
) -> None:
    (data / "devImages.txt").write_text("5.png\n")
    results = tmp_path / "c.csv"
    results.write_text("image,caption\n5,A dog sits.\n")
    printed, _ = evaluate(
        *("--results", results, "--data", data, "-o", tmp_path / "out"), folder=tmp_path
    )
    assert "| CIDEr |" not in printed
    assert "| BLEU-4 |" not in printed
    assert "\nCIDEr was left out: it weighs words by how few pictures" in printed
    assert "\nBLEU-4 was left out: no caption has 4 words." in printed
    saved = json.loads((tmp_path / "out" / "scores.json").read_text())
    assert "CIDEr" not in saved["scores"]
    assert saved["cider"] == {}
    assert "by CIDEr of the picture" not in (tmp_path / "out/report.html").read_text()


def test_scores_are_printed_even_where_they_cannot_be_saved(
    data: Path, tmp_path: Path
) -> None:
    results, output = tmp_path / "others.csv", tmp_path / "out"
    results.write_text("image,caption\n5.png,A dog.\n6.png,A dog.\n7.png,picture 7\n")
    (output / "scores.json").mkdir(parents=True)
    arguments = ("--results", results, "--data", data, "-o", output)
    printed, errors = evaluate(*arguments, folder=tmp_path, status=1)
    assert "| BLEU-1 | " in printed
    assert "scores.json cannot be written" in errors
    with FileLock(output / ".lock"):
        printed, errors = evaluate(*arguments, folder=tmp_path, status=1)
    assert "| BLEU-1 | " in printed
    assert f"Another program is writing into {output}" in errors
    _, errors = evaluate(*arguments[:-1], results, folder=tmp_path, status=1)
    assert f"The folder {results} cannot be made" in errors


def test_too_few_pictures_to_calibrate_on_are_told_before_any_is_captioned(
    untrained_bundle: Path, data: Path, tmp_path: Path
) -> None:
    printed, errors = evaluate(
        *("--model", untrained_bundle, "--data", data, "--calibrate", "-o", "out"),
        folder=tmp_path,
        status=1,
    )
    assert printed == ""
    assert "Captioning" not in errors
    assert "Error: Calibrating needs at least 100 captioned pictures" in errors
    assert not (tmp_path / "out").exists()
