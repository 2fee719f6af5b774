"""`imagecap ranker`: a model learns to choose among the captions that it finds."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from imagecap import Captioner
from imagecap.commands.main import main
from imagecap.model.bundle import DUAL_ENCODER, load_bundle
from imagecap.model.log_linear import LogLinear

PICTURES = 12


@pytest.fixture
def model(untrained_bundle: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(untrained_bundle, tmp_path / "mine"))


@pytest.fixture
def data(model: Path, tmp_path: Path) -> Path:
    """Pictures of noise with captions of the model's words, half of them dev."""
    folder = tmp_path / "data"
    folder.mkdir()
    words = load_bundle(model).vocabulary.words[4:]
    generator = np.random.default_rng(0)
    lines = ["image,caption,split"]
    for number in range(PICTURES):
        noise = generator.integers(0, 256, (40, 40, 3), np.uint8)
        Image.fromarray(noise).save(folder / f"{number}.png")
        caption = " ".join(generator.choice(words, 5))
        lines.append(f"{number}.png,{caption},{'dev' if number % 2 else 'train'}")
    (folder / "captions.csv").write_text("\n".join(lines) + "\n")
    return folder


def ranker(*arguments: object, status: int = 0) -> str:
    done = CliRunner().invoke(main, ["ranker", *map(str, arguments)])
    assert done.exit_code == status, done.output
    return done.output


def test_a_model_learns_to_choose(
    model: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = "imagecap.training.export"
    monkeypatch.setattr(f"{export}.fit_ranker.FEWEST_PICTURES", 5)
    monkeypatch.setattr(f"{export}.fit_dual_encoder.FEWEST_PICTURES", 5)
    before = load_bundle(model).manifest
    printed = ranker(model, "--data", data, "--kept", 6)
    assert "CIDEr of the choice among the same captions: " in printed
    assert f"on {PICTURES // 2} pictures in 5 folds" in printed
    manifest = load_bundle(model).manifest
    assert manifest.files.keys() - before.files.keys() == {DUAL_ENCODER}
    assert isinstance(manifest.decoding.ranker, LogLinear)
    assert manifest.decoding.search.kept == 6
    assert manifest.ranker is not None
    assert manifest.ranker.train_pictures == PICTURES // 2
    assert manifest.version != before.version
    assert "The dual encoder was learned from 6 photographs" in (
        model / "README.md"
    ).read_text("utf-8")
    found = Captioner.load(model).candidates(data / "0.png", 6)
    assert all(one.similarity is not None for one in found)


def test_too_few_pictures_change_nothing(model: Path, data: Path) -> None:
    before = load_bundle(model).manifest
    printed = ranker(model, "--data", data, status=1)
    assert "needs at least 500 pictures in dev; there are 6" in printed
    assert load_bundle(model).manifest == before


def test_where_too_few_pictures_teach_a_dual_encoder_the_one_there_stays(
    model: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = "imagecap.training.export"
    monkeypatch.setattr(f"{export}.fit_ranker.FEWEST_PICTURES", 5)
    printed = ranker(model, "--data", data)
    assert "Without a dual encoder: a new one needs at least 2,000 " in printed
    record = load_bundle(model).manifest.ranker
    assert record is not None
    assert record.train_pictures == 0

    with monkeypatch.context() as few:
        few.setattr(f"{export}.fit_dual_encoder.FEWEST_PICTURES", 5)
        ranker(model, "--data", data)
    before = load_bundle(model)
    content = (model / DUAL_ENCODER).read_bytes()
    printed = ranker(model, "--data", data, "--kept", 6)
    assert "Its dual encoder stays: a new one needs at least 2,000 " in printed
    after = load_bundle(model).manifest
    assert (model / DUAL_ENCODER).read_bytes() == content
    assert after.decoding.search.kept == 6
    assert after.ranker is not None
    assert before.manifest.ranker is not None
    assert after.ranker.train_pictures == before.manifest.ranker.train_pictures
    found = Captioner.load(model).candidates(data / "0.png", 6)
    assert all(one.similarity is not None for one in found)
