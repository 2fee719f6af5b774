"""The pages of a gallery as HTML, and the list that their search reads."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from xml.etree.ElementTree import Element

from imagecap.captions.problems import printable
from imagecap.counted import counted
from imagecap.gallery.copies import THUMBNAILS, VIEWS, Copied
from imagecap.html import document, element

_ON_A_PAGE = 100
# Pages that are linked on both sides of the one that is shown.
_NEIGHBOURS = 2
_ASSETS = ("gallery.css", "gallery.js")
_LIST = "captions.js"


@dataclass(frozen=True)
class Shown:
    """A picture of a gallery.

    Attributes:
        name: What it is called.
        caption: What is said of it.
        copied: Its copies.
    """

    name: str
    caption: str
    copied: Copied


def write_pages(
    title: str, pictures: Sequence[Shown], note: str
) -> Iterator[tuple[str, str]]:
    """Write all text files of a gallery.

    Args:
        title: The gallery's name.
        pictures: What it shows.
        note: A sentence below all of them.

    Yields:
        The name of each file and its content; the first page is the last of them, so
        that all it leads to is there before.
    """
    for asset in _ASSETS:
        text = files("imagecap.gallery").joinpath(asset).read_text("utf-8")
        yield asset, text
    yield _LIST, _search_list(pictures)
    starts = range(0, max(1, len(pictures)), _ON_A_PAGE)
    for number in range(len(starts), 0, -1):
        start = starts[number - 1]
        some = pictures[start : start + _ON_A_PAGE]
        body = _body(_line(title), some, len(pictures), number, len(starts), note)
        heading = title if number == 1 else f"{title}, page {number}"
        yield (
            _page_name(number),
            document(
                _line(heading),
                body,
                element("link", rel="stylesheet", href="gallery.css"),
                element("script", src="gallery.js", defer="defer"),
            ),
        )


def file_names(count: int) -> list[str]:
    """Name all text files of a gallery.

    Args:
        count: How many pictures it shows.
    """
    last = len(range(0, max(1, count), _ON_A_PAGE))
    return [*_ASSETS, _LIST, *map(_page_name, range(last, 0, -1))]


def _page_name(number: int) -> str:
    return "index.html" if number == 1 else f"page-{number}.html"


def _search_list(pictures: Sequence[Shown]) -> str:
    rows = (
        [
            _line(one.caption),
            _line(one.name),
            one.copied.file,
            one.copied.width,
            one.copied.height,
        ]
        for one in pictures
    )
    lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
    return f"showPictures([\n{lines}\n]);\n"


def _body(
    title: str, pictures: Sequence[Shown], count: int, number: int, last: int, note: str
) -> Element:
    search = element(
        "form",
        element("label", "Search captions and names", **{"for": "words"}),
        element("input", type="search", id="words", autocomplete="off"),
        role="search",
        hidden="hidden",
    )
    pages = [_pages(number, last)] if last > 1 else []
    return element(
        "body",
        element("header", element("h1", title, dir="auto"), search),
        element(
            "main",
            element("p", counted(count, "picture"), id="found", role="status"),
            element("ul", *map(_figure, pictures), id="pictures"),
            element("ul", id="results", hidden="hidden"),
            element("button", "Show more", id="more", type="button", hidden="hidden"),
        ),
        *pages,
        element("footer", element("p", note)),
    )


def _figure(picture: Shown) -> Element:
    caption, copied = _line(picture.caption), picture.copied
    image = element(
        "img",
        src=f"{THUMBNAILS}/{copied.file}",
        alt=caption,
        width=str(copied.width),
        height=str(copied.height),
        loading="lazy",
    )
    return element(
        "li",
        element(
            "figure",
            element("a", image, href=f"{VIEWS}/{copied.file}"),
            element(
                "figcaption",
                # Captions may be in scripts that run from right to left.
                element("span", caption, dir="auto"),
                element("small", _line(picture.name), dir="auto"),
            ),
        ),
    )


def _pages(number: int, last: int) -> Element:
    near = range(number - _NEIGHBOURS, number + _NEIGHBOURS + 1)
    shown = [one for one in range(1, last + 1) if one in (1, last) or one in near]
    items = []
    for before, one in zip([0, *shown], shown, strict=False):
        if one > before + 1:
            items.append(element("li", "…"))
        here = {"aria-current": "page"} if one == number else {}
        label = {"aria-label": f"Page {one}"}
        link = element("a", str(one), href=_page_name(one), **here, **label)
        items.append(element("li", link))
    return element("nav", element("ul", *items), **{"aria-label": "Pages"})


def _line(text: str) -> str:
    """Return a text as one line that every file can hold."""
    return printable(" ".join(text.split()))
