"""What a screen reader is given, recorded by a module of Speech Dispatcher."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from patience import PATIENCE_SECONDS
from screen import Screen, StandIn

from imagecap.speech.screen_reader import ScreenReader

RECORDER = """#!{python}
import sys

def say(*lines):
    for line in lines:
        print(line, flush=True)

def received():
    lines = []
    while (line := sys.stdin.readline().rstrip("\\n")) != ".":
        lines.append(line)
    return "\\n".join(lines)

for line in sys.stdin:
    command = (line.split() or [""])[0]
    if command == "INIT":
        say("299-ready", "299 OK LOADED SUCCESSFULLY")
    elif command in ("AUDIO", "LOGLEVEL", "SET"):
        say("207 OK RECEIVING")
        received()
        say("203 OK DONE")
    elif command in ("SPEAK", "CHAR", "KEY", "SOUND_ICON"):
        say("202 OK RECEIVING MESSAGE")
        text = received()
        say("200 OK SPEAKING", "701 BEGIN")
        with open({heard!r}, "a") as file:
            file.write(text + "\\n")
        say("702 END")
    elif command == "LIST":
        say("200-one\\ten\\tnone", "200 OK VOICE LIST SENT")
    elif command == "QUIT":
        say("210 OK QUIT")
        break
"""


@pytest.fixture
def heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file of all that is said by Speech Dispatcher; a screen reader is on."""
    pytest.importorskip("prism")
    if not (dispatcher := shutil.which("speech-dispatcher")):
        pytest.skip("speech-dispatcher is not installed")
    folder, socket = tmp_path / "dispatcher", tmp_path / "dispatcher" / "socket"
    folder.mkdir()
    heard = folder / "heard"
    heard.touch()
    recorder = folder / "recorder"
    recorder.write_text(RECORDER.format(python=sys.executable, heard=str(heard)))
    recorder.chmod(0o755)
    (folder / "speechd.conf").write_text(
        f'LogDir "{folder}"\nTimeout 0\nDefaultModule recorder\n'
        f'AddModule "recorder" "{recorder}"\n'
    )
    settings = folder / "gsettings"
    settings.write_text('#!/bin/sh\necho "true"\n')
    settings.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("SPEECHD_ADDRESS", f"unix_socket:{socket}")
    options = ("-s", "-C", folder, "-P", folder / "pid", "-c", "unix_socket")
    running = subprocess.Popen(
        [dispatcher, *options, "-S", socket], stderr=subprocess.DEVNULL
    )
    wait_for(socket.exists)
    yield heard
    running.terminate()
    running.wait()


def wait_for(
    condition: Callable[[], object], seconds: float = PATIENCE_SECONDS
) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_texts_are_handed_over(heard: Path) -> None:
    reader = ScreenReader()
    wait_for(lambda: reader.name)
    reader.say("A dog's day & night")
    reader.stop()
    wait_for(lambda: "A dog's day &amp; night" in heard.read_text())
    reader.close()


def test_the_window_speaks_through_it(
    heard: Path,
    show: Callable[..., Screen],
    picture: Callable[..., Path],
    said: list[str],
) -> None:
    screen = show(StandIn())
    player = screen.controllers.speaking.player
    screen.until(lambda: player.screen_reader)
    screen.open(picture())
    screen.press("<Control-Return>")
    screen.until(lambda: "A dog." in heard.read_text())
    screen.press("<Control-Shift-V>", "<Control-f>")
    screen.until(lambda: "Search" in heard.read_text())
    screen.press("<Escape>", "<Control-r>")
    # Our own voice was silent.
    assert said == []


def test_without_a_screen_reader_none_is_named(
    programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    reader = ScreenReader()
    reader.say("Nobody hears it.")
    reader.close()
    assert reader.name == ""
