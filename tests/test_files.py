from pathlib import Path

import pytest

from imagecap.files import InUseError, exclusive_lock


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
