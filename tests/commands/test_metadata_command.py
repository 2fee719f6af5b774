"""`imagecap caption --write` and `imagecap metadata`, run as their users run them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import ExifTags, Image

from imagecap.commands.main import main
from imagecap.pictures.metadata import read_metadata, read_xmp_sidecar


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three pictures, one of them with a caption in its EXIF, one of them damaged."""
    made = tmp_path / "photos"
    made.mkdir()
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = "Rex in the garden."
    Image.new("RGB", (80, 60), "green").save(made / "a.jpg", exif=exif)
    Image.new("RGB", (80, 60), "blue").save(made / "b.png")
    (made / "c.jpg").write_text("no picture")
    return made


@pytest.fixture
def imagecap(untrained_bundle: Path) -> Callable[..., Result]:
    def run(*arguments: object, status: int = 0) -> Result:
        words = list(map(str, arguments))
        if words[0] == "caption":
            words[1:1] = ["--model", str(untrained_bundle)]
        result = CliRunner().invoke(main, words)
        assert result.exit_code == status, result.output
        return result

    return run


def test_copies_of_a_folder_carry_captions(
    imagecap: Callable[..., Result], folder: Path, tmp_path: Path
) -> None:
    before = {file: file.read_bytes() for file in folder.iterdir()}
    copies = tmp_path / "copies"
    # What is damaged is told, the rest is written.
    done = imagecap("caption", folder, "--write", "copies", copies, status=1)
    assert "2 captions written." in done.stdout
    assert "c.jpg" in done.stderr
    assert {file: file.read_bytes() for file in folder.iterdir()} == before
    assert {file.name for file in copies.iterdir()} == {"a.jpg", "b.png"}
    metadata = read_metadata(copies / "a.jpg")
    assert metadata.provenance.by.startswith("untrained@")
    assert set(metadata.captions) >= {"description", "alt-text", "exif-description"}
    assert "Rex in the garden." not in metadata.captions.values()


@pytest.mark.parametrize("order", ["before", "behind"])
def test_the_folder_of_copies_stands_behind_the_word(
    imagecap: Callable[..., Result], folder: Path, tmp_path: Path, order: str
) -> None:
    written = ["--write", "copies", tmp_path / "copies"]
    picture = [folder / "b.png"]
    imagecap(
        "caption", *(written + picture if order == "before" else picture + written)
    )
    assert (tmp_path / "copies" / "b.png").exists()


def test_texts_and_xmp_of_a_person_stay(
    imagecap: Callable[..., Result], folder: Path
) -> None:
    (folder / "c.jpg").unlink()
    (folder / "b.txt").write_text("My text.\n")
    done = imagecap("caption", folder, "--write", "sidecar", status=1)
    assert "1 caption written." in done.stdout
    assert "b.txt" in done.stderr
    assert "--force" in done.stderr
    assert (folder / "b.txt").read_text() == "My text.\n"
    imagecap("caption", folder, "--write", "sidecar", "--force")
    assert (folder / "b.txt").read_text() != "My text.\n"
    imagecap("caption", folder, "--write", "xmp", "--keywords", 3)
    captions, provenance = read_xmp_sidecar(folder / "b.xmp")
    assert captions["description"] == (folder / "b.txt").read_text().strip()
    assert provenance.is_of_a_model_alone


@pytest.mark.parametrize(
    "arguments",
    [
        ["--write", "copies"],
        ["--write", "copies", "--"],
        ["--write", "other"],
        ["--write", "xmp", "--json"],
        ["--write", "sidecar", "--keywords", "3"],
        ["--force"],
        ["--keywords", "3"],
    ],
)
def test_what_does_not_go_together_is_said(
    imagecap: Callable[..., Result], folder: Path, arguments: list[str]
) -> None:
    done = imagecap("caption", folder / "b.png", *arguments, status=2)
    assert "Error: " in done.stderr
    assert len(list(folder.iterdir())) == 3


def test_metadata_of_other_programs_is_shown_and_taken(
    imagecap: Callable[..., Result], folder: Path
) -> None:
    (folder / "c.jpg").unlink()
    done = imagecap("metadata", folder)
    assert done.stdout == f"{folder / 'a.jpg'}\texif-description\tRex in the garden.\n"
    assert not imagecap("metadata", "--field", "iptc", folder).stdout
    assert "1 caption taken." in imagecap("metadata", "--take", folder).stdout
    done = imagecap("metadata", "--take", folder)
    assert "0 captions taken." in done.stdout
    assert "Of 1 picture the library has what you say already." in done.stdout
    # What a person says goes before what the model says.
    imagecap("caption", folder / "a.jpg", "--write", "xmp")
    captions, provenance = read_xmp_sidecar(folder / "a.xmp")
    assert captions["description"] == "Rex in the garden."
    assert provenance.by == "person"


@pytest.mark.parametrize("more", [[], ["--take"]])
def test_metadata_leaves_out_what_captions_leave_out(
    imagecap: Callable[..., Result], folder: Path, more: list[str]
) -> None:
    (folder / "d.svg").write_text("<svg/>")
    (folder / "e.jpg").write_bytes(b"\xff")
    (folder / "f.png").touch()
    (folder / "g").symlink_to("g")
    left_out = {
        line
        for line in imagecap("caption", folder, status=1).stderr.splitlines()
        if not line.startswith("Captioning")
    }
    assert "Left out: 5." in left_out
    done = imagecap("metadata", folder, *more, status=1)
    assert set(done.stderr.splitlines()) == left_out


def test_one_picture_of_a_folder_that_fails_is_counted(
    imagecap: Callable[..., Result], tmp_path: Path
) -> None:
    (tmp_path / "a.jpg").write_text("no picture")
    for command in ("caption", "metadata"):
        assert "Left out: 1." in imagecap(command, tmp_path, status=1).stderr
    alone = imagecap("caption", tmp_path / "a.jpg", status=1)
    assert "Left out" not in alone.stderr


def test_what_a_person_changed_in_a_copy_is_taken(
    imagecap: Callable[..., Result], folder: Path
) -> None:
    (folder / "c.jpg").unlink()
    imagecap("caption", folder / "b.png", "--write", "xmp")
    done = imagecap("metadata", folder / "b.png", "--take")
    assert "0 captions taken." in done.stdout
    assert "Of 1 picture it is only what models said." in done.stdout
    written = (folder / "b.xmp").read_text()
    caption = read_xmp_sidecar(folder / "b.xmp")[0]["description"]
    (folder / "b.xmp").write_text(written.replace(caption, "Blue.", 1))
    assert not read_xmp_sidecar(folder / "b.xmp")[1].is_of_a_model_alone
    done = imagecap("metadata", folder / "b.png", "--take")
    assert "1 caption taken." in done.stdout


def test_a_picture_that_is_not_there_is_one_sentence(
    imagecap: Callable[..., Result], tmp_path: Path
) -> None:
    for more in ([], ["--take"]):
        done = imagecap("metadata", tmp_path / "gone.jpg", *more, status=1)
        assert "gone.jpg cannot be read" in done.stderr


def test_a_pipe_among_the_pictures_is_one_sentence(
    imagecap: Callable[..., Result], folder: Path
) -> None:
    os.mkfifo(folder / "a pipe.jpg")
    result = imagecap("metadata", folder, status=1)
    assert "a pipe.jpg cannot be read (it is no ordinary file)." in result.stderr
    assert "Rex in the garden." in result.stdout
