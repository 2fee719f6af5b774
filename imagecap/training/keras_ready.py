"""What has to hold before Keras is imported, for the commands that train."""

from __future__ import annotations

import importlib.util
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from imagecap.errors import ImagecapError
from imagecap.native_messages import all_kept_back

BACKENDS = ("tensorflow", "jax")
"""What Keras may compute with here."""

NEEDED = ("keras", "matplotlib", "py3langid")
"""What training needs; what it needs at its end only is missed at its beginning."""

_ERRORS = 2


class KerasError(ImagecapError):
    """Keras, or what belongs to training with it, is not there."""


@contextmanager
def keras_ready() -> Iterator[None]:
    """Import Keras for what is done meanwhile; keep native libraries quiet.

    Raises:
        KerasError: If it is not installed, or set to a backend that training has none
            of its code for.
    """
    # TensorFlow uses oneDNN by itself on newer Intel processors only, but with it the
    # encoder learns up to twice as fast on others, too.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # It warns of shapes that differ, as beams do; no person can do anything about it.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    for package in NEEDED:
        if importlib.util.find_spec(package) is None:
            raise KerasError(
                f"Training needs {package}, which is not installed: pip install "
                "'imagecap[train]'."
            )
    with _without_native_notes():
        _import_keras()
        yield


def _import_keras() -> None:
    named = os.environ.get("KERAS_BACKEND")
    if named is not None:
        _check_backend(named, "KERAS_BACKEND")
    try:
        import keras
    except ImportError as error:
        raise KerasError(
            f"Keras cannot be imported ({error}): pip install 'imagecap[train]', or "
            f"set KERAS_BACKEND to one of {' and '.join(BACKENDS)}."
        ) from error
    _check_backend(keras.config.backend(), "the file keras.json")


def _check_backend(backend: str, told_by: str) -> None:
    if backend not in BACKENDS:
        raise KerasError(
            f"Keras is to compute with {backend}, says {told_by}; training here does "
            f"with {' or '.join(BACKENDS)}: set KERAS_BACKEND to one of these."
        )
    if importlib.util.find_spec(backend) is None:
        raise KerasError(
            f"Keras is to compute with {backend}, says {told_by}, which is not "
            f"installed: pip install {backend}, or set KERAS_BACKEND to another of "
            f"{' and '.join(BACKENDS)}."
        )


@contextmanager
def _without_native_notes() -> Iterator[None]:
    """Keep from the terminal what compiled code writes to the error stream.

    TensorFlow notes there a page of what is of use to its makers alone, and its own
    switch leaves a part of it. What Python writes still comes through.
    """
    own = sys.stderr
    if _writes_to_process(own):
        # Left open, since loggers made meanwhile keep it.
        sys.stderr = os.fdopen(
            os.dup(_ERRORS), "w", 1, encoding=own.encoding, errors=own.errors
        )
    try:
        with all_kept_back():
            yield
    finally:
        sys.stderr = own


def _writes_to_process(stream: TextIO) -> bool:
    try:
        stream.flush()
        return stream.fileno() == _ERRORS
    except (OSError, ValueError, AttributeError):
        return False
