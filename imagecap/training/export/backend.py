"""Exporting is for TensorFlow alone, whatever Keras has trained with."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

import keras

from imagecap.errors import ImagecapError
from imagecap.training.run.run_folder import Run


class ExportError(ImagecapError):
    """A model cannot be written, or does not compute what the trained one does."""


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
        raise ExportError(
            f"The model is trained, and its weights are in {run.folder}. Only "
            "TensorFlow can export it: install tensorflow, here or where you take that "
            "folder, and run the same command with --resume and without KERAS_BACKEND."
        )
    command = [sys.executable, *sys.orig_argv[1:]]
    resume = () if "--resume" in command else ("--resume",)
    return subprocess.run(  # noqa: S603 - the very command of the user
        [*command, *resume],
        env={**os.environ, "KERAS_BACKEND": "tensorflow"},
        # What compiled code writes to may be another one; see `keras_ready`.
        stderr=sys.stderr,
        check=False,
    ).returncode
