"""What a copy's metadata says of a picture: a caption, who said it, keywords."""

from __future__ import annotations

import re
from dataclasses import dataclass

from imagecap.errors import ImagecapError

PERSON = "person"
"""Who said a caption that no model has said."""

# XML has no way to write them, and no program shows them.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class MetadataError(ImagecapError):
    """A caption cannot be written into a picture's metadata."""


@dataclass(frozen=True)
class Provenance:
    """Where a caption comes from; `None` is for what nobody knows.

    Attributes:
        by: Who said it: the identity of a model, `default@0123456789ab`, which holds
            its name and version, or `PERSON`.
        edited: Whether a person changed what the model said.
        accepted: Whether a person has looked at it and found it right.
        confidence: How probable it is that the caption is right, between 0 and 1.
    """

    by: str | None = None
    edited: bool | None = None
    accepted: bool | None = None
    confidence: float | None = None

    @property
    def is_of_a_model(self) -> bool:
        """Whether a model said it, perhaps changed by a person since."""
        return self.by not in (None, PERSON)

    @property
    def is_of_a_model_alone(self) -> bool:
        """Whether a model said it, and no person has changed or accepted it."""
        return self.is_of_a_model and not (self.edited or self.accepted)


UNKNOWN = Provenance()
"""Of a caption of which nobody knows where it comes from."""


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
