"""The menus of the window, and with them its keys."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from . import strings
from .widgets.actions import SEPARATOR, Action, Menus, Submenu

if TYPE_CHECKING:
    from .window import Window


def menus_of(window: Window) -> Menus:
    """Give every action of a window its place in a menu, and its key."""
    return {
        strings.FILE: _file(window),
        strings.CAPTION: _caption(window),
        strings.VIEW: _view(window),
        strings.FOLDER: _folder(window),
        strings.SPEECH: _speech(window),
        strings.HELP: [
            Action(strings.KEYS, window.helping.tell_keys, "F1"),
            Action(strings.ABOUT_MENU, window.helping.tell_about, "Shift+F1"),
        ],
    }


def _file(window: Window) -> list[Action | Submenu | None]:
    opening, saving = window.opening, window.saving
    has_caption, has_pictures = window.has_caption, window.has_pictures
    return [
        Action(strings.OPEN, opening.choose_pictures, "Ctrl+O"),
        Action(strings.OPEN_FOLDER, opening.choose_folder, "Ctrl+Shift+O"),
        Action(strings.PASTE, opening.paste, "Ctrl+V", while_typing=False),
        Submenu(strings.RECENT, partial(_recent, window)),
        Action(strings.SAMPLE, opening.open_sample, "Ctrl+Shift+P"),
        SEPARATOR,
        Action(strings.SAVE_TEXT, saving.save_text, "Ctrl+S", has_caption),
        Action(strings.SAVE_COPY, saving.save_copy, "Ctrl+Shift+S", has_caption),
        Action(strings.SAVE_SPEECH, saving.save_speech, "Ctrl+Shift+W", has_caption),
        Action(strings.EXPORT, saving.export, "Ctrl+E", has_pictures),
        Action(strings.IMPORT, saving.import_captions, "Ctrl+I", has_pictures),
        SEPARATOR,
        Action(strings.PREFERENCES, window.helping.show_preferences, "Ctrl+,"),
        Action(strings.QUIT, window.close, "Ctrl+Q"),
    ]


def _recent(window: Window) -> list[Action]:
    return [
        Action(f"&{number}  {path}", partial(window.opening.open, [Path(path)]))
        for number, path in enumerate(window.settings.values.recent_files[:9], start=1)
    ]


def _caption(window: Window) -> list[Action | Submenu | None]:
    captions, has_caption = window.captions, window.has_caption
    return [
        Action(strings.EDIT, captions.edit, "F2", has_caption),
        Action(
            strings.UNDO,
            captions.undo,
            "Ctrl+Z",
            lambda: bool(captions.edits and captions.edits.can_undo),
            while_typing=False,
        ),
        Action(
            strings.REDO,
            captions.redo,
            "Ctrl+Y",
            lambda: bool(captions.edits and captions.edits.can_redo),
            while_typing=False,
        ),
        SEPARATOR,
        Action(
            strings.COPY,
            window.saving.copy,
            "Ctrl+C",
            has_caption,
            while_typing=False,
        ),
        Action(
            strings.COPY_COMMAND,
            window.saving.copy_command,
            "Ctrl+Shift+C",
            window.has_pictures,
        ),
        SEPARATOR,
        Submenu(strings.CHOOSE_OTHER, captions.entries),
        Action(
            strings.BACK_TO_MODEL,
            captions.back_to_model,
            "Ctrl+Backspace",
            lambda: captions.is_human,
            while_typing=False,
        ),
        Action(strings.FIND, window.find, "Ctrl+F", window.has_several),
    ]


def _view(window: Window) -> list[Action | Submenu | None]:
    picture, album = window.parts.picture, window.album

    def move(label: str, place: int | None, step: int, *keys: str) -> Action:
        return Action(
            label,
            lambda: window.go_to(album.index + step if place is None else place),
            keys[0],
            window.has_several,
            while_typing=False,
            also=keys[1:],
        )

    def pan(label: str, right: int, down: int, key: str) -> Action:
        return Action(
            label,
            partial(picture.pan, right, down),
            key,
            lambda: picture.zoom > 1,
            while_typing=False,
        )

    return [
        move(strings.NEXT, None, 1, "Right", "PageDown"),
        move(strings.PREVIOUS, None, -1, "Left", "PageUp"),
        move(strings.FIRST, 0, 0, "Home"),
        move(strings.LAST, 10**9, 0, "End"),
        SEPARATOR,
        Action(strings.ZOOM_IN, picture.zoom_in, "Ctrl++", window.has_pictures),
        Action(strings.ZOOM_OUT, picture.zoom_out, "Ctrl+-", window.has_pictures),
        Action(strings.WHOLE, picture.fit, "Ctrl+0", window.has_pictures),
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
            window.viewing.attention_changed,
            "Ctrl+T",
            variable=window.viewing.attention,
        ),
        SEPARATOR,
        Action(strings.OTHER_THEME, window.appearance.change_theme, "Ctrl+D"),
        Action(strings.LARGER, window.appearance.larger, "Ctrl+Shift+Up"),
        Action(strings.SMALLER, window.appearance.smaller, "Ctrl+Shift+Down"),
    ]


def _folder(window: Window) -> list[Action | Submenu | None]:
    run = window.parts.folder
    return [
        Action(strings.CAPTION_ALL, window.caption_all, "F5", window.can_caption_all),
        Action(
            strings.HOLD_OR_GO_ON,
            run.pause_or_go_on,
            "F6",
            lambda: run.is_running,
        ),
        Action(strings.CANCEL_RUN, run.cancel, "Shift+F5", lambda: run.is_running),
        Action(strings.FAILED, window.helping.tell_failed, "F8"),
    ]


def _speech(window: Window) -> list[Action | Submenu | None]:
    speaking, voice = window.speaking, window.speaking.voice
    return [
        Action(
            strings.SPEAK, speaking.speak_or_stop, "Ctrl+Enter", window.has_caption,
            also=("Space",),
        ),
        Action(strings.STOP, window.stop, "Esc", window.can_stop),
        Action(
            strings.HOLD_VOICE,
            voice.pause_or_go_on,
            "F9",
            lambda: voice.is_speaking,
        ),
        Action(strings.REPEAT, voice.repeat, "Ctrl+R"),
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
    ]  # fmt: skip
