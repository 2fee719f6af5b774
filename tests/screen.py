"""A real window on a real screen, as test files share it."""

from __future__ import annotations

import gc
import os
import time
import tkinter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from tkinter import filedialog, messagebox, ttk
from types import SimpleNamespace

import numpy as np
import pytest
from patience import PATIENCE_SECONDS
from PIL import Image

from gui import strings
from gui.controllers.controllers import Controllers
from gui.session import Session
from gui.widgets import file_dialogs, theme
from gui.widgets.layout import Layout
from gui.window import Window
from imagecap import speech
from imagecap.library.store import Entry, Library, library_path
from imagecap.model.caption import Caption
from imagecap.model.describer import Described
from imagecap.model.embedding import Embedding
from imagecap.pictures.reading import PictureError


class StandIn:
    """A captioner whose speed and answers a test decides: it names the file's stem."""

    name = "stand-in"
    bundle = SimpleNamespace(identity="stand-in@1", folder=Path("nowhere"))
    learns_at_once = False
    embedding = Embedding(np.zeros(4), np.eye(4))

    def __init__(
        self,
        work: Callable[[Path], object] = lambda _: None,
        attention: np.ndarray | None = None,
    ) -> None:
        self.work = work
        self.attention = attention
        self.asked: list[str] = []

    def candidates(
        self, picture: Path, count: int, beam_width: int | None = None
    ) -> tuple[Caption, ...]:
        self.asked.append(picture.stem)
        if picture.stem.startswith("bad"):
            raise PictureError(f"{picture} is no picture.")
        self.work(picture)
        return tuple(
            Caption((article, picture.stem), -1.0 - rank, (0.9, 0.15), self.attention)
            for rank, article in enumerate(("a", "the", "one", "some", "any"))
        )[:count]

    def describe(
        self, picture: Path, count: int = 1, beam_width: int | None = None
    ) -> Described:
        return Described(self.candidates(picture, count, beam_width), np.ones(4))

    def describe_many(
        self, paths: Sequence[Path], count: int = 1, beam_width: int | None = None
    ) -> Iterator[tuple[Path, Described | PictureError]]:
        for path in paths:
            try:
                yield path, self.describe(path, count)
            except PictureError as error:
                yield path, error

    def describe_together(
        self, paths: Sequence[Path], count: int = 1
    ) -> list[Described | PictureError]:
        return [result for _, result in self.describe_many(paths, count)]

    def on_one_core(self) -> StandIn:
        return self

    def encode_many(self, paths: Iterable[Path]) -> Iterator[tuple[Path, np.ndarray]]:
        for path in paths:
            yield path, np.ones(4)

    def embed(self, picture: Path) -> np.ndarray:
        return self.embedding.embed(np.ones((1, 4)))[0]


class Screen:
    """A window together with the event loop that a user would be sitting at."""

    def __init__(
        self, load_captioner: Callable[[str | None], object], size: str | None = None
    ) -> None:
        self.root = theme.create_root()
        self.window = Window(self.root, load_captioner)
        self.raised: list[BaseException] = []
        report = self.root.report_callback_exception
        self.root.report_callback_exception = lambda kind, error, traceback: (
            self.raised.append(error),
            report(kind, error, traceback),
        )
        if size:
            self.root.geometry(size)
        self.root.deiconify()
        self.root.update()
        self.root.focus_force()
        self.root.update()
        self.window.load()

    def until(
        self,
        condition: Callable[[], object],
        seconds: float = PATIENCE_SECONDS,
        what: str = "",
    ) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"Never came true {what}; {self.status=}"
            self.root.update()
            time.sleep(0.002)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.root.update()
            # Tkinter does not know the lists of comboboxes, Tk does.
            focused = self.root.tk.call("focus") or "."
            self.root.tk.call("event", "generate", focused, key)
            if self.is_alive:
                self.root.update()

    def write(self, text: str) -> None:
        names = {" ": "space", ".": "period", ",": "comma"}
        self.press(*(f"<Key-{names.get(letter, letter)}>" for letter in text))

    def click(self, widget: tkinter.Misc, x: int | None = None) -> None:
        self.root.update()
        place = {
            "x": widget.winfo_width() // 2 if x is None else x,
            "y": widget.winfo_height() // 2,
        }
        for event in ("<Enter>", "<Button-1>", "<ButtonRelease-1>"):
            widget.event_generate(event, **place)
        self.root.update()

    def open(self, *paths: Path) -> None:
        self.session.open(paths)
        self.until(lambda: self.caption and self.status != strings.DESCRIBING)

    def dialog(self) -> tkinter.Toplevel:
        """The window that was opened beside the first one."""

        def found() -> list[tkinter.Toplevel]:
            return [
                child
                for child in self.root.winfo_children()
                if isinstance(child, tkinter.Toplevel)
            ]

        self.until(found)
        return found()[-1]

    def kept(self, picture: Path) -> Entry:
        """What the library has of a picture, once all that was written is there."""
        written: list[None] = []
        self.session.background.run_in_order(
            lambda: None, written.append, lambda reason: None
        )
        self.until(lambda: written)
        with closing(Library(library_path())) as library:
            (entry,) = library.entries([picture])
        return entry

    @property
    def session(self) -> Session:
        return self.window.session

    @property
    def controllers(self) -> Controllers:
        return self.window.controllers

    @property
    def layout(self) -> Layout:
        return self.window.layout

    @property
    def caption(self) -> str:
        return self.window.layout.caption.text

    @property
    def status(self) -> str:
        return str(self.window.layout.status.cget("text"))

    @property
    def is_alive(self) -> bool:
        try:
            return bool(self.root.winfo_exists())
        except tkinter.TclError:
            return False


