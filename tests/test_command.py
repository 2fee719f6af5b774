"""train.py as its users run it, on drawn scenes."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest
from filelock import FileLock
from PIL import Image

from imagecap import Captioner
from imagecap.evaluation.scores import score_captions
from imagecap.text import tokenize
from imagecap.training.datasets import load_dataset
from imagecap.training.encoders import ENCODERS
from imagecap.training.scenes import write_scenes

ROOT = Path(__file__).resolve().parent.parent
QUICK = [
    *("--minimum-count", 1, "--embedding", 16, "--lstm", 16, "--image", 16),
    *("--hidden", 16, "--batch-size", 16, "--beam-width", 1, "--patience", 9),
]


def start(folder: Path, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(ROOT / "train.py"), *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def train(folder: Path, *arguments: object, status: int = 0) -> str:
    process = start(folder, *arguments)
    printed, errors = process.communicate()
    assert process.returncode == status, errors
    assert "Traceback" not in errors
    return printed + errors


def history(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "models" / f"{name}-training" / "history.csv").open() as file:
        return list(csv.DictReader(file))


def best_weights(folder: Path, name: str) -> dict[str, np.ndarray]:
    path = folder / "models" / f"{name}-training" / "best.npz"
    with np.load(path) as content:
        return dict(content)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "few"
    write_scenes(folder, train=48, dev=8, test=8)
    return folder


def test_scenes_are_learned_from_nothing(tmp_path: Path) -> None:
    began = time.monotonic()
    printed = train(tmp_path, "--dataset", "scenes")
    print(f"A full run took {time.monotonic() - began:.0f} s.")
    assert "imagecap caption --model scenes-small" in printed

    model = tmp_path / "models" / "scenes-small"
    captioner = Captioner.load(model)
    unseen = load_dataset(tmp_path / "dataset" / "scenes").test
    found = {
        path.name: captions[0].words
        for path, captions in captioner.caption_many(item.path for item in unseen)
    }
    references = {
        item.name: [tokenize(caption) for caption in item.captions] for item in unseen
    }
    assert score_captions(found, references)["BLEU-4"] > 90
    # The frame of a sentence alone earns much BLEU; most must be right to the word.
    right = [list(found[name]) in truths for name, truths in references.items()]
    assert sum(right) > 0.6 * len(right)

    card = (model / "README.md").read_text()
    scores = json.loads((model / "manifest.json").read_text())["scores"]
    assert f"{scores['CIDEr']:.1f}" in card
    assert (tmp_path / "models" / "scenes-small-training" / "curves.png").exists()


def test_the_whole_way_with_a_pretrained_encoder(tmp_path: Path, data: Path) -> None:
    """Check data, extract, train, fine-tune, export, resume to more epochs."""
    keras.utils.set_random_seed(0)
    weights = tmp_path / "mobilenetv2.weights.h5"
    ENCODERS["mobilenetv2"].network(None).save_weights(weights)
    given = ["--data", data, "--encoder", "mobilenetv2", "--encoder-weights", weights]
    first = train(tmp_path, *given, *QUICK, "--epochs", 2)
    assert "few: train 48, dev 8, test 8 pictures" in first
    assert (tmp_path / "features" / "few-mobilenetv2.pkl").exists()
    assert [row["stage"] for row in history(tmp_path, "few-mobilenetv2")] == [
        *["decoder"] * 2
    ]
    again = train(tmp_path, *given, status=1)
    assert "Error: A run named few-mobilenetv2 is there already" in again

    train(tmp_path, *given, "--resume", "--fine-tune", "--fine-tune-epochs", 1)
    rows = history(tmp_path, "few-mobilenetv2")
    assert [row["stage"] for row in rows] == ["decoder", "decoder", "fine-tune"]
    bundle = tmp_path / "models" / "few-mobilenetv2"
    picture = next((data / "Images").iterdir())
    assert Captioner.load(bundle).caption(picture).words

    other = train(tmp_path, *given, "--resume", "--lstm", 32, status=1)
    assert "was started with other values of --lstm" in other


def test_attention_is_trained_by_one_option(tmp_path: Path, data: Path) -> None:
    given = ["--data", data, "--encoder", "small", "--architecture", "attention"]
    printed = train(tmp_path, *given, *QUICK, "--fine-tune-epochs", 1)
    assert "imagecap caption --model few-small-attention" in printed
    bundle = tmp_path / "models" / "few-small-attention"
    manifest = json.loads((bundle / "manifest.json").read_text())
    assert manifest["architecture"] == "attention"
    assert manifest["training"]["settings"]["lstm"] == 16
    other = train(
        tmp_path,
        *given[:-1],
        "merge",
        *("--name", "few-small-attention", "--resume"),
        status=1,
    )
    assert "was started with other values of --architecture" in other


def test_a_model_goes_on_with_other_pictures_and_their_words(
    tmp_path: Path, data: Path
) -> None:
    first = ["--data", data, "--encoder", "small", *QUICK, "--name", "first"]
    train(tmp_path, *first, "--fine-tune-epochs", 1)
    own = tmp_path / "own"
    (own / "images").mkdir(parents=True)
    pictures = sorted((data / "Images").iterdir())[:12]
    for picture in pictures:
        shutil.copyfile(picture, own / "images" / picture.name)
    lines = [f"{picture.name},a zebra is above a red circle" for picture in pictures]
    text = "\n".join(["image,caption", *lines])
    (own / "captions.csv").write_text(text, encoding="utf-8")

    wrong = train(tmp_path, "--data", own, "--from", "first", "--lstm", 8, status=1)
    assert "The model first has another lstm; leave out --lstm." in wrong
    printed = train(
        tmp_path,
        *("--data", own, "--from", "first", "--epochs", 40, "--dropout", 0),
        *("--learning-rate", 0.02),
    )
    assert "imagecap caption --model own-first" in printed
    rows = history(tmp_path, "own-first")
    assert [row["stage"] for row in rows][:2] == ["start", "decoder"]
    # One picture is left for dev, on which CIDEr says nothing; then the loss decides.
    assert {row["CIDEr"] for row in rows} == {"0.0"}
    losses = [float(row["dev loss"]) for row in rows]
    assert min(losses) < losses[0]

    before = Captioner.load(tmp_path / "models" / "first").bundle.vocabulary
    captioner = Captioner.load(tmp_path / "models" / "own-first")
    assert captioner.bundle.vocabulary.words[: len(before)] == before.words
    assert captioner.bundle.vocabulary.words[len(before) :] == ("zebra",)
    assert "zebra" in captioner.caption(pictures[0]).words
    card = (tmp_path / "models" / "own-first" / "README.md").read_text()
    assert "It went on from the model first." in card


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_run_ends_as_an_unbroken_one(
    tmp_path: Path, data: Path, how: signal.Signals
) -> None:
    arguments = ["--data", data, "--encoder", "small", *QUICK]
    arguments += ["--fine-tune-epochs", 3, "--save-every", 0, "--name", "run"]
    arguments += ["--weight-averaging", 0.9, "--label-smoothing", 0.1]
    broken, unbroken = tmp_path / "broken", tmp_path / "unbroken"
    for folder in (broken, unbroken):
        folder.mkdir()
    train(unbroken, *arguments)

    process = start(broken, *arguments)
    state = broken / "models" / "run-training" / "state.npz"
    while not state.exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    process.send_signal(how)
    _, errors = process.communicate()
    assert process.returncode == (-how if how == signal.SIGKILL else 130)
    assert "Traceback" not in errors
    assert not (broken / "models" / "run").exists()
    train(broken, *arguments, "--resume")

    columns = ("epoch", "train loss", "dev loss", "BLEU-1", "CIDEr")
    for ours, theirs in zip(
        history(broken, "run"), history(unbroken, "run"), strict=True
    ):
        for column in columns:
            assert float(ours[column]) == pytest.approx(float(theirs[column]), 1e-4)
    weights = best_weights(unbroken, "run")
    for name, array in best_weights(broken, "run").items():
        np.testing.assert_allclose(array, weights[name], rtol=1e-4, atol=1e-5)


def test_a_limit_of_captions_is_recorded_and_resumed(
    tmp_path: Path, data: Path
) -> None:
    per_picture = len(load_dataset(data).train[0].captions)
    given = ["--data", data, "--encoder", "small", *QUICK, "--name", "run"]
    write_scenes(tmp_path / "more", train=6, dev=2, test=2)
    given += ["--more-data", tmp_path / "more"]
    limit = ["--limit-captions", 10 * per_picture]
    first = train(tmp_path, *given, *limit, "--fine-tune-epochs", 1)
    assert "few-more: train 10, dev 8, test 8 pictures" in first
    assert "6 pictures of more were added to train." in first
    assert "10 of 54 train pictures were chosen" in first
    resumed = train(tmp_path, *given, "--resume", "--fine-tune-epochs", 2)
    assert "few-more: train 10, dev 8, test 8 pictures" in resumed
    other = train(tmp_path, *given, "--limit-captions", 5, "--resume", status=1)
    assert "was started with other values of --limit-captions" in other


def test_other_scripts_and_odd_captions_are_learned_and_scored(tmp_path: Path) -> None:
    texts = ["كلبٌ يركضُ على العشب", "כֶּלֶב רץ", "一只狗在草地上跑", "A dog 🐶 runs"]
    data = tmp_path / "odd"
    (data / "images").mkdir(parents=True)
    lines = []
    for number in range(16):
        name = f"{number}.png"
        colour = (60 * (number % 4), 90, 40)
        Image.new("RGB", (64, 64), colour).save(data / "images" / name)
        text = texts[number % 4]
        lines += [f"{name},{text}"] * 2
    lines += ["0.png,🐶", "0.png,", f"0.png,{'كلب ' * 10_000}", "99.png,missing"]
    (data / "captions.csv").write_text("\n".join(["image,caption", *lines]))
    (data / "devImages.txt").write_text("0.png\n1.png\n2.png\n3.png\n")
    (data / "testImages.txt").write_text("3.png\n4.png\n")
    given = ["--data", data, "--encoder", "small", *QUICK, "--name", "odd"]
    printed = train(tmp_path, *given, "--fine-tune-epochs", 2)
    assert "1 picture of the test list stayed in an earlier list: 3.png." in printed
    assert "odd: train 11, dev 4, test 1 pictures" in printed
    words = set(Captioner.load(tmp_path / "models" / "odd").bundle.vocabulary.words)
    assert {"كلبٌ", "כֶּלֶב", "狗", "dog"} <= words

    command = [sys.executable, "-m", "imagecap", "evaluate", "--data", str(data)]
    done = subprocess.run(
        [*command, "--model", "odd", "-o", "out"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    annotations = json.loads((tmp_path / "out" / "annotations.json").read_text())
    written = {entry["caption"] for entry in annotations["annotations"]}
    assert {*texts, "🐶"} <= written
    report = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    # Three of the four pictures are shown.
    assert sum(f'<li dir="auto">{text}</li>' in report for text in texts) >= 2


def test_pictures_of_dev_that_nobody_can_read_are_one_sentence(
    tmp_path: Path, data: Path
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(data, broken)
    for name in (broken / "devImages.txt").read_text().split():
        (broken / "Images" / name).write_text("no picture")
    given = ["--data", broken, "--encoder", "small", *QUICK]
    printed = train(tmp_path, *given, "--fine-tune-epochs", 1, status=1)
    assert "None of the pictures of the dev split can be read." in printed
    weights = tmp_path / "mobilenetv2.weights.h5"
    ENCODERS["mobilenetv2"].network(None).save_weights(weights)
    given = ["--data", broken, "--encoder", "mobilenetv2", "--encoder-weights", weights]
    printed = train(tmp_path, *given, *QUICK, status=1)
    assert "None of the pictures of the dev split can be read." in printed


def test_a_run_that_another_program_works_on_is_left_alone(
    tmp_path: Path, data: Path
) -> None:
    lock = tmp_path / "models" / "run-training" / "run.lock"
    lock.parent.mkdir(parents=True)
    with FileLock(lock):
        given = ["--data", data, "--encoder", "small", *QUICK, "--name", "run"]
        printed = train(tmp_path, *given, status=1)
    assert "Error: Another train.py is at work in models/run-training." in printed


def test_what_is_wrong_is_one_sentence(tmp_path: Path, data: Path) -> None:
    assert "Error: Say what to train on" in train(tmp_path, status=1)
    assert "Error: There is no folder" in train(tmp_path, "--data", "no", status=1)
    missing = train(tmp_path, "--data", data, "--encoder-weights", "none.h5", status=1)
    assert "Error: There is no weight file none.h5" in missing
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("dog 1 2 3\n")
    given = ["--data", data, "--word-vectors", vectors]
    other_length = train(tmp_path, *given, "--embedding", 4, status=1)
    assert "have 3 numbers: leave out --embedding" in other_length
    known = train(tmp_path, *given, "--from", "default", status=1)
    assert "leave out --word-vectors or --from" in known
    nothing = train(tmp_path, "--data", data, "--resume", status=1)
    assert "Error: There is no run to go on with" in nothing


def test_weights_that_cannot_be_downloaded_are_explained(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nothing listens there: a machine without internet.
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    printed = train(tmp_path, "--data", data, "--encoder", "xception", status=1)
    assert "The ImageNet weights of xception could not be downloaded" in printed
    assert "--encoder-weights FILE" in printed


def test_weights_of_another_network_are_refused(tmp_path: Path, data: Path) -> None:
    weights = tmp_path / "other.weights.h5"
    keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]).save_weights(weights)
    given = ["--data", data, "--encoder", "mobilenetv2", "--encoder-weights", weights]
    assert "does not hold weights of mobilenetv2" in train(tmp_path, *given, status=1)
