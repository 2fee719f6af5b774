"""The menus of the window, and with them its keys."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from . import strings
from .controllers.appearance import Appearance
from .controllers.browsing import Browsing
from .controllers.captioning import Captioning
from .controllers.captions import Captions
from .controllers.exchanging import Exchanging
from .controllers.helping import Helping
from .controllers.learning import Learning
from .controllers.opening import Opening
from .controllers.saving import Saving
from .controllers.searching import Searching
from .controllers.speaking import Speaking
from .controllers.viewing import Viewing
from .session import Session
from .widgets.actions import SEPARATOR, Action, Entry, Menus, Submenu


class Controllers(NamedTuple):
    """All that a person can do in the window, by subject."""

    appearance: Appearance
    browsing: Browsing
    captioning: Captioning
    captions: Captions
    exchanging: Exchanging
    helping: Helping
    learning: Learning
    opening: Opening
    saving: Saving
    searching: Searching
    speaking: Speaking
    viewing: Viewing


def menus_of(
    session: Session, controllers: Controllers, close: Callable[[], None]
) -> Menus:
    """Give every action of a window its place in a menu, and its key.

    Args:
        session: What the actions are about; it tells which are possible.
        controllers: What does them.
        close: Ends the window.
    """
    menus: dict[str, list[Entry]] = {
        strings.FILE: _file(session, controllers, close),
        strings.CAPTION: _caption(session, controllers),
        strings.VIEW: _view(session, controllers),
        strings.FOLDER: _folder(controllers),
        strings.SPEECH: _speech(session, controllers),
    }
    helping = controllers.helping
    menus[strings.HELP] = [
        Action(strings.KEYS, lambda: helping.show_keys(menus), "F1"),
        Action(strings.ABOUT_MENU, helping.show_about, "Shift+F1"),
    ]
    return menus


def _file(
    session: Session, controllers: Controllers, close: Callable[[], None]
) -> list[Entry]:
    opening, saving = controllers.opening, controllers.saving
    has_caption, has_pictures = session.has_caption, session.has_pictures
    return [
        Action(strings.OPEN, opening.choose_pictures, "Ctrl+O"),
        Action(strings.OPEN_FOLDER, opening.choose_folder, "Ctrl+Shift+O"),
        Action(strings.PASTE, opening.paste, "Ctrl+V", while_typing=False),
        Submenu(strings.RECENT, partial(_recent, session, opening)),
        Action(strings.SAMPLE, opening.open_sample, "Ctrl+Shift+P"),
        SEPARATOR,
        Action(strings.SAVE_TEXT, saving.save_text, "Ctrl+S", has_caption),
        Action(strings.SAVE_COPY, saving.save_copy, "Ctrl+Shift+S", has_caption),
        Action(strings.SAVE_SPEECH, saving.save_speech, "Ctrl+Shift+W", has_caption),
        Action(strings.EXPORT, saving.export, "Ctrl+E", has_pictures),
        Action(strings.IMPORT, saving.import_captions, "Ctrl+I", has_pictures),
        Submenu(strings.GIVE_ALL, controllers.exchanging.forms),
        Submenu(strings.TAKE_ALL, controllers.exchanging.fields),
        SEPARATOR,
        Action(strings.SHOW_IN_BROWSER, controllers.browsing.show, "Ctrl+B"),
        Action(strings.LEARN, controllers.learning.start, "Ctrl+L"),
        Action(strings.PREFERENCES, controllers.helping.show_preferences, "Ctrl+,"),
        Action(strings.QUIT, close, "Ctrl+Q"),
    ]


def _recent(session: Session, opening: Opening) -> list[Action]:
    paths = session.settings.values.recent_files[:9]
    return [
        Action(f"&{number}  {path}", partial(opening.open, [Path(path)]))
        for number, path in enumerate(paths, start=1)
    ]


def _caption(session: Session, controllers: Controllers) -> list[Entry]:
    captions, saving = controllers.captions, controllers.saving
    searching = controllers.searching
    has_caption = session.has_caption
    return [
        Action(strings.EDIT, captions.edit, "F2", has_caption),
        Action(
            strings.UNDO,
            captions.undo,
            "Ctrl+Z",
            lambda: session.edits.can_undo,
            while_typing=False,
        ),
        Action(
            strings.REDO,
            captions.redo,
            "Ctrl+Y",
            lambda: session.edits.can_redo,
            while_typing=False,
        ),
        SEPARATOR,
        Action(strings.COPY, saving.copy, "Ctrl+C", has_caption, while_typing=False),
        Action(
            strings.COPY_COMMAND,
            saving.copy_command,
            "Ctrl+Shift+C",
            session.has_pictures,
        ),
        SEPARATOR,
        Submenu(strings.CHOOSE_OTHER, captions.entries),
        Action(
            strings.BACK_TO_MODEL,
            captions.back_to_model,
            "Ctrl+Backspace",
            lambda: session.is_human,
            while_typing=False,
        ),
        Action(strings.FIND, searching.find, "Ctrl+F"),
        Action(
            strings.EVERYWHERE_MENU,
            searching.scope_changed,
            "Ctrl+Shift+L",
            variable=searching.everywhere,
        ),
        Action(strings.MORE_LIKE, searching.more_like, "Ctrl+M", searching.can_compare),
    ]


def _view(session: Session, controllers: Controllers) -> list[Entry]:
    view, album = controllers.viewing.view, session.album
    appearance, captions = controllers.appearance, controllers.captions

    def move(label: str, place: int | None, step: int, *keys: str) -> Action:
        return Action(
            label,
            lambda: session.go_to(album.index + step if place is None else place),
            keys[0],
            session.has_several,
            while_typing=False,
            also=keys[1:],
        )

    def pan(label: str, right: int, down: int, key: str) -> Action:
        return Action(
            label,
            partial(view.pan, right, down),
            key,
            lambda: view.zoom > 1,
            while_typing=False,
        )

    return [
        move(strings.NEXT, None, 1, "Right", "PageDown"),
        move(strings.PREVIOUS, None, -1, "Left", "PageUp"),
        move(strings.FIRST, 0, 0, "Home"),
        move(strings.LAST, 10**9, 0, "End"),
        SEPARATOR,
        Action(strings.ZOOM_IN, view.zoom_in, "Ctrl++", session.has_picture),
        Action(strings.ZOOM_OUT, view.zoom_out, "Ctrl+-", session.has_picture),
        Action(strings.WHOLE, view.fit, "Ctrl+0", session.has_picture),
        Submenu(
            strings.PAN,
            lambda: [
                pan(strings.PAN_LEFT, -1, 0, "Shift+Left"),
                pan(strings.PAN_RIGHT, 1, 0, "Shift+Right"),
                pan(strings.PAN_UP, 0, -1, "Shift+Up"),
                pan(strings.PAN_DOWN, 0, 1, "Shift+Down"),
            ],
        ),
        Action(
            strings.ATTENTION,
            captions.attention_changed,
            "Ctrl+T",
            variable=captions.attention,
        ),
        SEPARATOR,
        Action(strings.OTHER_THEME, appearance.change_theme, "Ctrl+D"),
        Action(strings.LARGER, appearance.larger, "Ctrl+Shift+Up"),
        Action(strings.SMALLER, appearance.smaller, "Ctrl+Shift+Down"),
    ]


def _folder(controllers: Controllers) -> list[Entry]:
    captioning, helping = controllers.captioning, controllers.helping

    def is_running() -> bool:
        return captioning.is_running

    return [
        Action(strings.CAPTION_ALL, captioning.start, "F5", captioning.can_start),
        Action(strings.HOLD_OR_GO_ON, captioning.pause_or_go_on, "F6", is_running),
        Action(strings.CANCEL_RUN, captioning.cancel, "Shift+F5", is_running),
        Action(strings.FAILED, lambda: helping.show_failed(captioning.failed), "F8"),
    ]


def _speech(session: Session, controllers: Controllers) -> list[Entry]:
    speaking, captioning = controllers.speaking, controllers.captioning
    player = speaking.player

    def stop() -> None:
        """Be silent; where it is silent already, end a run."""
        if speaking.is_speaking:
            player.stop()
        else:
            captioning.cancel()

    return [
        Action(
            strings.SPEAK,
            speaking.speak_or_stop,
            "Ctrl+Enter",
            session.has_caption,
            also=("Space",),
        ),
        Action(
            strings.STOP,
            stop,
            "Esc",
            lambda: speaking.is_speaking or captioning.is_running,
        ),
        Action(
            strings.HOLD_VOICE, player.pause_or_go_on, "F9", lambda: player.is_speaking
        ),
        Action(strings.REPEAT, player.repeat, "Ctrl+R"),
        SEPARATOR,
        Action(
            strings.SPEAK_AUTOMATICALLY,
            speaking.automatic_changed,
            "Ctrl+Shift+A",
            variable=speaking.automatic,
        ),
        Action(
            strings.SELF_VOICING,
            speaking.self_voicing_changed,
            "Ctrl+Shift+V",
            variable=speaking.self_voicing,
        ),
    ]
