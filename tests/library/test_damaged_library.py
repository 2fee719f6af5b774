"""Libraries damaged on the disk: nothing that can be read is lost, and it is told."""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from patience import PATIENCE_SECONDS
from test_migration import FORMER

from imagecap.library import background_check
from imagecap.library.picture_state import path_key
from imagecap.library.store import Library, LibraryError
from imagecap.library.upkeep import check
from imagecap.model.caption import Caption

COUNT = 60
WORDS = {f"My words of {number}." for number in range(COUNT)}
PICTURES = [Path(f"/photographs/{number}.jpg") for number in range(COUNT)]
Make = Callable[[str], Path]


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Libraries as killed programs leave them, with a log, and as others do."""
    folder = tmp_path_factory.mktemp("libraries")
    for name, fill in (("former", fill_former), ("present", fill_present)):
        (folder / name).mkdir()
        copied = fill(folder / name / "captions.db", folder / f"{name} with log")
        copied()
    return folder


def fill_present(path: Path, copy: Path) -> Callable[[], object]:
    with closing(Library(path)) as library:
        for number, picture in enumerate(PICTURES):
            said = Caption(("a", f"number{number}"), -1.0, (0.5, 0.5))
            library.keep_model_captions(picture, "m@1", None, (said,))
            library.keep_human(picture, f"My words of {number}.")
        shutil.copytree(path.parent, copy)
    return lambda: None


def fill_former(path: Path, copy: Path) -> Callable[[], object]:
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.executescript(FORMER)
        for number, picture in enumerate(PICTURES):
            values = (path_key(picture), f"My words of {number}.", float(number))
            database.execute("INSERT OR REPLACE INTO human VALUES (?, ?, ?)", values)
        shutil.copytree(path.parent, copy)
    return lambda: None


@pytest.fixture
def copy_of(libraries: Path, tmp_path: Path) -> Make:
    """Makes a copy of one of the libraries; gives its file."""

    def copy(name: str) -> Path:
        folder = tmp_path / "library"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(libraries / name, folder)
        return folder / "captions.db"

    return copy


def log_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def human_captions(path: Path, told: list[str] | None = None) -> set[str | None]:
    tell = (told if told is not None else []).append
    with closing(Library(path, tell)) as library:
        found = {entry.human for entry in library.entries(PICTURES)}
        library.keep_human(Path("/photographs/new.jpg"), "It goes on.")
    return found


NAMES = ("former", "former with log", "present", "present with log")


@pytest.mark.parametrize("name", NAMES)
def test_a_whole_library_is_not_mended(copy_of: Make, name: str) -> None:
    told: list[str] = []
    assert human_captions(copy_of(name), told) == WORDS
    assert told == []


@pytest.mark.parametrize("name", ["former", "present"])
def test_a_bad_header_costs_nothing(copy_of: Make, name: str) -> None:
    path = copy_of(name)
    content = path.read_bytes()
    path.write_bytes(b"damaged header!!" + content[16:])
    told: list[str] = []
    with closing(Library(path, told.append)) as library:
        assert {entry.human for entry in library.entries(PICTURES)} == WORDS
        copy = library.damaged_copy
    assert copy
    assert copy.read_bytes()[16:] == content[16:]
    (sentence,) = told
    assert f"{path} was damaged. The captions of {COUNT} pictures that are" in sentence
    assert str(copy) in sentence


@pytest.mark.parametrize("name", ["former with log", "present with log"])
@pytest.mark.parametrize("left", [None, b"", b"S"])
def test_an_empty_file_beside_a_full_log_costs_nothing(
    copy_of: Make, name: str, left: bytes | None
) -> None:
    path = copy_of(name)
    whole = path.stat().st_size > 8192
    path.unlink()
    if left is not None:
        path.write_bytes(left)
    log = log_of(path).read_bytes()
    told: list[str] = []
    found = human_captions(path, told)
    (copy,) = path.parent.glob("*.damaged-*-wal")
    assert copy.read_bytes() == log
    assert "was damaged" in told[0]
    assert found == WORDS or whole


@pytest.mark.parametrize("name", ["former", "present"])
def test_pages_cut_off_cost_only_what_was_in_them(copy_of: Make, name: str) -> None:
    path = copy_of(name)
    content = path.read_bytes()
    for missing in range(1, len(content) // 4096):
        path = copy_of(name)
        path.write_bytes(content[: -4096 * missing])
        left = {words for words in WORDS if words.encode() in path.read_bytes()}
        assert human_captions(path) >= left


def test_any_lost_page_costs_only_what_no_other_page_has(copy_of: Make) -> None:
    content = copy_of("present").read_bytes()
    for start in range(0, len(content), 4096):
        path, rest = copy_of("present"), bytearray(content)
        rest[start : start + 4096] = bytes(4096)
        path.write_bytes(rest)
        left = {words for words in WORDS if words.encode() in rest}
        assert human_captions(path) >= left


def test_the_word_index_tells_what_people_say_where_all_else_is_lost(
    tmp_path: Path,
) -> None:
    path = tmp_path / "captions.db"
    accepted, edited, written, withdrawn = PICTURES[:4]
    with closing(Library(path)) as library:
        said = [Caption(("a", "dog"), -1.0, (0.5, 0.5))]
        for picture in (accepted, edited):
            library.keep_model_captions(picture, "m@1", None, said)
        for picture in (accepted, edited, written, withdrawn):
            library.keep_human(picture, "Rex.")
        library.keep_human(edited, "Rex the dog.")
        library.keep_human(accepted, "A dog.")
        library.keep_human(withdrawn, None)
    with closing(sqlite3.connect(path)) as database, database:
        for table in ("human_captions", "machine_captions", "pictures"):
            database.execute(f"DELETE FROM {table}")
    with closing(sqlite3.connect(path)) as database:
        database.execute("VACUUM")
    path.write_bytes(b"damaged header!!" + path.read_bytes()[16:])
    with closing(Library(path)) as library:
        entries = library.entries([accepted, edited, written, withdrawn])
        found = [entry.human for entry in entries]
        assert found == ["A dog.", "Rex the dog.", "Rex.", None]
        kinds = [library.captions(one)[0].kind for one in PICTURES[:3]]
        assert kinds == ["accepted", "edited", "written"]


def test_where_a_picture_lies_is_known_as_long_as_anything_tells_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "captions.db"
    pictures = [tmp_path / name for name in ("dog.jpg", "what?.jpg")]
    with closing(Library(path)) as library:
        for picture in pictures:
            picture.write_bytes(picture.name.encode())
            said = [Caption(("a", "dog"), -1.0, (0.5, 0.5))]
            library.keep_model_captions(picture, "m@1", None, said)
            library.keep_human(picture, "Rex.")
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("DELETE FROM human_captions")
        database.execute("DELETE FROM pictures")
    with closing(sqlite3.connect(path)) as database:
        database.execute("VACUUM")
    path.write_bytes(b"damaged header!!" + path.read_bytes()[16:])
    with closing(Library(path)) as library:
        assert [one.human for one in library.entries(pictures)] == ["Rex."] * 2
        moved = pictures[0].rename(tmp_path / "rex.jpg")
        library.recognise([moved])
        assert library.human(moved) == "Rex."
        assert library.model_caption(moved, "m@1", None) == "A dog."


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("damage", [bytes(9), b"\xff" * 9])
def test_a_long_caption_is_taken_from_where_it_is_whole(
    tmp_path: Path, place: int, damage: bytes
) -> None:
    path, words = tmp_path / "library" / "captions.db", " ".join(map(str, range(4000)))
    with closing(Library(path)) as library:
        library.keep_human(PICTURES[0], words)
    content = path.read_bytes()
    # Its own row goes on in other pages, and so does that of the word index.
    at = [found.start() for found in re.finditer(b" 3000 3001 ", content)]
    assert len(at) == 2
    before, after = content[16 : at[place]], content[at[place] + len(damage) :]
    path.write_bytes(b"damaged header!!" + before + damage + after)
    assert human_captions(path) == {None, words}


@pytest.mark.parametrize("size", [99, 100, 300, 4000])
def test_less_than_a_page_is_set_aside(copy_of: Make, size: int) -> None:
    path = copy_of("present")
    content = path.read_bytes()[:size]
    path.write_bytes(content)
    told: list[str] = []
    assert human_captions(path, told) == {None}
    assert "The captions of 0 pictures" in told[0]
    (copy,) = path.parent.glob("*.damaged-*[0-9]")
    assert copy.read_bytes() == content


@pytest.mark.parametrize("name", ["former with log", "present with log"])
def test_a_bad_frame_in_the_log_costs_no_later_ones(copy_of: Make, name: str) -> None:
    path = copy_of(name)
    log = bytearray(log_of(path).read_bytes())
    frame = 32 + 5 * (24 + 4096)
    log[frame + 24 + 2000 : frame + 24 + 2100] = b"\xff" * 100
    log_of(path).write_bytes(log)
    told: list[str] = []
    assert human_captions(path, told) == WORDS
    assert "was damaged" in told[0]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_damaged_it_goes_on_with_what_sqlite_could_recover(
    copy_of: Make, name: str, seed: int
) -> None:
    path, chance = copy_of(name), random.Random(seed)
    files = sorted(one for one in path.parent.iterdir() if one.stat().st_size)
    file = chance.choice(files)
    before = {one: one.read_bytes() for one in files}
    content = bytearray(before[file])
    place = chance.randrange(len(content))
    for at in range(
        place, min(place + chance.choice((1, 40, 600, 5000)), len(content))
    ):
        content[at] = chance.choice((0, chance.randrange(256)))
    file.write_bytes(content)
    reachable = recovered_by_sqlite(path) | on_whole_pages(before)
    assert human_captions(path) >= reachable
    assert "It goes on." in human_captions_of(path)


def on_whole_pages(before: dict[Path, bytes]) -> set[str]:
    """What stands where the files of a library are what they were before."""
    found = set()
    for file, content in before.items():
        is_log = file.name.endswith("-wal")
        start, size = (32, 24 + 4096) if is_log else (0, 4096)
        now = file.read_bytes()
        for at in range(start, len(content), size):
            if (page := content[at : at + size]) == now[at : at + size]:
                found |= {words for words in WORDS if words.encode() in page}
    return found


def recovered_by_sqlite(path: Path) -> set[str]:
    """What SQLite's own command finds; nothing where it does not work.

    Debian builds it without the table of pages that this needs.
    """
    if not shutil.which("sqlite3"):
        return set()
    copy = path.parent.with_name("recovered")
    shutil.copytree(path.parent, copy)
    done = subprocess.run(
        ["sqlite3", str(copy / path.name), ".recover"], capture_output=True, check=False
    )
    shutil.rmtree(copy)
    return {words for words in WORDS if f"'{words}'".encode() in done.stdout}


def human_captions_of(path: Path) -> set[str | None]:
    with closing(Library(path)) as library:
        (entry,) = library.entries([Path("/photographs/new.jpg")])
        return {entry.human}


def test_damage_found_later_is_mended_then(copy_of: Make, tmp_path: Path) -> None:
    path = copy_of("present")
    told: list[str] = []
    with closing(Library(path, told.append)) as library:
        with closing(sqlite3.connect(path)) as other, other:
            other.execute("UPDATE pictures SET place = 'Crete' WHERE id = 1")
        with closing(sqlite3.connect(path)) as other:
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        content = bytearray(path.read_bytes())
        for page in range(1, len(content) // 4096):
            content[page * 4096 + 3 : page * 4096 + 5] = b"\xff" * 2
        path.write_bytes(content)
        for picture in PICTURES[:2]:
            library.keep_human(picture, "Written after the damage.")
        assert library.human(PICTURES[1]) == "Written after the damage."
    assert "was damaged" in told[0]
    assert len(told) == 1


@pytest.fixture
def large_with_lost_entries(tmp_path: Path) -> Path:
    """A library too large for a check at opening, whose index lost what people say."""
    path = tmp_path / "large" / "captions.db"
    long = " and so on" * 2500
    with closing(Library(path)) as library:
        for number, picture in enumerate(PICTURES):
            library.keep_human(picture, f"My words of {number}.{long}")
    assert path.stat().st_size > 2**20
    with closing(sqlite3.connect(path)) as database:
        (page,) = database.execute(
            "SELECT rootpage FROM sqlite_schema "
            "WHERE name = 'human_captions_by_picture'"
        ).fetchone()
    content = bytearray(path.read_bytes())
    start = (page - 1) * 4096
    # Half as many entries as there are.
    content[start + 3 : start + 5] = (COUNT // 2).to_bytes(2)
    path.write_bytes(content)
    return path


def test_damage_that_sqlite_does_not_stumble_over_is_found_beside_the_work(
    large_with_lost_entries: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background_check, "DELAY_SECONDS", 0)
    told: list[str] = []
    end = time.monotonic() + PATIENCE_SECONDS
    with closing(Library(large_with_lost_entries, told.append)) as library:
        while not told:
            assert time.monotonic() < end
            found = [entry.human for entry in library.entries(PICTURES)]
        assert found[-1]
        assert [words[:12] for words in found if words] == [
            f"My words of {number}."[:12] for number in range(COUNT)
        ]
        copy = library.damaged_copy
    assert f"The captions of {COUNT} pictures that are yours" in told[0]
    assert copy
    assert copy.exists()
    assert len(told) == 1


def test_a_short_command_does_not_check_all(large_with_lost_entries: Path) -> None:
    before = threading.active_count()
    with closing(Library(large_with_lost_entries)) as library:
        assert library.human(PICTURES[0])
    assert library.damaged_copy is None
    end = time.monotonic() + PATIENCE_SECONDS
    while threading.active_count() > before:
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.mark.skipif(sys.platform == "win32", reason="has no limit of files")
def test_what_cannot_be_mended_is_used_as_far_as_it_goes(
    large_with_lost_entries: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, told = large_with_lost_entries, []
    content = path.read_bytes()
    monkeypatch.setattr(background_check, "DELAY_SECONDS", 0)
    end = time.monotonic() + PATIENCE_SECONDS
    with closing(Library(path, told.append)) as library, no_room():
        while not told:
            assert time.monotonic() < end
            first = library.human(PICTURES[0])
        assert first
        assert first.startswith("My words of 0.")
    assert "is damaged, and cannot be mended" in told[0]
    assert len(told) == 1
    assert path.read_bytes() == content
    assert [one.name for one in path.parent.glob("*.damaged-*")] == []
    with closing(Library(path)) as library:
        check(library)
        assert all(entry.human for entry in library.entries(PICTURES))


@contextmanager
def no_room() -> Iterator[None]:
    """Let no file become large."""
    import resource

    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**19, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


def test_a_program_killed_while_it_mends_loses_nothing(copy_of: Make) -> None:
    path = copy_of("present")
    path.write_bytes(b"damaged header!!" + path.read_bytes()[16:])
    code = (
        "import sys, os; from pathlib import Path\n"
        "from imagecap.library import mending\n"
        "from imagecap.library.store import Library\n"
        "at = {'moved': '_move', 'made': 'salvage'}[sys.argv[2]]\n"
        "do = getattr(mending, at)\n"
        "def kill(*given): do(*given); os._exit(9)\n"
        "setattr(mending, at, kill)\n"
        "Library(Path(sys.argv[1]))"
    )
    for moment in ("moved", "made"):
        command = [sys.executable, "-c", code, str(path), moment]
        assert subprocess.run(command, check=False).returncode == 9
    told: list[str] = []
    assert human_captions(path, told) == WORDS
    assert "was damaged" in told[0]
    assert human_captions(path, told) == WORDS
    assert len(told) == 1


def test_programs_that_find_damage_at_once_lose_nothing(copy_of: Make) -> None:
    path = copy_of("present")
    path.write_bytes(b"damaged header!!" + path.read_bytes()[16:])
    code = (
        "import sys, time; from pathlib import Path\n"
        "from imagecap.library.store import Library\n"
        "time.sleep(max(0, float(sys.argv[3]) - time.time()))\n"
        "library = Library(Path(sys.argv[1]))\n"
        "library.keep_human(Path(sys.argv[2]), 'Kept.')\n"
        "library.close()"
    )
    start, new = str(time.time() + 1), [Path(f"/new/{name}") for name in range(4)]
    programs = [
        subprocess.Popen([sys.executable, "-c", code, str(path), str(one), start])
        for one in new
    ]
    assert [program.wait(60) for program in programs] == [0] * 4
    with closing(Library(path)) as library:
        assert {entry.human for entry in library.entries(PICTURES)} == WORDS
        assert [entry.human for entry in library.entries(new)] == ["Kept."] * 4
    assert len(list(path.parent.glob("*.damaged-*[0-9]"))) == 1


def test_a_damaged_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "places.sqlite"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE places (url TEXT, name TEXT, visits INTEGER)")
        database.execute("INSERT INTO places VALUES ('https://x', 'X', 3)")
    content = bytearray(path.read_bytes())
    content[100:108] = b"\xff" * 8
    path.write_bytes(content)
    with pytest.raises(LibraryError, match="another program; it stays as it is"):
        Library(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    "kept", ["", "[[", "no JSON", "null", "{}", "[1]", "[[]]", "[[5, 1]]", "[" * 9999]
)
def test_a_row_that_is_no_json_is_unknown(copy_of: Make, kept: str) -> None:
    path, picture = copy_of("present"), path_key(PICTURES[3])
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            "UPDATE machine_captions SET captions = ? WHERE picture = "
            "(SELECT id FROM pictures WHERE path = ?)",
            (kept, picture),
        )
    with closing(Library(path)) as library:
        (entry,) = library.entries([PICTURES[3]])
        assert entry.machine is None
        assert entry.human == "My words of 3."
        assert library.model_caption(PICTURES[3], "m@1", None) is None
        assert library.provenance(entry).by == "person"


def test_values_of_wrong_types_and_text_that_is_none(copy_of: Make) -> None:
    path = copy_of("present")
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            "UPDATE human_captions SET caption = CAST(x'48FF' AS TEXT), made = 'today' "
            "WHERE sequence = 1"
        )
        database.execute("UPDATE human_captions SET caption = 7 WHERE sequence = 2")
        database.execute(
            "UPDATE human_captions SET caption = x'4142' WHERE sequence = 3"
        )
        database.execute(
            "UPDATE machine_captions SET model = x'FF', captions = 5.5, made = 'x', "
            "bytes = 'many', modified = x'00', content = 'text'"
        )
        # The whole copies of these captions would take their place.
        database.execute("DELETE FROM words WHERE rowid <= 3")
    with closing(Library(path)) as library:
        found = [entry.human for entry in library.entries(PICTURES[:4])]
        assert found == ["H\ufffd", "7", "AB", "My words of 3."]
        assert library.captions(PICTURES[0])[0].text == "H\ufffd"
        library.keep_human(PICTURES[0], "Better.")
        assert library.model_caption(PICTURES[0], "m@1", None) is None
