"""What a person can choose, each choice in force at once."""

from __future__ import annotations

import tkinter
from collections.abc import Sequence
from functools import partial
from tkinter import ttk
from typing import TYPE_CHECKING

from .. import strings
from ..strings import without_mnemonic
from ..widgets import file_dialogs
from ..widgets.form import add_box, add_button, add_choice, add_number
from ..widgets.placement import place_over
from ..widgets.text_dialog import take_focus_back
from .appearance import TEXT_SIZES

if TYPE_CHECKING:
    from imagecap.speech import Voice

    from ..session import Session
    from .appearance import Appearance
    from .speaking import Speaking

_MARGIN = "15p"
_GAP = "4p"
_WIDEST_BEAM = 10
_RATE_STEP, _VOLUME_STEP = 10, 10


class Preferences(tkinter.Toplevel):
    """Asks for the model, the search, the look and the voice.

    Args:
        session: Whose settings are chosen.
        root: The window in front of which it is.
        appearance: How it looks.
        speaking: What reads it aloud.
    """

    def __init__(
        self,
        session: Session,
        root: tkinter.Tk,
        appearance: Appearance,
        speaking: Speaking,
    ) -> None:
        super().__init__(root, background=appearance.look.colors.background)
        self.withdraw()
        self.title(strings.PREFERENCES_TITLE)
        self.transient(root)
        self.resizable(False, False)
        self._session = session
        self._parent = root
        self._appearance = appearance
        self._speaking = speaking
        self._voices: Sequence[Voice] = ()
        frame = ttk.Frame(self, padding=_MARGIN)
        frame.pack(fill="both", expand=True)
        self._pages = ttk.Notebook(frame, name="pages")
        # Control and Tab go from page to page.
        self._pages.enable_traversal()
        self._pages.pack(fill="both", expand=True)
        self._build_captions(self._page(strings.CAPTION))
        self._build_look(self._page(strings.LOOK))
        self._build_voice(self._page(strings.VOICE))
        self.problem = ttk.Label(frame, wraplength=self.winfo_pixels("280p"))
        self.problem.pack(anchor="w", fill="x", pady=_GAP)
        ttk.Button(frame, text=strings.CLOSE, command=self.destroy).pack(anchor="e")
        self.bind("<Escape>", lambda _: self.destroy())
        self.bind("<Destroy>", self._closed)
        place_over(self, root)
        self.deiconify()
        self.model.focus_set()
        speaking.player.list_voices(self._show_voices, self._say_problem)

    def _page(self, title: str) -> ttk.Frame:
        page = ttk.Frame(self._pages, padding=_MARGIN)
        page.columnconfigure(1, weight=1)
        self._pages.add(page, text=without_mnemonic(title))
        return page

    def _build_captions(self, page: ttk.Frame) -> None:
        values = self._session.settings.values
        self.model: ttk.Combobox = add_choice(
            page,
            strings.MODEL,
            _model_names(),
            self._session.model or "default",
            self._choose_model,
        )
        add_button(page, strings.CHOOSE_MODEL, self._choose_model_folder)
        self._beams = [strings.MODELS_OWN, *map(str, range(1, _WIDEST_BEAM + 1))]
        width = values.beam_width
        self.beam = add_choice(
            page,
            strings.BEAM_WIDTH,
            self._beams,
            str(width) if width else self._beams[0],
            self._choose_beam,
        )
        self._learns = tkinter.BooleanVar(self, values.learn_at_once)
        self.learn_at_once = add_box(
            page, strings.LEARN_AT_ONCE, self._learns, self._choose_learn_at_once
        )
        self.hedging = tkinter.BooleanVar(self, values.hedging)
        add_box(page, strings.HEDGING, self.hedging, self._choose_hedging)

    def _build_look(self, page: ttk.Frame) -> None:
        values = self._session.settings.values
        self.theme = add_choice(
            page,
            strings.THEME,
            list(strings.THEMES.values()),
            strings.THEMES[values.theme],
            self._choose_theme,
        )
        self.text_size = add_choice(
            page,
            strings.TEXT_SIZE,
            list(map(str, TEXT_SIZES)),
            str(values.text_size),
            self._choose_text_size,
        )

    def _build_voice(self, page: ttk.Frame) -> None:
        from imagecap.speech import FASTEST, LOUDEST, SLOWEST

        values, speaking = self._session.settings.values, self._speaking
        own = strings.MACHINES_VOICE
        self.voice = add_choice(page, strings.VOICE, [own], own, self._choose_voice)
        self.rate = self._spinbox(
            page, strings.RATE, (SLOWEST, FASTEST, _RATE_STEP), values.rate, "rate"
        )
        self.volume = self._spinbox(
            page, strings.VOLUME, (0, LOUDEST, _VOLUME_STEP), values.volume, "volume"
        )
        add_button(page, strings.PREVIEW, self._preview)
        for words, variable, command in (
            (
                strings.SPEAK_AUTOMATICALLY,
                speaking.automatic,
                speaking.automatic_changed,
            ),
            (
                strings.SELF_VOICING,
                speaking.self_voicing,
                speaking.self_voicing_changed,
            ),
        ):
            add_box(page, words, variable, command)

    def _spinbox(
        self,
        page: ttk.Frame,
        words: str,
        numbers: tuple[int, int, int],
        value: int,
        setting: str,
    ) -> ttk.Spinbox:
        low, high, step = numbers
        box = add_number(page, words, low, high, step, value)
        take = partial(self._set_number, box, low, high, setting)
        box.configure(command=take)
        for event in ("<FocusOut>", "<Return>"):
            box.bind(event, lambda _: take(), add="+")
        return box

    def _choose_model(self, event: tkinter.Event[tkinter.Misc]) -> None:
        chosen = self.model.get()
        self._session.settings.change(model=None if chosen == "default" else chosen)

    def _choose_model_folder(self) -> None:
        from pathlib import Path

        from imagecap.model.bundle import MANIFEST

        chosen = file_dialogs.askdirectory(
            parent=self, title=strings.CHOOSE_MODEL_TITLE, mustexist=True
        )
        if chosen and (Path(chosen) / MANIFEST).is_file():
            self.model.set(chosen)
            self._session.settings.change(model=chosen)
            self._say_problem("")
        elif chosen:
            self._say_problem(strings.NO_MODEL.format(folder=chosen))

    def _choose_beam(self, event: tkinter.Event[tkinter.Misc]) -> None:
        place = self._beams.index(self.beam.get())
        self._session.settings.change(beam_width=place or None)

    def _choose_learn_at_once(self) -> None:
        self._session.settings.change(learn_at_once=self._learns.get())

    def _choose_theme(self, event: tkinter.Event[tkinter.Misc]) -> None:
        by_words = {words: value for value, words in strings.THEMES.items()}
        self._session.settings.change(theme=by_words[self.theme.get()])
        self.configure(background=self._appearance.look.colors.background)

    def _choose_hedging(self) -> None:
        self._session.settings.change(hedging=self.hedging.get())

    def _choose_text_size(self, event: tkinter.Event[tkinter.Misc]) -> None:
        self._session.settings.change(text_size=int(self.text_size.get()))
        # All of it is to be seen, though it is larger now.
        place_over(self, self._parent)

    def _choose_voice(self, event: tkinter.Event[tkinter.Misc]) -> None:
        place = self.voice.current()
        chosen = self._voices[place - 1].id if place > 0 else ""
        self._session.settings.change(voice=chosen)

    def _set_number(self, box: ttk.Spinbox, low: int, high: int, setting: str) -> None:
        try:
            value = max(low, min(high, round(float(box.get()))))
        except ValueError:
            value = getattr(self._session.settings.values, setting)
        if box.get() != str(value):
            box.set(value)
        self._session.settings.change(**{setting: value})

    def _show_voices(self, voices: Sequence[Voice]) -> None:
        if not self.winfo_exists():
            return
        self._voices = voices
        names = [f"{voice.name} ({voice.language})" for voice in voices]
        self.voice.configure(values=[strings.MACHINES_VOICE, *names])
        ids = [voice.id for voice in voices]
        chosen = self._session.settings.values.voice
        if chosen in ids:
            self.voice.current(ids.index(chosen) + 1)

    def _preview(self) -> None:
        values = self._session.settings.values
        self._speaking.player.preview(values.speech_options)

    def _say_problem(self, reason: str) -> None:
        if self.winfo_exists():
            self.problem.configure(text=reason)
            self._speaking.narrator.say(reason)

    def _closed(self, event: tkinter.Event[tkinter.Misc]) -> None:
        if event.widget is self:
            take_focus_back(self._parent)


def _model_names() -> list[str]:
    from imagecap.model.bundle import MANIFEST, models_folders

    return sorted(
        {
            manifest.parent.name
            for folder in models_folders()
            for manifest in folder.glob(f"*/{MANIFEST}")
        }
    )
