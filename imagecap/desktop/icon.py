"""The icon of the program, drawn."""

from __future__ import annotations

from PIL import Image, ImageDraw

_BLUE, _SKY, _WHITE = (10, 88, 202), (110, 168, 254), (255, 255, 255)
_HILL, _SUN = (33, 37, 41), (255, 180, 84)
# Drawn larger and made smaller, so that edges are smooth.
_LARGER = 4


def draw_icon(size: int) -> Image.Image:
    """Draw a photograph with its caption below.

    Args:
        size: Its width and height, in pixels.

    Returns:
        An RGBA picture; its corners are transparent.
    """
    side = size * _LARGER
    icon = Image.new("RGBA", (side, side))
    pencil = ImageDraw.Draw(icon)

    def at(*shares: float) -> list[float]:
        return [share * side for share in shares]

    pencil.rounded_rectangle(at(0.04, 0.04, 0.96, 0.96), 0.2 * side, _BLUE)
    photograph = Image.new("RGB", (side, side), _SKY)
    inside = ImageDraw.Draw(photograph)
    inside.ellipse(at(0.60, 0.22, 0.74, 0.36), _SUN)
    inside.polygon(at(0.14, 0.62, 0.38, 0.32, 0.62, 0.62), _HILL)
    inside.polygon(at(0.44, 0.62, 0.63, 0.42, 0.90, 0.62), _HILL)
    frame = Image.new("L", (side, side))
    ImageDraw.Draw(frame).rounded_rectangle(
        at(0.17, 0.17, 0.83, 0.59), 0.06 * side, 255
    )
    icon.paste(photograph, mask=frame)
    for right, top in ((0.83, 0.66), (0.60, 0.76)):
        pencil.rounded_rectangle(at(0.17, top, right, top + 0.06), 0.03 * side, _WHITE)
    return icon.resize((size, size), Image.Resampling.LANCZOS)
