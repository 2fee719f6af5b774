"""HTML built from elements, so that whatever is text in it gets escaped."""

from __future__ import annotations

from typing import TypeAlias
from xml.etree.ElementTree import Element, tostring

Content: TypeAlias = "str | Element"


def element(tag: str, *content: Content, **attributes: str) -> Element:
    """Make an element; whatever is text in it gets escaped when it is written."""
    made = Element(tag, attributes)
    for part in content:
        if isinstance(part, Element):
            made.append(part)
        elif len(made):
            made[-1].tail = (made[-1].tail or "") + part
        else:
            made.text = (made.text or "") + part
    return made


def document(title: str, body: Element, *head: Element) -> str:
    """Write a page in English.

    Args:
        title: What the browser calls it.
        body: The element `body`.
        head: More of what belongs into the head, such as its style.
    """
    top = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        *head,
    )
    page = tostring(
        element("html", top, body, lang="en"), encoding="unicode", method="html"
    )
    return f"<!DOCTYPE html>\n{page}\n"
