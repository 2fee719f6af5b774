"""The window, put together from its parts."""

from __future__ import annotations

import contextlib
import tkinter
from collections.abc import Callable
from tkinter import messagebox
from types import TracebackType
from typing import TYPE_CHECKING

from imagecap.errors import explain

from . import strings
from .controllers.appearance import Appearance
from .controllers.browsing import Browsing
from .controllers.captioning import Captioning
from .controllers.captions import Captions
from .controllers.exchanging import Exchanging
from .controllers.following import Following
from .controllers.helping import Helping
from .controllers.learning import Learning
from .controllers.opening import Opening
from .controllers.saving import Saving
from .controllers.searching import Searching
from .controllers.speaking import Speaking
from .controllers.status import Status
from .controllers.viewing import Viewing
from .menus import Controllers, menus_of
from .services.background import Background
from .session import Session
from .widgets.actions import attach
from .widgets.layout import Layout
from .widgets.theme import Theme

if TYPE_CHECKING:
    from imagecap.model.captioner import Captioner


class Window:
    """Opens pictures, shows their captions and reads them aloud.

    Args:
        root: The empty window.
        load_captioner: Loads a model by its name or folder, `None` for the one that
            comes with the program; called off the window's thread.
        model: The model to begin with, instead of the one chosen before.

    Attributes:
        root: The Tk window.
        session: What it works on.
        layout: Its widgets.
        controllers: What a person can do with them.
        menus: The same, by menu and key.
    """

    def __init__(
        self,
        root: tkinter.Tk,
        load_captioner: Callable[[str | None], Captioner],
        model: str | None = None,
    ) -> None:
        self.root = root
        root.report_callback_exception = self._report
        background = Background(root)
        self.session = Session(background, load_captioner, model)
        look = Theme(root)
        appearance = Appearance(self.session, look)
        self.layout = Layout(root, look, background)
        self.controllers = self._build_controllers(appearance)
        self._bind_widgets()
        self.menus = menus_of(self.session, self.controllers, self.close)
        attach(root, self.menus)
        look.on_change(look.paint_menus)
        root.protocol("WM_DELETE_WINDOW", self.close)
        self.session.open(())
        self._following = Following(self.session, root)

    def load(self) -> None:
        """Begin what the window does not wait for: the kept captions, the model."""
        self.controllers.opening.accept_drops(self.layout.body)
        self.controllers.appearance.look.draw_controls()
        self.session.load()

    def close(self) -> None:
        """End the window once all is kept; other work is left behind."""
        self.controllers.captions.finish()
        self.controllers.captioning.close()
        self.controllers.browsing.close()
        self.controllers.learning.close()
        self.controllers.searching.close()
        self._following.close()
        self.controllers.speaking.player.close()
        for reason in self.session.close():
            messagebox.showerror(parent=self.root, title=strings.TITLE, message=reason)
        self.root.destroy()

    def _build_controllers(self, appearance: Appearance) -> Controllers:
        root, session, layout = self.root, self.session, self.layout
        speaking = Speaking(session, root, layout.speak_button)
        Status(session, root, layout.status, layout.details)
        return Controllers(
            appearance=appearance,
            browsing=Browsing(session),
            captioning=Captioning(session, layout.run_bar, speaking),
            captions=Captions(
                session,
                layout.caption,
                layout.candidates,
                layout.picture,
                layout.caption_buttons,
                speaking,
            ),
            exchanging=Exchanging(session, root),
            helping=Helping(session, root, appearance, speaking),
            learning=Learning(session, root, appearance, speaking),
            opening=Opening(session, root, layout.picture),
            saving=Saving(session, root, speaking),
            searching=Searching(
                session, layout.search, layout.everywhere_button, layout.strip
            ),
            speaking=speaking,
            viewing=Viewing(session, layout.picture, layout.strip),
        )

    def _bind_widgets(self) -> None:
        session, layout, does = self.session, self.layout, self.controllers
        for button, command in (
            (layout.open_button, does.opening.choose_pictures),
            (layout.folder_button, does.opening.choose_folder),
            (layout.paste_button, does.opening.paste),
            (layout.sample_button, does.opening.open_sample),
            (layout.speak_button, does.speaking.speak_or_stop),
            (layout.edit_button, does.captions.edit),
            (layout.copy_button, does.saving.copy),
            (layout.save_button, does.saving.save_text),
            (layout.automatic_button, does.speaking.automatic_changed),
            (layout.run_bar.pause_button, does.captioning.pause_or_go_on),
            (layout.run_bar.cancel_button, does.captioning.cancel),
        ):
            button.configure(command=command)
        layout.automatic_button.configure(variable=does.speaking.automatic)
        layout.picture.zoomed_in = does.viewing.want_detail
        layout.caption.pointed = does.captions.point
        layout.caption.written = does.captions.keep_written
        layout.candidates.chosen = does.captions.choose
        layout.strip.chosen = session.go_to
        session.on("picture", lambda: layout.show_strip(session.has_several()))
        session.on(
            "picture", lambda: layout.show_sample_button(not session.has_picture())
        )

    def _report(
        self,
        kind: type[BaseException],
        error: BaseException,
        traceback: TracebackType | None,
    ) -> None:
        """Say what no one foresaw, instead of nothing at all."""
        # Where it is about the window that has just been closed, nobody asks any more.
        with contextlib.suppress(tkinter.TclError):
            self.session.say(explain(error))
