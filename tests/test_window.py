"""A real window on a real screen, worked by keys and clicks."""

from __future__ import annotations

import gc
import itertools
import os
import subprocess
import sys
import textwrap
import threading
import time
import tkinter
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from tkinter import filedialog, font, ttk

import pytest
from PIL import Image

from gui import app, strings, theme
from gui.actions import plain
from gui.window import Window
from imagecap.captioner import Captioner
from imagecap.decoding import Caption
from imagecap.errors import ImagecapError

REPOSITORY = Path(__file__).parent.parent


class StandIn:
    """A captioner whose speed and answers a test decides: it names the file's stem."""

    name = "stand-in"

    def __init__(self, work: Callable[[Path], object] = lambda _: None) -> None:
        self.work = work
        self.asked: list[str] = []

    def caption(self, picture: Path, beam_width: int | None = None) -> Caption:
        self.asked.append(picture.stem)
        self.work(picture)
        return Caption(("a", picture.stem), -1.0, (0.9, 0.4))


class Screen:
    """A window together with the event loop that a user would be sitting at."""

    def __init__(self, load_captioner: Callable[[], object]) -> None:
        self.root = theme.create_root()
        self.window = Window(self.root, load_captioner)
        self.raised: list[BaseException] = []
        report = self.root.report_callback_exception
        self.root.report_callback_exception = lambda kind, error, traceback: (
            self.raised.append(error),
            report(kind, error, traceback),
        )
        self.root.deiconify()
        self.root.update()
        self.root.focus_force()
        self.root.update()
        self.window.load()

    def until(self, condition: Callable[[], object], seconds: float = 10) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"Never came true; {self.status=}"
            self.root.update()
            time.sleep(0.002)

    def press(self, key: str) -> None:
        self.root.update()
        (self.root.focus_get() or self.root).event_generate(key)
        self.root.update()

    def click(self, button: ttk.Widget) -> None:
        self.root.update()
        place = {"x": button.winfo_width() // 2, "y": button.winfo_height() // 2}
        for event in ("<Enter>", "<Button-1>", "<ButtonRelease-1>"):
            button.event_generate(event, **place)
        self.root.update()

    def open(self, path: Path) -> None:
        self.window.open(path)
        self.until(lambda: self.caption and self.status != strings.DESCRIBING)

    @property
    def caption(self) -> str:
        return str(self.window.caption.cget("text"))

    @property
    def status(self) -> str:
        return str(self.window.status.cget("text"))

    @property
    def is_alive(self) -> bool:
        try:
            return bool(self.root.winfo_exists())
        except tkinter.TclError:
            return False


@pytest.fixture
def show(display: str) -> Iterator[Callable[..., Screen]]:
    screens: list[Screen] = []

    def show(captioner: object | None = None) -> Screen:
        captioner = captioner or StandIn()
        screens.append(Screen(captioner if callable(captioner) else lambda: captioner))
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
def choose(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Path | None], list[dict]]:
    """Answers a file dialog, which belongs to the system; returns how it was asked."""

    def answer(dialog: str, path: Path | None) -> list[dict]:
        asked: list[dict] = []
        monkeypatch.setattr(
            filedialog, dialog, lambda **how: asked.append(how) or str(path or "")
        )
        return asked

    return answer


def test_an_empty_window_says_what_to_do(show: Callable[..., Screen]) -> None:
    screen = show()
    labels = [
        str(label.cget("text")) for label in screen.window.picture.winfo_children()
    ]
    assert labels == [strings.EMPTY]
    assert screen.window.speak_button.instate(["disabled"])
    assert screen.window.copy_button.instate(["disabled"])
    assert screen.window.open_button.instate(["!disabled"])


def test_a_picture_is_shown_with_its_caption(
    show: Callable[..., Screen], picture: Callable[..., Path]
) -> None:
    screen = show()
    screen.open(picture())
    assert screen.caption == "A dog."
    assert screen.status == ""
    screen.until(lambda: screen.window.picture.shown_size)
    width, height = screen.window.picture.shown_size
    assert width / height == pytest.approx(1.5, abs=0.01)
    place = screen.window.picture
    assert width == place.winfo_width() or height == place.winfo_height()
    assert width <= place.winfo_width()
    assert height <= place.winfo_height()
    assert screen.window.speak_button.instate(["!disabled"])


