"""The `imagecap gui` command."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path

import click

from imagecap.commands.choosing import model_option
from imagecap.commands.file_path import FILE_PATH


@click.command()
@click.argument("images", nargs=-1, type=FILE_PATH)
@model_option
def gui(images: tuple[Path, ...], model: str | None) -> int:
    """Open the window, with pictures and folders if any are named."""
    return open_window(images, model)


def open_window(images: Sequence[Path], model: str | None = None) -> int:
    """Open the window and wait until it is closed; return its exit status.

    Args:
        images: Pictures and folders to begin with.
        model: The name or the folder of a model; by default as in the settings.
    """
    arguments = list(map(str, images))
    if model:
        arguments += ["--model", model]
    # Installed, the window is a part of this package; in the source code it lies
    # beside it.
    inside = importlib.util.find_spec("imagecap.gui")
    window = importlib.import_module("imagecap.gui.app" if inside else "gui.app")
    status: int = window.main(arguments)
    return status
