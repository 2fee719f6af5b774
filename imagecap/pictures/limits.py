"""What reading a picture may cost: pixels, memory, time."""

from __future__ import annotations

import contextlib
import io
import math
import threading
import time
from collections.abc import Iterator
from typing import NoReturn

from PIL import ExifTags, Image, TiffImagePlugin, _imaging

from imagecap.pictures.errors import UnreadableError
from imagecap.pictures.jpeg import Jpeg
from imagecap.pictures.turns import Turn

MAX_PIXELS = 200_000_000
"""The largest picture that is opened; the largest phone cameras make 200 million."""

MOST_WHOLE_PIXELS = 89_000_000
"""The largest that is opened of those that cannot be decoded at a fraction of the size;
from there on, Pillow takes any picture for an attack."""

DECODING_BYTES = 384 * 2**20
"""The memory that all readers together may take for decoding."""

_SECONDS = 3.0
# What all readers of one file may take together.
_SECONDS_OF_EACH = 0.5
_BYTES_OVER_SIZE = 64 * 2**20
# As many as for metadata.
_BYTES_BEFORE_PIXELS = 64 * 2**20
# A few hundred are usual; 5,000 segments of a JPEG take 20,000. A damaged picture is
# opened three times, and they count together.
_READS_BESIDE_PIXELS = 300_000
_READS_IN_VAIN = 100_000
_TOO_LONG = "takes too long to read; open it in another program and save it anew"

# Measured. These decoders hold a picture several times, and Pillow's copy of it.
_BYTES_A_PIXEL = {
    "WEBP": 16,
    "AVIF": 10,
    "HEIF": 8,
    "JXL": 9,
    "JPEG2000": 22,
    "QOI": 9,
}
READ_AT_ONCE = frozenset({"WEBP", "AVIF", "HEIF", "JXL"})
"""What Pillow calls the formats whose files are read into memory as they are."""

_LARGE_FILE = 8 * 2**20
# What takes too much memory; the last three, too much time, since their decoders
# cannot be stopped: 0.08 s for a megabyte of AVIF, 0.09 s of HEIC.
_LARGEST_FILES = {
    **dict.fromkeys(READ_AT_ONCE, 128 * 2**20),
    "AVIF": 40 * 2**20,
    "HEIF": 40 * 2**20,
    "JPEG2000": 24 * 2**20,
}
_SMALL_MODES = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2, "I;16N": 2}
_RESULT_BYTES = 4
_SMALLEST = 8


class LimitedFile(io.BufferedReader):
    """A picture file that ends its reading when that has taken too long.

    Decoders that work on a file for long come back for more of it again and again, so
    this is where they can be stopped. What counts is the time that this thread has
    computed: waiting for a slow disk is no fault of the picture.

    Args:
        raw: The file, or one in memory.
        size: Its size in bytes.
        turn: Is taken with the other readers of the file, where there may be some.

    Attributes:
        piece: The most bytes that one call reads; `None` for as many as are asked for.
        is_in_chunks: Whether its pixels, too, lie in pieces of which each is read by
            itself, so that reading over and over is no better there.
    """

    def __init__(
        self, raw: io.RawIOBase | io.BytesIO, size: int, turn: Turn | None = None
    ) -> None:
        super().__init__(raw)
        self.piece: int | None = None
        self.is_in_chunks = False
        self.size = size
        self._turn = turn
        self._began = time.thread_time()
        # Headers may lead to the same bytes over and over, and have each copy kept.
        self._bytes_left = 4 * size + _BYTES_OVER_SIZE
        self._reads_left = _READS_BESIDE_PIXELS
        self._is_opening = False

    def check(self) -> None:
        """Raise an `UnreadableError` if the picture has taken too long."""
        seconds = time.thread_time() - self._began
        if self._turn is not None and seconds > _SECONDS_OF_EACH:
            self._turn.take()
        if seconds > _SECONDS or self._bytes_left < 0:
            self._give_up()
        if self._turn is not None and self._turn.is_in_vain:
            raise UnreadableError(_TOO_LONG)

    @contextlib.contextmanager
    def opening(self) -> Iterator[None]:
        """Have no more read than may stand before the pixels, since all of it is kept.

        What is read meanwhile and beyond that raises an `UnreadableError`, and so does
        reading over and over: Pillow takes its time for each small piece.
        """
        left = self._bytes_left
        self._bytes_left = min(left, _BYTES_BEFORE_PIXELS)
        self._is_opening = True
        try:
            yield
        finally:
            self._bytes_left = left
            self._is_opening = False

    def remember_failure(self) -> None:
        """Keep other readers away where finding what is wrong has taken long."""
        read = _READS_BESIDE_PIXELS - self._reads_left
        if self._turn is not None and read > _READS_IN_VAIN:
            self._turn.remember()

    def close(self) -> None:
        """Close the file, and let other readers have it."""
        if self._turn is not None:
            self._turn.give_back()
        super().close()

    def _give_up(self) -> NoReturn:
        if self._turn is not None:
            self._turn.remember()
        raise UnreadableError(_TOO_LONG)

    def read(self, size: int | None = -1, /) -> bytes:
        """Read as any file does.

        Raises:
            UnreadableError: The picture has taken too long.
        """
        self.check()
        self._reads_left -= self._is_opening or self.is_in_chunks
        if self._reads_left < 0:
            self._give_up()
        if self.piece and (size is None or not 0 <= size <= self.piece):
            size = self.piece
        most = self.size if size is None or size < 0 else min(size, self.size)
        if most > self._bytes_left:
            self._give_up()
        found = super().read(size)
        self._bytes_left -= len(found)
        return found


