"""Pictures described one at a time; of those waiting, only the newest."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from imagecap.captioner import Captioner
    from imagecap.decoding import Caption

    from .background import Background


class Describer:
    """Loads the model once and describes the picture that is wanted now.

    Args:
        background: Where the work is done.
        load_captioner: Loads the model.
        changed: Called when `state` has changed.
        described: Called with the caption of the picture wanted.
        failed: Called with a sentence, when that picture or the model failed.
    """

    def __init__(
        self,
        background: Background,
        load_captioner: Callable[[], Captioner],
        changed: Callable[[], None],
        described: Callable[[Caption], None],
        failed: Callable[[str], None],
    ) -> None:
        self.state: Literal["loading", "describing", "idle"] = "idle"
        self._background = background
        self._load_captioner = load_captioner
        self._captioner: Captioner | None = None
        self._changed = changed
        self._described = described
        self._failed = failed
        self._wanted: Path | None = None

    def load(self) -> None:
        """Begin to load the model."""
        self._become("loading")
        self._background.run(self._load_captioner, self._loaded, self._finish_badly)

    def describe(self, picture: Path) -> None:
        """Ask for the caption of a picture, instead of any asked for before."""
        self._wanted = picture
        if self.state == "idle":
            self._next()

    def forget(self) -> None:
        """Take back what `describe` asked for."""
        self._wanted = None

    def _next(self) -> None:
        if self._wanted is None:
            self._become("idle")
        elif self._captioner is None:
            self.load()
        else:
            self._become("describing")
            self._background.run(
                partial(self._captioner.caption, self._wanted),
                partial(self._finish, self._wanted),
                partial(self._finish_badly, picture=self._wanted),
            )

    def _loaded(self, captioner: Captioner) -> None:
        self._captioner = captioner
        self._next()

    def _finish(self, picture: Path, caption: Caption) -> None:
        if picture is self._wanted:
            self._wanted = None
            self._become("idle")
            self._described(caption)
        else:
            self._next()

    def _finish_badly(self, reason: str, picture: Path | None = None) -> None:
        if picture is None or picture is self._wanted:
            self._wanted = None
            self._become("idle")
            self._failed(reason)
        else:
            self._next()

    def _become(self, state: Literal["loading", "describing", "idle"]) -> None:
        self.state = state
        self._changed()
