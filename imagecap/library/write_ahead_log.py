"""The write-ahead log beside a SQLite file, read frame by frame.

SQLite ignores all that comes after the first bad frame, and says nothing.

Source: https://sqlite.org/fileformat2.html#the_write_ahead_log
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_LOG_HEADER, _FRAME_HEADER = 32, 24
_BIG_ENDIAN = b"\x37\x7f\x06\x83"


class Frame(NamedTuple):
    """A page as a transaction has left it.

    Attributes:
        page: The number of the page, from 1.
        image: What it holds.
        is_commit: Whether it is the last one of a transaction.
        is_sound: Whether it is as it was written, since the log began anew last.
    """

    page: int
    image: bytes
    is_commit: bool
    is_sound: bool


def log_of(file: Path) -> Path:
    """Return where the log of a database lies."""
    return file.with_name(file.name + "-wal")


def frames(log: bytes, page_size: int, first: int = 0) -> Iterator[Frame]:
    """Read the frames of a log in order, the damaged ones too.

    Args:
        log: The content of the log.
        page_size: Bytes of a page.
        first: How many frames to pass over.
    """
    order = ">" if log[:4] == _BIG_ENDIAN else "<"
    length = _FRAME_HEADER + page_size
    start = _LOG_HEADER + first * length
    salt = log[16:24]
    if _checksum(log[:24], bytes(8), order) != log[24:32]:
        # The header is damaged, so that the first frame says what belongs together.
        salt = log[_LOG_HEADER + 8 : _LOG_HEADER + 16]
    # The checksum of a frame goes on from that before.
    before = log[start - length + 16 : start - length + 24] if first else log[24:32]
    for at in range(start, len(log) - length + 1, length):
        header = log[at : at + _FRAME_HEADER]
        image = log[at + _FRAME_HEADER : at + length]
        is_sound = header[8:16] == salt and header[16:24] == _checksum(
            header[:8] + image, before, order
        )
        before = header[16:24]
        yield Frame(int.from_bytes(header[:4]), image, any(header[4:8]), is_sound)


def has_unread_commits(file: Path, connection: sqlite3.Connection) -> bool:
    """Tell whether a log holds whole transactions that SQLite does not see.

    The index beside the log would say so, too, but a program that opens and closes that
    file, or the database, gives up the locks which its connections have on it.

    Args:
        file: The database.
        connection: A connection to it, which has read something.
    """
    try:
        log = log_of(file).read_bytes()
    except OSError:
        return False
    if len(log) <= _LOG_HEADER:
        return False
    _, last, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    try:
        with log_of(file).open("rb") as opened:
            is_the_same = opened.read(_LOG_HEADER) == log[:_LOG_HEADER]
    except OSError:
        is_the_same = False
    if last < 0 or not is_the_same:
        return False  # begun anew this moment by another program
    size = int.from_bytes(log[8:12])
    if not is_page_size(size):
        return True
    return any(one.is_commit and one.is_sound for one in frames(log, size, last))


def _checksum(content: bytes, before: bytes, order: str) -> bytes:
    first, second = struct.unpack(">2I", before)
    words = struct.unpack(f"{order}{len(content) // 4}I", content[: len(content) & ~3])
    for one, other in zip(words[::2], words[1::2], strict=False):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + other + first) & 0xFFFFFFFF
    return struct.pack(">2I", first, second)


def is_page_size(size: int) -> bool:
    """Tell whether pages of a database can have so many bytes."""
    return 512 <= size <= 65536 and size & (size - 1) == 0