# Larger blocks go back to the system when they are freed; smaller ones each thread may
# keep for itself.
_imaging.set_block_size(64 * 2**20)

_free_bytes = DECODING_BYTES
_changed = threading.Condition()


@contextlib.contextmanager
def reserved(size: int) -> Iterator[None]:
    """Wait until so much of the memory for decoding is free, and hold it.

    Args:
        size: Bytes, at most `DECODING_BYTES`.
    """
    global _free_bytes
    with _changed:
        _changed.wait_for(lambda: _free_bytes >= size)
        _free_bytes -= size
    try:
        yield
    finally:
        with _changed:
            _free_bytes += size
            _changed.notify_all()


def is_read_alone(plugin: str, size: int) -> bool:
    """Tell whether a file is so large in memory that all others have to wait for it.

    Args:
        plugin: What Pillow calls its format.
        size: In bytes.

    Raises:
        UnreadableError: It is larger than that.
    """
    if size > _LARGEST_FILES.get(plugin, size):
        raise UnreadableError(
            f"is a file of {size // 10**6:,} MB, which is too large; make it smaller"
        )
    return plugin in READ_AT_ONCE and size > _LARGE_FILE


def check_pixels(width: int, height: int, most: int = MAX_PIXELS) -> None:
    """Refuse a picture by the size that it says it has.

    Raises:
        UnreadableError: It has more than `most` pixels.
    """
    if width * height > most:
        raise UnreadableError(
            f"has {width} × {height} pixels, which is too large; "
            f"make it smaller than {most // 10**6} megapixels"
        )


def check_size_in_memory(width: int, height: int, size: int, plugin: str) -> None:
    """Refuse a picture before a decoder that reads all at once takes it.

    Args:
        width: In pixels.
        height: In pixels.
        size: Of the file, in bytes; decoders of this kind keep it.
        plugin: What Pillow calls the format.

    Raises:
        UnreadableError: It would take more memory than there is for decoding.
    """
    a_pixel = _BYTES_A_PIXEL[plugin]
    check_pixels(width, height, (DECODING_BYTES - min(size, DECODING_BYTES)) // a_pixel)


def decoding_cost(image: Image.Image, size: int) -> int:
    """Estimate the memory that decoding takes.

    Args:
        image: An opened picture, not decoded yet, at the scale that it will have.
        size: Of its file, in bytes.

    Returns:
        Bytes, the decoded picture among them.
    """
    pixels = image.width * image.height
    if image.format in _BYTES_A_PIXEL:
        kept = size if image.format in READ_AT_ONCE else 0
        return pixels * _BYTES_A_PIXEL[image.format] + kept
    cost = pixels * _SMALL_MODES.get(image.mode, 4)
    if isinstance(image, Jpeg):
        cost += image.coefficient_bytes
    elif isinstance(image, TiffImagePlugin.TiffImageFile):
        # Pillow turns these upright while it decodes them.
        turned = image.tag_v2.get(ExifTags.Base.Orientation, 1) != 1
        cost += cost if turned else 0
        cost += _strip_bytes(image) if image.use_load_libtiff else 0
    return cost


def jpeg_scale(pixels: int) -> int:
    """Give the fraction of its size at which a JPEG fits into memory: 1, 2, 4 or 8."""
    scales = (scale for scale in (1, 2, 4) if _fits(pixels, scale))
    return next(scales, 8)


def reduction(image: Image.Image, cost: int) -> int:
    """Choose by how much a picture is made smaller, so that it fits into memory.

    Args:
        image: The picture as it is decoded.
        cost: What `decoding_cost` says of it.

    Returns:
        The factor; 1 for all but huge pictures.

    Raises:
        UnreadableError: It does not fit.
    """
    pixels = image.width * image.height
    for factor in range(1, _SMALLEST + 1):
        if whole_cost(pixels, cost, factor) <= DECODING_BYTES:
            return factor
    least = whole_cost(pixels, cost, _SMALLEST)
    width, height = image.full_size if isinstance(image, Jpeg) else image.size
    check_pixels(width, height, width * height * DECODING_BYTES // (least + 1))
    raise UnreadableError("is too large; make it smaller and try again")


def whole_cost(pixels: int, cost: int, factor: int) -> int:
    """Give the bytes that a picture takes from decoding to its upright form."""
    # Once as it lies in the file, once upright.
    return cost + 2 * _RESULT_BYTES * math.ceil(pixels / factor**2)


def _fits(pixels: int, scale: int) -> bool:
    decoded = math.ceil(pixels / scale**2)
    return whole_cost(decoded, 4 * decoded, 1) <= DECODING_BYTES


def _strip_bytes(image: TiffImagePlugin.TiffImageFile) -> int:
    """Estimate the largest piece that libtiff decodes at once."""
    tags = image.tag_v2
    bits = tags.get(TiffImagePlugin.BITSPERSAMPLE, (8,))
    samples: int = max(len(bits), int(tags.get(TiffImagePlugin.SAMPLESPERPIXEL, 1)))
    a_pixel = math.ceil(samples * int(max(bits)) / 8)
    if TiffImagePlugin.TILEWIDTH in tags:
        width, rows = tags[TiffImagePlugin.TILEWIDTH], tags[TiffImagePlugin.TILELENGTH]
    else:
        width = tags[TiffImagePlugin.IMAGEWIDTH]
        height = int(tags[TiffImagePlugin.IMAGELENGTH])
        rows = min(int(tags.get(TiffImagePlugin.ROWSPERSTRIP, height)), height)
    return int(width) * int(rows) * a_pixel
