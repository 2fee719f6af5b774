"""The formats of picture files: how each is known, and what reads it."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PIL import Image

BEGINNING = 64
"""How many bytes of a file are enough to know its format, where that has a mark."""


@dataclass(frozen=True)
class Format:
    """A format of picture files.

    Attributes:
        name: What people call it.
        suffixes: The endings of its files, lower case, with their dot.
        plugin: What Pillow calls it; empty where another package reads it.
        module: The module that must be there, where Pillow alone does not read it.
        package: What `pip install` calls that module.
        recognises: Tells it by the first bytes of a file; `None` where Pillow does.
    """

    name: str
    suffixes: tuple[str, ...]
    plugin: str = ""
    module: str = ""
    package: str = ""
    recognises: Callable[[bytes], bool] | None = None

    @property
    def is_supported(self) -> bool:
        """Whether it can be read here."""
        if self.module:
            return importlib.util.find_spec(self.module) is not None
        _load_readers(self)
        return self.plugin in Image.OPEN

    def recognised(self, beginning: bytes) -> bool:
        """Tell whether a file is of this format.

        Args:
            beginning: Its first `BEGINNING` bytes.
        """
        if self.recognises:
            return self.recognises(beginning)
        _load_readers(self)
        _, accepts = Image.OPEN.get(self.plugin, (None, None))
        # A format without a mark is known only by what reads it.
        return accepts is None or accepts(beginning) is True


def _brands(beginning: bytes) -> set[bytes]:
    """Give the brands that a file of the ISO base media format names."""
    if beginning[4:8] != b"ftyp":
        return set()
    end = min(int.from_bytes(beginning[:4], "big"), len(beginning))
    return {beginning[8:12]} | {beginning[at : at + 4] for at in range(16, end - 3, 4)}


def _is_avif(beginning: bytes) -> bool:
    return bool(_brands(beginning) & {b"avif", b"avis"})


def _is_heic(beginning: bytes) -> bool:
    known = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
    return bool(_brands(beginning) & known) and not _is_avif(beginning)


def _is_jpeg_xl(beginning: bytes) -> bool:
    return beginning.startswith((b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n"))


def _is_raw(beginning: bytes) -> bool:
    """Tell the RAW files that are no TIFF files, and Canon's, which are."""
    return (
        beginning.startswith(
            (b"FUJIFILMCCD-RAW", b"IIRO", b"IIRS", b"MMOR", b"IIU\0", b"FOVb", b"\0MRM")
        )
        or (beginning[:4] == b"II*\0" and beginning[8:10] == b"CR")
        or b"crx " in _brands(beginning)
    )


RAW = Format(
    "camera RAW",
    (
        *(".dng", ".cr2", ".cr3", ".nef", ".nrw", ".arw", ".sr2", ".raf", ".orf"),
        *(".rw2", ".pef", ".srw", ".x3f"),
    ),
    module="rawpy",
    package="rawpy",
    recognises=_is_raw,
)
JPEG_XL = Format(
    "JPEG XL",
    (".jxl",),
    "JXL",
    "pillow_jxl",
    "pillow-jxl-plugin",
    _is_jpeg_xl,
)
HEIC = Format(
    "HEIC",
    (".heic", ".heif", ".hif", ".heics", ".heifs"),
    "HEIF",
    "pi_heif",
    "pi-heif",
    _is_heic,
)

# Named one by one, because Pillow knows formats that no photograph needs and that
# are no pictures of their own: EPS, for one, would start Ghostscript.
FORMATS = (
    HEIC,
    JPEG_XL,
    RAW,
    Format("AVIF", (".avif", ".avifs"), "AVIF", recognises=_is_avif),
    Format("JPEG", (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"), "JPEG"),
    Format("PNG", (".png", ".apng"), "PNG"),
    Format("GIF", (".gif",), "GIF"),
    Format("WebP", (".webp",), "WEBP"),
    Format("TIFF", (".tif", ".tiff"), "TIFF"),
    Format("BMP", (".bmp",), "BMP"),
    Format("JPEG 2000", (".jp2", ".j2k", ".jpx"), "JPEG2000"),
    Format("PPM", (".ppm", ".pgm", ".pbm", ".pnm", ".pfm"), "PPM"),
    Format("ICO", (".ico",), "ICO"),
    Format("PSD", (".psd",), "PSD"),
    Format("QOI", (".qoi",), "QOI"),
    Format("PCX", (".pcx",), "PCX"),
    # Last, because a TGA file has no mark at its beginning to know it by.
    Format("TGA", (".tga",), "TGA"),
)

PICTURE_SUFFIXES = frozenset(suffix for known in FORMATS for suffix in known.suffixes)
"""The endings of picture files, lower case, with their dot."""

# So that they are named, not passed over, in a folder.
UNREAD_SUFFIXES = frozenset(
    (
        *(".svg", ".eps", ".ai", ".pdf", ".wmf", ".emf", ".xcf", ".kra", ".psb"),
        *(".exr", ".hdr", ".dds", ".jxr", ".wdp", ".bpg", ".flif", ".icns"),
    )
)
"""The endings of pictures that are never read."""


def formats_of(beginning: bytes) -> Iterator[Format]:
    """Give the formats that a file may have, the likeliest first.

    Args:
        beginning: Its first `BEGINNING` bytes.

    Yields:
        Each format; what reads it is loaded, unless another package has it.
    """
    for known in FORMATS:
        if known.recognised(beginning):
            _load_readers(known)
            yield known


def _load_readers(known: Format) -> None:
    """Load Pillow's readers of usual pictures, and the others where those are not it.

    All of them take many times as long to load as a photograph takes to be read.
    """
    Image.preinit()
    if known.plugin not in Image.OPEN:
        Image.init()


def load_plugin(known: Format) -> None:
    """Let Pillow know a format that another package reads.

    Raises:
        ImportError: That package is missing or broken.
    """
    module = importlib.import_module(known.module)
    if known is HEIC and HEIC.plugin not in Image.OPEN:
        module.register_heif_opener()
