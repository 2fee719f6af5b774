"""What a person chooses in the real window, and that it is kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tkinter import ttk

import pytest
from screen import Screen, StandIn

from gui import dialog_strings, strings
from gui.widgets.colors import DARK
from imagecap import speech
from imagecap.library.store import Library
from imagecap.settings import change_settings, load_settings


def test_preferences_are_chosen_by_keyboard_and_kept(screen: Screen) -> None:
    screen.press("<Control-comma>")
    dialog = screen.dialog()
    dialog.model.focus_force()
    screen.press("<Control-Tab>", "<Down>")
    screen.until(lambda: "popdown" in str(screen.root.tk.call("focus")))
    screen.press("<Down>", "<Down>", "<Return>")
    screen.until(lambda: load_settings()[0].theme == "dark")
    assert screen.controllers.appearance.look.colors is DARK
    dialog.theme.focus_force()
    screen.press("<Control-Shift-Tab>")
    dialog.beam.focus_force()
    screen.press("<Down>")
    screen.until(lambda: "popdown" in str(screen.root.tk.call("focus")))
    screen.press("<Down>", "<Down>", "<Return>")
    screen.until(lambda: load_settings()[0].beam_width == 2)
    screen.until(lambda: len(screen.session.candidates) == 2)
    assert not load_settings()[0].learn_at_once
    dialog.learn_at_once.focus_force()
    screen.press("<space>")
    screen.until(lambda: load_settings()[0].learn_at_once)
    screen.press("<Control-Shift-Tab>")
    dialog.rate.focus_force()
    screen.press("<Up>")
    screen.until(lambda: load_settings()[0].rate == 185)
    screen.press("<Escape>")
    assert not dialog.winfo_exists()
    screen.until(lambda: screen.root.focus_get() is screen.root)


def test_another_model_describes_anew_and_is_kept(
    show: Callable[..., Screen],
    picture: Callable[..., Path],
    choose: Callable[..., list[dict]],
    tmp_path: Path,
) -> None:
    loaded: list[str | None] = []

    def load(model: str | None) -> StandIn:
        loaded.append(model)
        return StandIn()

    screen = show(load)
    screen.open(picture())
    screen.press("<Control-comma>")
    dialog = screen.dialog()
    assert "default" in dialog.model.cget("values")
    choose("askdirectory", tmp_path)
    dialog.model.focus_force()
    screen.press("<Tab>", "<space>")
    assert dialog.problem.cget("text") == dialog_strings.NO_MODEL.format(
        folder=tmp_path
    )
    (tmp_path / "manifest.json").write_text("{}")
    screen.press("<space>")
    screen.until(lambda: loaded == [None, str(tmp_path)])
    screen.until(lambda: screen.caption == "A dog.")
    screen.until(lambda: load_settings()[0].model == str(tmp_path))
    assert dialog.problem.cget("text") == ""


def test_a_voice_of_the_machine_is_chosen_and_heard(
    show: Callable[..., Screen], monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []

    class Noting(speech.Speaker):
        def preview(self, options: speech.SpeechOptions) -> None:
            heard.append(options.voice)

    monkeypatch.setattr(speech, "Speaker", Noting)
    screen = show()
    screen.press("<Control-comma>")
    dialog = screen.dialog()
    screen.until(lambda: len(dialog.voice.cget("values")) > 10)
    dialog.model.focus_force()
    screen.press("<Control-Shift-Tab>")
    dialog.voice.focus_force()
    screen.press("<Down>")
    screen.until(lambda: "popdown" in str(screen.root.tk.call("focus")))
    screen.press("<Down>", "<Down>", "<Return>")
    screen.until(lambda: load_settings()[0].voice)
    chosen = speech.Speaker().voices()[1]
    assert load_settings()[0].voice == chosen.id
    assert dialog.voice.get() == f"{chosen.name} ({chosen.language})"
    # From the voice over its speed and its volume to the button that lets it be heard.
    screen.press("<Tab>", "<Tab>", "<Tab>", "<space>")
    assert heard == [chosen.id]


def test_boxes_to_tick_are_as_large_as_the_text(screen: Screen) -> None:
    box = ttk.Checkbutton(screen.root)
    before = box.winfo_reqwidth()
    screen.session.settings.change(text_size=200)
    screen.root.update()
    assert box.winfo_reqwidth() >= before + 12


def test_at_one_and_a_half_the_size_of_text_other_captions_are_in_sight(
    show: Callable[..., Screen], picture_folder: Callable[[int], Path]
) -> None:
    screen = show(size="920x660")
    screen.session.settings.change(text_size=150)
    screen.controllers.opening.open([picture_folder(9)])
    screen.until(lambda: screen.layout.candidates.buttons)
    screen.until(screen.layout.candidates.buttons[0].winfo_viewable)
    assert screen.layout.strip.winfo_viewable()


def test_what_was_chosen_before_holds_from_the_start(
    show: Callable[..., Screen], picture: Callable[..., Path]
) -> None:
    change_settings(
        model="mine",
        beam_width=2,
        theme="dark",
        text_size=150,
        speak_automatically=True,
    )
    loaded: list[str | None] = []

    def load(model: str | None) -> StandIn:
        loaded.append(model)
        return StandIn()

    screen = show(load)
    screen.open(picture())
    assert loaded == ["mine"]
    assert len(screen.session.candidates) == 2
    assert screen.controllers.appearance.look.colors is DARK


def damage(library: Path) -> None:
    """Make a library whose beginning is damaged."""
    Library(library).close()
    library.write_bytes(b"damaged header!!" + library.read_bytes()[16:])


def test_damaged_settings_are_told(
    show: Callable[..., Screen], settings_file: Path
) -> None:
    settings_file.parent.mkdir(parents=True)
    settings_file.write_text("{")
    screen = show()
    screen.until(lambda: "damaged" in screen.status)


def test_a_damaged_library_is_told(
    show: Callable[..., Screen], library_file: Path
) -> None:
    damage(library_file)
    screen = show()
    screen.until(lambda: "damaged" in screen.status)


def test_what_was_damaged_stays_until_it_was_seen(
    show: Callable[..., Screen],
    picture: Callable[..., Path],
    settings_file: Path,
    library_file: Path,
) -> None:
    """As with a picture on the command line, which is opened while the model loads."""
    settings_file.parent.mkdir(parents=True, exist_ok=True)
    settings_file.write_text('{"theme":')
    damage(library_file)
    screen = show()
    screen.session.open([picture("dog.png"), picture("cat.png")])
    screen.until(lambda: screen.caption == "A dog.")
    for path in (settings_file, library_file):
        screen.until(lambda path=path: f"{path.parent}" in screen.status)
    screen.session.say("Copied.")
    assert "damaged" in screen.status
    screen.session.go_to(1)
    screen.until(lambda: screen.caption == "A cat.")
    assert screen.status == strings.PLACE.format(place=2, count=2)