_DIALOGS = (
    "askopenfilename",
    "askopenfilenames",
    "askdirectory",
    "asksaveasfilename",
)


@pytest.fixture
def show(
    display: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Screen]]:
    screens: list[Screen] = []

    def ask(**_: object) -> str:
        raise AssertionError("A dialog was opened that the test does not answer.")

    for dialog in _DIALOGS:
        monkeypatch.setattr(filedialog, dialog, ask)
    for box in ("askokcancel", "showerror"):
        monkeypatch.setattr(messagebox, box, ask)
    # Nobody answers those of the desktop.
    monkeypatch.setattr(file_dialogs, "ask_portal", lambda *_: None)
    monkeypatch.setattr(file_dialogs, "command_for", lambda _: None)
    monkeypatch.setattr(file_dialogs, "has_system_dialogs", lambda _: True)

    def show(captioner: object | None = None, size: str | None = None) -> Screen:
        captioner = captioner or StandIn()
        load = captioner if callable(captioner) else lambda _: captioner
        screens.append(Screen(load, size))
        return screens[-1]

    yield show
    for screen in screens:
        if screen.is_alive:
            screen.window.close()
        assert screen.raised == []
    # Tk's objects must be cleared away here and not by a thread of a later test.
    screens.clear()
    gc.collect()


@pytest.fixture
def picture(tmp_path: Path) -> Callable[..., Path]:
    def make(name: str = "dog.png", size: tuple[int, int] = (900, 600)) -> Path:
        path = tmp_path / name
        Image.linear_gradient("L").resize(size).convert("RGB").save(path)
        return path

    return make


@pytest.fixture
def screen(show: Callable[..., Screen], picture: Callable[..., Path]) -> Screen:
    """A window that shows a picture and its caption, “A dog.”"""
    screen = show()
    screen.open(picture())
    return screen


@pytest.fixture
def picture_folder(tmp_path: Path) -> Callable[[int], Path]:
    """Makes a folder of small pictures named p1.jpg, p2.jpg and so on.

    No two files are the same, since the library would know them as one picture.
    """

    def make(count: int) -> Path:
        folder = tmp_path / "pictures"
        folder.mkdir()
        Image.new("RGB", (60, 40), "green").save(folder / "p1.jpg")
        content = (folder / "p1.jpg").read_bytes()
        for number in range(2, count + 1):
            name = f"p{number}.jpg"
            (folder / name).write_bytes(content + name.encode())
        return folder

    return make


@pytest.fixture
def choose(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[dict]]:
    """Answers a file dialog, which belongs to the system; returns how it was asked."""

    def answer(dialog: str, *paths: Path) -> list[dict]:
        asked: list[dict] = []
        several = dialog == "askopenfilenames"
        chosen = tuple(map(str, paths)) if several else str(paths[0] if paths else "")
        monkeypatch.setattr(
            filedialog, dialog, lambda **how: asked.append(how) or chosen
        )
        return asked

    return answer


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the window has had read aloud; it is only noted."""
    said: list[str] = []

    class Noting(speech.Speaker):
        def speak(self, text: str) -> None:
            said.append(text)

    monkeypatch.setattr(speech, "Speaker", Noting)
    return said


def is_running(played: Path) -> bool:
    """Tell whether the newest player is still there, if only as a zombie."""
    process = int(played.read_text().split()[-2])
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def texts(widget: tkinter.Misc) -> list[str]:
    """All words of labels and text fields in a widget."""
    found = [text for child in widget.winfo_children() for text in texts(child)]
    if isinstance(widget, ttk.Label):
        found.append(str(widget.cget("text")))
    if isinstance(widget, tkinter.Text):
        found.append(widget.get("1.0", "end-1c"))
    return found
