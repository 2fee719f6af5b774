"""The words of a caption: how sure the model is of each, and which is pointed to."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .colors import Colors

# Of the words said of 150 photographs of Flickr8k 17 percent are below the first of
# these and 2 percent below the second.
_DOUBTFUL, _UNLIKELY = 0.2, 0.1
_TAGS = ("unlikely", "doubtful", "pointed")


@dataclass(frozen=True)
class Word:
    """A word of a caption.

    Attributes:
        text: The word.
        probability: How probable the model found it, given those before.
    """

    text: str
    probability: float


class MarkedWords:
    """Marks words in a field by a thin line, and one of them by its background.

    Args:
        field: What the caption is in.

    Attributes:
        pointed: Called with the number of the word pointed to, or with `None`.
        pointed_to: The number of that word, or `None`.
        words: The words that are marked.
    """

    def __init__(self, field: tkinter.Text) -> None:
        self._field = field
        self._spans: list[tuple[str, str]] = []
        self.pointed: Callable[[int | None], None] = lambda number: None
        self.pointed_to: int | None = None
        self.words: Sequence[Word] = ()

    def show(self, words: Sequence[Word]) -> None:
        """Mark words of the text that is in the field now.

        Args:
            words: The words in their order; where one is missing, nothing is marked.
        """
        self.words = words
        text, at = self._field.get("1.0", "end-1c").lower(), 0
        for word in words:
            at = text.find(word.text.lower(), at)
            if at < 0:
                self.words, self._spans = (), []
                return
            span = (f"1.0+{at}c", f"1.0+{at + len(word.text)}c")
            self._spans.append(span)
            at += len(word.text)
            if word.probability < _UNLIKELY:
                self._field.tag_add("unlikely", *span)
            elif word.probability < _DOUBTFUL:
                self._field.tag_add("doubtful", *span)

    def clear(self) -> None:
        """Mark nothing any more."""
        self.words, self._spans, self.pointed_to = (), [], None
        for tag in _TAGS:
            self._field.tag_remove(tag, "1.0", "end")

    def step(self, step: int) -> None:
        """Point to the next word, or the one before.

        Args:
            step: 1 or -1.
        """
        if self._spans:
            first = 0 if step > 0 else len(self._spans) - 1
            number = first if self.pointed_to is None else self.pointed_to + step
            self.point(max(0, min(number, len(self._spans) - 1)))

    def point_at(self, x: int, y: int) -> None:
        """Point to the word at a place, in pixels of the field."""
        at = f"@{x},{y}"
        compare = self._field.compare
        for number, (start, end) in enumerate(self._spans):
            if compare(start, "<=", at) and compare(at, "<", end):
                self.point(number)
                return
        self.point(None)

    def point(self, number: int | None) -> None:
        """Point to a word, or to none."""
        if number == self.pointed_to:
            return
        self.pointed_to = number
        self._field.tag_remove("pointed", "1.0", "end")
        if number is not None:
            self._field.tag_add("pointed", *self._spans[number])
            self._field.see(self._spans[number][0])
        self.pointed(number)

    def paint(self, colors: Colors) -> None:
        """Have the colours of the look."""
        for name, color in (
            ("doubtful", colors.doubtful),
            ("unlikely", colors.unlikely),
        ):
            self._field.tag_configure(name, underline=True, underlinefg=color)
        self._field.tag_configure(
            "pointed", background=colors.accent, foreground=colors.on_accent
        )
