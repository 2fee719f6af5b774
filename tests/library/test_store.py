"""Captions kept on the real disk, by programs some of which are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from imagecap.library.store import (
    ChangedElsewhereError,
    Entry,
    Library,
    LibraryError,
    library_path,
)
from imagecap.library.undo import UndoHistory
from imagecap.library.upkeep import forget, known_pictures
from imagecap.model.caption import Caption


def said(*words: str) -> tuple[Caption, ...]:
    return (Caption(words, -1.0, (0.5,) * len(words)),)


def found(library: Library, pictures: list[Path], words: str) -> list[Path]:
    return [entry.picture for entry in library.search(words, pictures)]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with closing(Library(tmp_path / "captions.db")) as library:
        yield library


@pytest.fixture
def dog(tmp_path: Path) -> Path:
    path = tmp_path / "dog.jpg"
    path.write_bytes(b"a dog")
    return path


def test_what_people_and_models_say_is_kept_apart(library: Library, dog: Path) -> None:
    library.keep_human(dog, "My dog Rex.")
    library.keep_model_captions(dog, "m@1", 3, said("a", "dog"))
    (entry,) = library.entries([dog])
    assert entry == Entry(dog, "A dog.", "My dog Rex.")
    assert entry.caption == "My dog Rex."
    library.keep_human(dog, None)
    (entry,) = library.entries([dog])
    assert entry.caption == "A dog."


def test_each_model_and_width_has_its_own(library: Library, dog: Path) -> None:
    library.keep_model_captions(dog, "m@1", 3, said("a", "dog"))
    library.keep_model_captions(dog, "m@2", 3, said("the", "dog"))
    library.keep_model_captions(dog, "m@2", 5, said("one", "dog"))
    assert library.model_caption(dog, "m@1", 3) == "A dog."
    assert library.model_caption(dog, "m@2", 3) == "The dog."
    assert library.model_caption(dog, "m@1", 5) is None
    (entry,) = library.entries([dog])
    assert entry.machine == "One dog."


def test_a_changed_picture_has_no_caption_yet(library: Library, dog: Path) -> None:
    library.keep_model_captions(dog, "m@1", 3, said("a", "dog"))
    dog.write_bytes(b"another dog")
    assert library.model_caption(dog, "m@1", 3) is None


def test_search_finds_words_in_names_and_captions(
    library: Library, tmp_path: Path
) -> None:
    rex, cat, other = (tmp_path / name for name in ("rex.jpg", "cat.jpg", "1.jpg"))
    library.keep_human(rex, "Ein Hund im Gärtchen.")
    library.keep_model_captions(cat, "m@1", 3, said("a", "black", "cat"))
    everything = [rex, cat, other]
    assert found(library, everything, "GÄRT hund") == [rex]
    assert found(library, everything, "black") == [cat]
    assert found(library, everything, "rex") == [rex]
    assert found(library, everything, "dog") == []


@pytest.mark.skipif(sys.platform == "win32", reason="names there are always text")
def test_a_name_that_is_no_text_is_kept(library: Library, tmp_path: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.jpg"))
    library.keep_human(odd, "Odd.")
    assert library.human(odd) == "Odd."
    assert found(library, [odd], "odd") == [odd]


def test_a_way_back_leads_to_the_same_picture(
    library: Library, dog: Path, tmp_path: Path
) -> None:
    (tmp_path / "a" / "below").mkdir(parents=True)
    around = tmp_path / "a" / ".." / dog.name
    library.keep_model_captions(around, "m@1", None, said("a", "dog"))
    library.keep_human(dog, "Rex.")
    assert library.human(around) == "Rex."
    assert known_pictures(library) == [dog]
    assert [one.picture for one in library.search("rex", [around])] == [around]
    # Through a link a way back leads elsewhere.
    (tmp_path / "link").symlink_to(tmp_path / "a" / "below")
    assert library.human(tmp_path / "link" / ".." / dog.name) is None
    assert library.human(tmp_path / "link" / ".." / ".." / dog.name) == "Rex."
    assert library.captions("a/../\0.jpg") == []
    assert forget(library, [around]) == 1


def test_ten_thousand_pictures(library: Library, tmp_path: Path) -> None:
    pictures = [tmp_path / f"{number}.jpg" for number in range(10_000)]
    library.keep_human(pictures[9_999], "The last one.")
    assert len(list(library.entries(pictures))) == 10_000
    assert found(library, pictures, "last") == [pictures[9_999]]


def test_two_programs_keep_captions_at_once(library: Library, dog: Path) -> None:
    with closing(Library(library.path)) as other:
        library.keep_human(dog, "One.")
        assert other.human(dog) == "One."
        other.keep_human(dog, "Two.")
    assert library.human(dog) == "Two."


def test_a_damaged_file_is_kept_aside(tmp_path: Path) -> None:
    path = tmp_path / "captions.db"
    path.write_bytes(b"no database at all" * 100)
    with closing(Library(path)) as library:
        assert library.damaged_copy
        assert library.damaged_copy.read_bytes().startswith(b"no database")
        library.keep_human(tmp_path / "dog.jpg", "A dog.")
    with closing(Library(path)) as library:
        assert library.damaged_copy is None
        assert library.human(tmp_path / "dog.jpg") == "A dog."


def test_a_place_that_cannot_be_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LibraryError, match="cannot be opened"):
        Library(tmp_path / "file" / "captions.db")


def test_a_killed_program_loses_nothing_it_had_kept(tmp_path: Path) -> None:
    path = tmp_path / "captions.db"
    code = """
        import sys
        from pathlib import Path
        from imagecap.library.store import Library
        library = Library(Path(sys.argv[1]))
        for number in range(10**9):
            library.keep_human(Path(f"/p/{number}.jpg"), f"Number {number}.")
            print(number, flush=True)
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(path)]
    for _ in range(3):
        writing = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert writing.stdout
        last = 0
        while last < 200:
            last = int(writing.stdout.readline())
        writing.send_signal(signal.SIGKILL)
        for line in writing.stdout:
            last = int(line) if line.endswith("\n") else last
        writing.wait()
        writing.stdout.close()
        with closing(Library(path)) as library:
            assert library.damaged_copy is None
            pictures = [Path(f"/p/{number}.jpg") for number in range(last + 1)]
            kept = [entry.human for entry in library.entries(pictures)]
        assert kept == [f"Number {number}." for number in range(last + 1)]


