"""Pictures that were moved, renamed, copied or changed, and their captions."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from imagecap.library.picture_state import read_state
from imagecap.library.store import Library
from imagecap.model.caption import Caption


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with closing(Library(tmp_path / "captions.db")) as library:
        yield library


@pytest.fixture
def folder(tmp_path: Path, library: Library) -> Path:
    """Three pictures, each with captions of a model and of a person."""
    folder = tmp_path / "holiday"
    folder.mkdir()
    for number in range(3):
        picture = folder / f"{number}.jpg"
        picture.write_bytes(b"picture %d" % number)
        library.keep_model_captions(picture, "m@1", None, said(number))
        library.keep_human(picture, f"Mine {number}.")
        library.keep_vector(picture, "m@1", np.full(4, number, np.float32))
    return folder


def said(number: int) -> tuple[Caption, ...]:
    return (Caption(("number", str(number)), -1.0, (0.5, 0.5)),)


def check_all_known(library: Library, pictures: list[Path]) -> None:
    library.recognise(pictures)
    for number, entry in enumerate(library.entries(pictures)):
        assert entry.human == f"Mine {number}."
        assert entry.machine == f"Number {number}."
        known = library.model_caption(entry.picture, "m@1", None)
        assert known == f"Number {number}."
    assert library.without_vector("m@1", pictures) == []


def test_a_moved_folder_keeps_its_captions(library: Library, folder: Path) -> None:
    moved = folder.rename(folder.with_name("greece"))
    pictures = [moved / f"{number}.jpg" for number in range(3)]
    assert [entry.caption for entry in library.entries(pictures)] == [None] * 3
    check_all_known(library, pictures)
    numbers, _ = library.vectors("m@1")
    assert len(numbers) == 3


def test_a_renamed_picture_keeps_its_captions(library: Library, folder: Path) -> None:
    # A copy that keeps neither name nor time, and the first one deleted.
    pictures = [folder / f"{number} renamed.jpg" for number in range(3)]
    for number, picture in enumerate(pictures):
        shutil.copyfile(folder / f"{number}.jpg", picture)
        (folder / f"{number}.jpg").unlink()
    check_all_known(library, pictures)


def test_a_copied_folder_has_captions_of_its_own(
    library: Library, folder: Path
) -> None:
    copied = Path(shutil.copytree(folder, folder.with_name("copy")))
    pictures = [copied / f"{number}.jpg" for number in range(3)]
    check_all_known(library, pictures)
    library.keep_human(pictures[0], "Only of the copy.")
    assert library.human(folder / "0.jpg") == "Mine 0."
    check_all_known(library, [folder / f"{number}.jpg" for number in range(3)])


def test_pictures_that_changed_places_keep_their_captions(
    library: Library, folder: Path
) -> None:
    for former, later in ((0, "x"), (1, 0), ("x", 1)):
        (folder / f"{former}.jpg").rename(folder / f"{later}.jpg")
    check_all_known(library, [folder / f"{name}.jpg" for name in (1, 0, 2)])


def test_names_that_moved_on_by_one_are_followed(
    library: Library, folder: Path
) -> None:
    for number in (2, 1, 0):
        (folder / f"{number}.jpg").rename(folder / f"{number + 1}.jpg")
    (folder / "0.jpg").write_bytes(b"a new one in the first place")
    # The new one first: it is what the person sees first.
    library.recognise([folder / "0.jpg"])
    check_all_known(library, [folder / f"{number}.jpg" for number in (1, 2, 3)])


def test_an_edited_picture_keeps_what_a_person_says_but_not_what_a_model_does(
    library: Library, folder: Path
) -> None:
    picture = folder / "0.jpg"
    picture.write_bytes(b"picture 0, brighter")
    assert library.model_caption(picture, "m@1", None) is None
    library.recognise([picture])
    assert library.human(picture) == "Mine 0."
    assert library.without_vector("m@1", [picture]) == [picture]
    # The former content comes back from a copy elsewhere.
    backup = folder / "backup.jpg"
    backup.write_bytes(b"picture 0")
    library.recognise([backup])
    assert library.model_caption(backup, "m@1", None) == "Number 0."


def test_a_touched_picture_is_known_by_its_content(
    library: Library, folder: Path
) -> None:
    os.utime(folder / "0.jpg", (1, 1))
    assert library.model_caption(folder / "0.jpg", "m@1", None) == "Number 0."


def test_a_picture_that_was_replaced_while_it_was_read_is_not_known(
    library: Library, folder: Path
) -> None:
    picture = folder / "new.jpg"
    picture.write_bytes(b"before")
    before = read_state(picture)
    picture.write_bytes(b"another one")
    library.keep_model_captions(picture, "m@1", None, said(7), before)
    assert library.model_caption(picture, "m@1", None) is None
    picture.unlink()
    library.keep_model_captions(picture, "m@1", None, said(7), before)
    assert library.model_caption(picture, "m@1", None) is None
    assert library.is_model_caption(picture, "Number 7.")


@pytest.mark.parametrize("seconds", [9_300_000_000, -9_300_000_000, 2**40])
def test_times_that_no_number_of_sqlite_has(
    library: Library, folder: Path, seconds: int
) -> None:
    picture = folder / "0.jpg"
    os.utime(picture, (seconds, seconds))
    assert library.model_caption(picture, "m@1", None) == "Number 0."
    library.keep_model_captions(picture, "m@1", None, said(1))
    assert library.model_caption(picture, "m@1", None) == "Number 1."


def test_vectors_come_back_as_they_were(library: Library, folder: Path) -> None:
    numbers, matrix = library.vectors("m@1")
    assert matrix.tolist() == [[number] * 4 for number in range(3)]
    names = [entry.picture.name for entry in library.entries_of(numbers)]
    assert names == ["0.jpg", "1.jpg", "2.jpg"]
    assert library.vectors("other@1")[0].tolist() == []
    new = folder / "new.jpg"
    assert library.without_vector("m@1", [folder / "0.jpg", new]) == [new]


def test_a_folder_is_opened_without_reading_its_pictures(
    library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = [folder / f"{number}.jpg" for number in range(3)]
    unknown = folder / "unknown.jpg"
    unknown.write_bytes(b"of a size that no other picture has")

    def refuse(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("imagecap.library.kept_captions.read_state", refuse)
    assert next(library.entries(pictures)).human == "Mine 0."
    library.recognise([*pictures, unknown])
    library.keep_all_human({unknown: "Unknown."})
    assert library.human(unknown) == "Unknown."
