"""Windows icons: the largest picture in one, before anything is decoded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

_PNG = b"\x89PNG\r\n\x1a\n"
_MOST_ENTRIES = 1024


def icon_sizes(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """Read how large the pictures in an icon are, which its own list need not tell.

    Args:
        file: The file.

    Yields:
        Width and height of each.
    """
    file.seek(4)
    count = int.from_bytes(file.read(2), "little")
    entries = [file.read(16) for _ in range(min(count, _MOST_ENTRIES))]
    for entry in entries:
        file.seek(int.from_bytes(entry[12:16], "little"))
        header = file.read(24)
        if header.startswith(_PNG):
            yield (
                int.from_bytes(header[16:20], "big"),
                int.from_bytes(header[20:24], "big"),
            )
        else:
            # As high as picture and mask together.
            height = abs(int.from_bytes(header[8:12], "little", signed=True)) // 2
            width = abs(int.from_bytes(header[4:8], "little", signed=True))
            yield width, height
