"""The menus of the window, and with them its keys."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from . import strings
from .controllers.controllers import Controllers
from .controllers.opening import Opening
from .controllers.reviewing import Reviewing
from .session import Session
from .view_menu import view_menu
from .widgets.actions import SEPARATOR, Action, Entry, Menus, Submenu


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
        strings.VIEW: view_menu(session, controllers),
        strings.FOLDER: _folder(session, controllers),
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
        Action(strings.IMPORT, saving.import_captions, "Ctrl+I", has_pictures),
        Submenu(
            strings.GIVE_ALL,
            lambda: [
                *controllers.exchanging.forms(),
                Action(strings.EXPORT, saving.export, "Ctrl+E", has_pictures),
            ],
        ),
        Submenu(strings.TAKE_ALL, controllers.exchanging.fields),
        SEPARATOR,
        Action(strings.SHOW_IN_BROWSER, controllers.serving.show, "Ctrl+B"),
        Action(strings.LEARN, controllers.learning.start, "Ctrl+L"),
        Action(strings.PREFERENCES, controllers.helping.show_preferences, "Ctrl+,"),
        Action(strings.QUIT, close, "Ctrl+Q", also=("Ctrl+W",)),
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
        # Always possible: they say why nothing happens.
        Action(strings.UNDO, captions.undo, "Ctrl+Z", while_typing=False),
        Action(strings.REDO, captions.redo, "Ctrl+Y", while_typing=False),
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
        Submenu(strings.REVIEW, partial(_review, controllers.reviewing)),
        Action(
            strings.NEXT_WORD,
            partial(captions.step, 1),
            "Ctrl+Right",
            lambda: session.said_candidate is not None,
            while_typing=False,
        ),
        Action(
            strings.PREVIOUS_WORD,
            partial(captions.step, -1),
            "Ctrl+Left",
            lambda: session.said_candidate is not None,
            while_typing=False,
        ),
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


def _review(reviewing: Reviewing) -> list[Action]:
    def in_review(label: str, run: Callable[[], None], *keys: str) -> Action:
        return Action(
            label,
            run,
            keys[0],
            lambda: reviewing.is_active,
            while_typing=False,
            also=keys[1:],
        )

    return [
        Action(strings.REVIEW_START, reviewing.start, "F7", reviewing.can_start),
        in_review(strings.REVIEW_ACCEPT, reviewing.accept, "Enter", "KP_Enter"),
        in_review(strings.REVIEW_SKIP, reviewing.skip, "S"),
        in_review(strings.REVIEW_END, reviewing.end, "Shift+F7"),
    ]


def _folder(session: Session, controllers: Controllers) -> list[Entry]:
    captioning, helping = controllers.captioning, controllers.helping
    doubles = controllers.doubles

    def take_off() -> None:
        if session.picture:
            session.take_off(session.picture)

    def is_running() -> bool:
        return captioning.is_running

    return [
        Action(strings.CAPTION_ALL, captioning.start, "F5", captioning.can_start),
        Action(strings.HOLD_OR_GO_ON, captioning.pause_or_go_on, "F6", is_running),
        Action(strings.CANCEL_RUN, captioning.cancel, "Shift+F5", is_running),
        Action(
            strings.FAILED, lambda: helping.show_failed(captioning.failures()), "F8"
        ),
        SEPARATOR,
        Action(strings.DOUBLES, doubles.find, "Ctrl+Shift+D", doubles.can_find),
        Action(
            strings.TAKE_OFF,
            take_off,
            "Delete",
            session.has_picture,
            while_typing=False,
        ),
    ]


def _speech(session: Session, controllers: Controllers) -> list[Entry]:
    speaking, captioning = controllers.speaking, controllers.captioning
    player, presenting = speaking.player, controllers.presenting
    reviewing = controllers.reviewing

    def stop() -> None:
        """Be silent; then leave the whole screen, end a review, or a run."""
        if presenting.is_showing:
            presenting.leave()
        elif speaking.is_speaking:
            player.stop()
        elif presenting.is_full:
            presenting.leave()
        elif reviewing.is_active:
            reviewing.end()
        else:
            captioning.cancel()

    def can_stop() -> bool:
        return (
            speaking.is_speaking
            or presenting.is_full
            or reviewing.is_active
            or captioning.is_running
        )

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
            can_stop,
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
