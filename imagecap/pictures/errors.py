"""What is told of a picture that cannot be read."""

from __future__ import annotations

from imagecap.errors import ImagecapError


class PictureError(ImagecapError):
    """A picture cannot be read."""


class UnreadableError(Exception):
    """Why a picture cannot be read; its name goes before, and a full stop after.

    It never leaves this room: `PictureError` tells the whole sentence.
    """
