"""A picture file that is in memory, wherever it comes from."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class PictureContent:
    """What a picture file holds, to be read as the file itself would be.

    Attributes:
        name: What errors call it.
        content: All its bytes.
    """

    name: str
    content: bytes = field(repr=False)

    def __str__(self) -> str:
        """Return what errors call it."""
        return self.name
