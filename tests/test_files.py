from pathlib import Path

import pytest

from imagecap.files import (
    InUseError,
    alone,
)


def test_only_one_is_in(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "lock"
    with alone(path), pytest.raises(InUseError, match="lock"), alone(path, patience=0):
        pytest.fail("Two were in.")


def test_the_next_gets_in_once_the_first_is_out(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), alone(tmp_path / "lock"):
        raise ZeroDivisionError
    with alone(tmp_path / "lock", patience=0):
        pass
