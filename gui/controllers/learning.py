"""Learning from what the person wrote, and choosing what came of it."""

from __future__ import annotations

import tkinter
from functools import partial
from typing import TYPE_CHECKING

from .. import dialog_strings, strings

if TYPE_CHECKING:
    from ..services.learning_process import Learned, LearningProcess
    from ..session import Session
    from ..widgets.learning_dialog import LearningDialog
    from .speaking import Speaking

_LOOK_MILLISECONDS = 200
_OWN = "default"


class Learning:
    """Learns in a process of its own, and lets the person choose the new model.

    Args:
        session: Whose model goes on.
        root: The window in front of which it is told.
        speaking: What reads it aloud.

    Attributes:
        dialog: The window that tells of it; `None` while there is none.
    """

    def __init__(
        self,
        session: Session,
        root: tkinter.Tk,
        speaking: Speaking,
    ) -> None:
        self._session = session
        self._root = root
        self._speaking = speaking
        self._process: LearningProcess | None = None
        self.dialog: LearningDialog | None = None

    def start(self) -> None:
        """Learn from all captions that the person wrote."""
        from ..services.learning_process import LearningProcess, can_learn
        from ..widgets.learning_dialog import LearningDialog

        if not can_learn():
            self._session.say(strings.CANNOT_LEARN)
        elif self.dialog is None:
            process = LearningProcess(self._session.model or _OWN)
            self._process = process
            self.dialog = LearningDialog(self._root, self.close)
            self._session.background.run(
                process.run,
                partial(self._ended, process),
                partial(self._failed, process),
            )
            self._look()

    def close(self) -> None:
        """End what is not at its end yet."""
        self.dialog = None
        if self._process:
            self._process.cancel()
            self._process = None
            self._session.say(strings.LEARNING_CANCELLED)

    def _look(self) -> None:
        process, dialog = self._process, self.dialog
        if process and dialog:
            dialog.show_progress(process.done, process.seconds_left)
            self._speaking.narrator.say_progress(str(dialog.text.cget("text")))
            dialog.after(_LOOK_MILLISECONDS, self._look)

    def _ended(self, process: LearningProcess, learned: Learned | None) -> None:
        if process is self._process and learned and self.dialog:
            self._process = None
            sentence = " ".join([learned.sentence, *process.notes])
            self._tell(sentence, strings.KEEP_OLD if learned.is_better else "")
            if learned.is_better:
                self.dialog.offer(strings.USE_NEW, partial(self._use, learned.model))

    def _failed(self, process: LearningProcess, reason: str) -> None:
        if process is self._process and self.dialog:
            self._process = None
            self._tell(reason)

    def _tell(self, sentence: str, second: str = "") -> None:
        if self.dialog:
            self.dialog.show_end(sentence, second or dialog_strings.CLOSE)
            self._session.say(sentence)

    def _use(self, model: str) -> None:
        """Choose the new model, and offer the way back."""
        # That of the settings may be another one than a window was started with.
        former = self._session.model
        self._choose(model, strings.NEW_IN_USE)
        if self.dialog:
            back = partial(self._choose, former, strings.OLD_IN_USE)
            self.dialog.offer(strings.BACK_TO_OLD, back)

    def _choose(self, model: str | None, said: str) -> None:
        self._session.settings.change(model=model)
        self._tell(said)
