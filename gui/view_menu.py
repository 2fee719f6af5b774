"""The menu of all that changes what is seen, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from . import strings
from .controllers.controllers import Controllers
from .session import Session
from .widgets.actions import SEPARATOR, Action, Entry, Submenu


def view_menu(session: Session, controllers: Controllers) -> list[Entry]:
    """Return the entries of the View menu; see `menus_of`."""
    view, album = controllers.viewing.view, session.album
    appearance, captions = controllers.appearance, controllers.captions
    browsing, presenting = controllers.browsing, controllers.presenting
    has_picture = session.has_picture

    def move(label: str, place: int | None, step: int, *keys: str) -> Action:
        return Action(
            label,
            lambda: session.go_to(album.index + step if place is None else place),
            keys[0],
            session.has_several,
            while_typing=False,
            also=keys[1:],
        )

    def unless_typing(
        label: str, act: Callable[[], object], key: str, enabled: Callable[[], bool]
    ) -> Action:
        return Action(label, act, key, enabled, while_typing=False)

    def turn(label: str, quarters: int, key: str) -> Action:
        return unless_typing(label, partial(session.turn, quarters), key, has_picture)

    def resize(label: str, steps: int, key: str) -> Action:
        act = partial(browsing.resize_thumbnails, steps)
        return unless_typing(label, act, key, browsing.has_thumbnails)

    def pan(label: str, right: int, down: int, key: str) -> Action:
        act = partial(view.pan, right, down)
        return unless_typing(label, act, key, lambda: view.zoom > 1)

    return [
        move(strings.NEXT, None, 1, "Right", "PageDown"),
        move(strings.PREVIOUS, None, -1, "Left", "PageUp"),
        move(strings.FIRST, 0, 0, "Home"),
        move(strings.LAST, 10**9, 0, "End"),
        Action(
            strings.GRID,
            browsing.grid_changed,
            "Ctrl+G",
            has_picture,
            variable=browsing.as_grid,
        ),
        resize(strings.LARGER_THUMBNAILS, 1, "Ctrl+Up"),
        resize(strings.SMALLER_THUMBNAILS, -1, "Ctrl+Down"),
        Action(strings.FULL_SCREEN, presenting.fill_or_leave_screen, "F11"),
        Action(strings.SLIDE_SHOW, presenting.slide_show, "Shift+F11", has_picture),
        SEPARATOR,
        Action(strings.ZOOM_IN, view.zoom_in, "Ctrl++", has_picture),
        Action(strings.ZOOM_OUT, view.zoom_out, "Ctrl+-", has_picture),
        Action(strings.WHOLE, view.fit, "Ctrl+0", has_picture),
        Action(strings.ACTUAL_SIZE, view.show_actual_size, "Ctrl+1", has_picture),
        Submenu(
            strings.PAN,
            lambda: [
                pan(strings.PAN_LEFT, -1, 0, "Shift+Left"),
                pan(strings.PAN_RIGHT, 1, 0, "Shift+Right"),
                pan(strings.PAN_UP, 0, -1, "Shift+Up"),
                pan(strings.PAN_DOWN, 0, 1, "Shift+Down"),
            ],
        ),
        turn(strings.TURN_RIGHT, 1, "R"),
        turn(strings.TURN_LEFT, 3, "Shift+R"),
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
