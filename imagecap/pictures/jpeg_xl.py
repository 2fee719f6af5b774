"""The size of JPEG XL pictures, read before all of one is decoded at once."""

from __future__ import annotations

_CONTAINER = b"\0\0\0\x0cJXL \r\n\x87\n"
_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
_BITS_OF_SIZE = (9, 13, 18, 30)


def jpeg_xl_size(data: bytes) -> tuple[int, int]:
    """Read width and height (ISO/IEC 18181-1, SizeHeader).

    Args:
        data: The file.

    Raises:
        ValueError: It has no codestream.
    """
    start = _codestream(data) if data.startswith(_CONTAINER) else 0
    if data[start : start + 2] != b"\xff\x0a":
        raise ValueError("no codestream")
    bits = int.from_bytes(data[start + 2 : start + 18], "little")

    def take(count: int) -> int:
        nonlocal bits
        value, bits = bits & ((1 << count) - 1), bits >> count
        return value

    small = take(1)

    def side() -> int:
        return 8 * (take(5) + 1) if small else take(_BITS_OF_SIZE[take(2)]) + 1

    height = side()
    ratio = take(3)
    if not ratio:
        return side(), height
    across, down = _RATIOS[ratio - 1]
    return height * across // down, height


def _codestream(data: bytes) -> int:
    at = 0
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        kind, header = data[at + 4 : at + 8], 8
        if length == 1:
            length, header = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        if kind in (b"jxlc", b"jxlp"):
            return at + header + (4 if kind == b"jxlp" else 0)
        if length < header:
            break
        at += length
    raise ValueError("no codestream")
