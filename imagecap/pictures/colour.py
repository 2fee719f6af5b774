"""Colours as a profile or an ink means them, brought to sRGB."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import lru_cache

from PIL import Image, ImageCms

_SPACES = {"RGB": "RGB ", "RGBX": "RGB ", "L": "GRAY", "CMYK": "CMYK", "LAB": "Lab "}

ToSRGB = Callable[[Image.Image], Image.Image]


def srgb_transform(image: Image.Image, mode: str) -> ToSRGB | None:
    """Give what brings a picture's colours to sRGB.

    Args:
        image: The picture, with its ICC profile, if it has one, in `info`.
        mode: The mode, without alpha, in which its pixels will be given.

    Returns:
        A function from pictures of that mode to RGB ones; `None` where they are sRGB
        already, and where the profile is damaged or is one for other pictures.
    """
    if mode == "LAB":
        return _lab_transform()
    profile = image.info.get("icc_profile")
    if not isinstance(profile, bytes) or mode not in _SPACES:
        return None
    return _profile_transform(profile, mode)


@lru_cache(maxsize=8)
def _profile_transform(profile: bytes, mode: str) -> ToSRGB | None:
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if own.profile.xcolor_space != _SPACES[mode]:
            return None
        # Most photographs are: their pixels shall stay as they are, and cost nothing.
        if "srgb" in ImageCms.getProfileDescription(own).lower():
            return None
        transform = ImageCms.buildTransform(own, _srgb(), mode, "RGB")
    # A picture is worth seeing in the colours of another screen, too.
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    return transform.apply


@lru_cache(maxsize=1)
def _lab_transform() -> ToSRGB:
    lab = ImageCms.createProfile("LAB")
    return ImageCms.buildTransform(lab, _srgb(), "LAB", "RGB").apply


@lru_cache(maxsize=1)
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
