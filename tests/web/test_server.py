"""A real server on a real socket."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
from click.testing import CliRunner
from made_pictures import quarters, saved
from patience import PATIENCE_SECONDS
from screen import StandIn

from imagecap.commands.serve import serve as serve_command
from imagecap.errors import ImagecapError
from imagecap.library.store import Library
from imagecap.pictures.reading import open_picture
from imagecap.web import connections, guard
from imagecap.web.server import ServerError, is_loopback, open_socket, serve


@pytest.fixture
def address(library: Library, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address that a server prints, which has little patience."""
    monkeypatch.setattr(connections, "_HEADER_SECONDS", 0.3)
    monkeypatch.setattr(guard, "_SILENCE_SECONDS", 0.3)
    told: list[str] = []
    ready = threading.Event()
    servers = []
    monkeypatch.setattr(
        "uvicorn.Server.run", lambda server, sockets: _run(server, sockets, servers)
    )

    def tell(address: str) -> None:
        told.append(address)
        ready.set()

    opened = open_socket("127.0.0.1", 0)
    thread = threading.Thread(
        target=serve,
        args=(opened, library, lambda: StandIn(open_picture), None, tell),
    )
    thread.start()
    assert ready.wait(PATIENCE_SECONDS)
    yield told[0]
    servers[0].should_exit = True
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()
    opened.close()


def _run(server: object, sockets: list[socket.socket], servers: list[object]) -> None:
    import asyncio

    servers.append(server)
    asyncio.run(server.serve(sockets))


def place(address: str) -> tuple[str, int]:
    url = httpx2.URL(address)
    return url.host, url.port or 0


def answer_to(address: str, *pieces: bytes, pause: float = 0.0) -> bytes:
    """What the server answers until it hangs up, or for a moment."""
    found = b""
    with socket.create_connection(place(address)) as client:
        client.settimeout(0.8)
        with contextlib.suppress(OSError):
            for piece in pieces:
                client.sendall(piece)
                time.sleep(pause)
            while more := client.recv(65536):
                found += more
    return found


def test_the_address_opens_the_library(address: str) -> None:
    with httpx2.Client(follow_redirects=True) as client:
        page = client.get(address)
        assert page.status_code == 200
        assert "token" not in str(page.url)
        assert "A dog." in page.text
        assert client.get(httpx2.URL(address).copy_with(query=None)).status_code == 200


def test_slow_clients_hold_nothing(address: str) -> None:
    start = time.monotonic()
    drops = [bytes([one]) for one in b"GET / HTTP/1.1\r\nHost: a" * 3]
    assert answer_to(address, *drops, pause=0.02) == b""
    assert answer_to(address) == b""
    assert time.monotonic() - start < 3


