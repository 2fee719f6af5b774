"""Files chosen in the dialog of the desktop's portal, which answers over D-Bus."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from patience import PATIENCE_SECONDS
from screen import Screen

from gui.services.file_programs import Question
from gui.services.portal import ask_portal
from gui.widgets import file_dialogs

jeepney = pytest.importorskip("jeepney")
pytestmark = pytest.mark.skipif(
    not shutil.which("dbus-daemon"), reason="needs a message bus"
)

REQUEST = "org.freedesktop.portal.Request"
CHOSEN, CANCELLED, BROKEN = 0, 1, 2
# It ends with the dialog open.
ENDS = -1


# A bus that starts none of the programs of this machine.
BUS = """<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default">
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A message bus of its own, on which nobody answers."""
    rules = tmp_path / "bus.conf"
    rules.write_text(BUS)
    daemon = subprocess.Popen(
        ["dbus-daemon", "--config-file", rules, "--nofork", "--print-address"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert daemon.stdout
    address = daemon.stdout.readline().strip()
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    yield address
    daemon.terminate()
    daemon.wait()
    daemon.stdout.close()


class Portal:
    """Answers one question as a desktop does.

    Attributes:
        method: How it was asked.
        title: The title of the dialog.
        options: What else it was told.
    """

    def __init__(
        self, code: int, addresses: Sequence[object], kind: str = "as"
    ) -> None:
        from jeepney.io.blocking import open_dbus_connection

        self.method = self.title = ""
        self.options: dict[str, Any] = {}
        self._bus = open_dbus_connection("SESSION")
        name = jeepney.message_bus.RequestName("org.freedesktop.portal.Desktop")
        self._bus.send_and_get_reply(name)
        self._results = {"uris": (kind, addresses)} if code == CHOSEN else {}
        self._thread = threading.Thread(target=self._answer, args=(code,))
        self._thread.start()

    def close(self) -> None:
        self._thread.join(PATIENCE_SECONDS)
        self._bus.close()

    def _answer(self, code: int) -> None:
        calls = jeepney.MessageType.method_call
        while (
            asked := self._bus.receive(timeout=PATIENCE_SECONDS)
        ).header.message_type != calls:
            pass
        fields = asked.header.fields
        self.method = fields[jeepney.HeaderFields.member]
        _, self.title, self.options = asked.body
        sender = fields[jeepney.HeaderFields.sender]
        caller = sender.removeprefix(":").replace(".", "_")
        token = self.options["handle_token"][1]
        path = f"/org/freedesktop/portal/desktop/request/{caller}/{token}"
        self._bus.send(jeepney.new_method_return(asked, "o", (path,)))
        if code == ENDS:
            self._bus.close()
            return
        emitter = jeepney.DBusAddress(path, interface=REQUEST)
        answer = jeepney.new_signal(
            emitter, "Response", "ua{sv}", (code, self._results)
        )
        self._bus.send(answer)


def question(form: Any, place: Path) -> Question:  # noqa: ANN401
    return Question(form, "Which?", place, [("Pictures", [".png", "*.jpg"])])


def test_files_are_chosen(bus: str, tmp_path: Path) -> None:
    chosen = [tmp_path / "a b.png", tmp_path / "ä%41.jpg"]
    portal = Portal(CHOSEN, [path.as_uri() for path in chosen])
    found = ask_portal(question("files", tmp_path), lambda: True)
    portal.close()
    assert found == [str(path) for path in chosen]
    assert (portal.method, portal.title) == ("OpenFile", "Which?")
    assert portal.options["multiple"] == ("b", True)
    assert portal.options["current_folder"] == ("ay", os.fsencode(tmp_path) + b"\0")
    kinds = [("Pictures", [(0, "*.png"), (0, "*.jpg")])]
    assert portal.options["filters"] == ("a(sa(us))", kinds)


def test_a_place_is_chosen(bus: str, tmp_path: Path) -> None:
    portal = Portal(CHOSEN, [(tmp_path / "mine.csv").as_uri()])
    found = ask_portal(question("save", tmp_path / "all.csv"), lambda: True)
    portal.close()
    assert found == [str(tmp_path / "mine.csv")]
    assert portal.method == "SaveFile"
    assert portal.options["current_name"] == ("s", "all.csv")


@pytest.mark.parametrize(("code", "found"), [(CANCELLED, []), (BROKEN, None)])
def test_nothing_is_chosen(
    bus: str, tmp_path: Path, code: int, found: list[str] | None
) -> None:
    portal = Portal(code, [])
    assert ask_portal(question("folder", tmp_path), lambda: True) == found
    portal.close()
    assert portal.options["directory"] == ("b", True)


@pytest.mark.parametrize(
    ("kind", "addresses"),
    [
        ("au", [7, 8]),
        ("s", "file:///a.png"),
        ("as", []),
        ("as", ["http://example.org/a.png", "a.png", "file:///a%00.png", ""]),
        ("as", ["http://["]),
    ],
)
def test_an_answer_without_files_is_none(
    bus: str, tmp_path: Path, kind: str, addresses: Sequence[object]
) -> None:
    portal = Portal(CHOSEN, addresses, kind)
    assert ask_portal(question("files", tmp_path), lambda: True) is None
    portal.close()


def test_a_portal_that_ends_is_not_waited_for(bus: str, tmp_path: Path) -> None:
    portal = Portal(ENDS, [])
    end = time.monotonic() + PATIENCE_SECONDS
    asked = question("file", tmp_path)
    assert ask_portal(asked, lambda: time.monotonic() < end) is None
    portal.close()


def test_without_a_portal_there_is_no_answer(
    bus: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = question("file", tmp_path)
    assert ask_portal(asked, lambda: True) is None
    for address in ("unix:path=/nowhere", "nonsense", ""):
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        assert ask_portal(asked, lambda: True) is None
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
    assert ask_portal(asked, lambda: True) is None


def test_the_window_takes_what_the_portal_gives(
    bus: str,
    show: Callable[..., Screen],
    picture: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(file_dialogs, "ask_portal", ask_portal)
    portal = Portal(CHOSEN, [picture("cat.png").as_uri()])
    screen = show()
    screen.press("<Control-o>")
    screen.until(lambda: screen.caption == "A cat.")
    portal.close()


def test_whoever_waits_no_more_leaves(bus: str, tmp_path: Path) -> None:
    assert ask_portal(question("file", tmp_path), lambda: False) == []
