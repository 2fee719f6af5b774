"""A caption in EXIF: ImageDescription, and two comments where they are there."""

from __future__ import annotations

import re

from imagecap.pictures.tiff_structure import (
    ASCII,
    BYTE,
    Entry,
    TiffStructure,
)

MARK = b"Exif\x00\x00"
"""What stands before EXIF in some kinds of files."""

DESCRIPTION, _WINDOWS_COMMENT, _USER_COMMENT = 0x010E, 0x9C9C, 0x9286
_UNICODE = b"UNICODE\0"
_TEXT_KINDS = (ASCII, BYTE, 7, 129)
# Of the photograph itself, else of its digital form.
_TAKEN = (0x9003, 0x9004)
# Years before are what cameras write that know none.
_TIME = re.compile(rb"([12]\d{3}):([01]\d):([0-3]\d) ([0-2]\d:[0-5]\d:[0-6]\d)")


def describe_exif(block: bytes | None, caption: str, room: int | None) -> bytes:
    """Give EXIF with a caption in it; see `TiffStructure` for what stays.

    Args:
        block: The EXIF that is there, without a mark in front.
        caption: The caption.
        room: How many bytes it may have. Where it does not fit, fields with another
            caption are taken out, and the block becomes no longer.

    Raises:
        ValueError: If the block is damaged.
        struct.error: If the block is damaged.
    """
    structure = TiffStructure(block) if block else TiffStructure.empty()
    former = describe_directories(structure, caption)
    thumbnail = structure.second()
    # The directory of the thumbnail describes the same picture.
    if thumbnail and (entry := structure.find(thumbnail, DESCRIPTION)):
        structure.set_in_place(entry, caption.encode() + b"\0")
        former.append(entry)
    for entry in former:
        structure.blank(entry)
    if block and room is not None and len(structure.content) > room:
        return _without_captions(block)
    return bytes(structure.content)


def describe_directories(
    structure: TiffStructure,
    caption: str,
    more: dict[int, tuple[int, bytes] | None] | None = None,
) -> list[Entry]:
    """Write a caption into the first directory and the one with a comment.

    Args:
        structure: Is changed.
        caption: The caption.
        more: Further fields of the first directory.

    Returns:
        The fields as they were.
    """
    old = structure.find(structure.first, DESCRIPTION)
    kind = old.kind if old and old.kind in _TEXT_KINDS else ASCII
    # The field is said to be ASCII; programs write UTF-8, and so XMP carries it too.
    values: dict[int, tuple[int, bytes] | None] = {
        DESCRIPTION: (kind, caption.encode() + b"\0")
    }
    if comment := structure.find(structure.first, _WINDOWS_COMMENT):
        values[_WINDOWS_COMMENT] = (
            comment.kind if comment.kind in _TEXT_KINDS else BYTE,
            caption.encode("utf-16-le") + b"\0\0",
        )
    user_comments = _user_comments(structure)
    for entry in user_comments:
        structure.set_in_place(entry, _encoded(caption, structure.order))
    structure.set_in_first(values | (more or {}))
    return [entry for entry in (old, comment, *user_comments) if entry]


def read_exif(block: bytes) -> dict[str, str]:
    """Read the captions of EXIF: name of the field → caption.

    Raises:
        ValueError: If the block is damaged.
        struct.error: If the block is damaged.
    """
    structure = TiffStructure(block)
    found = {}
    if entry := structure.find(structure.first, DESCRIPTION):
        found["exif-description"] = decode_any(structure.value(entry))
    if entry := structure.find(structure.first, _WINDOWS_COMMENT):
        found["windows-comment"] = structure.value(entry).decode("utf-16-le", "replace")
    for entry in _user_comments(structure):
        text = _decoded(structure.value(entry), structure.order)
        if text.strip("\0 "):
            found.setdefault("user-comment", text)
    return found


def read_time(block: bytes) -> str | None:
    """Read when a picture was taken: “2024-07-31T18:05:00”; `None` where it says not.

    Raises:
        ValueError: If the block is damaged.
        struct.error: If the block is damaged.
    """
    structure = TiffStructure(block)
    directory = structure.inner()
    for tag in _TAKEN if directory is not None else ():
        if entry := structure.find(directory or 0, tag):
            time = _TIME.match(structure.value(entry))
            if time:
                year, month, day, clock = (part.decode() for part in time.groups())
                return f"{year}-{month}-{day}T{clock}"
    return None


def decode_any(raw: bytes) -> str:
    """Decode text of an unknown encoding: UTF-8, else Windows-1252."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _without_captions(block: bytes) -> bytes:
    structure = TiffStructure(block)
    directories = (
        (structure.first, frozenset({DESCRIPTION, _WINDOWS_COMMENT, _USER_COMMENT})),
        (structure.inner(), frozenset({_USER_COMMENT})),
        (structure.second(), frozenset({DESCRIPTION})),
    )
    for directory, tags in directories:
        if directory:
            former = [e for e in structure.entries(directory) if e.tag in tags]
            structure.leave_out(directory, tags)
            for entry in former:
                structure.blank(entry)
    return bytes(structure.content)


def _user_comments(structure: TiffStructure) -> list[Entry]:
    # It belongs into the inner directory; some programs write it into the first one.
    directories = filter(None, (structure.inner(), structure.first))
    found = (structure.find(one, _USER_COMMENT) for one in directories)
    return [entry for entry in found if entry and entry.kind in _TEXT_KINDS]


def _encoded(caption: str, order: str) -> bytes:
    if caption.isascii():
        return b"ASCII\0\0\0" + caption.encode()
    return _UNICODE + caption.encode("utf-16-le" if order == "<" else "utf-16-be")


def _decoded(raw: bytes, order: str) -> str:
    code, text = raw[:8], raw[8:]
    if code == _UNICODE:
        return text.decode("utf-16-le" if order == "<" else "utf-16-be", "replace")
    if code == b"JIS\0\0\0\0\0":
        return text.decode("iso2022_jp", "replace")
    return decode_any(text if code in (b"ASCII\0\0\0", bytes(8)) else raw)
