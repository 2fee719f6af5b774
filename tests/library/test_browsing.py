"""A library looked through page by page."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from made_pictures import quarters, saved

from imagecap.library.browsing import (
    folder_around,
    folders,
    holds_pictures,
    number_of,
    page,
    to_review,
)
from imagecap.library.picture_state import read_state
from imagecap.library.store import Library
from imagecap.model.caption import Caption


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Three pictures in two folders; the model doubts two of its captions."""
    (tmp_path / "a" / "deep").mkdir(parents=True)
    (tmp_path / "a0").mkdir()
    doubts = {"a/1.png": None, "a/deep/2.png": 0.3, "a0/3.png": 0.1}
    with closing(Library(tmp_path / "captions.db")) as library:
        for width, (name, confidence) in enumerate(doubts.items(), start=8):
            picture = saved(quarters(width), tmp_path / name)
            said = Caption(
                ("a", picture.stem),
                -1.0,
                (1.0, 1.0),
                None,
                None,
                confidence or 0.9,
                confidence is not None,
            )
            library.keep_model_captions(picture, "model@1", None, [said])
        yield library


def names(found: tuple[list, int]) -> list[str]:
    return [entry.picture.stem for entry in found[0]]


def test_pictures_come_in_the_order_asked_for(library: Library, tmp_path: Path) -> None:
    assert names(page(library, "folder", None, 0, 9)) == ["1", "2", "3"]
    assert names(page(library, "unsure", None, 0, 9)) == ["3", "2", "1"]
    assert names(page(library, "date", None, 1, 1)) == ["2"]
    # What is doubted and what is not are two parts, and pages go on over their border.
    for start in range(4):
        for count in range(4):
            expected = ["3", "2", "1"][start : start + count]
            found = page(library, "unsure", None, start, count)
            assert (names(found), found[1]) == (expected, 3)
    found, total = page(library, "folder", tmp_path / "a", 1, 9)
    assert ([entry.picture.stem for entry in found], total) == (["2"], 2)


def test_what_a_person_has_seen_leaves_the_review(
    library: Library, tmp_path: Path
) -> None:
    assert names(to_review(library, 0, 9)) == ["3", "2"]
    library.keep_human(tmp_path / "a0" / "3.png", "A 3.")
    assert names(to_review(library, 0, 9)) == ["2"]


def test_folders_are_listed_with_their_pictures(
    library: Library, tmp_path: Path
) -> None:
    assert folders(library) == {
        tmp_path / "a": 1,
        tmp_path / "a" / "deep": 1,
        tmp_path / "a0": 1,
    }


def test_a_picture_is_found_by_content(library: Library, tmp_path: Path) -> None:
    copy = tmp_path / "copy.png"
    copy.write_bytes((tmp_path / "a0" / "3.png").read_bytes())
    state = read_state(copy)
    assert state
    number = number_of(library, state)
    assert number is not None
    assert library.entries_of([number])[0].picture.name == "3.png"
    copy.write_bytes(b"other")
    state = read_state(copy)
    assert state
    assert number_of(library, state) is None


@pytest.mark.parametrize(
    ("path", "around"),
    [
        ("a", "a"),
        ("a/1.png", "a"),
        ("a/new", "a"),
        ("a/deep/none/there", "a/deep"),
        ("a0", "a0"),
        # Begin alike, and hold no pictures themselves.
        ("", None),
        ("a1", None),
        ("a.png", None),
        ("b/a", None),
    ],
)
def test_the_folder_around_a_path_is_found(
    library: Library, tmp_path: Path, path: str, around: str | None
) -> None:
    expected = None if around is None else tmp_path / around
    assert folder_around(library, tmp_path / path) == expected


def test_it_is_known_where_pictures_lie_below(library: Library, tmp_path: Path) -> None:
    for folder in (Path("/"), tmp_path, tmp_path / "a", tmp_path / "a" / "deep"):
        assert holds_pictures(library, folder)
    for folder in (tmp_path / "a1", tmp_path / "a" / "1.png", tmp_path / "b"):
        assert not holds_pictures(library, folder)
