"""Captions of all open pictures, given to other programs and taken from them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tkinter import messagebox

import pytest
from screen import Screen

from gui import strings
from imagecap.pictures.metadata import (
    Description,
    read_metadata,
    write_described_copy,
    write_xmp_sidecar,
)


def test_all_captions_are_saved_as_texts_xmp_and_copies(
    show: Callable[..., Screen],
    picture_folder: Callable[[int], Path],
    choose: Callable[..., list[dict]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    folder = picture_folder(3)
    screen = show()
    screen.controllers.opening.open([folder])
    screen.until(lambda: screen.caption == "A p1.")
    screen.press("<F5>")
    screen.until(lambda: not screen.controllers.captioning.is_running)
    screen.press("<Control-Shift-T>")
    screen.until(
        lambda: screen.status == "Saved the captions of 3 pictures as text beside each."
    )
    assert (folder / "p3.txt").read_text() == "A p3.\n"
    # Written by another program after the folder was opened.
    write_xmp_sidecar(folder / "p2.xmp", Description("Mine."))
    asked: list[dict] = []
    monkeypatch.setattr(
        messagebox, "askokcancel", lambda **how: bool(asked.append(how))
    )
    screen.press("<Control-Shift-X>")
    screen.until(lambda: asked)
    screen.until(
        lambda: screen.status == "Saved the captions of 2 pictures as XMP beside each."
    )
    assert "p2.xmp" in asked[0]["message"]
    assert read_metadata(folder / "p2.jpg").caption() == "Mine."
    monkeypatch.setattr(messagebox, "askokcancel", lambda **_: True)
    screen.press("<Control-Shift-X>")
    screen.until(
        lambda: screen.status == "Saved the captions of 3 pictures as XMP beside each."
    )
    assert read_metadata(folder / "p2.jpg").caption() == "A p2."
    choose("askdirectory", tmp_path / "copies")
    screen.press("<Control-Shift-E>")
    screen.until((tmp_path / "copies" / "p3.jpg").exists)
    said = f"Saved the captions of 3 pictures in copies in {tmp_path / 'copies'}."
    screen.until(lambda: screen.status == said)
    metadata = read_metadata(tmp_path / "copies" / "p3.jpg")
    assert metadata.caption() == "A p3."
    assert metadata.provenance.by == "stand-in@1"


def test_captions_in_pictures_are_taken(
    show: Callable[..., Screen], picture_folder: Callable[[int], Path], tmp_path: Path
) -> None:
    folder = picture_folder(2)
    described = tmp_path / "described.jpg"
    write_described_copy(folder / "p1.jpg", "Rex.", described)
    described.replace(folder / "p1.jpg")
    screen = show()
    screen.controllers.opening.open([folder])
    screen.until(lambda: screen.caption == "A p1.")
    screen.press("<Control-Shift-F4>")
    screen.until(lambda: screen.caption == "Rex.")
    assert screen.status == strings.TAKEN.format(captions="1 caption")
    assert screen.kept(folder / "p1.jpg").human == "Rex."
    screen.press("<Control-Shift-I>")
    screen.until(lambda: screen.status == strings.TAKEN.format(captions="0 captions"))
