"""The report page: complete in itself, and nothing in it is taken for markup."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from imagecap.evaluation.evaluate import evaluate_captions
from imagecap.evaluation.report.report import write_report
from imagecap.evaluation.report.summary import Subject
from imagecap.model.beam_search import BeamSettings
from imagecap.model.decoding import Decoding

HOSTILE = "<script>alert('a')</script> & \"dogs\""
SUBJECT = Subject(
    "model <b>",
    "made-up",
    "dev",
    Decoding(BeamSettings(3)),
    100,
    ("Left out: <i>.jpg",),
)


class Page(HTMLParser):
    """The elements of a page, and the text of each heading and caption."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.sources: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.sources += [
            value or "" for name, value in attrs if name in ("src", "href", "data")
        ]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def pictures(tmp_path: Path) -> dict[str, Path]:
    """Thirty pictures, of which captions suit the first best and the last worst."""
    paths = {f"{number:02}.png": tmp_path / f"{number:02}.png" for number in range(30)}
    for path in paths.values():
        Image.new("RGB", (1000, 500), (9, 99, 199)).save(path)
    return paths


def report(
    paths: dict[str, Path], run: Path | None = None, caption: str = HOSTILE
) -> str:
    words = [f"w{number}" for number in range(30)]
    references = {
        name: (" ".join(f"{word}x{number}" for word in words), HOSTILE)
        for number, name in enumerate(paths)
    }
    captions = {
        name: " ".join(references[name][0].split()[: 30 - number])
        for number, name in enumerate(paths)
    }
    captions["29.png"] = caption
    evaluation = evaluate_captions(captions, references, [], None)
    return write_report(SUBJECT, evaluation, captions, references, paths, run)


def test_the_page_needs_nothing_else(pictures: dict[str, Path]) -> None:
    page = report(pictures)
    parsed = Page(page)
    assert page.startswith("<!DOCTYPE html>")
    assert len(parsed.sources) == 18
    assert all(source.startswith("data:image/jpeg;") for source in parsed.sources)
    assert not {"script", "link", "iframe", "object"} & set(parsed.tags)
    assert "url(" not in page
    assert "@import" not in page
    assert len(page) < 100_000
    assert "color-scheme: light dark" in page


def test_all_text_is_text(pictures: dict[str, Path]) -> None:
    page = report(pictures)
    parsed = Page(page)
    assert "<script" not in page
    assert parsed.tags.count("i") == parsed.tags.count("b") == 0
    assert parsed.text.count(HOSTILE) >= 18
    assert "model <b> on made-up, dev: 30 pictures, beam 3" in parsed.text
    assert "Left out: <i>.jpg" in parsed.text


def test_best_median_and_worst_are_shown(pictures: dict[str, Path]) -> None:
    text = Page(report(pictures, caption="nothing of it")).text
    best, median, worst = (
        re.findall(r"(\d\d)\.png, CIDEr", part)
        for part in re.split("(?:Best|Median|Worst) pictures by", text)[1:]
    )
    assert worst[-1] == "29"
    assert len(set(best + median + worst)) == 18
    assert best < median < worst


def test_few_pictures_are_enough(pictures: dict[str, Path]) -> None:
    page = Page(report({name: pictures[name] for name in ("00.png", "29.png")}))
    assert page.tags.count("figure") == 3


def test_a_picture_that_cannot_be_read_is_said(pictures: dict[str, Path]) -> None:
    pictures["00.png"].write_text("no picture")
    assert "is not a picture that can be read" in Page(report(pictures)).text


def test_the_record_of_the_run_is_shown(
    pictures: dict[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "history.csv").write_text("stage,epoch,CIDEr\ndecoder,1,44.75\n")
    Image.new("RGB", (90, 35)).save(tmp_path / "curves.png")
    page = Page(report(pictures, run=tmp_path))
    assert "44.75" in page.text
    assert any(source.startswith("data:image/png;") for source in page.sources)


@pytest.mark.parametrize("history", [None, b"", b"\xff\xfe", b'a,"b\n'])
def test_without_a_record_nothing_is_shown_of_it(
    pictures: dict[str, Path], tmp_path: Path, history: bytes | None
) -> None:
    Image.new("RGB", (90, 35)).save(tmp_path / "curves.png")
    if history is not None:
        (tmp_path / "history.csv").write_bytes(history)
    assert "Each epoch" not in Page(report(pictures, run=tmp_path)).text
