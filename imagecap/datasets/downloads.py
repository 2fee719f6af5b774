"""Large files from the web: resumed where they broke off, and verified."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import Future
from http import HTTPStatus
from pathlib import Path
from threading import Thread
from typing import IO
from urllib.parse import urlsplit

from tqdm import tqdm

from imagecap.errors import ImagecapError
from imagecap.progress import progress_bar

PATIENCE_SECONDS = 60.0
"""How long a server may take for an answer, or for a minimum of what it sends."""
TRIES_WITHOUT_PROGRESS = 5
"""How often a server may break off early before it is given up."""
_BLOCK = 1 << 20
# No connection that is of use is slower.
_LEAST_BYTES_PER_SECOND = 1000
# More than a connection of the least rate brings: that one is not tried for ever.
_LEAST_PROGRESS = 64 << 10
# Left free for everything else that writes to the disk meanwhile.
_SPARE_BYTES = 100 << 20


class DownloadError(ImagecapError):
    """Something cannot be downloaded or unpacked."""


class _ConnectionLostError(Exception):
    """The server cannot be reached or broke off; it may work the next time."""


def download_file(
    url: str, size: int, algorithm: str, checksum: str, target: Path
) -> None:
    """Download a file and verify it, or go on with a download that broke off.

    Shows progress with the time left. Until it is verified the file has `.part` at the
    end of its name.

    Args:
        url: The address.
        size: The bytes of the file; more than these are never received.
        algorithm: The name of the checksum, as `hashlib` knows it.
        checksum: The checksum, in hexadecimal digits.
        target: Where the file is to be; one that is there is taken as verified.

    Raises:
        DownloadError: The server cannot be reached or breaks off again and again, or
            is too slow, size or checksum are wrong, or there is too little room.
        OSError: The disk refuses to take the file.
    """
    if target.exists():
        return
    partial = target.with_name(target.name + ".part")
    _download(url, size, partial)
    if _checksum(partial, algorithm) != checksum:
        partial.unlink()
        raise DownloadError(
            f"{url} was downloaded whole, but its {algorithm.upper()} is not the one "
            "known: it was damaged on the way or replaced. It was deleted; start again "
            "to download it anew."
        )
    partial.rename(target)


def require_space(folder: Path, size: int, purpose: str) -> None:
    """Make sure that there is room for so many bytes, and some to spare.

    Raises:
        DownloadError: There is not.
    """
    free = shutil.disk_usage(folder).free
    size += _SPARE_BYTES
    if free < size:
        needed, there = (tqdm.format_sizeof(number, "B") for number in (size, free))
        raise DownloadError(
            f"There is too little room in {folder}: {needed} are needed {purpose}, "
            f"{there} are free. Make room or choose another folder, then start again."
        )


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _download(url: str, size: int, partial: Path) -> None:
    """Download what is missing of a file, again and again while there is progress."""
    began = _size(partial)
    tries_left = TRIES_WITHOUT_PROGRESS
    while not partial.exists() or _size(partial) < size:
        before = _size(partial)
        try:
            _download_rest(url, size, partial)
        except _ConnectionLostError as lost:
            if _size(partial) - before >= _LEAST_PROGRESS:
                tries_left = TRIES_WITHOUT_PROGRESS
            # A server that never answers is an error at once; one that broke off is
            # not.
            elif tries_left == 0 or _size(partial) == began:
                raise DownloadError(
                    f"{url} cannot be downloaded: {lost}. What has come is kept; start "
                    "again to go on."
                ) from lost
            time.sleep(TRIES_WITHOUT_PROGRESS - tries_left)
            tries_left = max(0, tries_left - 1)


def _download_rest(url: str, size: int, partial: Path) -> None:
    start = _size(partial)
    answer = _ask(url, start)
    with contextlib.closing(answer):
        if answer.status != HTTPStatus.PARTIAL_CONTENT:
            start = 0
        elif not answer.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            raise DownloadError(f"{url} sent another part of the file than asked for.")
        rest = size - start
        told = answer.headers.get("Content-Length")
        # A length that is no number is None.
        if answer.chunked or (told is not None and answer.length != rest):
            raise _other_file(url, size)
        name = partial.stem
        # Unpacked, photographs take at least as much again.
        require_space(partial.parent, rest + size, f"for {name} and its content")
        received = 0
        with (
            partial.open("ab" if start else "wb") as file,
            progress_bar(name, size, "B", start) as progress,
        ):
            for block in _receive(answer):
                received += len(block)
                if received > rest:
                    raise _other_file(url, size)
                file.write(block)
                progress.update(len(block))
    if received < rest:
        raise _ConnectionLostError("the connection broke off")


def _other_file(url: str, size: int) -> DownloadError:
    return DownloadError(
        f"{url} is not the file known: the server does not send the {size} bytes that "
        "it has. Try again later or through another network."
    )


class _WebRedirects(urllib.request.HTTPRedirectHandler):
    """Follows the addresses of web pages only, not those of other protocols."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if urlsplit(newurl).scheme not in ("http", "https"):
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _ask(url: str, start: int) -> http.client.HTTPResponse:
    """Ask for a file from a byte on."""
    request = urllib.request.Request(url)  # noqa: S310 – only we name addresses
    if start:
        request.add_header("Range", f"bytes={start}-")
    try:
        return _open(request)
    except urllib.error.HTTPError as error:
        error.close()
        # The server's own words may be anything.
        said = f"{error.code} {http.client.responses.get(error.code, '')}".strip()
        if error.code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise _ConnectionLostError(f"the server answers {said}") from error
        if error.code < HTTPStatus.BAD_REQUEST:
            said += " and leads to no address of the web"
        raise DownloadError(
            f"{url} cannot be downloaded: the server answers {said}."
        ) from error
    except urllib.error.URLError as error:
        raise _ConnectionLostError(str(error.reason)) from error
    except (OSError, http.client.HTTPException) as error:
        raise _ConnectionLostError(_said(error)) from error
    except ValueError as error:  # from deep inside, for an address that is none
        raise DownloadError(
            f"{url} cannot be downloaded: the server leads to no address of the web."
        ) from error


