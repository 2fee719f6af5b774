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
from .context_menus import ContextMenus
from .controllers.appearance import Appearance
from .controllers.browsing import Browsing
from .controllers.captioning import Captioning
from .controllers.captions import Captions
from .controllers.controllers import Controllers
from .controllers.doubles import Doubles
from .controllers.exchanging import Exchanging
from .controllers.following import Following
from .controllers.helping import Helping
from .controllers.learning import Learning
from .controllers.marking import Marking
from .controllers.opening import Opening
from .controllers.presenting import Presenting
from .controllers.reviewing import Reviewing
from .controllers.saving import Saving
from .controllers.searching import Searching
from .controllers.serving import Serving
from .controllers.speaking import Speaking
from .controllers.status import Status
from .controllers.viewing import Viewing
from .menus import menus_of
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
        context_menus: Some of it, for what is clicked.
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
        appearance.put(root, self.layout)
        self.controllers = self._build_controllers(appearance)
        self._bind_widgets()
        self.menus = menus_of(self.session, self.controllers, self.close)
        attach(root, self.menus)
        self.context_menus = ContextMenus(root, self.session, self.layout, self.menus)
        look.on_change(look.paint_menus)
        root.protocol("WM_DELETE_WINDOW", self.close)
        self.session.open(())
        self._following = Following(self.session, root)
        self._marking = Marking(self.session, self.controllers.captioning, self.layout)

    def load(self) -> None:
        """Begin what the window does not wait for: the kept captions, the model."""
        self.controllers.opening.accept_drops(self.layout.body)
        self.controllers.appearance.look.draw_controls()
        self.layout.fit()
        self.controllers.speaking.player.look_for_screen_reader()
        self.session.load()

    def close(self) -> None:
        """End the window once all is kept; other work is left behind."""
        self.controllers.appearance.remember_place(self.root, self.layout)
        self.controllers.captions.finish()
        self.controllers.captioning.close()
        self.controllers.reviewing.close()
        self.controllers.serving.close()
        self.controllers.learning.close()
        self.controllers.presenting.close()
        self.controllers.searching.close()
        self.controllers.doubles.close()
        self._following.close()
        self._marking.close()
        self.controllers.speaking.player.close()
        for reason in self.session.close():
            messagebox.showerror(parent=self.root, title=strings.TITLE, message=reason)
        self.root.destroy()

    def _build_controllers(self, appearance: Appearance) -> Controllers:
        root, session, layout = self.root, self.session, self.layout
        speaking = Speaking(session, root, layout.speak_button)
        browsing = Browsing(session, layout, speaking)
        reviewing = Reviewing(session, root, layout.review_bar)
        Status(session, root, layout.status, layout.details)
        return Controllers(
            appearance=appearance,
            browsing=browsing,
            captioning=Captioning(session, layout.run_bar, speaking),
            captions=Captions(
                session,
                layout.caption,
                layout.candidates,
                layout.picture,
                layout.caption_buttons,
                speaking,
                decides=lambda: reviewing.is_active,
            ),
            doubles=Doubles(session, root),
            exchanging=Exchanging(session, root),
            helping=Helping(session, root, appearance, speaking),
            learning=Learning(session, root, speaking),
            opening=Opening(session, root, layout.picture),
            presenting=Presenting(
                session, root, layout, appearance, browsing, speaking
            ),
            reviewing=reviewing,
            saving=Saving(session, root, speaking),
            searching=Searching(session, layout, browsing),
            serving=Serving(session),
            speaking=speaking,
            viewing=Viewing(session, layout.picture),
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
            (layout.review_bar.accept_button, does.reviewing.accept),
            (layout.review_bar.skip_button, does.reviewing.skip),
            (layout.review_bar.end_button, does.reviewing.end),
        ):
            button.configure(command=command)
        layout.automatic_button.configure(variable=does.speaking.automatic)
        layout.picture.zoomed_in = does.viewing.want_detail
        layout.picture.zoomed = does.viewing.say_zoom
        layout.caption.words.pointed = does.captions.point
        layout.caption.entered = does.reviewing.accept_written
        layout.caption.wanted = does.captions.edit
        layout.caption.written = does.captions.keep_written
        layout.candidates.chosen = does.captions.choose
        session.on("picture", lambda: layout.candidates.reserve(session.has_picture()))
        session.on(
            "picture", lambda: layout.show_sample_button(not session.has_anything())
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
