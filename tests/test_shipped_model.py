"""The models that come with imagecap, and that they travel with the package."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from imagecap import Captioner
from imagecap.model.bundle import MANIFEST, load_bundle
from imagecap.model.manifest import write_manifest
from imagecap.model.model_card import render_model_card

ROOT = Path(__file__).resolve().parent.parent
DEFAULT = ROOT / "models" / "default"
FAST = ROOT / "models" / "fast"


@pytest.fixture(scope="module")
def captioner() -> Captioner:
    return Captioner.load()


@pytest.mark.parametrize(
    ("folder", "most_megabytes", "least_cider"), [(DEFAULT, 62, 61), (FAST, 18, 55)]
)
def test_it_is_whole_small_and_good_enough(
    folder: Path, most_megabytes: int, least_cider: int
) -> None:
    bundle = load_bundle(folder)
    bundle.verify(*bundle.manifest.files)
    written = (folder / MANIFEST).read_text(encoding="utf-8")
    assert written == write_manifest(bundle.manifest)
    size = sum(path.stat().st_size for path in folder.iterdir())
    assert size < 1e6 * most_megabytes
    assert bundle.manifest.scores.values["CIDEr"] >= least_cider
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert card == render_model_card(bundle.manifest)
    for name in ("BLEU-4", "CIDEr"):
        assert f"{bundle.manifest.scores.values[name]:.1f}" in card


def test_it_is_the_default(captioner: Captioner) -> None:
    assert captioner.bundle.folder.resolve() == DEFAULT
    assert captioner.name == "default"


def test_it_sees_people(captioner: Captioner, photographs: Path) -> None:
    words = captioner.caption(photographs / "astronaut.png").words
    assert {"man", "woman", "girl", "boy", "person", "people"} & set(words)


def test_it_speaks_in_sentences(captioner: Captioner, photographs: Path) -> None:
    for name in ("astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg"):
        caption = captioner.caption(photographs / name)
        assert 3 <= len(caption.words) <= 20
        assert caption.text[0].isupper()
        assert caption.text.endswith(".")


def test_a_wheel_describes_a_photograph_in_any_folder(
    tmp_path: Path, photographs: Path
) -> None:
    source, wheels, site = (tmp_path / name for name in ("source", "wheels", "site"))
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    for name in filter(None, tracked.stdout.split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, source / name)
    subprocess.run(
        [
            *(sys.executable, "-m", "build", "--wheel", "--no-isolation"),
            *("--outdir", wheels, source),
        ],
        check=True,
        capture_output=True,
    )
    (wheel,) = wheels.iterdir()
    assert wheel.stat().st_size <= 60e6
    with zipfile.ZipFile(wheel) as content:
        content.extractall(site)
    assert not (site / "gui").exists()
    photograph = photographs / "astronaut.png"
    for model in ("default", "fast"):
        done = subprocess.run(
            [
                *(sys.executable, "-P", "-m", "imagecap", "caption", "--json"),
                *("--model", model, photograph),
            ],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(site)},
            capture_output=True,
            text=True,
            check=True,
        )
        (described,) = json.loads(done.stdout)
        expected = Captioner.load(ROOT / "models" / model).caption(photograph)
        assert described["caption"] == expected.text
    window = subprocess.run(
        [sys.executable, "-P", "-m", "imagecap", "gui", photograph],
        cwd=tmp_path,
        env={
            **{k: v for k, v in os.environ.items() if k != "DISPLAY"},
            "PYTHONPATH": str(site),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert window.returncode == 1
    assert window.stderr.startswith("There is no screen")