def test_many_clients_that_say_nothing_keep_nobody_out(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_HEADER_SECONDS", 60)
    with contextlib.ExitStack() as silent:
        clients = [
            silent.enter_context(socket.create_connection(place(address)))
            for _ in range(connections._MOST_IDLE + 20)
        ]
        assert httpx2.get(address, timeout=5).status_code == 303
        clients[0].settimeout(5)
        with contextlib.suppress(ConnectionResetError):
            assert clients[0].recv(1) == b""
        clients[-1].sendall(b"GET / HTTP/1.1\r\nHost: evil.com\r\n\r\n")
        assert b" 421 " in clients[-1].recv(1000)


def test_half_an_upload_is_answered_or_cut_off(address: str) -> None:
    host, port = place(address)
    token = address.partition("token=")[2]
    head = (
        f"POST /api/caption HTTP/1.1\r\nHost: {host}:{port}\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: 1000\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
    ).encode()
    assert b" 408 " in answer_to(address, head)
    with socket.create_connection((host, port)) as client:
        client.sendall(head)
    assert httpx2.get(address).status_code == 303


@pytest.mark.parametrize(
    "request_",
    [
        b"\0\0\0\0",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: evil.com\r\n\r\n",
        b"GET http://evil.com/ HTTP/1.1\r\nHost: evil.com\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: " + b"a" * 100_000,
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx",
        b"CONNECT evil.com:443 HTTP/1.1\r\nHost: evil.com:443\r\n\r\n",
    ],
)
def test_what_is_no_proper_request_gets_nothing(address: str, request_: bytes) -> None:
    answer = answer_to(address, request_)
    assert not answer or b" 400 " in answer or b" 421 " in answer
    assert b"A dog." not in answer
    if b" 400 " in answer:
        assert b"content-type: application/problem+json" in answer
        assert b'"detail":"This is no proper HTTP request' in answer


def test_small_answers_are_sent_at_once(address: str) -> None:
    with httpx2.Client(follow_redirects=True) as client:
        client.get(address)
        page = httpx2.URL(address).copy_with(path="/api/health", query=None)
        times = []
        for _ in range(20):
            start = time.perf_counter()
            client.get(page)
            times.append(time.perf_counter() - start)
    # Waiting for the client to confirm would take 0.04 seconds each.
    assert min(times) < 0.03


def test_loopback_is_told_from_other_addresses() -> None:
    for host in ("127.0.0.1", "127.0.0.2", "::1", "localhost", "LocalHost"):
        assert is_loopback(host)
    for host in ("0.0.0.0", "::", "192.168.1.2", "127.0.0.1.evil.com", "example.com"):
        assert not is_loopback(host)


def test_a_port_that_is_taken_is_one_sentence() -> None:
    with closing(open_socket("127.0.0.1", 0)) as first:
        port = first.getsockname()[1]
        with pytest.raises(
            ServerError, match=rf"port {port} .*; choose another --port"
        ):
            open_socket("127.0.0.1", port)
    with pytest.raises(ServerError, match=r"192\.0\.2\.1"):
        open_socket("192.0.2.1", 0)


def test_the_first_line_is_the_address_and_stopping_is_quiet(
    library_file: Path,
) -> None:
    command = [sys.executable, "-m", "imagecap", "serve", "--no-browser"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout
        assert server.stderr
        address = server.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:")
        assert httpx2.get(address, follow_redirects=False).status_code == 303
        server.send_signal(signal.SIGINT if os.name != "nt" else signal.SIGTERM)
        assert server.wait(PATIENCE_SECONDS) in (0, 130)
        assert "Traceback" not in server.stderr.read()


def test_other_machines_need_a_password() -> None:
    command = [sys.executable, "-m", "imagecap", "serve", "--host", "0.0.0.0"]
    weak = subprocess.run(
        command,
        env={**os.environ, "IMAGECAP_PASSWORD": "short"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert weak.returncode == 1
    assert "10 characters or more" in weak.stderr
    asked = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
    )
    assert asked.returncode == 1
    assert asked.stderr == (
        "Error: Nobody can be asked for the password here; put it into "
        "IMAGECAP_PASSWORD.\n"
    )


def test_what_cannot_be_served_is_told_at_once(tmp_path: Path) -> None:
    picture = saved(quarters(), tmp_path / "dog.jpg")
    content = picture.read_bytes()
    for options, sentence in (
        (["--model", "none"], "There is no model “none”."),
        # An address of documentation, and no password is asked for in vain.
        (["--host", "203.0.113.7"], "Nothing can be served at 203.0.113.7 ("),
        (["--library", str(picture)], "dog.jpg is no library of captions and stays"),
        (["--library", str(tmp_path)], "is a folder; name a file with --library."),
        (["--library", ""], "is a folder; name a file with --library."),
    ):
        told = CliRunner().invoke(serve_command, ["--no-browser", *options])
        assert isinstance(told.exception, ImagecapError), options
        assert sentence in str(told.exception)
    assert list(tmp_path.iterdir()) == [picture]
    assert picture.read_bytes() == content
