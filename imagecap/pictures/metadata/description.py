"""What a copy's metadata says of a picture: a caption, who said it, keywords."""

from __future__ import annotations

import re
from dataclasses import dataclass

from imagecap.errors import ImagecapError
from imagecap.provenance import UNKNOWN, Provenance

# XML has no way to write them, and no program shows them.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class MetadataError(ImagecapError):
    """A caption cannot be written into a picture's metadata."""


@dataclass(frozen=True)
class Description:
    """What shall stand in the metadata of a picture.

    Attributes:
        caption: The caption; characters that XML cannot write are left out.
        provenance: Where it comes from.
        keywords: Words that are added to the keywords there are.
    """

    caption: str
    provenance: Provenance = UNKNOWN
    keywords: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Leave out what cannot be written."""
        object.__setattr__(self, "caption", _UNWRITABLE.sub("", self.caption))
