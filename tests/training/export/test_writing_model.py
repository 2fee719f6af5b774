"""What keeps a model from being written is said, with what helps."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

import pytest

from imagecap.model.bundle import BundleError
from imagecap.training.export.backend import ExportError, writing_model

TEMPORARY = tempfile.gettempdir()
FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "models/new")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (FULL, "(No space left on device). All is kept; make room and"),
        # As HDF5 says it.
        (RuntimeError("write failed: File too large"), "; make room and"),
        # As TensorFlow says it.
        (
            RuntimeError(
                f"{{{{node Save}}}} {TEMPORARY}/part; No space left on device"
            ),
            f"(No space left on device in {TEMPORARY}). All is kept; make room and",
        ),
        (PermissionError(errno.EACCES, "Permission denied"), "can be written to and"),
        (FileExistsError(errno.EEXIST, "a file is there"), "move that away and"),
        (ModuleNotFoundError("No module named 'py3langid'"), "imagecap[train]' and"),
        (MemoryError(), "(MemoryError). All is kept; close other programs"),
        (ValueError("no such layer"), "(no such layer). All is kept; please report"),
    ],
)
def test_each_cause_has_its_own_remedy(error: Exception, said: str) -> None:
    with (
        pytest.raises(ExportError) as raised,
        writing_model(Path("models/new"), "All is kept", "do it again"),
    ):
        raise error
    sentence = str(raised.value)
    assert sentence.startswith("The model could not be written to models/new (")
    assert said in sentence
    assert sentence.endswith(" and do it again.")
    assert ("make room" in sentence) == ("make room" in said)


def test_errors_of_ours_stay_what_they_are() -> None:
    with (
        pytest.raises(BundleError, match="damaged"),
        writing_model(Path("models/new"), "All is kept", "do it again"),
    ):
        raise BundleError("It is damaged.")
