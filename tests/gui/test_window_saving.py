"""The ways in which captions leave the real window, and come back."""

from __future__ import annotations

import shlex
import subprocess
import sys
import wave
from collections.abc import Callable
from pathlib import Path
from tkinter import filedialog, messagebox

import pytest
from PIL import ExifTags, Image
from screen import Screen

from gui import strings
from imagecap.captions.caption_files import read_captions
from imagecap.captions.formats import READERS, WRITERS
from imagecap.model.captioner import Captioner


def test_a_key_copies_the_caption(
    show: Callable[..., Screen], picture: Callable[..., Path]
) -> None:
    screen = show()
    screen.press("<Control-c>")
    assert screen.status != strings.COPIED
    screen.open(picture())
    screen.press("<Control-c>")
    assert screen.root.clipboard_get() == "A dog."
    assert screen.status == strings.COPIED


def test_a_key_saves_the_caption_as_speech(
    screen: Screen, choose: Callable[..., list[dict]], tmp_path: Path
) -> None:
    asked = choose("asksaveasfilename", tmp_path / "spoken.wav")
    screen.press("<Control-Shift-W>")
    screen.until(lambda: screen.status == strings.SAVED.format(name="spoken.wav"))
    assert asked[0]["initialfile"] == "dog.wav"
    with wave.open(str(tmp_path / "spoken.wav")) as sound:
        assert sound.getnframes() > sound.getframerate() / 4


def test_speech_that_cannot_be_saved_is_explained(
    screen: Screen, choose: Callable[..., list[dict]], tmp_path: Path
) -> None:
    choose("asksaveasfilename", tmp_path / "gone" / "spoken.wav")
    screen.press("<Control-Shift-W>")
    screen.until(lambda: "spoken.wav" in screen.status)
    assert screen.status != strings.SAVED.format(name="spoken.wav")


def test_a_key_saves_the_caption_beside_the_picture(
    show: Callable[..., Screen],
    picture: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen = show()
    path = picture()
    screen.open(path)
    screen.press("<Control-s>")
    screen.until(lambda: screen.status == strings.SAVED.format(name="dog.txt"))
    text = path.with_suffix(".txt")
    assert text.read_text() == "A dog.\n"
    text.write_text("What I wrote elsewhere.")
    asked: list[dict] = []
    monkeypatch.setattr(
        messagebox, "askokcancel", lambda **how: bool(asked.append(how))
    )
    screen.click(screen.layout.save_button)
    screen.until(lambda: asked)
    screen.kept(path)
    assert text.read_text() == "What I wrote elsewhere."
    monkeypatch.setattr(messagebox, "askokcancel", lambda **_: True)
    screen.click(screen.layout.save_button)
    screen.until(lambda: text.read_text() == "A dog.\n")


def test_captions_beside_pictures_are_taken_over_once(
    show: Callable[..., Screen], picture_folder: Callable[[int], Path]
) -> None:
    folder = picture_folder(3)
    (folder / "p1.txt").write_text("Rex.\n")
    screen = show()
    screen.controllers.opening.open([folder])
    screen.until(lambda: screen.caption == "Rex.")
    screen.until(lambda: screen.status == strings.TEXTS_TAKEN.format(count=1))
    assert screen.layout.details.cget("text") == strings.BY_YOU
    screen.press("<F2>")
    screen.write(" x")
    screen.press("<Return>", "<Next>")
    screen.until(lambda: screen.caption == "A p2.")
    screen.press("<Control-s>")
    screen.until(lambda: (folder / "p2.txt").exists())
    screen.controllers.opening.open([folder])
    screen.until(lambda: screen.caption == "Rex. x")
    # What a model said stays the model's, though it was saved.
    assert screen.kept(folder / "p2.jpg").human is None


def test_a_copy_carries_the_caption_and_the_picture_stays_as_it_was(
    show: Callable[..., Screen],
    picture: Callable[..., Path],
    choose: Callable[..., list[dict]],
    tmp_path: Path,
) -> None:
    screen = show()
    path = picture("dog.jpg")
    before = path.read_bytes()
    screen.open(path)
    asked = choose("asksaveasfilename", tmp_path / "copy.jpg")
    screen.press("<Control-Shift-S>")
    screen.until(lambda: screen.status == strings.SAVED.format(name="copy.jpg"))
    assert asked[0]["initialfile"] == "dog captioned.jpg"
    assert path.read_bytes() == before
    with Image.open(tmp_path / "copy.jpg") as copy:
        assert copy.getexif()[ExifTags.Base.ImageDescription] == "A dog."
    choose("asksaveasfilename", path)
    screen.press("<Control-Shift-S>")
    screen.until(lambda: "never changed" in screen.status)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("key", "wrong", "right"),
    [
        ("<Control-Shift-S>", "copy.gif", "copy.jpeg"),
        ("<Control-Shift-W>", "speech.mp3", "speech.wav"),
        ("<Control-e>", "all.xlsx", "all.csv"),
    ],
)
def test_a_wrong_ending_is_refused_where_it_is_chosen(
    show: Callable[..., Screen],
    picture: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    install_player: Callable[[str], Path],
    tmp_path: Path,
    key: str,
    wrong: str,
    right: str,
) -> None:
    install_player("")
    screen = show()
    screen.open(picture("dog.jpg"))
    answers = [str(tmp_path / wrong), str(tmp_path / right)]
    offered: list[str] = []
    monkeypatch.setattr(
        filedialog,
        "asksaveasfilename",
        lambda **how: offered.append(how["initialfile"]) or answers.pop(0),
    )
    told: list[str] = []
    monkeypatch.setattr(
        messagebox, "showerror", lambda **how: told.append(how["message"])
    )
    screen.press(key)
    screen.until((tmp_path / right).exists)
    assert told[0].startswith(f"{wrong} must end in")
    assert Path(offered[1]).stem == Path(wrong).stem
    assert not (tmp_path / wrong).exists()


