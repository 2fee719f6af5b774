"""The other windows that this one opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tkinter

    from ..window import Window

# What they need is not imported before one is opened, so that the first window is there
# sooner.


class Helping:
    """Opens what tells of keys, model and failures, and what lets a person choose.

    Args:
        window: The window it belongs to.
    """

    def __init__(self, window: Window) -> None:
        self._window = window

    def tell_keys(self) -> None:
        """List every key."""
        from ..widgets.text_dialog import tell_keys

        window = self._window
        self._fall_silent_with(
            tell_keys(window.root, window.appearance.look, window.menus)
        )

    def tell_about(self) -> None:
        """Tell the versions and the model's card."""
        from ..widgets.text_dialog import tell_about

        window, captioner = self._window, self._window.describer.captioner
        folder = captioner.bundle.folder if captioner else None
        self._fall_silent_with(tell_about(window.root, window.appearance.look, folder))

    def tell_failed(self) -> None:
        """List the pictures that the last run could not read."""
        from ..widgets.text_dialog import tell_failed

        window = self._window
        failed = window.parts.folder.failed
        self._fall_silent_with(tell_failed(window.root, window.appearance.look, failed))

    def show_preferences(self) -> None:
        """Let the person choose."""
        from .preferences import Preferences

        self._fall_silent_with(Preferences(self._window))

    def _fall_silent_with(self, dialog: tkinter.Toplevel) -> None:
        """End what is read aloud of a dialog when that is closed, as with Escape."""
        speaking = self._window.speaking

        def closed(event: tkinter.Event[tkinter.Misc]) -> None:
            if event.widget is dialog and speaking.self_voicing.get():
                speaking.voice.stop()

        dialog.bind("<Destroy>", closed, add="+")