def test_the_shipped_model_describes_a_photograph(
    show: Callable[..., Screen], photographs: Path
) -> None:
    screen = show(Captioner.load)
    screen.open(photographs / "astronaut.png")
    expected = Captioner.load().caption(photographs / "astronaut.png")
    assert screen.caption == expected.text


def test_the_caption_is_larger_than_other_text(
    show: Callable[..., Screen], picture: Callable[..., Path]
) -> None:
    screen = show()
    style = ttk.Style(screen.root)
    caption = font.Font(screen.root, style.lookup(theme.CAPTION, "font"))
    usual = font.nametofont("TkDefaultFont", screen.root)
    assert caption.metrics("linespace") > 1.5 * usual.metrics("linespace")


def test_what_goes_on_is_said(
    show: Callable[..., Screen], picture: Callable[..., Path]
) -> None:
    loaded, described = threading.Event(), threading.Event()

    def load() -> StandIn:
        loaded.wait(10)
        return StandIn(lambda _: described.wait(10))

    screen = show(load)
    assert screen.status == strings.LOADING
    screen.window.open(picture())
    screen.until(lambda: screen.window.picture.shown_size)
    assert screen.status == strings.LOADING
    loaded.set()
    screen.until(lambda: screen.status == strings.DESCRIBING)
    described.set()
    screen.until(lambda: screen.caption == "A dog.")
    assert screen.status == ""


@pytest.mark.parametrize("key", ["<Control-o>", "<Control-O>"])
def test_a_key_chooses_a_picture(
    show: Callable[..., Screen],
    picture: Callable[..., Path],
    choose: Callable[[str, Path | None], list[dict]],
    key: str,
) -> None:
    screen = show()
    asked = choose("askopenfilename", picture())
    screen.press(key)
    screen.until(lambda: screen.caption == "A dog.")
    patterns = asked[0]["filetypes"][0][1]
    assert {".jpg", ".JPG", ".png", ".webp"} <= set(patterns)


def test_choosing_nothing_changes_nothing(
    show: Callable[..., Screen],
    picture: Callable[..., Path],
    choose: Callable[[str, Path | None], list[dict]],
) -> None:
    screen = show()
    screen.open(picture())
    asked = choose("askopenfilename", None)
    screen.click(screen.window.open_button)
    assert asked
    assert screen.caption == "A dog."


def test_the_button_speaks_and_stops(
    show: Callable[..., Screen],
    picture: Callable[..., Path],
    install_player: Callable[[str], Path],
) -> None:
    played = install_player("time.sleep(60)")
    screen = show()
    screen.open(picture())
    button = screen.window.speak_button
    assert button.cget("text") == plain(strings.SPEAK)
    screen.click(button)
    assert button.cget("text") == plain(strings.STOP)
    screen.until(played.read_text)
    screen.click(button)
    assert button.cget("text") == plain(strings.SPEAK)
    assert not is_running(played)


def test_escape_stops_the_voice(
    show: Callable[..., Screen],
    picture: Callable[..., Path],
    install_player: Callable[[str], Path],
) -> None:
    played = install_player("time.sleep(60)")
    screen = show()
    screen.open(picture())
    screen.press("<Control-Return>")
    screen.until(played.read_text)
    screen.press("<Escape>")
    assert not is_running(played)
    assert screen.window.speak_button.cget("text") == plain(strings.SPEAK)


def test_the_button_returns_to_speak_after_the_last_word(
    show: Callable[..., Screen],
    picture: Callable[..., Path],
    install_player: Callable[[str], Path],
) -> None:
    played = install_player("")
    screen = show()
    screen.open(picture())
    screen.click(screen.window.speak_button)
    button = screen.window.speak_button
    screen.until(lambda: button.cget("text") == plain(strings.SPEAK))
    assert len(played.read_text().splitlines()) == 1
    assert screen.status == ""


def test_captions_are_spoken_automatically_when_wanted(
    show: Callable[..., Screen],
    picture: Callable[..., Path],
    install_player: Callable[[str], Path],
) -> None:
    played = install_player("")
    screen = show()
    screen.open(picture("cat.png"))
    screen.click(screen.window.automatic_button)
    screen.open(picture("dog.png"))
    button = screen.window.speak_button
    screen.until(lambda: button.cget("text") == plain(strings.SPEAK))
    assert len(played.read_text().splitlines()) == 1


