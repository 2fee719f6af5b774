"""`imagecap language`: a model learns from caption files which words follow which."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from imagecap import Captioner
from imagecap.commands.main import main
from imagecap.model.bundle import LANGUAGE_MODEL, load_bundle


@pytest.fixture
def model(untrained_bundle: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(untrained_bundle, tmp_path / "mine"))


@pytest.fixture
def few_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imagecap.commands.language.FEWEST_CAPTIONS", 4)


def language(*arguments: object, status: int = 0) -> str:
    done = CliRunner().invoke(main, ["language", *map(str, arguments)])
    assert done.exit_code == status, done.output
    return done.output


@pytest.mark.usefixtures("few_are_enough")
def test_captions_in_files_of_several_formats_teach_a_model(
    model: Path, tmp_path: Path
) -> None:
    plain, table = tmp_path / "lines.txt", tmp_path / "table.csv"
    plain.write_text("1.jpg\tA dog runs on the grass.\nA dog sits.\n\n")
    table.write_text("image,caption\n1.jpg,A cat sits.\n2.jpg,A cat runs.\n")
    before = load_bundle(model).manifest
    printed = language(model, plain, table)
    assert printed.startswith("Learned from 4 captions: ")
    manifest = load_bundle(model).manifest
    assert manifest.files.keys() - before.files.keys() == {LANGUAGE_MODEL}
    assert manifest.language_model is not None
    assert manifest.language_model.captions == 4
    assert manifest.version != before.version
    Captioner.load(model)
    # What was chosen for the model stays when it learns again.
    language(model, table, plain)
    assert load_bundle(model).manifest.decoding == manifest.decoding


def test_too_few_captions_change_nothing(model: Path, tmp_path: Path) -> None:
    file = tmp_path / "few.tsv"
    file.write_text("image\tcaption\n1.jpg\tA dog runs.\n")
    before = load_bundle(model).manifest
    printed = language(model, file, status=1)
    assert "needs at least 10,000 captions" in printed
    assert "few.tsv has 1. Name more files." in printed
    assert load_bundle(model).manifest == before


@pytest.mark.parametrize("content", ["", "\n\n", "image,caption\n"])
def test_a_file_without_captions_is_named(
    model: Path, tmp_path: Path, content: str
) -> None:
    file = tmp_path / "empty.txt"
    file.write_text(content)
    printed = language(model, file, status=1)
    assert "empty.txt" in printed
    assert "Traceback" not in printed


def test_a_missing_file_is_named(model: Path, tmp_path: Path) -> None:
    assert "gone.tsv cannot be read" in language(model, tmp_path / "gone.tsv", status=1)
