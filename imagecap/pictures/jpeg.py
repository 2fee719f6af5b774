"""JPEG files: what decoding costs, whose inks they hold, where they end."""

from __future__ import annotations

import os
from typing import Any

from PIL.JpegImagePlugin import JpegImageFile

_PROGRESSIVE_FRAME = 0xC2
_START_OF_SCAN = 0xDA
_END_OF_IMAGE = b"\xff\xd9"
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})
# Empty scans can be a few bytes each, and each walks over all pixels.
_SCAN_MARK = bytes((0xFF, _START_OF_SCAN))
_LAST_COEFFICIENT = 63
# A segment holds 64 KB, which is enough for almost all.
_MOST_EXIF_BYTES = 2**20


class _Info(dict[str | tuple[int, int], Any]):
    """What is known of a picture; EXIF of more and more segments goes on in vain.

    Pillow puts all of it together anew for each segment.
    """

    def __setitem__(self, key: str | tuple[int, int], value: Any) -> None:  # noqa: ANN401
        if key != "exif" or len(value) <= _MOST_EXIF_BYTES:
            super().__setitem__(key, value)


class Jpeg(JpegImageFile):
    """A JPEG file of which only the pixels and the tags as they are get read.

    Attributes:
        ends_early: Whether the file shall be read as if it ended where it breaks off.
    """

    ends_early = False
    _ended = False

    def _open(self) -> None:
        self.info = _Info(self.info)
        super()._open()

    def _read_dpi_from_exif(self) -> None:
        """Leave the EXIF unread, which may copy all of itself for each entry."""

    def load_read(self, read_bytes: int) -> bytes:
        """Read on for the decoder, no further than to the next scan."""
        found = super().load_read(read_bytes)
        if self.info.get("progressive") and self.fp:
            # The decoder is done with it soon, and the time that it takes can be seen.
            scan = found.find(_SCAN_MARK, len(_SCAN_MARK))
            if scan > 0:
                self.fp.seek(scan - len(found), os.SEEK_CUR)
                found = found[:scan]
        if not found and self.ends_early and not self._ended:
            self._ended = True
            return _END_OF_IMAGE
        return found

    def take_inks_as_they_are(self) -> None:
        """Have CMYK inverted only where Adobe, which does that, has written it."""
        if self.mode == "CMYK" and "adobe" not in self.info:
            self.tile = [tile._replace(args=("CMYK", "")) for tile in self.tile]

    @property
    def coefficient_bytes(self) -> int:
        """How much memory the decoder needs beside the picture: all coefficients."""
        width, height = self.full_size
        if not self.info.get("progressive") and self._has_one_scan():
            return 0
        widest = max((h * v for _, h, v, _ in self.layer), default=1) or 1
        samples = sum(h * v for _, h, v, _ in self.layer)
        return 2 * width * height * samples // widest

    @property
    def full_size(self) -> tuple[int, int]:
        """Width and height in the file, whatever the scale it is decoded at."""
        scale = self.decoderconfig[0] if self.decoderconfig else 1
        return self.width * scale, self.height * scale

    @property
    def block_rows(self) -> int:
        """How many rows of the picture are decoded together."""
        scale = self.decoderconfig[0] if self.decoderconfig else 1
        return 8 * max((v for _, _, v, _ in self.layer), default=1) // scale

    def _has_one_scan(self) -> bool:
        file, count = self.fp, len(self.layer)
        if file is None:
            return True
        place = file.tell()
        file.seek(max(0, place - 6 - 2 * count))
        header = file.read(3)
        file.seek(place)
        return header == bytes((0, 6 + 2 * count, count))


def begins_last_scan(data: bytes) -> bool:
    """Tell whether a progressive JPEG goes on to the last bits of its coefficients.

    Args:
        data: The file, which breaks off somewhere.
    """
    missing: set[tuple[int, int]] | None = None
    at = 2
    while 0 <= (at := data.find(b"\xff", at)) < len(data) - 4:
        marker = data[at + 1]
        if marker in (0, 0xFF) or marker in _STANDALONE:
            at += 1 if marker == 0xFF else 2
            continue
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        body = data[at + 4 : end]
        if marker == _PROGRESSIVE_FRAME and len(body) > 6:
            components = body[6 : 6 + 3 * body[5] : 3]
            missing = {
                (component, place)
                for component in components
                for place in range(_LAST_COEFFICIENT + 1)
            }
        elif marker == _START_OF_SCAN and missing is not None and len(body) > 3:
            first, last, bits = body[-3:]
            if not bits & 15:
                inside = body[1 : 1 + 2 * body[0] : 2]
                missing -= {(c, p) for c in inside for p in range(first, last + 1)}
        at = end
    return missing is not None and not missing
