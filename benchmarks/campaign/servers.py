"""Servers that answer whatever they like."""

from __future__ import annotations

import contextlib
import hashlib
import socket
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

from hypothesis import strategies as st

from benchmarks.campaign.edits import damaged
from benchmarks.campaign.part import Part
from benchmarks.campaign.tally import Tally, try_files
from imagecap.datasets import downloads

_CONTENT = bytes(range(256)) * 8
_PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 2048\r\n\r\n" + _CONTENT
_STATUS = st.sampled_from(
    [
        *("200 OK", "206 Partial Content", "204 None", "100 Continue", "301 Moved"),
        *("302 Found", "307 Again", "304 Not Modified", "401 Who", "404 Not Found"),
        *("416 Range", "500 Error", "999 Odd", "-1 Odd", "2000", "\x1b[2J", ""),
    ]
)
_HEADER = st.tuples(
    st.sampled_from(
        [
            *("Content-Length", "Content-Range", "Location", "Transfer-Encoding"),
            *("Content-Encoding", "Connection", "WWW-Authenticate", "Content-Type"),
        ]
    ),
    st.one_of(
        st.sampled_from(
            [
                *("2048", "0", "-1", "99999999999999999999", "2047", "2048, 2048", "x"),
                *("bytes 0-2047/2048", "bytes 5-/", "chunked", "gzip", "close", ""),
                *("/again", "file:///etc/passwd", "ftp://x/", "http://", "//[", "\x00"),
                *("http://127.0.0.1:1/", "https://127.0.0.1:1/", "http://a b/", "é"),
            ]
        ),
        st.text(max_size=20),
    ),
)
_BODY = st.one_of(
    st.just(_CONTENT),
    st.just(_CONTENT + b"more"),
    st.just(b"800\r\n" + _CONTENT + b"\r\n0\r\n\r\n"),
    st.just(b"ffffffffffff\r\n"),
    st.binary(max_size=50),
)


def run(part: Part) -> Tally:
    """Download a file from each; what is kept under its name is that file."""
    answers = st.builds(
        lambda status, headers, body: (
            f"HTTP/1.1 {status}\r\n".encode()
            + b"".join(f"{name}: {value}\r\n".encode() for name, value in headers)
            + b"\r\n"
            + body
        ),
        _STATUS,
        st.lists(_HEADER, max_size=4),
        _BODY,
    )
    contents = st.one_of(answers, damaged(_PLAIN), st.binary(max_size=100))
    return try_files(st.tuples(st.just("answer"), contents), _download, part)


def _download(path: Path) -> None:
    answer = path.read_bytes()
    # Patience would be waited for.
    downloads.PATIENCE_SECONDS, downloads.TRIES_WITHOUT_PROGRESS = 0.5, 1
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        TemporaryDirectory() as temporary,
    ):
        Thread(target=_serve, args=(server, answer), daemon=True).start()
        target = Path(temporary, "photos.zip")
        url = f"http://127.0.0.1:{server.getsockname()[1]}/photos.zip"
        checksum = hashlib.sha256(_CONTENT).hexdigest()
        try:
            downloads.download_file(url, len(_CONTENT), "sha256", checksum, target)
        finally:
            if target.exists():
                assert target.read_bytes() == _CONTENT, "another file is kept"


def _serve(server: socket.socket, answer: bytes) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = server.accept()
            with connection:
                connection.recv(10_000)
                connection.sendall(answer)
