"""Text files as lines, whatever system or program wrote them."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from imagecap.captions.problems import CaptionFileError, Fault, Report
from imagecap.files import read_ordinary

# Those of UTF-32 first: one of them begins as one of UTF-16 does.
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# Text in most scripts has a zero in more of the halves than this.
_ZEROS = 0.3
_LOOKED_AT = 2000
_CONTROL = re.compile(r"[\0-\x08\x0e-\x1f\ufffd]")
# What a character of two or four bytes leaves where it is taken for some of one byte;
# a longer row of zeros is a hole, which a disk has left.
_BETWEEN = re.compile(rb"(?<!\0)\0{1,3}(?!\0)")


def read_lines(file: Path, report: Report, keep_ends: bool = False) -> list[str]:
    """Read a text file as lines; report the blank ones and those not in UTF-8.

    Args:
        file: The file; a byte order mark is passed over.
        report: Takes the faults.
        keep_ends: Leave each line its end, as it is.

    Raises:
        CaptionFileError: If the file is no text in an encoding that is known.
        OSError: If the file cannot be read.
    """
    lines = []
    content, encoding = to_utf8(read_ordinary(file))
    if encoding is Fault.NOT_TEXT:
        report(encoding, 1, "is not text in UTF-8; save the file as that")
        raise CaptionFileError(
            f"{file} is not text in UTF-8, UTF-16 or UTF-32; save it as UTF-8."
        )
    if encoding:
        report(encoding, 1, "is not in UTF-8")
    for number, raw in enumerate(content.splitlines(keep_ends), start=1):
        line, fault = decode_line(raw, number)
        lines.append(line)
        if not line.strip():
            report(Fault.BLANK, number, "holds nothing")
        if fault is Fault.NUL:
            report(fault, number, "holds a NUL character")
        elif fault:
            what = "is not text in UTF-8; save the file as that"
            report(fault, number, what)
    return lines


def to_utf8(content: bytes) -> tuple[bytes, Fault | None]:
    """Encode a text in UTF-16 or UTF-32 as UTF-8, with or without a byte order mark.

    Returns:
        The text, as it was where it is nothing else; in which of the two it was, or
        that it is no text.
    """
    start = content[:_LOOKED_AT]
    marked = next((code for mark, code in _MARKS.items() if start.startswith(mark)), "")
    encoding = marked or _guess(start)
    if encoding:
        try:
            text = content.decode(encoding)
        except UnicodeError:
            return content, Fault.NOT_TEXT if marked else None
        # Zeros alone may be what a text in UTF-8 holds.
        if marked or (text.strip() and not _CONTROL.search(text)):
            wide = Fault.UTF_32 if encoding.startswith("utf-32") else Fault.UTF_16
            return text.encode(), wide
    zeros = content.count(0)
    # Most files have none, and to look for them one by one takes long.
    between = len(_BETWEEN.findall(content)) if zeros else 0
    is_wide = between > _ZEROS * (len(content) - zeros)
    return content, Fault.NOT_TEXT if is_wide else None


def _guess(start: bytes) -> str | None:
    """Guess which characters of several bytes a text without a mark has."""
    whole = len(start) >= 4
    # No character needs the fourth byte, nor more of the third than this.
    if whole and not any(start[3::4]) and max(start[2::4]) <= 0x10:
        return "utf-32-le"
    if whole and not any(start[::4]) and max(start[1::4]) <= 0x10:
        return "utf-32-be"
    if start[1::2].count(0) > _ZEROS * len(start[1::2]):
        return "utf-16-le"
    if start[::2].count(0) > _ZEROS * len(start[::2]):
        return "utf-16-be"
    return None


def decode_line(raw: bytes, number: int) -> tuple[str, Fault | None]:
    """Decode a line of a number, from 1; tell what is wrong where it is not UTF-8.

    What is not is taken for Windows-1252, which old programs write. NUL characters,
    which no caption holds, are removed.
    """
    fault = Fault.NUL if 0 in raw else None
    try:
        line = raw.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError:
        line = raw.decode("cp1252", errors="replace")
        fault = Fault.NOT_TEXT if _CONTROL.search(line) else Fault.NOT_UTF8
    return line.replace("\0", ""), fault


def decode_text(content: bytes) -> tuple[str, Fault | None]:
    """Decode a whole text as `read_lines` decodes a file; its ends stay as they are."""
    utf8, encoding = to_utf8(content)
    text, fault = decode_line(utf8, 1)
    return text, encoding or fault
