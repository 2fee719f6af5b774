"""Captions in text files beside pictures, written and read."""

from __future__ import annotations

from pathlib import Path

import pytest

from imagecap.captions.sidecar import read_sidecar, sidecar_path, write_sidecar


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
