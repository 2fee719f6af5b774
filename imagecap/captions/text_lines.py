"""Text files as lines, whatever system or program wrote them."""

from __future__ import annotations

from pathlib import Path

from imagecap.captions.problems import Fault, Report


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
    for number, raw in enumerate(file.read_bytes().splitlines(keep_ends), start=1):
        line, is_utf8 = decode_line(raw, number)
        lines.append(line)
        if not line.strip():
            report(Fault.BLANK, number, "holds nothing")
        if not is_utf8:
            what = "is not text in UTF-8; save the file as that"
            report(Fault.NOT_UTF8, number, what)
    return lines


def decode_line(raw: bytes, number: int) -> tuple[str, bool]:
    """Decode a line of a number, from 1; tell whether it was in UTF-8.

    What is not is taken for Windows-1252, which old programs write.
    """
    try:
        return raw.decode("utf-8-sig" if number == 1 else "utf-8"), True
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace"), False
