"""Data sets published by a server on this machine, as test files share them."""

import contextlib
import hashlib
import io
import os
import re
import shutil
import time
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest

from imagecap.datasets.published_data import PublishedArchive


class Server(ThreadingHTTPServer):
    """Serves what `files` holds, and fails in the ways that tests ask for.

    Attributes:
        files: Path → content.
        sent: Path → the bytes sent of it, of all answers together.
        ranges: The Range headers, in their order; "" where there was none.
        breaks: After so many bytes the connection is cut, once for each entry.
        stall: Where set, an answer stops half-way until the test sets the event.
        ignores_ranges: Whether Range is not understood.
        raw: Path → an answer that is sent as it is.
        drip: The seconds before each byte of such an answer.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.sent: dict[str, int] = {}
        self.ranges: list[str] = []
        self.breaks: list[int] = []
        self.stall: Event | None = None
        self.ignores_ranges = False
        self.raw: dict[str, bytes] = {}
        self.drip = 0.0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        server = self.server
        # A proxy is asked for the whole address.
        path = re.sub(r"^http://[^/]*", "", self.path)
        if path in server.raw:
            self.send_raw(server.raw[path])
            return
        content = server.files.get(path)
        wanted = self.headers.get("Range", "")
        server.ranges.append(wanted)
        if content is None:
            self.send_error(404)
            return
        start = int(wanted[6:-1]) if wanted and not server.ignores_ranges else 0
        if start and start >= len(content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(content)}")
            self.end_headers()
            return
        self.send_response(206 if start else 200)
        if start:
            last = len(content) - 1
            self.send_header("Content-Range", f"bytes {start}-{last}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        part = content[start:]
        if server.breaks:
            part = part[: server.breaks.pop(0)]
        half = len(part) // 2 if server.stall else len(part)
        self.wfile.write(part[:half])
        server.sent[path] = server.sent.get(path, 0) + half
        if server.stall:
            server.stall.wait(60)

    def send_raw(self, answer: bytes) -> None:
        size = 1 if self.server.drip else len(answer)
        # The other side may have seen enough.
        with contextlib.suppress(ConnectionError):
            for at in range(0, len(answer), size):
                time.sleep(self.server.drip)
                self.wfile.write(answer[at : at + size])

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def zipped(**files: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), data)
    return content.getvalue()


def publish(server: Server, name: str, content: bytes) -> PublishedArchive:
    server.files[f"/{name}"] = content
    digest = hashlib.sha256(content).hexdigest()
    return PublishedArchive(f"{server.address}/{name}", len(content), "sha256", digest)


@pytest.fixture
def archives(server: Server) -> tuple[PublishedArchive, ...]:
    """A data set of two archives; the second, 3 MB, takes several reads."""
    texts = zipped(captions_dot_csv=b"image,caption\na.jpg,A dog .\n")
    # Random, so that it does not shrink.
    pictures = zipped(images__a_dot_jpg=os.urandom(3_000_000))
    return (
        publish(server, "texts.zip", texts),
        publish(server, "pictures.zip", pictures),
    )


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def is_whole(folder: Path, server: Server) -> bool:
    with zipfile.ZipFile(io.BytesIO(server.files["/pictures.zip"])) as archive:
        picture = archive.read("images/a.jpg")
    beside = [path.name for path in folder.parent.iterdir()]
    return beside == [folder.name] and content(folder)["images/a.jpg"] == picture


def limit_disk(monkeypatch: pytest.MonkeyPatch, *free: int) -> None:
    """Lets the disk have so much room, each time that it is asked."""
    answers = list(free)

    def disk_usage(_: object) -> object:
        left = answers.pop(0) if len(answers) > 1 else answers[0]
        return shutil._ntuple_diskusage(10**12, 10**12 - left, left)

    monkeypatch.setattr(shutil, "disk_usage", disk_usage)
