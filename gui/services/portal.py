"""Files chosen in the dialog that the desktop has for all programs: its portal.

See org.freedesktop.portal.FileChooser in https://flatpak.github.io/xdg-desktop-portal.
"""

from __future__ import annotations

import os
import secrets
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes, urlsplit

from .file_programs import Question, globs

if TYPE_CHECKING:
    from jeepney.io.blocking import DBusConnection

_BUS_NAME = "org.freedesktop.portal.Desktop"
_PATH = "/org/freedesktop/portal/desktop"
_CHOOSER = "org.freedesktop.portal.FileChooser"
_REQUEST = "org.freedesktop.portal.Request"
# How long a desktop may take to begin; the dialog itself is open as long as it is.
_PATIENCE_SECONDS = 5.0
_LOOK_SECONDS = 0.01
_CHOSEN, _CANCELLED = 0, 1
_IS_PATTERN = 0


def ask_portal(question: Question, goes_on: Callable[[], bool]) -> list[str] | None:
    """Ask in the desktop's dialog.

    Args:
        question: What is asked.
        goes_on: Called again and again meanwhile; tells whether somebody still waits.

    Returns:
        The paths, none where nothing was chosen; `None` where there is no such dialog.
    """
    if sys.platform != "linux":
        return None
    try:
        from jeepney.io.blocking import open_dbus_connection
    except ImportError:
        return None
    try:
        with open_dbus_connection("SESSION") as bus:
            return _ask(bus, question, goes_on)
    except (OSError, KeyError, RuntimeError, ValueError):
        # No bus, or none that answers.
        return None


def _ask(
    bus: DBusConnection, question: Question, goes_on: Callable[[], bool]
) -> list[str] | None:
    from jeepney import HeaderFields, MatchRule, MessageType, message_bus

    token = f"imagecap_{secrets.token_hex(8)}"
    sender = bus.unique_name.removeprefix(":").replace(".", "_")
    answers = MatchRule(
        type="signal",
        interface=_REQUEST,
        member="Response",
        path=f"{_PATH}/request/{sender}/{token}",
    )
    # Before it is asked, so that no answer is missed.
    bus.send(message_bus.AddMatch(answers))
    asked = next(bus.outgoing_serial)
    bus.send(_call(question, token), serial=asked)
    end: float | None = time.monotonic() + _PATIENCE_SECONDS
    while goes_on():
        try:
            message = bus.receive(timeout=_LOOK_SECONDS)
        except TimeoutError:
            if end and time.monotonic() > end:
                return None
            continue
        if message.header.fields.get(HeaderFields.reply_serial) == asked:
            if message.header.message_type is MessageType.error:
                return None
            end = None
        elif answers.matches(message):
            code, results = message.body
            if code == _CHOSEN:
                return _paths(results)
            return [] if code == _CANCELLED else None
    # Who leaves the bus has the dialog closed.
    return []


def _call(question: Question, token: str) -> Any:  # noqa: ANN401 – a message
    from jeepney import DBusAddress, new_method_call

    portal = DBusAddress(_PATH, _BUS_NAME, _CHOOSER)
    saves = question.form == "save"
    folder = question.place.parent if saves else question.place
    kinds = [
        (name, [(_IS_PATTERN, pattern) for pattern in globs(patterns)])
        for name, patterns in question.kinds
    ]
    options: dict[str, tuple[str, object]] = {
        "handle_token": ("s", token),
        "current_folder": ("ay", os.fsencode(folder) + b"\0"),
    }
    if kinds:
        options["filters"] = ("a(sa(us))", kinds)
    if saves:
        # What is no text cannot be said on the bus.
        name = os.fsencode(question.place.name).decode(errors="replace")
        options["current_name"] = ("s", name)
    elif question.form == "files":
        options["multiple"] = ("b", True)
    elif question.form == "folder":
        options["directory"] = ("b", True)
    method = "SaveFile" if saves else "OpenFile"
    return new_method_call(portal, method, "ssa{sv}", ("", question.title, options))


def _paths(results: dict[str, tuple[str, Any]]) -> list[str]:
    _, addresses = results.get("uris", ("as", []))
    parts = map(urlsplit, addresses)
    return [os.fsdecode(unquote_to_bytes(part.path)) for part in parts]