def test_another_picture_silences_the_former_caption(
    show: Callable[..., Screen],
    picture: Callable[..., Path],
    install_player: Callable[[str], Path],
) -> None:
    played = install_player("time.sleep(60)")
    screen = show()
    screen.open(picture("cat.png"))
    screen.click(screen.window.speak_button)
    screen.until(played.read_text)
    screen.window.open(picture("dog.png"))
    assert not is_running(played)
    assert screen.caption == ""


def test_a_silent_machine_is_explained(
    show: Callable[..., Screen],
    picture: Callable[..., Path],
    install_player: Callable[[str], Path],
) -> None:
    install_player("sys.exit(1)")
    screen = show()
    screen.open(picture())
    screen.click(screen.window.speak_button)
    screen.until(lambda: "no sound device" in screen.status)
    assert screen.caption == "A dog."


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
    show: Callable[..., Screen],
    picture: Callable[..., Path],
    choose: Callable[[str, Path | None], list[dict]],
    tmp_path: Path,
) -> None:
    screen = show()
    screen.open(picture())
    asked = choose("asksaveasfilename", tmp_path / "spoken.wav")
    screen.press("<Control-s>")
    screen.until(lambda: screen.status == strings.SAVED.format(name="spoken.wav"))
    assert asked[0]["initialfile"] == "dog.wav"
    with wave.open(str(tmp_path / "spoken.wav")) as sound:
        assert sound.getnframes() > sound.getframerate() / 4


def test_speech_that_cannot_be_saved_is_explained(
    show: Callable[..., Screen],
    picture: Callable[..., Path],
    choose: Callable[[str, Path | None], list[dict]],
    tmp_path: Path,
) -> None:
    screen = show()
    screen.open(picture())
    choose("asksaveasfilename", tmp_path / "spoken.mp3")
    screen.press("<Control-s>")
    screen.until(lambda: "ends in .wav" in screen.status)


@pytest.mark.parametrize("content", [b"hello", None], ids=["no picture", "missing"])
def test_a_bad_file_is_explained_and_the_next_is_shown(
    show: Callable[..., Screen],
    picture: Callable[..., Path],
    tmp_path: Path,
    content: bytes | None,
) -> None:
    bad = tmp_path / "bad.jpg"
    if content:
        bad.write_bytes(content)
    screen = show()
    screen.open(picture("cat.png"))
    screen.open(bad)
    screen.until(lambda: "bad.jpg" in screen.caption)
    assert screen.window.picture.shown_size is None
    assert screen.window.speak_button.instate(["disabled"])
    screen.open(picture("dog.png"))
    screen.until(lambda: screen.caption == "A dog.")


def test_a_bad_file_gets_no_caption(
    show: Callable[..., Screen], tmp_path: Path
) -> None:
    may_end = threading.Event()
    screen = show(StandIn(lambda _: may_end.wait(10)))
    screen.window.open(tmp_path / "missing.jpg")
    screen.until(lambda: "missing.jpg" in screen.caption)
    may_end.set()
    screen.until(lambda: screen.status == "")
    assert "missing.jpg" in screen.caption
    assert screen.window.speak_button.instate(["disabled"])


def test_a_model_that_does_not_load_is_explained_and_tried_again(
    show: Callable[..., Screen], picture: Callable[..., Path]
) -> None:
    loads: list[int] = []

    def load() -> StandIn:
        loads.append(1)
        if len(loads) == 1:
            raise ImagecapError("There is no such model.")
        return StandIn()

    screen = show(load)
    screen.until(lambda: screen.caption == "There is no such model.")
    screen.window.open(picture())
    screen.until(lambda: screen.caption == "A dog.")


def test_what_no_one_foresaw_is_said_and_logged(
    show: Callable[..., Screen],
    picture: Callable[..., Path],
    capfd: pytest.CaptureFixture[str],
) -> None:
    def fail(_: Path) -> None:
        raise ZeroDivisionError("by zero")

    screen = show(StandIn(fail))
    screen.open(picture())
    assert screen.caption == strings.UNEXPECTED.format(error="by zero")
    assert "Traceback" in capfd.readouterr().err


