"""What a person writes of pictures and does with them, with undo and redo."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import EllipsisType
from typing import NamedTuple, Protocol

_KEPT = 1000


class HumanCaptions(Protocol):
    """Where what people say of pictures is kept, as in a `Library`."""

    def human(self, picture: Path) -> str | None:
        """Give what a person says of a picture, if anything."""

    def keep_human(
        self, picture: Path, caption: str | None, instead_of: str | None
    ) -> None:
        """Keep what a person says of a picture where that is still what was known."""

    def keep_all_human(
        self,
        captions: Mapping[Path, str | None],
        instead_of: Mapping[Path, str | None],
    ) -> object:
        """Keep what a person says of many pictures, as `keep_human` does."""


class _Edit(NamedTuple):
    picture: Path
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Deed:
    """Something else that was done with a picture.

    Attributes:
        picture: The picture.
        undo: Takes it back; returns the pictures to look at then.
        redo: Does it again; returns the same.
    """

    picture: Path
    undo: Callable[[], Collection[Path]]
    redo: Callable[[], Collection[Path]]


_Step = tuple[_Edit, ...] | Deed


class UndoHistory:
    """Changes what a person says of pictures; each change is kept at once.

    What was done to many pictures at once is one step, and so is any other deed.

    Args:
        kept: Where it is kept.
    """

    def __init__(self, kept: HumanCaptions) -> None:
        self._kept = kept
        self._done: list[_Step] = []
        self._undone: list[_Step] = []

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back."""
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        """Whether a change was taken back."""
        return bool(self._undone)

    def write(
        self,
        picture: Path,
        caption: str | None,
        instead_of: str | EllipsisType | None = ...,
    ) -> None:
        """Change what a person says of a picture; `None` takes it back.

        Args:
            picture: The picture file.
            caption: What the person says now.
            instead_of: What the person has seen there; what is known now by default.

        Raises:
            LibraryError: If it cannot be kept.
        """
        before = instead_of
        if isinstance(before, EllipsisType):
            before = self._kept.human(picture)
        if before != caption:
            self._kept.keep_human(picture, caption, before)
            self._add((_Edit(picture, before, caption),))

    def add_kept(self, captions: Mapping[Path, str]) -> None:
        """Take note of captions that were kept where people said nothing before."""
        if captions:
            self._add(tuple(_Edit(one, None, text) for one, text in captions.items()))

    def add_deed(self, deed: Deed) -> None:
        """Take note of something else that was done."""
        self._add(deed)

    def forget_others(self, pictures: Iterable[Path]) -> None:
        """Forget what was done to other pictures than these."""
        those = set(pictures)
        for steps in (self._done, self._undone):
            steps[:] = [step for step in steps if those.issuperset(_pictures_of(step))]

    def undo(self) -> Collection[Path]:
        """Take back the newest step; return its pictures, those to look at now.

        Raises:
            IndexError: If there is none.
            LibraryError: If it cannot be kept.
        """
        step = self._done[-1]
        if isinstance(step, Deed):
            pictures = step.undo()
        else:
            self._keep(_Edit(one.picture, one.after, one.before) for one in step)
            pictures = _pictures_of(step)
        self._undone.append(self._done.pop())
        return pictures

    def redo(self) -> Collection[Path]:
        """Make the step again that was taken back last; see `undo`.

        Raises:
            IndexError: If there is none.
            LibraryError: If it cannot be kept.
        """
        step = self._undone[-1]
        if isinstance(step, Deed):
            pictures = step.redo()
        else:
            self._keep(step)
            pictures = _pictures_of(step)
        self._done.append(self._undone.pop())
        return pictures

    def yield_to(self, picture: Path, found: str | None, refused: str | None) -> None:
        """Take note that a change was not kept, since another program came before it.

        What was done to the picture can no longer be undone; `redo` makes the change
        that was refused.

        Args:
            picture: The picture.
            found: What is said of it now.
            refused: What was to be said.
        """
        for steps in (self._done, self._undone):
            left = (
                step
                if isinstance(step, Deed)
                else tuple(one for one in step if one.picture != picture)
                for step in steps
            )
            steps[:] = [step for step in left if step]
        self._undone.append((_Edit(picture, found, refused),))

    def _add(self, step: _Step) -> None:
        self._done.append(step)
        del self._done[:-_KEPT]
        self._undone.clear()

    def _keep(self, edits: Iterable[_Edit]) -> None:
        step = tuple(edits)
        if len(step) == 1:
            (edit,) = step
            self._kept.keep_human(edit.picture, edit.after, edit.before)
        else:
            self._kept.keep_all_human(
                {edit.picture: edit.after for edit in step},
                {edit.picture: edit.before for edit in step},
            )


def _pictures_of(step: _Step) -> Collection[Path]:
    if isinstance(step, Deed):
        return [step.picture]
    return [edit.picture for edit in step]
