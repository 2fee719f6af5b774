"""Text files as lines, whatever system or program wrote them."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from imagecap.captions.problems import Fault, Report
from imagecap.files import read_ordinary

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Text in most scripts has a zero in more of the halves than this.
_ZEROS = 0.3
_LOOKED_AT = 2000
_CONTROL = re.compile(r"[\0-\x08\x0e-\x1f\ufffd]")


def read_lines(file: Path, report: Report, keep_ends: bool = False) -> list[str]:
    """Read a text file as lines; report the blank ones and those not in UTF-8.

    Args:
        file: The file; a byte order mark is passed over.
        report: Takes the faults.
        keep_ends: Leave each line its end, as it is.

    Raises:
        OSError: If the file cannot be read.
    """
    lines = []
    content, is_utf16 = to_utf8(read_ordinary(file))
    if is_utf16:
        report(Fault.UTF_16, 1, "is in UTF-16")
    for number, raw in enumerate(content.splitlines(keep_ends), start=1):
        line, fault = decode_line(raw, number)
        lines.append(line)
        if not line.strip():
            report(Fault.BLANK, number, "holds nothing")
        if fault:
            what = "is not text in UTF-8; save the file as that"
            report(fault, number, what)
    return lines


def to_utf8(content: bytes) -> tuple[bytes, bool]:
    """Encode a text in UTF-16 as UTF-8, with or without a byte order mark.

    Returns:
        The text, as it was where it is nothing else; whether it was in UTF-16.
    """
    start = content[:_LOOKED_AT]
    encoding = None
    if start.startswith(_UTF_16):
        encoding = "utf-16"
    elif start[1::2].count(0) > _ZEROS * len(start[1::2]):
        encoding = "utf-16-le"
    elif start[::2].count(0) > _ZEROS * len(start[::2]):
        encoding = "utf-16-be"
    if encoding:
        try:
            text = content.decode(encoding)
        except UnicodeError:
            return content, False
        # Zeros alone may be what a text in UTF-8 holds.
        if encoding == "utf-16" or (text.strip() and not _CONTROL.search(text)):
            return text.encode(), True
    return content, False


def decode_line(raw: bytes, number: int) -> tuple[str, Fault | None]:
    """Decode a line of a number, from 1; tell what is wrong where it is not UTF-8.

    What is not is taken for Windows-1252, which old programs write.
    """
    try:
        return raw.decode("utf-8-sig" if number == 1 else "utf-8"), None
    except UnicodeDecodeError:
        line = raw.decode("cp1252", errors="replace")
        return line, Fault.NOT_TEXT if _CONTROL.search(line) else Fault.NOT_UTF8


def decode_text(content: bytes) -> tuple[str, Fault | None]:
    """Decode a whole text as `read_lines` decodes a file; its ends stay as they are."""
    utf8, is_utf16 = to_utf8(content)
    text, fault = decode_line(utf8, 1)
    return text, fault or (Fault.UTF_16 if is_utf16 else None)
