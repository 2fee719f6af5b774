"""`imagecap search --like`, run as its users run it."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from imagecap.commands.main import main
from imagecap.library.store import Library
from imagecap.settings import change_settings
from tests.made_pictures import quarters, saved


def run(*arguments: object, status: int = 0) -> Result:
    result = CliRunner().invoke(main, ["search", *map(str, arguments)])
    assert result.exit_code == status, result.output
    return result


@pytest.fixture
def photos(untrained_bundle: Path, tmp_path: Path) -> Path:
    """Pictures of which people have said something, but no model has seen any."""
    change_settings(model=str(untrained_bundle))
    library = Library.open()
    for name, picture in {
        "quarters": quarters(),
        "turned": quarters().rotate(180),
        "grey": quarters().convert("L"),
    }.items():
        path = saved(picture, tmp_path / f"{name}.png")
        library.keep_human(path, f"Four squares, {name}.")
    library.close()
    return tmp_path


def test_the_most_alike_come_first_and_vectors_are_made(photos: Path) -> None:
    elsewhere = saved(quarters(96, 64), photos / "elsewhere.png")
    lines = run("--like", elsewhere).stdout.splitlines()
    assert lines[0] == f"{photos}/quarters.png\tFour squares, quarters."
    assert len(lines) == 3


def test_words_and_a_folder_choose(photos: Path) -> None:
    picture = photos / "quarters.png"
    assert "grey.png" in run("grey", "--like", picture).stdout
    assert len(run("squares", "--like", picture).stdout.splitlines()) == 2
    (photos / "below").mkdir()
    inside = saved(quarters(), photos / "below" / "d.png")
    library = Library.open()
    library.keep_human(inside, "Below.")
    library.close()
    found = run("--in", photos / "below", "--like", picture)
    assert found.stdout == f"{inside}\tBelow.\n"
    nothing = run("xyzzy", "--like", picture, status=1)
    assert nothing.stderr == "No picture was found.\n"


def test_bad_input_is_one_sentence(photos: Path) -> None:
    (photos / "bad.jpg").write_bytes(b"no picture")
    result = run("--like", photos / "bad.jpg", status=1)
    assert "bad.jpg is not a picture" in result.stderr
    assert "Say words, or a picture" in run(status=2).stderr


def test_a_word_that_is_left_out_is_no_option(photos: Path) -> None:
    assert "No picture was found." in run("-squares", status=1).stderr
    # As -h is one for all other commands.
    assert "grey.png" in run("squares", "-houses").stdout
    assert "No such option '--model'." in run("--model", "both", status=2).stderr
    for asked in ("-h", "--help"):
        assert "Usage: " in run(asked).stdout
