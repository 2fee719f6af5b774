"""Single values and letters damaged in a library: they cost their row at most."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from imagecap.library.browsing import page
from imagecap.library.store import Library
from imagecap.model.caption import Caption

PICTURES = [Path(f"/photographs/{number}.jpg") for number in range(4)]
ONES = np.ones(4, np.float32)
ODD_VALUES = (None, 0, -1, 2**63 - 1, 1.5, float("inf"), "text", "", b"\xff", b"")
COLUMNS = {
    "pictures": "path content bytes modified taken place said missing",
    "machine_captions": "picture model beam_width content bytes modified captions made",
    "human_captions": "picture path content caption kind made",
    "vectors": "picture model vector",
}


@pytest.mark.parametrize("also_damaged", [False, True])
@pytest.mark.parametrize(
    ("table", "column"),
    [(table, column) for table in COLUMNS for column in COLUMNS[table].split()],
)
def test_an_odd_value_costs_its_row_at_most(
    tmp_path: Path, table: str, column: str, also_damaged: bool
) -> None:
    path = tmp_path / "captions.db"
    pictures = [tmp_path / f"{number}.jpg" for number in range(3)]
    with closing(Library(path)) as library:
        for picture in pictures:
            picture.write_bytes(picture.name.encode())
            said = [Caption(("a", "dog"), -1.0, (0.5, 0.5))]
            library.keep_model_captions(picture, "m@1", None, said)
            library.keep_human(picture, f"My {picture.stem}.")
            library.keep_vector(picture, "m@1", np.ones(4))
    whole = path.read_bytes()
    for value in ODD_VALUES:
        path.write_bytes(whole)
        with closing(sqlite3.connect(path)) as database, database:
            change = f"UPDATE OR IGNORE {table} SET {column} = ? WHERE rowid = 1"
            database.execute(change, (value,))
        if also_damaged:
            path.write_bytes(b"damaged header!!" + path.read_bytes()[16:])
        with closing(Library(path)) as library:
            found = [entry.human for entry in library.entries(pictures)]
            assert found[1:] == ["My 1.", "My 2."]
            assert {"My 1.", "My 2."} <= {one.human for one in library.human_entries()}
            assert set(pictures[1:]) <= {one.picture for one in library.search("my")}
            assert {2, 3} <= set(library.vectors("m@1")[0])
            assert {2, 3} <= {n for n, _ in library.likeness("m@1").nearest(ONES, 3)}
            assert set(pictures[1:]) <= set(folder_pictures(library))
            library.recognise(pictures)
            library.keep_model_captions(pictures[0], "m@1", None, said)
            library.keep_human(pictures[0], "Anew.")
            assert library.human(pictures[0]) == "Anew."


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize(
    ("words", "damaged"),
    [
        ("A dog runs.", "A dog ru%s."),
        ("Rex eats one.", "Rex ea7s one."),
        ("A dog and a dog.", "A dog !nd a dog."),
    ],
)
def test_a_wrong_letter_in_one_of_two_copies_of_a_caption_costs_nothing(
    tmp_path: Path, place: int, words: str, damaged: str
) -> None:
    path = tmp_path / "library" / "captions.db"
    with closing(Library(path)) as library:
        library.keep_human(PICTURES[0], words)
        library.keep_human(PICTURES[1], "Rex runs and eats, and so does a dog.")
    with closing(sqlite3.connect(path)) as database, database:
        if place:
            database.execute("UPDATE words SET human = ? WHERE rowid = 1", (damaged,))
        else:
            database.execute(
                "UPDATE human_captions SET caption = ? WHERE sequence = 1", (damaged,)
            )
    with closing(Library(path)) as library:
        assert library.human(PICTURES[0]) == words


@pytest.mark.parametrize(
    ("index", "right"),
    [
        ("A Dog runs.", "A dog runs."),
        ("A dxg runs.", "A dog runs."),
        # A correction whose own row is lost.
        ("A hog runs.", "A hog runs."),
        ("Two dogs run.", "Two dogs run."),
    ],
)
def test_a_copy_with_a_wrong_letter_is_no_later_caption_where_another_row_is_lost(
    tmp_path: Path, index: str, right: str
) -> None:
    path = tmp_path / "library" / "captions.db"
    said = ("A dog runs.", "A dog and a hog.", "A hog.", "Lost.")
    with closing(Library(path)) as library:
        for picture, words in zip(PICTURES, said, strict=False):
            library.keep_human(picture, words)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("DELETE FROM human_captions WHERE sequence = 2")
        database.execute("UPDATE words SET human = ? WHERE rowid = 1", (index,))
    path.write_bytes(b"damaged header!!" + path.read_bytes()[16:])
    with closing(Library(path)) as library:
        assert library.human(PICTURES[0]) == right


def test_a_wrong_letter_in_the_place_of_a_picture_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "captions.db"
    pictures = [tmp_path / f"{number}.jpg" for number in range(3)]
    with closing(Library(path)) as library:
        for picture in pictures:
            picture.write_bytes(picture.name.encode())
            library.keep_human(picture, f"My {picture.stem}.")
    with closing(sqlite3.connect(path)) as database, database:
        wrong = os.fsencode(tmp_path) + b"'1.jpg"
        database.execute("UPDATE pictures SET path = ? WHERE id = 2", (wrong,))
    path.write_bytes(b"damaged header!!" + path.read_bytes()[16:])
    with closing(Library(path)) as library:
        found = [entry.human for entry in library.entries(pictures)]
        assert found == ["My 0.", "My 1.", "My 2."]


def folder_pictures(library: Library) -> list[Path]:
    entries, _ = page(library, "unsure", None, 0, 10)
    return [entry.picture for entry in entries]
