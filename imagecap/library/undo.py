"""What a person writes of pictures, with undo and redo."""

from __future__ import annotations

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


class _Edit(NamedTuple):
    picture: Path
    before: str | None
    after: str | None


class UndoHistory:
    """Changes what a person says of pictures; each change is kept at once.

    Args:
        kept: Where it is kept.
    """

    def __init__(self, kept: HumanCaptions) -> None:
        self._kept = kept
        self._done: list[_Edit] = []
        self._undone: list[_Edit] = []

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
            self._done.append(_Edit(picture, before, caption))
            del self._done[:-_KEPT]
            self._undone.clear()

    def undo(self) -> Path:
        """Take back the newest change; return its picture.

        Raises:
            IndexError: If there is none.
            LibraryError: If it cannot be kept.
        """
        edit = self._done[-1]
        self._kept.keep_human(edit.picture, edit.before, edit.after)
        self._undone.append(self._done.pop())
        return edit.picture

    def redo(self) -> Path:
        """Make the change again that was taken back last; return its picture.

        Raises:
            IndexError: If there is none.
            LibraryError: If it cannot be kept.
        """
        edit = self._undone[-1]
        self._kept.keep_human(edit.picture, edit.after, edit.before)
        self._done.append(self._undone.pop())
        return edit.picture

    def yield_to(self, picture: Path, found: str | None, refused: str | None) -> None:
        """Take note that a change was not kept, since another program came before it.

        What was done to the picture can no longer be undone; `redo` makes the change
        that was refused.

        Args:
            picture: The picture.
            found: What is said of it now.
            refused: What was to be said.
        """
        self._done = [edit for edit in self._done if edit.picture != picture]
        self._undone = [edit for edit in self._undone if edit.picture != picture]
        self._undone.append(_Edit(picture, found, refused))
