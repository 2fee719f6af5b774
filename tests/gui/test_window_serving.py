"""The library shown in a browser, from the window."""

from __future__ import annotations

import subprocess
import sys
import time
import webbrowser
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from screen import Screen

from gui import strings
from gui.services import server_process
from gui.services.server_process import ServerError, ServerProcess


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that the window has had a browser open."""
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda url: opened.append(url) or True)
    return opened


@pytest.fixture
def server() -> Iterator[ServerProcess]:
    server = ServerProcess()
    yield server
    server.close()


def test_the_browser_shows_what_the_window_does_and_the_other_way_round(
    screen: Screen, opened: list[str]
) -> None:
    picture = screen.session.picture
    assert picture
    screen.session.write(picture, "Rex.")
    screen.kept(picture)
    screen.press("<Control-b>")
    screen.until(lambda: opened, 60)
    screen.until(lambda: screen.status == strings.IN_BROWSER)
    with httpx2.Client(follow_redirects=True) as client:
        page = client.get(opened[0])
        assert "Rex." in page.text
        own = str(page.url.copy_with(path="")).rstrip("/")
        client.headers["origin"] = own
        number = screen.kept(picture).number
        form = {"caption": "Max.", "before": "Rex."}
        client.post(f"{own}/pictures/{number}/caption", data=form)
        screen.until(lambda: screen.caption == "Max.")
        screen.session.write(picture, "Rex again.")
        screen.kept(picture)
        assert "Rex again." in client.get(own).text
    # The second time it is there already.
    screen.press("<Control-b>")
    screen.until(lambda: len(opened) == 2)
    assert opened[0] == opened[1]
    screen.window.close()
    with pytest.raises(httpx2.TransportError):
        httpx2.get(own)


def test_without_a_browser_the_address_is_said(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ServerProcess, "address", lambda *_: "http://127.0.0.1:1/?t")
    monkeypatch.setattr(webbrowser, "open", lambda _: False)
    screen.press("<Control-b>")
    screen.until(lambda: "http://127.0.0.1:1/?t" in screen.status)


def test_the_server_says_why_it_cannot_be(
    server: ServerProcess, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "no-library").mkdir()
    monkeypatch.setenv("IMAGECAP_LIBRARY", str(tmp_path / "no-library"))
    with pytest.raises(ServerError, match=r"no-library.*\.$"):
        server.address(None)


def test_the_server_ends_with_the_window_however_that_ends() -> None:
    program = (
        "from gui.services.server_process import ServerProcess\n"
        "import os\n"
        "print(ServerProcess().address(None), flush=True)\n"
        "os._exit(9)\n"
    )
    command = [sys.executable, "-c", program]
    root = Path(server_process.__file__).parents[2]
    window = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, timeout=60, cwd=root
    )
    assert window.returncode == 9

    def answers() -> bool:
        try:
            return bool(httpx2.get(window.stdout.strip(), timeout=1))
        except httpx2.TransportError:
            return False

    for _ in range(100):
        if not answers():
            return
        time.sleep(0.1)
    pytest.fail("It goes on.")
