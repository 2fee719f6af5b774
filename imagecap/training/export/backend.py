"""Exporting is for TensorFlow alone, whatever Keras has trained with."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keras

from imagecap.errors import ImagecapError
from imagecap.files import DISK_FULL
from imagecap.training.run.machines import VARIABLES
from imagecap.training.run.run_folder import Run


class ExportError(ImagecapError):
    """A model cannot be written, or does not compute what the trained one does."""


@contextmanager
def writing_model(folder: Path, kept: str, again: str) -> Iterator[None]:
    """Make one sentence of whatever keeps a model from being written meanwhile.

    Args:
        folder: Where it is to be.
        kept: What is there all the same, as a sentence without its full stop.
        again: What to do once the cause is mended, as the end of a sentence.

    Raises:
        ExportError: If anything but an error of ours happens.
    """
    try:
        yield
    except ImagecapError:
        raise
    # TensorFlow and HDF5 have errors of their own for a full disk.
    except Exception as error:
        raise ExportError(
            f"The model could not be written to {folder} ({_why(error)}). {kept}; "
            f"{_how_to_mend(error)} and {again}."
        ) from error


def _why(error: Exception) -> str:
    said = str(error)
    temporary = tempfile.gettempdir()
    for full in map(os.strerror, DISK_FULL):
        if full in said:
            # Of what TensorFlow says a page is of use to its makers alone.
            return f"{full} in {temporary}" if temporary in said else full
    return getattr(error, "strerror", None) or said or type(error).__name__


def _how_to_mend(error: Exception) -> str:
    if isinstance(error, ImportError):
        return "install what is missing with pip install 'imagecap[train]'"
    if isinstance(error, MemoryError):
        return "close other programs, for there is not enough memory,"
    if any(os.strerror(code) in str(error) for code in DISK_FULL):
        return "make room"
    if isinstance(error, FileExistsError):
        return "move that away"
    if isinstance(error, OSError):
        return "see to it that this folder can be written to"
    return "please report this if it happens once more"


def can_export() -> bool:
    """Tell whether what Keras computes with here can write LiteRT files."""
    return bool(keras.backend.backend() == "tensorflow")


def export_with_tensorflow(run: Run) -> int:
    """Go on with the finished run under TensorFlow, which alone writes LiteRT files.

    Args:
        run: What this very program was started to do with another backend.

    Returns:
        The exit status of the program that TensorFlow runs in.

    Raises:
        ExportError: If TensorFlow is not installed.
    """
    if importlib.util.find_spec("tensorflow") is None:
        raise only_tensorflow_exports(run, "run the same command with --resume and")
    command = [sys.executable, *sys.orig_argv[1:]]
    resume = () if "--resume" in command else ("--resume",)
    kept = {name: it for name, it in os.environ.items() if name not in VARIABLES}
    return subprocess.run(  # noqa: S603 - the very command of the user
        [*command, *resume],
        env={**kept, "KERAS_BACKEND": "tensorflow"},
        # What compiled code writes to may be another one; see `keras_ready`.
        stderr=sys.stderr,
        check=False,
    ).returncode


def only_tensorflow_exports(run: Run, again: str) -> ExportError:
    """Return the error that says where to go on with a run that is finished here.

    Args:
        run: The run.
        again: What to do there, as a part of a sentence.
    """
    return ExportError(
        f"The model is trained, and its weights are in {run.folder}. Only TensorFlow "
        "can export it: install tensorflow, here or where you take that folder, and "
        f"{again} without KERAS_BACKEND."
    )