@pytest.mark.parametrize("ending", [".csv", ".json", ".jsonl"])
def test_captions_are_exported_and_come_back(
    show: Callable[..., Screen],
    picture_folder: Callable[[int], Path],
    choose: Callable[..., list[dict]],
    tmp_path: Path,
    ending: str,
) -> None:
    screen = show()
    folder = picture_folder(12)
    screen.controllers.opening.open([folder])
    screen.until(lambda: screen.caption == "A p1.")
    screen.press("<F2>")
    screen.write("x")
    screen.press("<Return>")
    file = tmp_path / f"captions{ending}"
    asked = choose("asksaveasfilename", file)
    screen.press("<Control-e>")
    screen.until(lambda: "F5 captions them" in screen.status)
    screen.press("<F5>")
    screen.until(lambda: not screen.controllers.captioning.is_running)
    screen.press("<Control-e>")
    done = strings.EXPORTED.format(name=file.name, captions="12 captions")
    screen.until(lambda: screen.status == done)
    captions = read_captions(file)
    assert (captions["p1.jpg"], captions["p12.jpg"]) == ("A p1.x", "A p12.")
    file.write_text(
        file.read_text().replace("A p12.", "Imported.").replace("p1.x", "p1.y")
    )
    exported = asked[0]["filetypes"]
    assert exported[0] == ("CSV, image,caption", "*.csv")
    assert [pattern for _, pattern in exported] == [f"*{end}" for end in WRITERS]
    asked = choose("askopenfilename", file)
    screen.press("<Control-i>")
    assert asked[0]["filetypes"][0][1] == tuple(f"*{end}" for end in READERS)
    done = strings.IMPORTED.format(captions="11 captions", kept=1)
    screen.until(lambda: screen.status == done)
    assert screen.caption == "A p1.x"
    screen.press("<End>")
    screen.until(lambda: screen.caption == "Imported.")


def test_the_copied_command_does_the_same(
    show: Callable[..., Screen], picture: Callable[..., Path], untrained_bundle: Path
) -> None:
    screen = show(lambda _: Captioner.load(untrained_bundle))
    screen.session.model = str(untrained_bundle)
    screen.session.settings.change(beam_width=4)
    screen.open(picture("a dog.png"))
    screen.press("<Control-Shift-C>")
    command = screen.root.clipboard_get()
    program, *arguments = shlex.split(command)
    assert program == "imagecap"
    assert "--beam" in arguments
    done = subprocess.run(
        [sys.executable, "-m", "imagecap", *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{screen.caption}\n"
