"""The parts that pages about an evaluation are made of."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path
from xml.etree.ElementTree import Element

from imagecap.html import element
from imagecap.pictures.reading import PictureError, open_picture

_THUMBNAIL = (320, 240)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Element:
    """Make a table of text, without a header where that is empty."""
    first = [element("tr", *(element("th", text) for text in header))]
    return element(
        "table",
        *(first if header else []),
        *(element("tr", *(element("td", text) for text in row)) for row in rows),
    )


def card(path: Path, caption: str, references: Sequence[str], cider: float) -> Element:
    """Show a picture with its caption and what people wrote.

    Args:
        path: The picture; one that cannot be read is replaced by the reason.
        caption: Its caption.
        references: What people wrote.
        cider: CIDEr of the caption alone, times 100.
    """
    return element(
        "figure",
        _thumbnail(path),
        element(
            "figcaption",
            # Captions may be in scripts that run from right to left.
            element("strong", caption or "(no caption)", dir="auto"),
            element("ul", *(element("li", text, dir="auto") for text in references)),
            element("small", f"{path.name}, CIDEr {cider:.1f}"),
        ),
    )


def _thumbnail(path: Path) -> Element:
    try:
        picture = open_picture(path, at_least=_THUMBNAIL)
    except PictureError as error:
        return element("p", str(error))
    picture.thumbnail(_THUMBNAIL)
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=80)
    return element("img", src=data_address("jpeg", content.getvalue()), alt="")


def data_address(kind: str, content: bytes) -> str:
    """Return a picture as the address of itself, so that no other file is needed."""
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
