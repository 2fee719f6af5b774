"""Rows read from the pages of a SQLite file that SQLite itself cannot read any more.

Each page is read by itself, whether or not others lead to it, and so is each frame of
the write-ahead log beside the file. Which table a row is of must be told by its shape.

Source: https://sqlite.org/fileformat2.html
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from imagecap.library.write_ahead_log import frames, is_page_size

_MAGIC = b"SQLite format 3\0"
_TABLE_LEAF = 0x0D
_USUAL_PAGE = 4096
_FILE_HEADER, _LEAF_HEADER = 100, 8
# No caption is longer; a length beyond it is damage.
_MOST_BYTES = 2**24
_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}


class Row(NamedTuple):
    """A row of a table.

    Attributes:
        number: Its `rowid`.
        values: What its columns hold: `None`, numbers, text as str, other as bytes.
    """

    number: int
    values: tuple[object, ...]


def read_rows(database: bytes, log: bytes) -> Iterator[Row]:
    """Read the rows of all tables; of a row that was changed, the newest state first.

    What is in no sound frame or page comes last.

    Args:
        database: The content of the file, or a map of it.
        log: The content of the write-ahead log beside it.
    """
    size = _page_size(database, log)
    pages = _Pages(database, log, size)
    for number, image in pages.images():
        yield from _rows_of(image, _FILE_HEADER if number == 1 else 0, pages)


def _page_size(database: bytes, log: bytes) -> int:
    sizes = [int.from_bytes(log[8:12])]
    if database[:16] == _MAGIC:
        sizes.insert(0, int.from_bytes(database[16:18]))
    for size in sizes:
        size = 65536 if size == 1 else size
        if is_page_size(size):
            return size
    return _USUAL_PAGE


class _Pages:
    """The pages of a database and of its log.

    Attributes:
        size: Bytes of a page.
    """

    def __init__(self, database: bytes, log: bytes, size: int) -> None:
        self.size = size
        self._database = database
        self._sound: dict[int, bytes] = {}
        self._former: list[tuple[int, bytes]] = []
        self._damaged: list[tuple[int, bytes]] = []
        for number, image, _, is_sound in frames(log, size):
            if not is_sound:
                self._damaged.append((number, image))
                continue
            if number in self._sound:
                self._former.append((number, self._sound[number]))
            self._sound[number] = image

    def images(self) -> Iterator[tuple[int, bytes]]:
        """Give all states of all pages with their numbers, the newest ones first."""
        yield from self._sound.items()
        yield from reversed(self._former)
        for start in range(0, len(self._database), self.size):
            yield start // self.size + 1, self._database[start : start + self.size]
        yield from reversed(self._damaged)

    def newest(self, number: int) -> bytes:
        """Give the newest state of a page; nothing of one that is not there."""
        start = (number - 1) * self.size
        return self._sound.get(number) or self._database[start : start + self.size]


def _rows_of(image: bytes, start: int, pages: _Pages) -> Iterator[Row]:
    """Read the rows of a page; nothing of one that is no leaf of a table."""
    if len(image) < start + _LEAF_HEADER or image[start] != _TABLE_LEAF:
        return
    count = int.from_bytes(image[start + 3 : start + 5])
    places = start + _LEAF_HEADER
    for place in range(places, min(places + 2 * count, len(image) - 1), 2):
        try:
            yield _row(image, int.from_bytes(image[place : place + 2]), pages)
        # A damaged row is left out, those beside it are not.
        except (IndexError, ValueError, struct.error):
            continue


def _row(image: bytes, at: int, pages: _Pages) -> Row:
    length, at = _varint(image, at)
    number, at = _varint(image, at)
    payload = _payload(image, at, length, pages)
    return Row(number - 2**64 if number >= 2**63 else number, _values(payload))


def _payload(image: bytes, at: int, length: int, pages: _Pages) -> bytes:
    """Return the content of a row, which may go on in other pages."""
    if not 0 < length <= _MOST_BYTES:
        raise ValueError
    most, least = pages.size - 35, (pages.size - 12) * 32 // 255 - 23
    here = length
    if length > most:
        here = least + (length - least) % (pages.size - 4)
        here = least if here > most else here
    content = bytearray(image[at : at + here])
    following = int.from_bytes(image[at + here : at + here + 4])
    while len(content) < length:
        page = pages.newest(following)
        if following == 0 or len(page) <= 4:
            raise ValueError
        content += page[4 : 4 + length - len(content)]
        following = int.from_bytes(page[:4])
    return bytes(content)


def _values(payload: bytes) -> tuple[object, ...]:
    end, at = _varint(payload, 0)
    if not at <= end <= len(payload):
        raise ValueError
    values, place = [], end
    while at < end:
        kind, at = _varint(payload, at)
        value, place = _value(payload, kind, place)
        values.append(value)
    if at != end or place != len(payload):
        raise ValueError
    return tuple(values)


def _value(payload: bytes, kind: int, at: int) -> tuple[object, int]:
    """Return a value and where the next one begins."""
    if kind == 0:
        return None, at
    if kind in (8, 9):
        return kind - 8, at
    size = _INTEGERS.get(kind) or (8 if kind == 7 else (kind - 12) // 2)
    content = payload[at : at + size]
    if kind in (10, 11) or len(content) < size:
        raise ValueError
    if kind in _INTEGERS:
        return int.from_bytes(content, signed=True), at + size
    if kind == 7:
        return struct.unpack(">d", content)[0], at + size
    return (content.decode("utf-8", "replace") if kind % 2 else content), at + size


def _varint(content: bytes, at: int) -> tuple[int, int]:
    """Return a number of one to nine bytes, and where the next one begins."""
    value = 0
    for place in range(at, at + 8):
        byte = content[place]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, place + 1
    return value << 8 | content[at + 8], at + 9
