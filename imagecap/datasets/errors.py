"""The error of everything that reads or makes data sets."""

from __future__ import annotations

from imagecap.errors import ImagecapError


class DatasetError(ImagecapError):
    """A data set cannot be read or written."""
