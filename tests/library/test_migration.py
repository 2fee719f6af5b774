"""Libraries of before, of later and of other programs."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from imagecap.library.picture_state import path_key
from imagecap.library.store import Library, LibraryError
from imagecap.model.caption import Caption

# The tables word for word as they were before the library had versions.
FORMER = """
CREATE TABLE IF NOT EXISTS machine (
    picture BLOB, model TEXT, beam_width INTEGER, bytes INTEGER, modified INTEGER,
    captions TEXT, made REAL, PRIMARY KEY (picture, model, beam_width));
CREATE TABLE IF NOT EXISTS human (picture BLOB PRIMARY KEY, caption TEXT, made REAL);
"""


# The pictures as they were in the first version.
FIRST = """
ALTER TABLE pictures RENAME TO newer;
CREATE TABLE pictures (
        id INTEGER PRIMARY KEY, path BLOB UNIQUE, content BLOB, bytes INTEGER,
        modified INTEGER, width INTEGER, height INTEGER, taken TEXT, place TEXT,
        said TEXT, missing INTEGER);
INSERT INTO pictures SELECT id, path, content, bytes, modified, NULL, NULL, taken,
    place, said, missing FROM newer;
DROP TABLE newer;
CREATE INDEX pictures_by_size ON pictures (bytes);
PRAGMA user_version = 1;
"""


def of_the_first_version(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.executescript(FIRST)


@pytest.fixture
def former(tmp_path: Path) -> Path:
    path = tmp_path / "captions.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.executescript(FORMER)
    return path


def insert(path: Path, table: str, *rows: tuple[object, ...]) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        marks = ", ".join("?" * len(rows[0]))
        database.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)


def picture(folder: Path, name: str) -> Path:
    path = folder / name
    path.write_bytes(name.encode())
    return path


def machine_row(path: Path, text: str, made: float, **other: object) -> tuple:
    status = path.stat()
    return (
        path_key(path),
        other.get("model", "m@1"),
        other.get("beam_width", 0),
        status.st_size,
        status.st_mtime_ns,
        f'[["{text}", 0.5], ["Another.", 0.1, null]]',
        made,
    )


def test_all_of_a_library_of_before_is_kept(former: Path, tmp_path: Path) -> None:
    dog, cat = picture(tmp_path, "dog.jpg"), picture(tmp_path, "cat.jpg")
    gone = tmp_path / "gone.jpg"
    # In their order, whatever the clock said.
    insert(
        former,
        "machine",
        machine_row(dog, "A dog.", 20.0),
        machine_row(dog, "The dog.", 10.0, model="m@2", beam_width=5),
        machine_row(cat, "A cat.", 5.0),
    )
    insert(
        former,
        "human",
        (path_key(dog), "Rex.", 30.0),
        (path_key(gone), "Gone, but not forgotten.", 31.0),
    )
    for _ in range(2):
        with closing(Library(former)) as library:
            entries = list(library.entries([dog, cat, gone]))
            assert [entry.machine for entry in entries] == ["The dog.", "A cat.", None]
            assert [entry.human for entry in entries] == [
                "Rex.",
                None,
                "Gone, but not forgotten.",
            ]
            assert library.model_caption(dog, "m@1", None) == "A dog."
            assert library.model_caption(dog, "m@2", 5) == "The dog."
            assert library.model_caption(dog, "m@2", 3) is None
            assert library.is_model_caption(cat, "Another.")
    dog.write_bytes(b"another dog")
    with closing(Library(former)) as library:
        assert library.model_caption(dog, "m@1", None) is None
        assert library.human(dog) == "Rex."


def test_odd_values_of_before_end_nothing(former: Path, tmp_path: Path) -> None:
    dog, cat = picture(tmp_path, "dog.jpg"), picture(tmp_path, "cat.jpg")
    insert(
        former,
        "machine",
        (path_key(dog), None, None, "many", 2.5, "no JSON", "today"),
        (str(cat), b"m\xff", "wide", 3, 4, b"[[\xff", b""),
    )
    insert(
        former,
        "human",
        (path_key(dog), 7, None),
        (str(cat), b"Gr\xc3\xbc\xc3\x9fe \xff", "yesterday"),
    )
    with closing(Library(former)) as library:
        entries = list(library.entries([dog, cat]))
        assert [entry.human for entry in entries] == ["7", "Grüße \ufffd"]
        assert [entry.machine for entry in entries] == [None, None]
        assert library.model_caption(dog, "m@1", None) is None


def test_what_a_program_of_before_adds_later_is_taken_over(
    former: Path, tmp_path: Path
) -> None:
    dog = picture(tmp_path, "dog.jpg")
    insert(former, "human", (path_key(dog), "Rex.", 1.0))
    with closing(Library(former)) as library:
        library.keep_human(dog, "My Rex.")
    with closing(sqlite3.connect(former)) as database:
        database.executescript(FORMER)
    insert(former, "human", (path_key(dog), "Our Rex.", 0.5))
    with closing(Library(former)) as library:
        assert library.human(dog) == "Our Rex."
        assert [one.text for one in library.captions(dog)] == [
            "Our Rex.",
            "My Rex.",
            "Rex.",
        ]


@pytest.mark.parametrize("damaged", [False, True])
def test_all_of_the_first_version_is_kept(tmp_path: Path, damaged: bool) -> None:
    path = tmp_path / "captions.db"
    pictures = [picture(tmp_path, f"{number}.jpg") for number in range(3)]
    gone = picture(tmp_path, "gone.jpg")
    with closing(Library(path)) as library:
        said = [Caption(("a", "dog"), -1.0, (0.5, 0.5))]
        for one in (*pictures, gone):
            library.keep_model_captions(one, "m@1", None, said)
            library.keep_human(one, f"My {one.stem}.")
    gone.write_bytes(b"something else")
    with closing(Library(path)) as library:
        library.recognise([gone])
    of_the_first_version(path)
    if damaged:
        path.write_bytes(b"damaged header!!" + path.read_bytes()[16:])
    for _ in range(2):
        with closing(Library(path)) as library:
            found = library.entries([*pictures, gone])
            assert [one.human for one in found] == [
                "My 0.",
                "My 1.",
                "My 2.",
                "My gone.",
            ]
            assert library.model_caption(pictures[1], "m@1", None) == "A dog."
            assert library.model_caption(gone, "m@1", None) is None
            assert len(library.search("my")) == 4
    back = picture(tmp_path, "back.jpg")
    back.write_bytes(b"gone.jpg")
    with closing(Library(path)) as library:
        library.recognise([back])
        assert library.human(back) == "My gone."


def test_a_version_that_was_brought_up_to_date_is_as_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "captions.db"
    Library(path).close()
    of_the_first_version(path)
    Library(path).close()
    with closing(sqlite3.connect(path)) as database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(pictures)")]
        # Of a number alone nobody shuts a library.
        database.execute("PRAGMA user_version = 99")
    assert not {"width", "height"} & set(columns)
    Library(path).close()


def test_a_newer_library_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "captions.db"
    Library(path).close()
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 99")
        database.execute("CREATE TABLE faces (picture INTEGER)")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = path.read_bytes()
    with pytest.raises(LibraryError, match="newer version of imagecap; it stays"):
        Library(path)
    assert path.read_bytes() == content


def test_a_database_of_another_program_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "places.sqlite"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE places (url TEXT)")
    content = path.read_bytes()
    with pytest.raises(LibraryError, match="of another program; it stays as it is"):
        Library(path)
    assert path.read_bytes() == content
    assert [file.name for file in tmp_path.iterdir()] == ["places.sqlite"]


def test_two_programs_bring_one_library_up_to_date(
    former: Path, tmp_path: Path
) -> None:
    pictures = [picture(tmp_path, f"{number}.jpg") for number in range(300)]
    insert(former, "human", *((path_key(one), one.stem, 1.0) for one in pictures))
    import subprocess
    import sys

    code = (
        "import sys, time; from pathlib import Path\n"
        "from imagecap.library.store import Library\n"
        "time.sleep(max(0, float(sys.argv[2]) - time.time()))\n"
        "Library(Path(sys.argv[1])).close()"
    )
    start = str(time.time() + 1)
    command = [sys.executable, "-c", code, str(former), start]
    programs = [subprocess.Popen(command) for _ in range(3)]
    assert [program.wait(60) for program in programs] == [0, 0, 0]
    with closing(Library(former)) as library:
        assert [one.human for one in library.entries(pictures)] == [
            one.stem for one in pictures
        ]
        assert len(library.captions(pictures[0])) == 1
