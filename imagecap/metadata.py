"""A caption written into the metadata of a copy; the original is never touched."""

from __future__ import annotations

import io
import re
import shutil
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

from PIL import ExifTags, Image

from imagecap.errors import ImagecapError
from imagecap.exchange import write_whole

METADATA_SUFFIXES = (".jpg", ".jpeg", ".png")
"""The endings of files that can carry a caption."""

_XMP_MARK = b"http://ns.adobe.com/xap/1.0/\x00"
_EXIF_MARK = b"Exif\x00\x00"
_PNG_MARK = b"\x89PNG\r\n\x1a\n"
_LARGEST_SEGMENT = 65_533
_START_OF_SCAN = 0xDA
_APP0, _APP1 = 0xE0, 0xE1
_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
{description}</rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""
_DESCRIPTION = """<rdf:Description rdf:about="" \
xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{caption}</rdf:li></rdf:Alt>\
</dc:description>
</rdf:Description>
"""


class MetadataError(ImagecapError):
    """A caption cannot be written into a picture's metadata."""


def write_described_copy(picture: Path, caption: str, copy: Path) -> None:
    """Copy a picture with its caption in EXIF ImageDescription and XMP dc:description.

    The pixels are copied as they are stored, never encoded anew, and so is all other
    metadata. XMP that is there already keeps its other properties.

    Args:
        picture: A JPEG or PNG file.
        caption: The caption.
        copy: The file to write; never the picture itself.

    Raises:
        MetadataError: If the picture is of another kind, damaged, or the same file.
        ExchangeError: If the copy cannot be written.
    """
    if copy.exists() and copy.samefile(picture):
        raise MetadataError(
            f"{copy.name} is the picture itself, which is never changed; choose "
            "another name."
        )
    try:
        content = picture.read_bytes()
    except OSError as error:
        raise MetadataError(f"{picture} cannot be read ({error.strerror}).") from error
    try:
        if content.startswith(b"\xff\xd8"):
            described = _describe_jpeg(content, caption)
        elif content.startswith(_PNG_MARK):
            described = _describe_png(content, caption)
        else:
            raise MetadataError(
                f"{picture.name} is neither JPEG nor PNG, so no caption can be written "
                "into a copy; save the caption as text instead."
            )
    except (struct.error, IndexError, ValueError, SyntaxError, OSError) as error:
        raise MetadataError(
            f"{picture.name} is damaged, so no caption can be written into a copy."
        ) from error
    if copy.suffix.lower() not in _suffixes_like(content):
        endings = " or ".join(_suffixes_like(content))
        raise MetadataError(f"The copy must end in {endings}, like the picture's kind.")
    write_whole(copy, described)
    shutil.copystat(picture, copy)


def _suffixes_like(content: bytes) -> tuple[str, ...]:
    return (".png",) if content.startswith(_PNG_MARK) else (".jpg", ".jpeg")


def _describe_jpeg(content: bytes, caption: str) -> bytes:
    segments = list(_segments(content))
    exif = _exif_with(caption, content)
    packets = [body for marker, body in segments if _is_xmp(marker, body)]
    packet = packets[0][len(_XMP_MARK) :] if packets else None
    xmp = _XMP_MARK + _xmp_with(caption, packet)
    kept = [
        (marker, body)
        for marker, body in segments
        if not (_is_xmp(marker, body) or _is_exif(marker, body))
    ]
    # What comes first in a JPEG is JFIF's own segment, then EXIF, then XMP.
    first = 1 if kept and kept[0][0] == _APP0 else 0
    new = [(_APP1, body) for body in (exif, xmp)]
    if any(len(body) > _LARGEST_SEGMENT for _, body in new):
        raise MetadataError("The picture's metadata leaves no room for a caption.")
    whole = bytearray(b"\xff\xd8")
    for marker, body in (*kept[:first], *new, *kept[first:]):
        whole += struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body
    return bytes(whole) + content[_scan_at(content) :]


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Read the segments of a JPEG before its pixels: marker and body of each."""
    at, end = 2, _scan_at(content)
    while at < end:
        while content[at + 1] == 0xFF:  # padding
            at += 1
        marker, length = struct.unpack_from(">BH", content, at + 1)
        yield marker, content[at + 4 : at + 2 + length]
        at += 2 + length


def _scan_at(content: bytes) -> int:
    at = 2
    while True:
        if content[at] != 0xFF:
            raise ValueError("no marker")
        while content[at + 1] == 0xFF:
            at += 1
        marker, length = struct.unpack_from(">BH", content, at + 1)
        if marker == _START_OF_SCAN:
            return at
        at += 2 + length


def _is_exif(marker: int, body: bytes) -> bool:
    return marker == _APP1 and body.startswith(_EXIF_MARK)


def _is_xmp(marker: int, body: bytes) -> bool:
    return marker == _APP1 and body.startswith(_XMP_MARK)


def _describe_png(content: bytes, caption: str) -> bytes:
    xmp, whole = None, bytearray(_PNG_MARK)
    kept = []
    at = len(_PNG_MARK)
    while at < len(content):
        (length,) = struct.unpack_from(">I", content, at)
        kind = content[at + 4 : at + 8]
        body = content[at + 8 : at + 8 + length]
        if kind == b"iTXt" and body.startswith(b"XML:com.adobe.xmp\0\0"):
            xmp = body.split(b"\0", 5)[-1]
        elif kind != b"eXIf":
            kept.append(content[at : at + 12 + length])
        at += 12 + length
    text = b"XML:com.adobe.xmp\0\0\0\0\0" + _xmp_with(caption, xmp)
    exif = _exif_with(caption, content).removeprefix(_EXIF_MARK)
    new = [_png_chunk(b"eXIf", exif), _png_chunk(b"iTXt", text)]
    # After the header, which must come first.
    return bytes(whole) + b"".join((kept[0], *new, *kept[1:]))


def _png_chunk(kind: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)


def _exif_with(caption: str, content: bytes) -> bytes:
    with Image.open(io.BytesIO(content)) as image:
        exif = image.getexif()
        # Pillow writes only the inner directories that have been read.
        for directory in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo):
            exif.get_ifd(directory)
    # The field is said to be ASCII; programs write UTF-8, and so XMP carries it too.
    exif[ExifTags.Base.ImageDescription] = caption.encode()
    encoded = exif.tobytes()
    return encoded if encoded.startswith(_EXIF_MARK) else _EXIF_MARK + encoded


def _xmp_with(caption: str, packet: bytes | None) -> bytes:
    description = _DESCRIPTION.format(caption=escape(caption))
    if packet:
        text = packet.decode("utf-8", "replace")
        # Every packet says rdf:RDF; one that does not is damaged and of no use.
        other = re.sub(r"<dc:description>.*?</dc:description>", "", text, flags=re.S)
        whole, found = re.subn(
            r"</rdf:RDF\s*>", lambda end: description + end.group(), other, count=1
        )
        if found:
            return whole.encode()
    return _XMP.format(description=description).encode()
