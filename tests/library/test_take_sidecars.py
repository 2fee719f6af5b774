"""Captions in text files beside pictures, taken into the library."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from imagecap.captions.sidecar import sidecar_path, write_sidecar
from imagecap.library.store import Library
from imagecap.library.take_sidecars import take_sidecars
from imagecap.model.caption import Caption


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with closing(Library(tmp_path / "captions.db")) as library:
        yield library


def test_texts_are_taken_where_there_is_no_caption_of_a_person(
    library: Library, tmp_path: Path
) -> None:
    names = ("new", "known", "bare", "saved", "blank")
    pictures = [tmp_path / f"{name}.jpg" for name in names]
    new, known, bare, saved, blank = pictures
    for picture in (new, known, saved):
        write_sidecar(sidecar_path(picture), f"A {picture.stem}.")
    sidecar_path(blank).write_text("\n")
    library.keep_human(known, "My own words.")
    # A model's caption that someone saved is still a model's.
    says = Caption(("a", "saved"), -1.0, (0.5, 0.5))
    library.keep_model_captions(saved, "former@1", 3, (says,))
    library.keep_model_captions(saved, "newer@1", 3, (Caption(("x",), -1.0, (0.5,)),))
    assert take_sidecars(library, pictures) == 1
    found = [entry.human for entry in library.entries(pictures)]
    assert found == ["A new.", "My own words.", None, None, None]
    assert library.human(bare) is None
    sidecar_path(new).write_text("Changed elsewhere.")
    assert take_sidecars(library, pictures) == 0
    assert library.human(new) == "A new."


def test_a_text_that_could_mean_two_pictures_is_left_alone(
    library: Library, tmp_path: Path
) -> None:
    pictures = [tmp_path / name for name in ("a.jpg", "a.png", "b.jpg", "c.jpg")]
    for picture in pictures:
        picture.touch()
    (tmp_path / "a.txt").write_text("Which?")
    (tmp_path / "b.caption").write_text("A bird.")
    (tmp_path / "c.jpg.txt").write_text("A cat.")
    problems: list[str] = []
    assert take_sidecars(library, pictures, problems) == 2
    found = [entry.human for entry in library.entries(pictures)]
    assert found == [None, None, "A bird.", "A cat."]
    said = "1 text file could mean several pictures, not taken: a.txt."
    assert problems == [said]
