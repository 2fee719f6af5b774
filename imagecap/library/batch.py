"""A whole folder captioned, with progress; a run that ended early goes on later."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from imagecap.library.picture_state import PictureState, read_state
from imagecap.pictures.reading import PictureError

if TYPE_CHECKING:
    from imagecap.library.store import Library
    from imagecap.model.captioner import Captioner
    from imagecap.model.describer import Described

# The speed is that of the last few seconds, so that it follows what happens.
_SPEED_SECONDS = 10.0


@dataclass(frozen=True)
class BatchProgress:
    """How far a run is.

    Attributes:
        done: Pictures that are through, the failed ones too.
        total: Pictures in all.
        failed: Pictures that cannot be read, each with the reason in a sentence.
        per_second: Pictures a second lately; 0 where it is not known yet.
        known: Pictures of `done` that had their caption before the run.
    """

    done: int
    total: int
    failed: tuple[tuple[Path, str], ...]
    per_second: float
    known: int

    @property
    def seconds_left(self) -> float | None:
        """How long the rest will take; `None` where it is not known yet."""
        if not self.per_second:
            return None
        return (self.total - self.done) / self.per_second


class BatchRun:
    """Captions pictures one after the other and keeps each caption at once.

    A picture whose caption by the same model and beam width the library has already is
    passed over, so a run that was cancelled or killed goes on where it ended.
    `pause`, `go_on` and `cancel` may be called from any thread.

    Args:
        captioner: The model.
        library: Where the captions are kept.
        pictures: The picture files.
        beam_width: Captions kept in parallel by the search; the model's own by default.
    """

    def __init__(
        self,
        captioner: Captioner,
        library: Library,
        pictures: Sequence[Path],
        beam_width: int | None = None,
    ) -> None:
        self._captioner = captioner
        self._library = library
        self._pictures = pictures
        self._beam_width = beam_width
        # Each file before it is read, for the caption belongs to what is read.
        self._states: dict[Path, PictureState | None] = {}
        self._failed: list[tuple[Path, str]] = []
        self._done = self._known = 0
        self._may_go = threading.Event()
        self._may_go.set()
        self._cancelled = False
        # When pictures of this run were done; waiting in a pause does not count.
        self._times: deque[float] = deque(maxlen=1000)
        self._waited = 0.0

    def run(
        self, seen: Callable[[Path, str | None], object] | None = None
    ) -> BatchProgress:
        """Caption all pictures; return when they are done or the run is cancelled.

        Args:
            seen: Called on this thread after each picture with its caption, or with
                `None` for one that cannot be read.

        Raises:
            LibraryError: If a caption cannot be kept.
        """
        width = self._beam_width
        results = self._captioner.describe_many(self._unknown(seen), beam_width=width)
        self._times.append(self._now())
        for picture, result in results:
            state = self._states.pop(picture, None)
            if isinstance(result, PictureError):
                self._failed.append((picture, str(result)))
            else:
                captions = result.captions
                keep_described(
                    self._captioner, self._library, picture, width, result, state
                )
            self._done += 1
            self._times.append(self._now())
            if seen:
                seen(
                    picture,
                    None if isinstance(result, PictureError) else captions[0].text,
                )
            if not self._wait_while_paused():
                break
        self._library.keep_waiting()
        return self.progress

    def pause(self) -> None:
        """Hold after the picture being captioned."""
        self._may_go.clear()

    def go_on(self) -> None:
        """Go on after a pause."""
        self._may_go.set()

    def cancel(self) -> None:
        """End the run; what is captioned stays kept."""
        self._cancelled = True
        self._may_go.set()

    @property
    def is_paused(self) -> bool:
        """Whether the run is held."""
        return not self._may_go.is_set()

    @property
    def progress(self) -> BatchProgress:
        """How far the run is; may be asked from any thread."""
        return BatchProgress(
            self._done,
            len(self._pictures),
            tuple(self._failed),
            self._speed(),
            self._known,
        )

    def _unknown(
        self, seen: Callable[[Path, str | None], object] | None
    ) -> Iterator[Path]:
        model = self._captioner.bundle.identity
        for picture in self._pictures:
            if self._cancelled:
                return
            caption = self._library.model_caption(picture, model, self._beam_width)
            if caption is None:
                self._states[picture] = read_state(picture)
                yield picture
            else:
                self._done += 1
                self._known += 1
                if seen:
                    seen(picture, caption)

    def _wait_while_paused(self) -> bool:
        if not self._may_go.is_set():
            start = time.monotonic()
            self._may_go.wait()
            self._waited += time.monotonic() - start
        return not self._cancelled

    def _now(self) -> float:
        return time.monotonic() - self._waited

    def _speed(self) -> float:
        times = list(self._times)
        recent = [moment for moment in times if times[-1] - moment <= _SPEED_SECONDS]
        if len(recent) < 2 or recent[-1] == recent[0]:
            return 0.0
        return (len(recent) - 1) / (recent[-1] - recent[0])


def keep_described(
    captioner: Captioner,
    library: Library,
    picture: Path,
    beam_width: int | None,
    described: Described,
    state: PictureState | None,
) -> None:
    """Keep a model's captions of a picture, and the vector by which it is found again.

    Args:
        captioner: The model.
        library: Where they are kept.
        picture: The picture file.
        beam_width: Captions kept in parallel by the search; `None` for the model's own.
        described: What the model says of it.
        state: The file before the model has read it, as `read_state` gives it.

    Raises:
        LibraryError: If they cannot be kept.
    """
    model = captioner.bundle.identity
    library.keep_model_captions(picture, model, beam_width, described.captions, state)
    vector = captioner.embedding.embed_one(described.features)
    library.keep_vector(picture, model, vector)
