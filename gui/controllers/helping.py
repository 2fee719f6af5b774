"""The other windows that this one opens."""

from __future__ import annotations

import tkinter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from .. import dialog_strings

if TYPE_CHECKING:
    from ..session import Session
    from ..widgets.actions import Menus
    from .appearance import Appearance
    from .speaking import Speaking

# What they need is not imported before one is opened, so that the first window is there
# sooner.


class Helping:
    """Opens what tells of keys, model and failures, and what lets a person choose.

    Args:
        session: What they tell of.
        root: The window in front of which they are.
        appearance: How they look.
        speaking: What reads them aloud.
    """

    def __init__(
        self,
        session: Session,
        root: tkinter.Tk,
        appearance: Appearance,
        speaking: Speaking,
    ) -> None:
        self._session = session
        self._root = root
        self._appearance = appearance
        self._speaking = speaking

    def show_keys(self, menus: Menus) -> None:
        """List every key."""
        from ..widgets.text_dialog import show_keys

        self._fall_silent_with(show_keys(self._root, self._appearance.look, menus))

    def show_about(self) -> None:
        """Tell the versions and the model's card."""
        captioner = self._session.describer.captioner
        folder = captioner.bundle.folder if captioner else None
        self._session.background.run(
            partial(_model_card, folder),
            partial(self._show_card, folder),
            self._session.say,
        )

    def show_failed(self, failures: Sequence[str]) -> None:
        """Tell of the pictures that a run could not read."""
        from ..widgets.text_dialog import show_failed

        self._fall_silent_with(show_failed(self._root, self._appearance.look, failures))

    def show_preferences(self) -> None:
        """Let the person choose."""
        from .preferences import Preferences

        self._fall_silent_with(
            Preferences(self._session, self._root, self._appearance, self._speaking)
        )

    def _show_card(self, folder: Path | None, card: str) -> None:
        from ..widgets.text_dialog import show_about

        self._fall_silent_with(
            show_about(self._root, self._appearance.look, folder, card)
        )

    def _fall_silent_with(self, dialog: tkinter.Toplevel) -> None:
        """End what is read aloud of a dialog when that is closed, as with Escape."""
        speaking = self._speaking

        def closed(event: tkinter.Event[tkinter.Misc]) -> None:
            if event.widget is dialog and speaking.self_voicing.get():
                speaking.player.stop()

        dialog.bind("<Destroy>", closed, add="+")


def _model_card(folder: Path | None) -> str:
    if folder is None:
        return ""
    from imagecap.files import read_ordinary
    from imagecap.model.bundle import MODEL_CARD

    try:
        return read_ordinary(folder / MODEL_CARD).decode(errors="replace")
    except OSError:
        return dialog_strings.NO_MODEL_CARD
