"""Captions in text files beside pictures, written and taken over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from imagecap.captions.sidecar import read_text, take_texts, text_beside, write_text
from imagecap.library.store import Library
from imagecap.model.caption import Caption


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with closing(Library(tmp_path / "captions.db")) as library:
        yield library


def test_what_is_written_is_read(tmp_path: Path) -> None:
    file = text_beside(tmp_path / "dog.jpg")
    assert file == tmp_path / "dog.txt"
    assert read_text(file) is None
    write_text(file, "A dög.")
    assert file.read_text(encoding="utf-8") == "A dög.\n"
    assert read_text(file) == "A dög."


@pytest.mark.parametrize(
    ("content", "caption"),
    [
        (b"\xef\xbb\xbf\r\n  A   dog \r\nAnother one.\r\n", "A dog"),
        (b"", None),
        (b" \n\n", None),
        (b"\xff\xfeA\x00", None),
        (b"A book. " * 2000, None),
    ],
    ids=["several lines", "empty", "blank", "no UTF-8", "a book"],
)
def test_the_first_line_is_the_caption(
    tmp_path: Path, content: bytes, caption: str | None
) -> None:
    (tmp_path / "dog.txt").write_bytes(content)
    assert read_text(tmp_path / "dog.txt") == caption


def test_texts_are_taken_where_there_is_no_caption_of_a_person(
    library: Library, tmp_path: Path
) -> None:
    names = ("new", "known", "bare", "saved", "blank")
    pictures = [tmp_path / f"{name}.jpg" for name in names]
    new, known, bare, saved, blank = pictures
    for picture in (new, known, saved):
        write_text(text_beside(picture), f"A {picture.stem}.")
    text_beside(blank).write_text("\n")
    library.keep_human(known, "My own words.")
    # A model's caption that someone saved is still a model's.
    says = Caption(("a", "saved"), -1.0, (0.5, 0.5))
    library.keep_machine(saved, "former@1", 3, (says,))
    library.keep_machine(saved, "newer@1", 3, (Caption(("x",), -1.0, (0.5,)),))
    assert take_texts(library, pictures) == 1
    found = [entry.human for entry in library.entries(pictures)]
    assert found == ["A new.", "My own words.", None, None, None]
    assert library.human(bare) is None
    text_beside(new).write_text("Changed elsewhere.")
    assert take_texts(library, pictures) == 0
    assert library.human(new) == "A new."
