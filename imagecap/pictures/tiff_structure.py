"""Directories of tagged fields, which TIFF files and EXIF consist of.

All that is there keeps its place, for fields refer to others by their place, also those
that only the maker of a camera understands. What is new is written behind it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

ASCII, BYTE, LONG, UNDEFINED = 2, 1, 4, 7
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_SIZES |= {13: 4, 16: 8, 17: 8, 18: 8, 129: 1}
_EXIF_DIRECTORY, _GPS_DIRECTORY = 0x8769, 0x8825
_MOST_FIELDS = 2**16
_THUMBNAIL, _THUMBNAIL_LENGTH = 0x0201, 0x0202


@dataclass(frozen=True)
class Entry:
    """One field of a directory.

    Attributes:
        tag: What the field says.
        kind: The type of its values.
        count: How many values there are.
        at: Where the entry lies.
        raw: The entry as it is stored.
    """

    tag: int
    kind: int
    count: int
    at: int
    raw: bytes


class TiffStructure:
    """Reads the fields of a TIFF structure, and changes them.

    Args:
        content: The structure, from its mark on.

    Attributes:
        content: The structure as it now is.
        order: `<` or `>`, the order of bytes as `struct` names it.

    Raises:
        ValueError: If it is none.
    """

    def __init__(self, content: bytes) -> None:
        self.content = bytearray(content)
        if content[:2] not in (b"II", b"MM"):
            raise ValueError("no TIFF structure")
        self.order = "<" if content[:2] == b"II" else ">"
        self._is_big = b"\x2b" in content[2:4]
        self._pointer = f"{self.order}{'Q' if self._is_big else 'I'}"
        self._inline = struct.calcsize(self._pointer)
        self._head = self.order + "HH" + self._pointer[1]
        self._count = f"{self.order}{'Q' if self._is_big else 'H'}"
        self._entry_size = 4 + 2 * self._inline
        self._first_at = 8 if self._is_big else 4
        self.entries(self.first)

    @classmethod
    def empty(cls) -> TiffStructure:
        """Give a structure whose only directory holds nothing."""
        return cls(b"MM\0*" + struct.pack(">IHI", 8, 0, 0))

    @property
    def first(self) -> int:
        """Where the first directory lies."""
        return self._unpack(self._pointer, self._first_at)

    def following(self, directory: int) -> int:
        """Tell where the directory behind one lies; 0 where it is the last."""
        try:
            return self._unpack(self._pointer, self._end(directory))
        # Some programs leave out that nothing follows.
        except struct.error:
            return 0

    def entries(self, directory: int) -> list[Entry]:
        """Give the fields of a directory in order."""
        start = directory + struct.calcsize(self._count)
        end = self._end(directory)
        if directory < self._first_at or end > len(self.content):
            raise ValueError("a directory lies outside")
        if end - start > _MOST_FIELDS * self._entry_size:
            raise ValueError("a directory with more fields than there are tags")
        return [self._read_entry(at) for at in range(start, end, self._entry_size)]

    def find(self, directory: int, tag: int) -> Entry | None:
        """Give the first field of a directory with a tag."""
        return next((one for one in self.entries(directory) if one.tag == tag), None)

    def inner(self, tag: int = _EXIF_DIRECTORY) -> int | None:
        """Tell where a directory lies to which the first one refers."""
        entry = self.find(self.first, tag)
        return self._sound(self._number(entry)) if entry else None

    def second(self) -> int | None:
        """Tell where the directory behind the first one lies; EXIF's thumbnail."""
        return self._sound(self.following(self.first))

    def _sound(self, directory: int) -> int | None:
        """Pass over a directory that does not lie where it should."""
        try:
            self.entries(directory)
        except (ValueError, struct.error):
            return None
        return directory

    def value(self, entry: Entry) -> bytes:
        """Give the values of a field as they are stored."""
        start, end = self._range(entry)
        if end > len(self.content):
            raise ValueError("a value lies outside")
        return bytes(self.content[start:end])

    def numbers(self, entry: Entry) -> tuple[int, ...]:
        """Give the values of a field that holds whole numbers; none of another."""
        form = {1: "B", 3: "H", 4: "I", 16: "Q"}.get(entry.kind)
        if form is None or not entry.count:
            return ()
        return struct.unpack(f"{self.order}{entry.count}{form}", self.value(entry))

    def set_in_place(self, entry: Entry, value: bytes) -> None:
        """Give a field with values of one byte another value."""
        raw = self._entry(entry.tag, entry.kind, value)
        self.content[entry.at : entry.at + len(raw)] = raw

    def set_in_first(self, values: dict[int, tuple[int, bytes] | None]) -> None:
        """Write the first directory anew, behind all that is there.

        Args:
            values: Tag → type and value, or `None` for a field to leave out.
        """
        old = self.first
        rows = [
            (entry.tag, entry.raw)
            for entry in self.entries(old)
            if entry.tag not in values
        ]
        rows += [
            (tag, self._entry(tag, *value))
            for tag, value in values.items()
            if value is not None
        ]
        following = self.following(old)
        self.content += bytes(len(self.content) % 2)
        place = len(self.content)
        self.content += self._directory(rows, following)
        if not self._is_big and len(self.content) >= 2**32:
            raise OverflowError("larger than its places can tell")
        struct.pack_into(self._pointer, self.content, self._first_at, place)

    def leave_out(self, directory: int, tags: frozenset[int]) -> None:
        """Take fields out of a directory, where it lies."""
        rows = [(e.tag, e.raw) for e in self.entries(directory) if e.tag not in tags]
        raw = self._directory(rows, self.following(directory))
        self.content[directory : directory + len(raw)] = raw

    def blank(self, entry: Entry) -> None:
        """Overwrite a value that nothing refers to any more with zeros."""
        start, end = self._range(entry)
        if end > len(self.content):
            return
        if not any(one < end and start < other for one, other in self._ranges()):
            self.content[start:end] = bytes(end - start)

    def _read_entry(self, at: int) -> Entry:
        tag, kind, count = struct.unpack_from(self._head, self.content, at)
        raw = bytes(self.content[at : at + self._entry_size])
        return Entry(tag, kind, count, at, raw)

    def _ranges(self) -> Iterator[tuple[int, int]]:
        """Tell where directories and values lie, as far as they are understood."""
        inner = self.inner(), self.inner(_GPS_DIRECTORY)
        directories = [self.first, *inner, self.second()]
        yield 0, self._first_at + self._inline
        for directory in filter(None, directories):
            yield directory, self._end(directory) + self._inline
            entries = self.entries(directory)
            yield from map(self._range, entries)
            numbers = {entry.tag: self._number(entry) for entry in entries}
            start = numbers.get(_THUMBNAIL, 0)
            yield start, start + numbers.get(_THUMBNAIL_LENGTH, 0)

    def _range(self, entry: Entry) -> tuple[int, int]:
        size = _SIZES.get(entry.kind, 1) * entry.count
        start = entry.at + self._entry_size - self._inline
        if size > self._inline:
            (start,) = struct.unpack(self._pointer, entry.raw[-self._inline :])
        return start, start + size

    def _number(self, entry: Entry) -> int:
        form = {3: "H", 4: "I", 13: "I"}.get(entry.kind, self._pointer[1])
        value_at = self._entry_size - self._inline
        return int(struct.unpack_from(self.order + form, entry.raw, value_at)[0])

    def _entry(self, tag: int, kind: int, value: bytes) -> bytes:
        """Give an entry, and write its value behind all that is there."""
        count = len(value) // _SIZES.get(kind, 1)
        stored = value.ljust(self._inline, b"\0")
        if len(value) > self._inline:
            self.content += bytes(len(self.content) % 2)
            stored = struct.pack(self._pointer, len(self.content))
            self.content += value
        return struct.pack(self._head, tag, kind, count) + stored

    def _directory(self, rows: list[tuple[int, bytes]], following: int) -> bytes:
        ordered = sorted(rows, key=lambda row: row[0])
        return b"".join(
            (
                struct.pack(self._count, len(ordered)),
                *(raw for _, raw in ordered),
                struct.pack(self._pointer, following),
            )
        )

    def _end(self, directory: int) -> int:
        count = self._unpack(self._count, directory)
        return directory + struct.calcsize(self._count) + count * self._entry_size

    def _unpack(self, form: str, at: int) -> int:
        return int(struct.unpack_from(form, self.content, at)[0])
