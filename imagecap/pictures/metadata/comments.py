"""Comments in JPEG, GIF and PNG: captions, or what programs note of themselves."""

from __future__ import annotations

import re

_LONGEST = 2_000
# How programs begin what they note, and names that only such notes hold.
_OF_PROGRAMS = re.compile(
    r"""\s*(created|creator|generated|encoded|written|compressed|processed|optimi[sz]ed
        |edited|converted|made|saved|exported|produced|scanned)[ ]?(:|with|by|using|in)
    |\s*(software|file[ ](source|written)|copyright|\(c\)|©|version|xv[ ]|warning
        |quality|https?:)
    |.*(\bgimp\b|photoshop|imagemagick|paint[ ]shop|lead[ ]technologies|applemark
        |jpeg[ ]encoder|intel\(r\)|lavc\d|handmade[ ]software|acd[ ]systems|u-lead
        |jpegmini|imageready|irfanview|gd-jpeg|\bijg\b|ffmpeg)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_DATA = re.compile(r"\s*[{\[<]|.*[\0-\x08\x0e-\x1f]", re.DOTALL)


def decode_comment(comment: bytes) -> str:
    """Decode a comment, of which no format says its encoding."""
    comment = comment.rstrip(b"\0")
    try:
        return comment.decode()
    except UnicodeDecodeError:
        return comment.decode("cp1252", "replace")


def is_caption(comment: str) -> bool:
    """Whether a person may have meant a comment for a caption."""
    return (
        len(comment) <= _LONGEST
        and any(map(str.isalpha, comment))
        and not _OF_PROGRAMS.match(comment)
        and not _DATA.match(comment)
    )