def test_an_error_of_the_window_itself_is_said_and_logged(
    show: Callable[..., Screen], capfd: pytest.CaptureFixture[str]
) -> None:
    screen = show()
    screen.root.after(0, lambda: 1 / 0)
    screen.until(lambda: "division by zero" in screen.status)
    assert "Traceback" in capfd.readouterr().err
    assert isinstance(screen.raised.pop(), ZeroDivisionError)


def test_the_newest_picture_wins(
    show: Callable[..., Screen], picture: Callable[..., Path]
) -> None:
    may_end = threading.Event()
    captioner = StandIn(lambda _: may_end.wait(10))
    screen = show(captioner)
    captions = set()
    screen.window.caption.bind("<Configure>", lambda _: captions.add(screen.caption))
    screen.window.open(picture("first.png"))
    screen.until(lambda: captioner.asked == ["first"])
    for name in ("second.png", "third.png", "fourth.png"):
        screen.window.open(picture(name, (400, 600)))
    may_end.set()
    screen.until(lambda: screen.caption == "A fourth.")
    assert captioner.asked == ["first", "fourth"]
    assert captions <= {"", "A fourth."}
    view = screen.window.picture
    screen.until(lambda: view.shown_size and view.shown_size[0] < view.shown_size[1])


def test_the_window_answers_while_a_picture_is_described(
    show: Callable[..., Screen], picture: Callable[..., Path]
) -> None:
    screen = show(StandIn(lambda _: time.sleep(2)))
    ticks: list[float] = []

    def tick() -> None:
        ticks.append(time.perf_counter())
        screen.root.after(5, tick)

    large = picture("large.jpg", (4000, 3000))
    tick()
    screen.window.open(large)
    screen.until(lambda: screen.caption)
    gaps = sorted(b - a for a, b in itertools.pairwise(ticks))
    assert ticks[-1] - ticks[0] > 1.9
    assert gaps[-1] < 0.15
    assert gaps[len(gaps) * 95 // 100] < 0.05


def test_the_picture_follows_the_window(
    show: Callable[..., Screen], picture: Callable[..., Path]
) -> None:
    screen = show()
    screen.open(picture())
    view = screen.window.picture
    for size in ("600x500", "1200x900", "520x400"):
        screen.root.geometry(size)
        screen.until(
            lambda: (
                view.shown_size
                and view.shown_size
                in {
                    (view.winfo_width(), round(view.winfo_width() / 1.5)),
                    (round(view.winfo_height() * 1.5), view.winfo_height()),
                }
            )
        )
    assert screen.window.speak_button.winfo_ismapped()


def test_a_small_picture_stays_small(
    show: Callable[..., Screen], picture: Callable[..., Path]
) -> None:
    screen = show()
    screen.open(picture(size=(30, 20)))
    screen.until(lambda: screen.window.picture.shown_size)
    width, _ = screen.window.picture.shown_size
    assert width <= 60 * theme.magnification(screen.root) + 1


def test_a_long_caption_stays_inside_the_smallest_window(
    show: Callable[..., Screen], tmp_path: Path
) -> None:
    screen = show()
    screen.window.caption.configure(text="A man in a blue shirt runs. " * 5)
    screen.root.geometry("1x1")
    screen.root.update()
    screen.root.update()
    width = screen.root.winfo_width()
    for widget in (screen.window.caption, screen.window.automatic_button):
        right = (
            widget.winfo_rootx() - screen.root.winfo_rootx() + widget.winfo_reqwidth()
        )
        assert right <= width


@pytest.mark.parametrize("look", ["ttkbootstrap", "plain"])
def test_keys_press_the_focused_button(
    show: Callable[..., Screen],
    picture: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    look: str,
) -> None:
    if look == "plain":
        monkeypatch.setattr(theme, "ttkbootstrap", None)
    screen = show()
    screen.open(picture())
    screen.window.copy_button.focus_set()
    screen.press("<space>")
    screen.until(lambda: screen.status == strings.COPIED)


def test_tab_goes_through_the_controls_in_order(
    show: Callable[..., Screen], picture: Callable[..., Path]
) -> None:
    screen = show()
    screen.open(picture())
    visited = []
    for _ in range(4):
        screen.press("<Tab>")
        visited.append(screen.root.focus_get())
    window = screen.window
    assert visited == [
        window.open_button,
        window.speak_button,
        window.copy_button,
        window.automatic_button,
    ]


def test_menus_have_a_letter_for_each_item(show: Callable[..., Screen]) -> None:
    root = show().root
    bar = root.nametowidget(root.cget("menu"))
    menus = [root.nametowidget(name) for name in bar.winfo_children()]
    for menu in [bar, *menus]:
        letters = []
        for index in range(menu.index("end") + 1):
            label = menu.entrycget(index, "label")
            letters.append(label[int(menu.entrycget(index, "underline"))].lower())
        assert len(set(letters)) == len(letters) >= 2


def test_closing_ends_the_voice(
    show: Callable[..., Screen],
    picture: Callable[..., Path],
    install_player: Callable[[str], Path],
) -> None:
    played = install_player("time.sleep(60)")
    screen = show()
    screen.open(picture())
    screen.click(screen.window.speak_button)
    screen.until(played.read_text)
    screen.press("<Tab>")
    screen.root.event_generate("<Control-q>")
    assert not screen.is_alive
    assert not is_running(played)


def test_closing_during_work_ends_the_process_at_once(
    display: str, picture: Callable[..., Path]
) -> None:
    code = """
        import sys, time
        from pathlib import Path
        from gui import theme
        from gui.window import Window

        class Slow:
            def caption(self, picture):
                time.sleep(60)

        def close():
            print(time.time())
            root.tk.eval(root.protocol("WM_DELETE_WINDOW"))

        root = theme.create_root()
        window = Window(root, Slow)
        window.load()
        window.open(Path(sys.argv[1]))
        root.after(700, close)
        root.mainloop()
    """
    finished = run("-c", textwrap.dedent(code), str(picture()))
    ended = time.time()
    assert finished.returncode == 0
    assert finished.stderr == ""
    assert ended - float(finished.stdout) < 1


def test_the_window_is_there_at_once(display: str) -> None:
    # Processor time, because it is the same however busy the machine is.
    code = """
        import sys, time, tkinter

        def mainloop(root):
            print(time.process_time(), root.winfo_viewable())
            root.destroy()

        tkinter.Tk.mainloop = mainloop
        from gui.app import main
        sys.exit(main([]))
    """
    finished = run("-c", textwrap.dedent(code))
    seconds, viewable = finished.stdout.split()
    assert viewable == "1"
    assert float(seconds) < 0.7


def test_the_command_line_names_picture_and_model(
    display: str, picture: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[str | None] = []

    def load(model: str | None) -> StandIn:
        loaded.append(model)
        return StandIn()

    def mainloop(root: tkinter.Tk) -> None:
        end = time.monotonic() + 10
        while "A dog." not in texts(root) and time.monotonic() < end:
            root.update()
        seen.extend(texts(root))
        root.destroy()

    seen: list[str] = []
    monkeypatch.setattr("imagecap.captioner.Captioner.load", load)
    monkeypatch.setattr(tkinter.Tk, "mainloop", mainloop)
    assert app.main([str(picture()), "--model", "mine"]) == 0
    assert "A dog." in seen
    assert loaded == ["mine"]
    gc.collect()


def test_without_a_screen_the_command_line_is_named() -> None:
    finished = run("run_gui.py", DISPLAY="")
    assert finished.returncode == 1
    assert finished.stderr == f"{strings.NO_SCREEN}\n"


@pytest.mark.parametrize(
    ("module", "sentence"),
    [
        ("tkinter", strings.NO_TKINTER),
        ("_tkinter", strings.NO_TKINTER),
        ("PIL", strings.NOT_INSTALLED.format(name="PIL")),
    ],
)
def test_what_is_not_installed_is_named(
    display: str, tmp_path: Path, module: str, sentence: str
) -> None:
    missing = f"No module named {module!r}"
    (tmp_path / f"{module}.py").write_text(
        f"raise ModuleNotFoundError({missing!r}, name={module!r})"
    )
    finished = run("run_gui.py", PYTHONPATH=str(tmp_path))
    assert finished.returncode == 1
    assert finished.stderr == f"{sentence}\n"


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=REPOSITORY,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=30,
    )


def is_running(played: Path) -> bool:
    """Tell whether the newest player is still there, if only as a zombie."""
    process = int(played.read_text().split()[-2])
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def texts(widget: tkinter.Misc) -> list[str]:
    found = [text for child in widget.winfo_children() for text in texts(child)]
    if isinstance(widget, ttk.Label):
        found.append(str(widget.cget("text")))
    return found
