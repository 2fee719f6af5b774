"""The error of this room."""

from imagecap.errors import ImagecapError


class DesktopError(ImagecapError):
    """The program cannot be put into the start menu, or out of it."""
