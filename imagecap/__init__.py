"""Describes a photograph in one sentence; offline, on an ordinary computer.

Example:
    >>> from imagecap import Captioner
    >>> Captioner.load().caption("photo.jpg").text  # doctest: +SKIP
    'A dog runs through the grass.'
"""

from imagecap.captioner import Captioner
from imagecap.decoding import Caption
from imagecap.errors import ImagecapError

__all__ = ["Caption", "Captioner", "ImagecapError"]
__version__ = "0.1.0"
