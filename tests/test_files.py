import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from imagecap.files import (
    InUseError,
    WriteError,
    atomic_write,
    check_place,
    exclusive_lock,
    remove_abandoned,
    write_file,
)

CONTENT = b"image,caption\n"


def test_only_one_is_in(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "lock"
    with (
        exclusive_lock(path),
        pytest.raises(InUseError, match="lock"),
        exclusive_lock(path, patience=0),
    ):
        pytest.fail("Two were in.")


def test_the_next_gets_in_once_the_first_is_out(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), exclusive_lock(tmp_path / "lock"):
        raise ZeroDivisionError
    with exclusive_lock(tmp_path / "lock", patience=0):
        pass


def test_nothing_beside_a_file_is_touched(tmp_path: Path) -> None:
    file, beside = tmp_path / "keep.csv", tmp_path / "keep.csv.new"
    victim = tmp_path / "victim.txt"
    victim.write_text("victim")
    beside.symlink_to(victim)
    write_file(file, CONTENT)
    assert file.read_bytes() == CONTENT
    assert victim.read_text() == "victim"
    assert sorted(tmp_path.iterdir()) == [file, beside, victim]


def test_a_link_stays_a_link_and_permissions_stay(tmp_path: Path) -> None:
    file, link = tmp_path / "a.csv", tmp_path / "link.csv"
    file.touch(mode=0o600)
    link.symlink_to(file)
    write_file(link, CONTENT)
    assert link.is_symlink()
    assert file.read_bytes() == CONTENT
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_new_file_has_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    write_file(tmp_path / "new", CONTENT)
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_name_may_be_as_long_as_the_system_allows(tmp_path: Path) -> None:
    write_file(tmp_path / ("a" * 255), CONTENT)
    assert (tmp_path / ("a" * 255)).read_bytes() == CONTENT


def test_what_is_no_file_is_refused_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    for name in ("folder.csv", "pipe.csv", "loop.csv", "missing/a.csv"):
        with pytest.raises(WriteError, match="choose another place"):
            check_place(tmp_path / name)
        with pytest.raises(WriteError):
            write_file(tmp_path / name, CONTENT)
    assert len(list(tmp_path.iterdir())) == 3
    check_place(tmp_path / "a.csv")


def test_what_fails_leaves_the_former_file(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("former")
    with pytest.raises(TypeError):
        write_file(file, None)  # type: ignore[arg-type]
    assert file.read_text() == "former"
    assert list(tmp_path.iterdir()) == [file]


def test_what_a_killed_program_left_of_a_file_is_cleared_away(tmp_path: Path) -> None:
    program = (
        "import os, sys, pathlib\n"
        "from imagecap.files import atomic_write\n"
        "with atomic_write(pathlib.Path(sys.argv[1])): os._exit(0)\n"
    )
    for name in ("a.csv", "b.csv"):
        subprocess.run([sys.executable, "-c", program, tmp_path / name], check=True)
    users = tmp_path / "a.csv.new"
    users.touch()
    assert len(list(tmp_path.iterdir())) == 3
    remove_abandoned(tmp_path / "a.csv")
    (left,) = set(tmp_path.iterdir()) - {users}
    remove_abandoned(tmp_path / "b.csv")
    assert not left.exists()
    assert users.exists()


def test_what_is_being_written_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    begun = time.time() - 60
    with pytest.raises(KeyboardInterrupt), atomic_write(path) as file:
        file.write(b"all")
        file.flush()
        (now,) = tmp_path.glob(".*.new")
        older = now.with_name(f"{now.name[:18]}{'0' * 16}.new")
        older.write_bytes(b"h")
        os.utime(older, (begun - 1, begun - 1))
        remove_abandoned(path, begun)
        assert list(tmp_path.glob(".*.new")) == [now]
        raise KeyboardInterrupt
