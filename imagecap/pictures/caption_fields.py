"""The names of what pictures' metadata say, for those who only list them."""

from __future__ import annotations

CAPTION_FIELDS = (
    "description",
    "alt-text",
    "iptc",
    "exif-description",
    "windows-comment",
    "user-comment",
    "png-description",
    "acdsee",
    "comment",
)
"""The fields in which captions are read, the one first that wins."""
