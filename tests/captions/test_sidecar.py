"""Captions in text files beside pictures, written and read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from dataset_folders import everything, made, names

from imagecap.captions.sidecar import (
    find_sidecars,
    read_sidecar,
    sidecar_path,
    write_sidecar,
)
from imagecap.datasets.dataset import load_dataset


def test_what_is_written_is_read(tmp_path: Path) -> None:
    file = sidecar_path(tmp_path / "dog.jpg")
    assert file == tmp_path / "dog.txt"
    assert read_sidecar(file) is None
    write_sidecar(file, "A dög.")
    assert file.read_text(encoding="utf-8") == "A dög.\n"
    assert read_sidecar(file) == "A dög."


@pytest.mark.parametrize(
    ("content", "caption"),
    [
        (b"\xef\xbb\xbf\r\n  A   dog \r\nAnother one.\r\n", "A dog"),
        (b"", None),
        (b" \n\n", None),
        (b"\xff\xfeA\x00", "A"),
        ("\ufeffUn caf\xe9.\n".encode("utf-16-le"), "Un caf\xe9."),
        (b"Un caf\xe9.\n", "Un caf\xe9."),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", None),
        (b"A book. " * 2000, None),
    ],
    ids=[
        "several lines",
        "empty",
        "blank",
        "two bytes",
        "UTF-16",
        "Windows-1252",
        "no text",
        "a book",
    ],
)
def test_the_first_line_is_the_caption(
    tmp_path: Path, content: bytes, caption: str | None
) -> None:
    (tmp_path / "dog.txt").write_bytes(content)
    assert read_sidecar(tmp_path / "dog.txt") == caption


XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><r:RDF
 xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:d="http://purl.org/dc/elements/1.1/"><r:Description r:about="">
<d:description><r:Alt><r:li xml:lang="de">Ein Hund.</r:li>
<r:li xml:lang="x-default">A dog &amp; a cat.</r:li></r:Alt></d:description>
</r:Description></r:RDF></x:xmpmeta><?xpacket end="w"?>"""
ATTRIBUTE = """<RDF xmlns="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><Description
 xmlns="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:dc="http://purl.org/dc/elements/1.1/" dc:description="A dog."/></RDF>"""
BOMB = """<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>""" + ATTRIBUTE


@pytest.mark.parametrize(
    ("content", "caption"),
    [
        (XMP, "A dog & a cat."),
        (ATTRIBUTE, "A dog."),
        (BOMB, None),
        ("<x", None),
        ("", None),
    ],
)
def test_xmp_beside_a_picture(
    tmp_path: Path, content: str, caption: str | None
) -> None:
    for encoding in ("utf-8", "utf-16"):
        (tmp_path / "dog.xmp").write_bytes(content.encode(encoding))
        assert read_sidecar(tmp_path / "dog.xmp") == caption


def test_every_kind_of_file_beside_a_picture(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "a.txt": "One.\nTwo.",
        "b.jpg.txt": "Three.",
        "b.txt": "Not this one.",
        "c.caption": "Four.",
        "d.xmp": XMP,
        "e.jpg.xmp": ATTRIBUTE,
        "f.TXT": "Six.",
        "g.txt": " ",
        "g.caption": "Seven.",
    }
    pictures = " ".join(f"{name}.jpg" for name in "abcdefgh")
    data = load_dataset(made(tmp_path, files, pictures))
    assert everything(data) == {
        "a.jpg": ("One.", "Two."),
        "b.jpg": ("Three.",),
        "c.jpg": ("Four.",),
        "d.jpg": ("A dog & a cat.",),
        "e.jpg": ("A dog.",),
        "f.jpg": ("Six.",),
        "g.jpg": ("Seven.",),
    }
    assert data.report.problems == ("1 picture had no caption: h.jpg.",)
    found = dict(find_sidecars([tmp_path / "b.jpg", tmp_path / "h.jpg"]))
    beside = [path.name for path in found[tmp_path / "b.jpg"]]
    assert beside == ["b.jpg.txt", "b.txt"]
    assert found[tmp_path / "h.jpg"] == []


def test_encodings_are_said(tmp_path: Path) -> None:
    files = {
        "a.txt": "Un café.".encode("cp1252"),
        "b.txt": "Un café.".encode("utf-16"),
        "c.txt": "Un café.".encode(),
        "d.txt": b"\xff\xd8\xff\x00\x10",
    }
    data = load_dataset(made(tmp_path, {**files}, "a.jpg b.jpg c.jpg d.jpg"))
    assert {*everything(data).values()} == {("Un café.",)}
    assert data.report.problems == (
        "1 text file read as Windows-1252, not UTF-8: a.txt.",
        "1 text file read as UTF-16: b.txt.",
        "1 text file could not be read as text: d.txt.",
        "1 line of the text files had no caption: d.txt.",
        "1 picture had no caption: d.jpg.",
    )


@pytest.mark.parametrize("seed", range(5))
def test_pictures_with_one_text_are_in_one_split(tmp_path: Path, seed: int) -> None:
    files: dict[str, str | bytes] = {f"{n}.txt": f"Text {n}." for n in range(8)}
    pictures = " ".join(f"{n}.jpg {n}.png" for n in range(8))
    data = load_dataset(made(tmp_path, files, pictures), seed=seed)
    for split in names(data).values():
        assert sorted(f"{name[0]}.jpg" for name in split[::2]) == sorted(split[::2])
        assert len(split) == 2 * len({name[0] for name in split}) > 0
    assert data.report.problems[0].startswith(
        "8 text files served several pictures, kept in one split: 0.txt (0.jpg, 0.png)"
    )


def test_a_text_of_two_pictures_is_never_written(tmp_path: Path) -> None:
    made(tmp_path, {}, "a.jpg a.png b.jpg c.jpg")
    (tmp_path / "c.jpg.txt").touch()
    paths = [sidecar_path(tmp_path / f"{name}.jpg").name for name in "abc"]
    assert paths == ["a.jpg.txt", "b.txt", "c.jpg.txt"]


@pytest.mark.parametrize("ending", [".txt", ".xmp"])
def test_a_pipe_beside_a_picture_holds_no_caption(tmp_path: Path, ending: str) -> None:
    os.mkfifo(tmp_path / f"dog{ending}")
    assert read_sidecar(tmp_path / f"dog{ending}") is None
