"""The caption of the picture looked at: shown, chosen, written, word by word."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path
from tkinter import ttk
from typing import TYPE_CHECKING

from imagecap.counted import counted

from .. import strings
from ..widgets.actions import Action
from ..widgets.candidate_list import CandidateList
from ..widgets.caption_editor import CaptionEditor
from ..widgets.marked_words import Word
from ..widgets.picture_view import PictureView

if TYPE_CHECKING:
    from imagecap.model.caption import Caption

    from ..session import Session
    from .speaking import Speaking

_CANDIDATE_KEYS = 9


class Captions:
    """Shows the caption that counts and lets a person choose or write another.

    Args:
        session: Whose caption it is.
        editor: Where the caption is read and written.
        candidates: Where the model's other captions are.
        picture: The picture, on which it is shown where the model looked.
        buttons: Those that need a caption.
        speaking: What reads it aloud.
        decides: Tells whether to choose the model's first caption is a word of the
            person's, too, as in a review, and does not only take such a word back.

    Attributes:
        attention: Whether it is shown where the model looked.
    """

    def __init__(
        self,
        session: Session,
        editor: CaptionEditor,
        candidates: CandidateList,
        picture: PictureView,
        buttons: Sequence[ttk.Button],
        speaking: Speaking,
        decides: Callable[[], bool],
    ) -> None:
        self._session = session
        self._editor = editor
        self._candidates = candidates
        self._picture = picture
        self._buttons = buttons
        self._speaking = speaking
        self._decides = decides
        self._edited: Path | None = None
        self._seen: str | None = None
        self.attention = tkinter.BooleanVar(editor, True)
        session.on("picture", self._begin)
        session.on("caption", self._show)

    def edit(self) -> None:
        """Let the caption be written."""
        picture = self._session.picture
        if picture and self._session.has_caption() and self._session.kept.library:
            self._speaking.player.stop()
            self._edited = picture
            # Another window may write meanwhile.
            self._seen = self._session.kept.human(picture)
            self._editor.edit()
            self._session.say(strings.EDITING)

    def finish(self) -> None:
        """Keep what is being written, if something is."""
        self._editor.finish()

    def keep_written(self, text: str | None) -> None:
        """Keep what a person has written; nothing at all means the model's again.

        Args:
            text: What was written; `None` where the caption was left as it was.
        """
        if self._edited and text is not None:
            self._session.write(self._edited, text or None, self._seen)
        # Not over what is said of another picture.
        if self._edited == self._session.picture:
            said = (
                "" if text is None else strings.WRITTEN if text else strings.TAKEN_BACK
            )
            self._session.say(said)
            if text is None:
                # Another window may have written meanwhile.
                self._show()

    def choose(self, number: int) -> None:
        """Have the model's caption of a number, from 1, instead of its first."""
        candidates = self._session.candidates
        if number <= len(candidates):
            takes_back = number == 1 and not self._decides()
            self._write(None if takes_back else candidates[number - 1].text)
            # What was said before was not about this caption.
            self._session.say("")
            self._speaking.speak_if_wanted()

    def back_to_model(self) -> None:
        """Take back what a person says."""
        self._write(None)
        self._say_with_caption(strings.TAKEN_BACK)

    def undo(self) -> None:
        """Take back the newest change of captions or of the list."""
        if self._session.edits.can_undo:
            self._say_changed(strings.UNDONE, self._session.undo())
        else:
            self._session.say(strings.NOTHING_TO_UNDO)

    def redo(self) -> None:
        """Make the change again that was taken back last."""
        if self._session.edits.can_redo:
            self._say_changed(strings.REDONE, self._session.redo())
        else:
            self._session.say(strings.NOTHING_TO_REDO)

    def step(self, step: int) -> None:
        """Go to the next word, or the one before: how sure it is, where it was seen."""
        self._editor.words.step(step)

    def point(self, number: int | None) -> None:
        """Tell the probability of a word and where the model looked for it."""
        said = self._session.said_candidate
        if number is None or said is None:
            self._picture.overlay(None)
            self._session.say("")
            return
        word = said.words[number]
        percent = round(100 * said.word_probabilities[number])
        self._session.say(
            strings.WORD.format(word=word, percent=percent),
            spoken=strings.WORD_SAID.format(word=word, percent=percent),
        )
        maps = said.attention if self.attention.get() else None
        self._picture.overlay(None if maps is None else maps[number])

    def attention_changed(self) -> None:
        """Show where the model looked for the word pointed at, or no longer."""
        self.point(self._editor.words.pointed_to)
        candidates = self._session.candidates
        has_attention = any(caption.attention is not None for caption in candidates)
        if self.attention.get() and candidates and not has_attention:
            self._session.say(strings.NO_ATTENTION)

    def entries(self) -> list[Action]:
        """Return a menu entry for each key of a candidate."""
        return [self._entry(number) for number in range(1, _CANDIDATE_KEYS + 1)]

    def _entry(self, number: int) -> Action:
        def is_there() -> bool:
            return number <= len(self._session.candidates)

        text = self._session.candidates[number - 1].text if is_there() else ""
        return Action(
            strings.CANDIDATE.format(number=number, caption=text),
            partial(self.choose, number),
            str(number),
            is_there,
            while_typing=False,
        )

    def _say_changed(self, what: str, pictures: Collection[Path]) -> None:
        if not pictures:
            # It has said itself what it did.
            return
        many = counted(len(pictures), "caption")
        name = next(iter(pictures)).name if len(pictures) == 1 else many
        self._say_with_caption(what.format(name=name))

    def _say_with_caption(self, what: str) -> None:
        """Say what was done; to those who cannot see it, what came of it, too."""
        self._session.say(what, spoken=f"{what} {self._session.text_shown}".strip())

    def _write(self, caption: str | None) -> None:
        if self._session.picture:
            self._session.write(self._session.picture, caption)

    def _begin(self) -> None:
        # What is still being written is about the picture looked at before.
        self._editor.finish()
        self._show()

    def _show(self) -> None:
        """Show the caption that counts; leave it alone while it is being written."""
        session = self._session
        if session.problem:
            self._editor.show_problem(session.problem)
        elif not self._editor.is_editing:
            words = _words(session.said_candidate)
            self._editor.show(session.text or "", words, session.text_shown)
        self._picture.overlay(None)
        self._candidates.show(
            [
                (number, candidate.text)
                for number, candidate in enumerate(session.candidates, start=1)
                if candidate.text != session.text
            ]
        )
        state = "!disabled" if session.has_caption() else "disabled"
        for button in self._buttons:
            button.state([state])


def _words(caption: Caption | None) -> list[Word]:
    if caption is None:
        return []
    pairs = zip(caption.words, caption.word_probabilities, strict=True)
    return [Word(text, probability) for text, probability in pairs]
