"""Starts the window: first the window itself, then the model behind it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from imagecap.errors import explain
from imagecap.start import when_stopped

from . import strings

if TYPE_CHECKING:
    from imagecap.model.captioner import Captioner


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the window until it is closed.

    Args:
        arguments: The command line without the program's name; `None` for the real one.

    Returns:
        The exit status: 1 where no window can be shown, 128 and the signal's number
        where the system closed it.
    """
    options = _parse(arguments)
    try:
        import tkinter

        from .widgets.theme import create_root
        from .window import Window
    except ImportError as error:
        if error.name in ("tkinter", "_tkinter"):
            return _give_up(strings.NO_TKINTER)
        return _give_up(explain(error))
    try:
        root = create_root()
    except tkinter.TclError:
        return _give_up(strings.NO_SCREEN)

    window = Window(root, _load_captioner, options.model)
    root.deiconify()
    root.update()
    window.load()
    if options.images:
        window.controllers.opening.open(options.images)
    signals: list[int] = []

    def stop(number: int) -> None:
        signals.append(number)
        root.after_idle(window.close)

    with when_stopped(stop):
        root.mainloop()
    # What a shell says of a program that a signal ended.
    return 128 + signals[0] if signals else 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Shows a picture with a caption and reads the caption aloud."
    )
    parser.add_argument(
        "images", nargs="*", type=Path, help="pictures or folders to begin with"
    )
    parser.add_argument("--model", help="the name or the folder of a model")
    return parser.parse_args(arguments)


def _load_captioner(model: str | None) -> Captioner:
    from imagecap.model.captioner import Captioner

    return Captioner.load(model)


def _give_up(reason: str) -> int:
    print(reason, file=sys.stderr)
    return 1
