"""Pictures described: the one wanted first, then those around it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from .lookahead import Lookahead

if TYPE_CHECKING:
    from imagecap.library.store import Library
    from imagecap.model.caption import Caption
    from imagecap.model.captioner import Captioner

    from .background import Background

_KEPT = 200
# Shown where the width of the beam does not say how many.
_CANDIDATES = 3


@dataclass(frozen=True)
class TimedCaptions:
    """What a model says of a picture.

    Attributes:
        captions: The captions, the best first.
        seconds: How long it took.
        problem: Why they are not kept, in a sentence; empty where they are.
    """

    captions: tuple[Caption, ...]
    seconds: float
    problem: str = ""


class Describer:
    """Loads a model and describes the picture that is wanted now, and others ahead.

    Args:
        background: Where the work is done.
        get_library: Gives the library in which captions are kept, `None` for nowhere;
            called off the window's thread.
        load_captioner: Loads the model.
        beam_width: Captions kept in parallel; `None` for the model's own search.
        changed: Called when `state` has changed.
        described: Called with what is said of the picture wanted.
        failed: Called with a sentence, when that picture or the model failed.

    Attributes:
        state: What is going on.
        captioner: The model; `None` until it is loaded.
        beam_width: Captions kept in parallel; `None` for the model's own search.
        turns: By how many quarters, clockwise, a person has turned pictures.
    """

    def __init__(
        self,
        background: Background,
        get_library: Callable[[], Library | None],
        load_captioner: Callable[[], Captioner],
        beam_width: int | None,
        changed: Callable[[], None],
        described: Callable[[Path, TimedCaptions], None],
        failed: Callable[[str], None],
    ) -> None:
        self.state: Literal["loading", "describing", "idle"] = "idle"
        self.captioner: Captioner | None = None
        self.beam_width = beam_width
        self._background = background
        self._get_library = get_library
        self._load_captioner = load_captioner
        self._changed = changed
        self._described = described
        self._failed = failed
        self._wanted: Path | None = None
        self._ahead: Sequence[Path] = ()
        self.turns: dict[Path, int] = {}
        self._lookahead: Lookahead[TimedCaptions] = Lookahead(
            background, None, self._arrived, self._picture_failed, _KEPT
        )

    def load(self, load_captioner: Callable[[], Captioner] | None = None) -> None:
        """Begin to load the model, or another one, and describe with it."""
        self._load_captioner = load_captioner or self._load_captioner
        self.captioner = None
        self._lookahead.restart(None)
        self._become("loading")
        mark = self._load_captioner
        self._background.run(
            self._load_captioner,
            partial(self._loaded, mark),
            partial(self._load_failed, mark),
        )

    def search_wider(self, beam_width: int | None) -> None:
        """Keep another number of captions in parallel from now on."""
        self.beam_width = beam_width
        if self.captioner:
            self._loaded(self._load_captioner, self.captioner)

    def describe_anew(self) -> None:
        """Forget what was described, for a person has corrected something since."""
        if self.captioner:
            self._loaded(self._load_captioner, self.captioner)
            if not self._wanted:
                self._lookahead.want(self._ahead)

    def describe(self, picture: Path, ahead: Sequence[Path] = ()) -> None:
        """Ask for the caption of a picture, instead of any asked for before.

        Args:
            picture: The picture wanted.
            ahead: Pictures that may be wanted soon.
        """
        self._wanted, self._ahead = picture, ahead
        found = self._lookahead.get(picture)
        if found:
            self._wanted = None
            self._become("idle")
            self._described(picture, found)
            self._lookahead.want(ahead)
        elif self.captioner:
            self._become("describing")
            self._lookahead.want([picture, *ahead])
        elif self.state != "loading":
            self.load()

    def turn(self, picture: Path, quarters: int) -> None:
        """Describe a picture turned further from now on; its file stays as it is.

        Args:
            picture: The picture.
            quarters: By how many quarters of a circle, clockwise.
        """
        self.turns[picture] = (self.turns.get(picture, 0) + quarters) % 4
        self._lookahead.forget(picture)

    def forget(self) -> None:
        """Take back what `describe` asked for."""
        self._wanted, self._ahead = None, ()
        self._lookahead.want(())
        if self.state == "describing":
            self._become("idle")

    def _loaded(self, mark: Callable[[], Captioner], captioner: Captioner) -> None:
        if mark is not self._load_captioner:
            return
        self.captioner = captioner
        self._lookahead.restart(
            partial(
                _describe, captioner, self.beam_width, self._get_library, self.turns
            )
        )
        self._become("idle")
        if self._wanted:
            self.describe(self._wanted, self._ahead)

    def _load_failed(self, mark: Callable[[], Captioner], reason: str) -> None:
        if mark is self._load_captioner:
            self._wanted = None
            self._become("idle")
            self._failed(reason)

    def _arrived(self, picture: Path, result: TimedCaptions) -> None:
        if picture == self._wanted:
            self._wanted = None
            self._become("idle")
            self._described(picture, result)

    def _picture_failed(self, picture: Path, reason: str) -> None:
        if picture == self._wanted:
            self._wanted = None
            self._become("idle")
            self._failed(reason)

    def _become(self, state: Literal["loading", "describing", "idle"]) -> None:
        self.state = state
        self._changed()


def _describe(
    captioner: Captioner,
    beam_width: int | None,
    get_library: Callable[[], Library | None],
    turns: Mapping[Path, int],
    picture: Path,
) -> TimedCaptions:
    from imagecap.errors import ImagecapError
    from imagecap.library.batch import keep_described
    from imagecap.library.picture_state import read_state
    from imagecap.pictures.pixels import turned
    from imagecap.pictures.reading import open_picture

    state = read_state(picture)
    start = time.perf_counter()
    quarters = turns.get(picture, 0)
    seen = turned(open_picture(picture), quarters) if quarters else picture
    described = captioner.describe(seen, beam_width or _CANDIDATES, beam_width)
    seconds = time.perf_counter() - start
    problem = ""
    if library := get_library():
        try:
            keep_described(captioner, library, picture, beam_width, described, state)
        except ImagecapError as error:
            problem = str(error)
    return TimedCaptions(described.captions, seconds, problem)
