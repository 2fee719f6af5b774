"""A caption in the fields that programs look for it in: EXIF and XMP."""

from __future__ import annotations

import io
import re
from xml.sax.saxutils import escape

from PIL import ExifTags, Image

from imagecap.errors import ImagecapError

EXIF_MARK = b"Exif\x00\x00"
"""What stands before EXIF in some kinds of files."""
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


def exif_with(caption: str, content: bytes) -> bytes:
    """Give a picture's EXIF with a caption in it, without a mark in front."""
    with Image.open(io.BytesIO(content)) as image:
        exif = image.getexif()
        # Pillow writes only the inner directories that have been read.
        for directory in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo):
            exif.get_ifd(directory)
    # The field is said to be ASCII; programs write UTF-8, and so XMP carries it too.
    exif[ExifTags.Base.ImageDescription] = caption.encode()
    return exif.tobytes().removeprefix(EXIF_MARK)


def xmp_with(caption: str, packet: bytes | None) -> bytes:
    """Give a packet of XMP with a caption in it, and all else of a former packet."""
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
