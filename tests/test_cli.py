"""The `imagecap` command, run as its users run it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from imagecap import Captioner


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "a picture.png"
    Image.new("RGB", (80, 60), (40, 160, 60)).save(path)
    return path


def imagecap(
    *arguments: object, status: int = 0, **options: object
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "imagecap", *map(str, arguments)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, **options
    )
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return done


def test_one_picture_prints_its_caption(untrained_bundle: Path, picture: Path) -> None:
    done = imagecap("caption", "--model", untrained_bundle, picture)
    expected = Captioner.load(untrained_bundle).caption(picture).text
    assert done.stdout == expected + "\n"


def test_several_pictures_print_a_line_each(
    untrained_bundle: Path, picture: Path
) -> None:
    done = imagecap("caption", "--model", untrained_bundle, picture, picture)
    text = Captioner.load(untrained_bundle).caption(picture).text
    assert done.stdout == f"{picture}\t{text}\n" * 2


def test_a_bad_picture_stops_nothing(untrained_bundle: Path, picture: Path) -> None:
    bad = picture.with_name("bad.jpg")
    bad.write_text("no picture")
    done = imagecap("caption", "--model", untrained_bundle, bad, picture, status=1)
    assert done.stdout.startswith(f"{picture}\t")
    assert done.stdout.count("\n") == 1
    assert done.stderr.startswith("Error: ")
    assert str(bad) in done.stderr


def test_json_holds_the_candidates(untrained_bundle: Path, picture: Path) -> None:
    done = imagecap(
        "caption",
        "--model",
        untrained_bundle,
        "--json",
        "--candidates",
        4,
        "--beam",
        6,
        picture,
    )
    candidates = Captioner.load(untrained_bundle).candidates(picture, 4, 6)
    assert json.loads(done.stdout) == [
        {
            "path": str(picture),
            "caption": candidates[0].text,
            "probability": pytest.approx(candidates[0].probability),
            "confidence": None,
            "unsure": False,
            "candidates": [
                {"caption": c.text, "probability": pytest.approx(c.probability)}
                for c in candidates
            ],
        }
    ]


def test_candidates_are_printed_the_best_first(
    untrained_bundle: Path, picture: Path
) -> None:
    done = imagecap("caption", "--model", untrained_bundle, "--candidates", 3, picture)
    candidates = Captioner.load(untrained_bundle).candidates(picture, 3)
    assert done.stdout.splitlines() == [c.text for c in candidates]


def test_attend_draws_a_panel_a_word(
    untrained_attention_bundle: Path, picture: Path, tmp_path: Path
) -> None:
    output = tmp_path / "seen.png"
    done = imagecap(
        "attend", picture, "-o", output, "--model", untrained_attention_bundle
    )
    caption = Captioner.load(untrained_attention_bundle).caption(picture)
    assert done.stdout == caption.text + "\n"
    columns = min(5, len(caption.words) + 1)
    with Image.open(output) as drawn:
        assert drawn.width > columns * 224
        assert drawn.height > (len(caption.words) // 5 + 1) * 168


def test_attend_without_attention_says_what_to_do(
    untrained_bundle: Path, picture: Path, tmp_path: Path
) -> None:
    output = tmp_path / "seen.png"
    done = imagecap(
        "attend", picture, "-o", output, "--model", untrained_bundle, status=1
    )
    assert done.stderr.startswith("Error: The model untrained has no attention")
    assert "--architecture attention" in done.stderr
    assert not output.exists()


def test_an_unknown_model_is_one_sentence(picture: Path) -> None:
    done = imagecap("caption", "--model", "nosuch", picture, status=1)
    assert done.stderr.startswith("Error: There is no model “nosuch”.")


def test_speech_without_a_player_is_said(
    untrained_bundle: Path, picture: Path, programs: Path
) -> None:
    done = imagecap(
        "caption", "--model", untrained_bundle, "--speak", picture, status=1
    )
    assert done.stdout
    assert done.stderr.startswith("Error: ")


def test_captions_are_spoken(
    untrained_bundle: Path, picture: Path, install_player: object
) -> None:
    log = install_player("")
    imagecap("caption", "--model", untrained_bundle, "--speak", picture)
    ((_, size),) = (line.split() for line in log.read_text().splitlines())
    assert int(size) > 10_000
