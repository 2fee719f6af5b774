"""The pages of a gallery: whatever a name or a caption holds is text in them."""

import json
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagecap.gallery.copies import Copied
from imagecap.gallery.pages import Shown, file_names, write_pages

NASTY = [
    "</script><script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "-->]]>&lt;&amp; 'one' \"two\"",
    "name \udcff of no text",
    "قطة على العشب",
]


class Page(HTMLParser):
    """What a browser makes of a page: its elements and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def shown(name: str = "dog.jpg", caption: str = "A dog.") -> Shown:
    return Shown(name, caption, Copied("0" * 32 + ".jpg", 480, 320))


def pages(pictures: list[Shown], title: str = "Photos") -> dict[str, str]:
    return dict(write_pages(title, pictures, "By a model."))


def listed(pictures: list[Shown]) -> list[list[object]]:
    """What the script of the page is given."""
    text = pages(pictures)["captions.js"]
    return json.loads(text.removeprefix("showPictures(").removesuffix(");\n"))


def visible(text: str) -> str:
    return text.replace("\udcff", "\\udcff")


@pytest.mark.parametrize("text", NASTY)
def test_names_captions_and_titles_are_text(text: str) -> None:
    plain = Page(pages([shown()])["index.html"])
    page = Page(pages([shown(text, text)], text)["index.html"])
    assert [tag for tag, _ in page.elements] == [tag for tag, _ in plain.elements]
    assert page.all("img")[0]["alt"] == visible(text)
    # In the title, the heading, below the picture and as its name.
    assert page.text.count(visible(text)) == 4


@given(st.text(), st.text())
def test_any_text_can_be_written(name: str, caption: str) -> None:
    for content in pages([shown(name, caption)], name).values():
        content.encode()
    ((first, second, *_),) = listed([shown(name, caption)])
    assert "\n" not in first and "\n" not in second


@pytest.mark.parametrize("text", NASTY)
def test_the_list_for_the_search_is_text_too(text: str) -> None:
    assert listed([shown(text, "A dog.")]) == [
        ["A dog.", visible(text), "0" * 32 + ".jpg", 480, 320]
    ]
    # Whatever a script could end or begin with is written as letters.
    assert pages([shown(text, text)])["captions.js"].isascii()


@pytest.mark.parametrize("count", [0, 1, 100, 101, 1234])
def test_all_pictures_are_on_pages_that_lead_to_each_other(count: int) -> None:
    pictures = [shown(f"{number}.jpg") for number in range(count)]
    made = pages(pictures)
    assert sorted(made) == sorted(file_names(count))
    html = [name for name in made if name.endswith(".html")]
    assert len(html) == max(1, -(-count // 100))
    assert html[-1] == "index.html"
    linked = {"index.html"}
    for name in reversed(html):
        page = Page(made[name])
        linked |= {one["href"] for one in page.all("a") if "page-" in one["href"]}
        assert name in linked
        assert len(made[name]) < 100_000
    assert linked == set(html)
    assert len(listed(pictures)) == count


def test_a_page_can_be_read_without_seeing_it() -> None:
    page = Page(pages([shown(f"{one}.jpg") for one in range(250)])["page-2.html"])
    assert page.all("html") == [{"lang": "en"}]
    assert len(page.all("h1")) == len(page.all("main")) == 1
    assert all(image["alt"] for image in page.all("img"))
    ids = [found["id"] for _, found in page.elements if "id" in found]
    assert len(ids) == len(set(ids))
    assert [one["for"] for one in page.all("label")] == [
        one["id"] for one in page.all("input")
    ]
    (here,) = [one for one in page.all("a") if one.get("aria-current") == "page"]
    assert here["href"] == "page-2.html"


def test_nothing_is_loaded_from_elsewhere() -> None:
    for name, content in pages([shown()]).items():
        assert "http" not in content.replace("http-equiv", ""), name
        assert not Page(content).all("style"), name
