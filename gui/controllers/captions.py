"""The caption of the picture looked at: a model's or a person's, and the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import strings
from ..widgets.actions import Action
from ..widgets.caption_editor import Word

if TYPE_CHECKING:
    from imagecap.library.undo import UndoHistory
    from imagecap.model.caption import Caption

    from ..services.describing import Described
    from ..window import Window

_CANDIDATE_KEYS = 9


class Captions:
    """Shows the caption that counts and lets a person choose or write another.

    Args:
        window: The window it belongs to.

    Attributes:
        text: The caption; `None` where there is none yet.
        described: What the model says; `None` until it has.
        edits: What people write; `None` where the library cannot be opened.
    """

    def __init__(self, window: Window) -> None:
        self._window = window
        self.text: str | None = None
        self.described: Described | None = None
        self.edits: UndoHistory | None = None
        self._human: str | None = None

    @property
    def candidates(self) -> tuple[Caption, ...]:
        """What the model says, the best first."""
        return self.described.captions if self.described else ()

    @property
    def told(self) -> str:
        """The caption as it is shown, read and copied: as a guess where it is one."""
        shown = self._shown_candidate()
        if shown and not self.is_human and self._window.settings.values.hedging:
            return shown.hedged_text
        return self.text or ""

    @property
    def is_human(self) -> bool:
        """Whether a person wrote or chose the caption."""
        return self._human is not None

    def begin(self) -> None:
        """Begin with another picture: what a person says of it is there at once."""
        self.described = None
        self.refresh()

    def clear(self) -> None:
        """Have no caption, because something is wrong."""
        self.described = self._human = None
        self._show()

    def take_described(self, described: Described) -> None:
        """Have what the model says of the picture."""
        self.described = described
        self._show()

    def refresh(self) -> None:
        """Look anew at what a person says of the picture."""
        picture, library = self._window.picture_path, self._window.library
        self._human = library.human(picture) if picture and library else None
        self._show()

    def edit(self) -> None:
        """Let the caption be written."""
        if self.text is not None and self.edits:
            self._window.speaking.voice.stop()
            self._window.parts.caption.edit()
            self._window.note(strings.EDITING)

    def take_written(self, text: str) -> None:
        """Keep what a person has written; nothing at all means the model's again."""
        self._write(text or None)

    def choose(self, number: int) -> None:
        """Take the model's caption of a number, from 1, instead of its first."""
        if number <= len(self.candidates):
            chosen = self.candidates[number - 1].text
            self._write(None if number == 1 else chosen)
            self._window.speaking.speak_if_wanted()

    def back_to_model(self) -> None:
        """Take back what a person says."""
        self._write(None)

    def undo(self) -> None:
        """Take back the newest change of a caption."""
        if self.edits:
            picture = self.edits.undo()
            self.refresh()
            self._window.note(strings.UNDONE.format(name=picture.name))

    def redo(self) -> None:
        """Make the change again that was taken back last."""
        if self.edits:
            picture = self.edits.redo()
            self.refresh()
            self._window.note(strings.REDONE.format(name=picture.name))

    def point(self, number: int | None) -> None:
        """Tell the probability of a word and where the model looked for it."""
        window, shown = self._window, self._shown_candidate()
        if number is None or shown is None:
            window.parts.picture.light(None)
            window.note("")
            return
        word = shown.words[number]
        percent = round(100 * shown.word_probabilities[number])
        window.note(strings.WORD.format(word=word, percent=percent), spoken=False)
        window.speaking.narrator.say(
            strings.WORD_SAID.format(word=word, percent=percent)
        )
        maps = shown.attention if window.viewing.attention.get() else None
        window.parts.picture.light(None if maps is None else maps[number])

    def entries(self) -> list[Action]:
        """Give a menu entry for each key of a candidate."""
        actions = []
        for number in range(1, _CANDIDATE_KEYS + 1):
            there = number <= len(self.candidates)
            text = self.candidates[number - 1].text if there else ""
            actions.append(
                Action(
                    strings.CANDIDATE.format(number=number, caption=text),
                    lambda number=number: self.choose(number),  # type: ignore[misc]
                    str(number),
                    lambda number=number: number <= len(self.candidates),  # type: ignore[misc]
                    while_typing=False,
                )
            )
        return actions

    def _write(self, caption: str | None) -> None:
        picture = self._window.picture_path
        if picture and self.edits:
            self.edits.write(picture, caption)
            self.refresh()

    def _shown_candidate(self) -> Caption | None:
        for candidate in self.candidates:
            if candidate.text == self.text:
                return candidate
        return None

    def _show(self) -> None:
        """Show the caption that counts; leave it alone while it is being written."""
        parts = self._window.parts
        machine = self.candidates[0].text if self.candidates else None
        self.text = machine if self._human is None else self._human
        shown = self._shown_candidate()
        words = (
            [
                Word(text, probability)
                for text, probability in zip(
                    shown.words, shown.word_probabilities, strict=True
                )
            ]
            if shown
            else []
        )
        if not parts.caption.is_editing:
            parts.caption.show(self.text or "", words, self.told)
        parts.picture.light(None)
        parts.show_candidates(
            [
                (number, candidate.text)
                for number, candidate in enumerate(self.candidates, start=1)
                if candidate.text != self.text
            ]
        )
        self._window.refresh()