def test_the_environment_says_where(library_file: Path) -> None:
    assert library_path() == library_file


def test_changes_are_taken_back_and_made_again(library: Library, dog: Path) -> None:
    edits = UndoHistory(library)
    assert not edits.can_undo
    edits.write(dog, "One.")
    edits.write(dog, "Two.")
    edits.write(dog, "Two.")
    assert edits.undo() == [dog]
    assert library.human(dog) == "One."
    edits.undo()
    assert library.human(dog) is None
    assert not edits.can_undo
    edits.redo()
    assert library.human(dog) == "One."
    edits.write(dog, "Three.")
    assert not edits.can_redo
    edits.undo()
    assert library.human(dog) == "One."


def test_what_was_kept_of_many_at_once_is_one_step(
    library: Library, dog: Path, tmp_path: Path
) -> None:
    cat = tmp_path / "cat.jpg"
    edits = UndoHistory(library)
    edits.write(dog, "Old.")
    edits.write(dog, None)
    library.keep_all_human({dog: "One.", cat: "Two."})
    edits.add_kept({dog: "One.", cat: "Two."})
    assert edits.undo() == [dog, cat]
    assert (library.human(dog), library.human(cat)) == (None, None)
    assert edits.redo() == [dog, cat]
    assert (library.human(dog), library.human(cat)) == ("One.", "Two.")
    edits.undo()
    edits.undo()
    assert library.human(dog) == "Old."
    edits.forget_others([cat])
    assert not edits.can_undo
    assert not edits.can_redo


def test_of_many_what_another_program_has_written_stays(
    library: Library, dog: Path, tmp_path: Path
) -> None:
    cat = tmp_path / "cat.jpg"
    library.keep_all_human({dog: "Rex.", cat: "Two."})
    known = {dog: "One.", cat: "Two."}
    assert library.keep_all_human({dog: None, cat: None}, known) == {dog: "Rex."}
    assert (library.human(dog), library.human(cat)) == ("Rex.", None)


def test_the_models_own_search_is_not_a_beam_of_some_width(
    library: Library, dog: Path
) -> None:
    library.keep_model_captions(dog, "m@1", None, said("a", "dog"))
    library.keep_model_captions(dog, "m@1", None, said("the", "dog"))
    assert library.model_caption(dog, "m@1", None) == "The dog."
    assert library.model_caption(dog, "m@1", 3) is None


def test_what_others_wrote_is_replaced_only_where_it_was_seen(tmp_path: Path) -> None:
    picture, file = tmp_path / "dog.jpg", tmp_path / "captions.db"
    with closing(Library(file)) as library, closing(Library(file)) as other:
        before = library.data_version()
        library.keep_human(picture, "Rex.", None)
        assert library.data_version() == before
        other.keep_human(picture, "Max.", "Rex.")
        assert library.data_version() != before
        for mine in ("Rex and I.", None):
            with pytest.raises(ChangedElsewhereError) as refused:
                library.keep_human(picture, mine, "Rex.")
            assert refused.value.human == "Max."
        assert "written “Max.”, which stays" in str(refused.value)
        library.keep_human(picture, None, "Max.")
        with pytest.raises(ChangedElsewhereError, match=r"^Nobody has written a cap"):
            library.keep_human(tmp_path / "cat.jpg", "Tom.", "Felix.")
        with pytest.raises(ChangedElsewhereError, match=r"taken it back; “Rex\.” was"):
            other.keep_human(picture, "Rex.", "Max.")
        # Who wants what is there already, has it.
        other.keep_human(picture, None, "Max.")
        assert other.human(picture) is None


def test_many_open_a_library_that_one_of_them_makes(tmp_path: Path) -> None:
    def open_one(path: Path) -> None:
        with closing(Library(path)):
            pass

    with ThreadPoolExecutor(6) as pool:
        for number in range(20):
            path = tmp_path / f"{number}.db"
            # What goes wrong in one of them is raised here.
            list(pool.map(open_one, [path] * 6))
