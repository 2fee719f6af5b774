"""`imagecap search` and `imagecap library`, as they are called."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from imagecap.captions.caption_files import read_captions
from imagecap.commands.main import main
from imagecap.library.store import Library
from imagecap.model.caption import Caption


def call(*words: object, **how: str) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], **how)


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    pictures = [tmp_path / "pictures" / name for name in ("dog.jpg", "c\tat.jpg")]
    pictures[0].parent.mkdir()
    with closing(Library.open()) as library:
        for picture in pictures:
            picture.write_bytes(picture.name.encode())
            said = Caption(("a", picture.stem[-3:].strip()), -1.0, (0.5, 0.5))
            library.keep_model_captions(picture, "m@1", None, (said,))
        library.keep_human(pictures[1], "My cat Tom.")
    return pictures


def test_search_prints_a_line_for_each_picture(pictures: list[Path]) -> None:
    dog, cat = pictures
    done = call("search", "dog")
    assert (done.exit_code, done.stdout) == (0, f"{dog}\tA dog.\n")
    assert call("search", "tom").stdout == f"{cat.parent}/c\\tat.jpg\tMy cat Tom.\n"
    assert call("search", "in:pictures", "-tom").stdout == f"{dog}\tA dog.\n"
    assert call("search", "dog", "--in", dog.parent).stdout == f"{dog}\tA dog.\n"
    assert len(call("search", "in:pictures", "--limit", 1).stdout.splitlines()) == 1
    assert json.loads(call("search", "--json", "in:pictures by:me").stdout) == [
        {"path": str(cat), "caption": "My cat Tom.", "by": "person"}
    ]


def test_search_that_finds_nothing_says_so(pictures: list[Path]) -> None:
    done = call("search", "zebra")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "No picture was found.\n"
    done = call("search", "taken:yesterday")
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: taken:yesterday is no year, month or day")


def test_a_picture_that_is_not_there_is_found_and_marked(pictures: list[Path]) -> None:
    pictures[0].unlink()
    done = call("search", "dog")
    assert (done.exit_code, done.stdout) == (0, f"{pictures[0]}\tA dog.\n")
    assert done.stderr == (
        "Note: 1 picture of these is not there now, perhaps on a disk that is not "
        "connected.\n"
    )
    done = call("search", "--json", "in:pictures")
    marks = {one["path"]: one.get("missing") for one in json.loads(done.stdout)}
    assert marks == {str(pictures[0]): True, str(pictures[1]): None}
    assert call("search", "tom").stderr == ""


def test_info_counts(pictures: list[Path], library_file: Path) -> None:
    pictures[0].unlink()
    lines = call("library", "info").stdout.splitlines()
    assert lines[0].startswith(f"{library_file}, 0.")
    assert lines[1:] == [
        "2 pictures, 1 of them missing now",
        "0 pictures without a place, known by their content",
        "1 picture with a caption of yours",
        "2 pictures with captions by m@1",
    ]


def test_check_says_what_is_damaged(pictures: list[Path], library_file: Path) -> None:
    done = call("library", "check")
    assert (done.exit_code, done.stdout) == (0, "Nothing is damaged.\n")
    content = library_file.read_bytes()
    library_file.write_bytes(b"damaged header!!" + content[16:])
    done = call("library", "check")
    assert done.exit_code == 1
    assert "The captions of 1 picture that are yours and of 2 by mod" in done.stderr
    assert call("library", "check").exit_code == 0


def test_damage_is_told_by_every_command(
    pictures: list[Path], library_file: Path
) -> None:
    library_file.write_bytes(b"damaged header!!" + library_file.read_bytes()[16:])
    done = call("search", "tom")
    assert done.exit_code == 0
    assert done.stderr.startswith("Note: The library of captions")


def test_compact_keeps_all(pictures: list[Path]) -> None:
    assert "MB given back." in call("library", "compact").stdout
    assert call("search", "tom").exit_code == 0


def test_export_and_import_are_a_round_trip(
    pictures: list[Path], tmp_path: Path
) -> None:
    file = tmp_path / "all.jsonl"
    assert call("library", "export", file).stdout == f"2 captions in {file}.\n"
    assert set(read_captions(file).values()) == {"A dog.", "My cat Tom."}
    file.write_text(file.read_text().replace("My cat", "Our cat"))
    done = call("library", "export", file)
    assert done.exit_code == 1
    assert "is there already and may hold what a person wrote" in done.stderr
    assert call("library", "forget", "--yes", pictures[1]).exit_code == 0
    done = call("library", "import", file, pictures[1].parent)
    assert done.stdout == "2 captions taken; 0 of yours stay.\n"
    assert call("search", "our cat").exit_code == 0
    done = call("library", "import", file)
    assert done.stdout == "1 caption taken; 1 of yours stay.\n"


def test_forget_knows_what_was_written_before_the_picture_changed(
    pictures: list[Path], library_file: Path
) -> None:
    pictures[1].write_bytes(b"another picture")
    with closing(Library.open()) as library:
        library.recognise(pictures)
        library.keep_human(pictures[1], "Something else.")
    assert call("library", "forget", "--yes", pictures[1]).exit_code == 0
    assert (
        "1 picture forgotten." in call("library", "forget", "--yes", pictures[0]).stdout
    )
    files = library_file.parent.glob(f"{library_file.name}*")
    assert not any(b"Tom" in file.read_bytes() for file in files)


def test_forget_leaves_nothing_in_the_file(
    pictures: list[Path], library_file: Path
) -> None:
    done = call("library", "forget", pictures[1], input="n\n")
    assert done.exit_code == 130
    assert call("search", "tom").exit_code == 0
    done = call("library", "forget", pictures[1].parent, input="y\n")
    assert "2 pictures forgotten." in done.stdout
    assert call("search", "tom").exit_code == 1
    files = library_file.parent.glob(f"{library_file.name}*")
    assert not any(b"Tom" in file.read_bytes() for file in files)
