"""What is to be seen of a picture, made ready for the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    import numpy as np

# Where the model did not look, the picture can still be seen.
_LIGHT_LEFT = 0.5


@dataclass(frozen=True)
class View:
    """What is to be seen: which part of which picture, how large, under what map.

    Attributes:
        picture: The picture.
        box: The part: left, top, right and bottom as shares of the whole.
        size: Its width and height on the screen.
        attention: Where the model looked, `[rows, columns]`, float32; `None` for
            nothing.
    """

    picture: Image.Image
    box: tuple[float, float, float, float]
    size: tuple[int, int]
    attention: np.ndarray | None

    def is_like(self, other: View | None) -> bool:
        """Return whether another view looks the same."""
        return (
            other is not None
            and self.picture is other.picture
            and self.attention is other.attention
            and (self.box, self.size) == (other.box, other.size)
        )


def render(view: View) -> Image.Image:
    """Scale what is to be seen, and lay over it where the model looked."""
    width, height = view.picture.size
    left, top, right, bottom = view.box
    rendered = view.picture.resize(
        view.size,
        Image.Resampling.LANCZOS,
        (left * width, top * height, right * width, bottom * height),
        reducing_gap=3.0,
    )
    if view.attention is None:
        return rendered
    from imagecap.model.attention_overlay import overlay_attention

    return overlay_attention(rendered, view.attention, view.box, _LIGHT_LEFT)
