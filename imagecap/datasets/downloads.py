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
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

from tqdm import tqdm

from imagecap.errors import ImagecapError
from imagecap.progress import progress_bar

_BLOCK = 1 << 20
_SECONDS_WITHOUT_AN_ANSWER = 60
_TRIES_WITHOUT_PROGRESS = 5
# Left free for everything else that writes to the disk meanwhile.
_SPARE_BYTES = 100 << 20


class DownloadError(ImagecapError):
    """Something cannot be downloaded or unpacked."""


class _ConnectionLostError(Exception):
    """The server cannot be reached or broke off; it may work the next time."""


def download_file(url: str, algorithm: str, checksum: str, target: Path) -> None:
    """Download a file and verify it, or go on with a download that broke off.

    Shows progress with the time left. Until it is verified the file has `.part` at the
    end of its name.

    Args:
        url: The address.
        algorithm: The name of the checksum, as `hashlib` knows it.
        checksum: The checksum, in hexadecimal digits.
        target: Where the file is to be; one that is there is taken as verified.

    Raises:
        DownloadError: The server cannot be reached or breaks off again and again, the
            checksum is wrong, or there is too little room.
        OSError: The disk refuses to take the file.
    """
    if target.exists():
        return
    partial = target.with_name(target.name + ".part")
    _download(url, partial)
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


def _download(url: str, partial: Path) -> None:
    """Download what is missing of a file, again and again while there is progress."""
    # A server that never answers is an error at once; one that broke off is not.
    tries_left = 0
    while True:
        before = _size(partial)
        try:
            _download_rest(url, partial)
        except _ConnectionLostError as lost:
            if _size(partial) > before:
                tries_left = _TRIES_WITHOUT_PROGRESS
            elif tries_left == 0:
                raise DownloadError(
                    f"{url} cannot be downloaded: {lost}. What has come is kept; start "
                    "again to go on."
                ) from lost
            time.sleep(_TRIES_WITHOUT_PROGRESS - tries_left)
            tries_left -= 1
        else:
            return


def _download_rest(url: str, partial: Path) -> None:
    start = _size(partial)
    answer = _ask(url, start)
    with contextlib.closing(answer):
        if answer.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            if answer.headers.get("Content-Range") == f"bytes */{start}":
                return
            raise DownloadError(
                f"{url} is smaller than what came of it before. Delete {partial} and "
                "start again."
            )
        if answer.status != HTTPStatus.PARTIAL_CONTENT:
            start = 0
        elif not answer.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            raise DownloadError(f"{url} sent another part of the file than asked for.")
        length = answer.headers.get("Content-Length")
        rest = int(length) if length else None
        whole = start + rest if rest is not None else None
        name = partial.stem
        # Unpacked, photographs take at least as much again.
        require_space(
            partial.parent, (rest or 0) + (whole or 0), f"for {name} and its content"
        )
        received = 0
        with (
            partial.open("ab" if start else "wb") as file,
            progress_bar(name, whole, "B", start) as progress,
        ):
            for block in _receive(answer):
                file.write(block)
                received += len(block)
                progress.update(len(block))
    if rest is not None and received < rest:
        raise _ConnectionLostError("the connection broke off")


def _ask(url: str, start: int) -> http.client.HTTPResponse:
    """Asks for a file from a byte on; the answer may be that there is no such byte."""
    request = urllib.request.Request(url)  # noqa: S310 – only we name addresses
    if start:
        request.add_header("Range", f"bytes={start}-")
    try:
        answer: http.client.HTTPResponse = urllib.request.urlopen(  # noqa: S310
            request, timeout=_SECONDS_WITHOUT_AN_ANSWER
        )
    except urllib.error.HTTPError as error:
        if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            return error  # type: ignore[return-value]
        error.close()
        said = f"the server answers {error.code} {error.reason}"
        if error.code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise _ConnectionLostError(said) from error
        raise DownloadError(f"{url} cannot be downloaded: {said}.") from error
    except urllib.error.URLError as error:
        raise _ConnectionLostError(str(error.reason)) from error
    except (OSError, http.client.HTTPException) as error:
        raise _ConnectionLostError(str(error) or type(error).__name__) from error
    return answer


def _receive(answer: http.client.HTTPResponse) -> Iterator[bytes]:
    try:
        yield from _blocks(answer)
    except (OSError, http.client.HTTPException) as error:
        raise _ConnectionLostError(str(error) or type(error).__name__) from error


def _checksum(path: Path, algorithm: str) -> str:
    # MD5 finds damage; where it is all that is known, the address is one of HTTPS.
    checksum = hashlib.new(algorithm, usedforsecurity=algorithm != "md5")
    with (
        path.open("rb") as file,
        progress_bar(f"{path.stem}, verifying", _size(path), "B") as progress,
    ):
        for block in _blocks(file):
            checksum.update(block)
            progress.update(len(block))
    return checksum.hexdigest()


def _blocks(stream: BinaryIO | http.client.HTTPResponse) -> Iterator[bytes]:
    while block := stream.read(_BLOCK):
        yield block
