"""What can be wrong with the library."""

from __future__ import annotations

from imagecap.errors import ImagecapError


class LibraryError(ImagecapError):
    """The library cannot be read or written."""