def _open(request: urllib.request.Request) -> http.client.HTTPResponse:
    """Wait for an answer; a server that sends it letter by letter is not waited for."""
    answer: Future[http.client.HTTPResponse] = Future()

    def ask() -> None:
        try:
            opener = urllib.request.build_opener(_WebRedirects)
            answer.set_result(opener.open(request, timeout=PATIENCE_SECONDS))
        except BaseException as error:
            answer.set_exception(error)

    Thread(target=ask, daemon=True).start()
    return answer.result(PATIENCE_SECONDS)


def _said(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "the server takes too long to answer"
    if isinstance(error, http.client.HTTPException):
        return "the server's answer is none of the web"
    return str(error) or type(error).__name__


def _receive(answer: http.client.HTTPResponse) -> Iterator[bytes]:
    """Yield what comes, as it comes.

    Raises:
        _ConnectionLostError: The connection is lost, or slower than the least rate.
    """
    since, received = time.monotonic(), 0
    try:
        while block := answer.read1(_BLOCK):
            yield block
            received += len(block)
            seconds = time.monotonic() - since
            if seconds >= PATIENCE_SECONDS:
                if received < seconds * _LEAST_BYTES_PER_SECOND:
                    raise _ConnectionLostError("the server sends too slowly")
                since, received = time.monotonic(), 0
    except (OSError, http.client.HTTPException) as error:
        raise _ConnectionLostError(_said(error)) from error


def _checksum(path: Path, algorithm: str) -> str:
    # MD5 finds damage; where it is all that is known, the address is one of HTTPS.
    checksum = hashlib.new(algorithm, usedforsecurity=algorithm != "md5")
    with (
        path.open("rb") as file,
        progress_bar(f"{path.stem}, verifying", _size(path), "B") as progress,
    ):
        while block := file.read(_BLOCK):
            checksum.update(block)
            progress.update(len(block))
    return checksum.hexdigest()
