"""Describes a photograph in one sentence; offline, on an ordinary computer.

Example:
    >>> from imagecap import Captioner
    >>> Captioner.load().caption("photo.jpg").text  # doctest: +SKIP
    'A dog runs through the grass.'
"""

import logging
from typing import TYPE_CHECKING, Any

from imagecap.errors import ImagecapError

if TYPE_CHECKING:
    from imagecap.model.caption import Caption
    from imagecap.model.captioner import Captioner

__all__ = ["Caption", "Captioner", "ImagecapError"]
__version__ = "0.1.0"

# What is noted by the way is for those who ask for it; the command line does.
logging.getLogger(__name__).addHandler(logging.NullHandler())


def __getattr__(name: str) -> Any:  # noqa: ANN401
    # The window is a part of this package and must not wait for NumPy and Pillow.
    if name == "Captioner":
        from imagecap.model.captioner import Captioner

        return Captioner
    if name == "Caption":
        from imagecap.model.caption import Caption

        return Caption
    raise AttributeError(f"module 'imagecap' has no attribute {name!r}")
