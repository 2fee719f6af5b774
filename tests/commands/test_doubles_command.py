"""`imagecap doubles`, run as its users run it."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from imagecap.commands.main import main
from tests.made_pictures import quarters, saved


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    first = saved(quarters(), folder / "a.png")
    shutil.copy(first, folder / "b\tb.png")
    saved(quarters(96, 64), folder / "c.png")
    return folder


def run(*arguments: object, status: int = 0) -> Result:
    result = CliRunner().invoke(main, ["doubles", *map(str, arguments)])
    assert result.exit_code == status, result.output
    return result


def test_a_line_names_kind_group_and_path(photos: Path) -> None:
    assert run(photos).stdout.splitlines() == [
        f"same\t1\t{photos}/a.png",
        f"same\t1\t{photos}/b\\tb.png",
        f"alike\t1\t{photos}/a.png",
        f"alike\t1\t{photos}/c.png",
    ]


def test_json_has_the_paths_themselves(photos: Path) -> None:
    assert json.loads(run("--json", photos).stdout) == {
        "same": [[f"{photos}/a.png", f"{photos}/b\tb.png"]],
        "alike": [[f"{photos}/a.png", f"{photos}/c.png"]],
    }


def test_what_cannot_be_read_is_told(photos: Path) -> None:
    (photos / "broken.jpg").write_bytes(b"no picture")
    result = run(photos, status=1)
    assert "broken.jpg is not a picture" in result.stderr
    assert len(result.stdout.splitlines()) == 4


def test_without_doubles_nothing_is_printed(tmp_path: Path) -> None:
    saved(quarters(), tmp_path / "a.png")
    assert run(tmp_path).stdout == ""
