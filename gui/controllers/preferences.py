"""What a person can choose, each choice in force at once."""

from __future__ import annotations

import tkinter
from collections.abc import Sequence
from functools import partial
from tkinter import ttk
from typing import TYPE_CHECKING

from .. import dialog_strings, strings
from ..strings import without_mnemonic
from ..widgets import file_dialogs
from ..widgets.dialog import Dialog
from ..widgets.form import Form
from .appearance import TEXT_SIZES

if TYPE_CHECKING:
    from imagecap.speech import Voice

    from ..session import Session
    from .appearance import Appearance
    from .speaking import Speaking

_GAP = "4p"
_WIDEST_SENTENCE = "280p"
_WIDEST_BEAM = 10
_RATE_STEP, _VOLUME_STEP = 10, 10


class Preferences(Dialog):
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
        super().__init__(root, dialog_strings.PREFERENCES_TITLE)
        self.resizable(False, False)
        self._session = session
        self._appearance = appearance
        self._speaking = speaking
        self._voices: Sequence[Voice] = ()
        self._pages = ttk.Notebook(self.body, name="pages")
        # Control and Tab go from page to page.
        self._pages.enable_traversal()
        self._forms: list[Form] = []
        self._build_captions(self._page(strings.CAPTION))
        self._build_look(self._page(dialog_strings.LOOK))
        self._build_voice(self._page(dialog_strings.VOICE))
        self._foot = foot = ttk.Frame(self.body)
        widest = min(self.winfo_pixels(_WIDEST_SENTENCE), self.winfo_screenwidth())
        self.problem = ttk.Label(foot, wraplength=widest)
        self._close = ttk.Button(foot, text=dialog_strings.CLOSE, command=self.destroy)
        # First, so that it has its room on any screen.
        foot.pack(side="bottom", fill="x", pady=(_GAP, 0))
        self._pages.pack(side="top", fill="both", expand=True)
        self._arrange()
        self.appear(self.model)
        speaking.player.list_voices(self._show_voices, self._say_problem)

    def _page(self, title: str) -> Form:
        page = Form(self._pages)
        self._forms.append(page)
        self._pages.add(page, text=without_mnemonic(title))
        return page

    def _arrange(self) -> None:
        """Have the fields beside their names, if the screen is as wide as that."""
        for is_narrow in (False, True):
            for form in self._forms:
                form.arrange(is_narrow)
            self.update_idletasks()
            if self.winfo_reqwidth() <= self.maxsize()[0]:
                break
        # On a low screen the fields need its room; Escape closes the window, too.
        self._close.pack(side="bottom", anchor="e")
        self.update_idletasks()
        if self.winfo_reqheight() > self.maxsize()[1]:
            self._close.pack_forget()
            # A frame without anything in it would stay as high as it was.
            self._foot.configure(height=1)

    def _build_captions(self, page: Form) -> None:
        from imagecap.model.bundle import bundle_names

        values = self._session.settings.values
        self.model: ttk.Combobox = page.add_choice(
            dialog_strings.MODEL,
            bundle_names(),
            self._session.model or "default",
            self._choose_model,
        )
        page.add_button(dialog_strings.CHOOSE_MODEL, self._choose_model_folder)
        self._beams = [dialog_strings.MODELS_OWN, *map(str, range(1, _WIDEST_BEAM + 1))]
        width = values.beam_width
        self.beam = page.add_choice(
            dialog_strings.BEAM_WIDTH,
            self._beams,
            str(width) if width else self._beams[0],
            self._choose_beam,
        )
        self._learns = tkinter.BooleanVar(self, values.learn_at_once)
        self.learn_at_once = page.add_box(
            dialog_strings.LEARN_AT_ONCE, self._learns, self._choose_learn_at_once
        )
        self.hedging = tkinter.BooleanVar(self, values.hedging)
        page.add_box(dialog_strings.HEDGING, self.hedging, self._choose_hedging)

    def _build_look(self, page: Form) -> None:
        values = self._session.settings.values
        self.theme = page.add_choice(
            dialog_strings.THEME,
            list(dialog_strings.THEMES.values()),
            dialog_strings.THEMES[values.theme],
            self._choose_theme,
        )
        self.text_size = page.add_choice(
            dialog_strings.TEXT_SIZE,
            list(map(str, TEXT_SIZES)),
            str(values.text_size),
            self._choose_text_size,
        )

    def _build_voice(self, page: Form) -> None:
        from imagecap.speech import FASTEST, LOUDEST, SLOWEST

        values, speaking = self._session.settings.values, self._speaking
        own = dialog_strings.MACHINES_VOICE
        self.voice = page.add_choice(
            dialog_strings.VOICE, [own], own, self._choose_voice
        )
        self.rate = self._spinbox(
            page,
            dialog_strings.RATE,
            (SLOWEST, FASTEST, _RATE_STEP),
            values.rate,
            "rate",
        )
        self.volume = self._spinbox(
            page,
            dialog_strings.VOLUME,
            (0, LOUDEST, _VOLUME_STEP),
            values.volume,
            "volume",
        )
        page.add_button(dialog_strings.PREVIEW, self._preview)
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
            page.add_box(words, variable, command)

    def _spinbox(
        self,
        page: Form,
        words: str,
        numbers: tuple[int, int, int],
        value: int,
        setting: str,
    ) -> ttk.Spinbox:
        low, high, step = numbers
        box = page.add_number(words, low, high, step, value)
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
            parent=self, title=dialog_strings.CHOOSE_MODEL_TITLE, mustexist=True
        )
        if chosen and (Path(chosen) / MANIFEST).is_file():
            self.model.set(chosen)
            self._session.settings.change(model=chosen)
            self._say_problem("")
        elif chosen:
            self._say_problem(dialog_strings.NO_MODEL.format(folder=chosen))

    def _choose_beam(self, event: tkinter.Event[tkinter.Misc]) -> None:
        place = self._beams.index(self.beam.get())
        self._session.settings.change(beam_width=place or None)

    def _choose_learn_at_once(self) -> None:
        self._session.settings.change(learn_at_once=self._learns.get())

    def _choose_theme(self, event: tkinter.Event[tkinter.Misc]) -> None:
        by_words = {words: value for value, words in dialog_strings.THEMES.items()}
        self._session.settings.change(theme=by_words[self.theme.get()])
        self.configure(background=self._appearance.look.colors.background)

    def _choose_hedging(self) -> None:
        self._session.settings.change(hedging=self.hedging.get())

    def _choose_text_size(self, event: tkinter.Event[tkinter.Misc]) -> None:
        self._session.settings.change(text_size=int(self.text_size.get()))
        # All of it is to be seen, though it is larger now.
        self._arrange()
        self.place_anew()

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
        self.voice.configure(values=[dialog_strings.MACHINES_VOICE, *names])
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
            if reason:
                self.problem.pack(side="top", anchor="w", fill="x")
            else:
                self.problem.pack_forget()
            self._speaking.narrator.say(reason)
