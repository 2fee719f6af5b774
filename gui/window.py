"""The window: the picture first, its caption large, everything else quiet."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tkinter import filedialog, ttk
from types import TracebackType
from typing import TYPE_CHECKING

from . import strings, theme
from .actions import Action, attach, plain
from .background import Background, sentence
from .describing import Describer
from .picture import PictureView
from .voice import Voice

if TYPE_CHECKING:
    from PIL import Image

    from imagecap.captioner import Captioner
    from imagecap.decoding import Caption

# Lengths in points, so that they are the same on every screen.
_SIZE = ("690p", "570p")
_SMALLEST_HEIGHT = "270p"
_MARGIN = ("15p", "15p", "15p", "6p")
_BEFORE_CAPTION = "12p"
_GAP = "6p"


class Window:
    """Opens pictures, shows their captions and reads them aloud.

    Args:
        root: The empty window.
        load_captioner: Loads the model; called off the window's thread.

    Attributes:
        picture: Where the picture is.
        caption: The label with the caption, or with what went wrong.
        status: The label that says quietly what is going on.
        open_button: Chooses a picture.
        speak_button: Reads the caption aloud, or stops that.
        copy_button: Copies the caption.
        automatic_button: Whether each caption is read aloud as soon as it is there.
    """

    def __init__(
        self, root: tkinter.Tk, load_captioner: Callable[[], Captioner]
    ) -> None:
        self._root = root
        self._path: Path | None = None
        self._caption: str | None = None
        self._note = ""
        self._background = Background(root)
        self._voice = Voice(root, self._background, self._voice_fell_silent)
        self._describer = Describer(
            self._background,
            load_captioner,
            changed=self._refresh,
            described=self._show_caption,
            failed=self._show_problem,
        )
        self._build()
        self._refresh()
        root.protocol("WM_DELETE_WINDOW", self.close)
        root.report_callback_exception = self._report

    def load(self) -> None:
        """Begin to load the model behind the window."""
        self._describer.load()

    def open(self, path: Path) -> None:
        """Show a picture and describe it, instead of the former one.

        Args:
            path: The picture file; what is wrong with it is said in the window.
        """
        self._voice.stop()
        self._path = path
        self._set_caption(None)
        screen = (self._root.winfo_screenwidth(), self._root.winfo_screenheight())
        self._background.run(
            partial(_open_for_screen, path, screen),
            partial(self._show_picture, path),
            partial(self._show_broken_picture, path),
        )
        self._describer.describe(path)

    def close(self) -> None:
        """End the voice and the window; work still going on is left behind."""
        self._background.close()
        self._voice.close()
        self._root.destroy()

    def _build(self) -> None:
        root = self._root
        root.title(strings.TITLE)
        width, height = (root.winfo_pixels(length) for length in _SIZE)
        root.geometry(
            f"{min(width, root.winfo_screenwidth())}"
            f"x{min(height, root.winfo_screenheight())}"
        )
        body = ttk.Frame(root, padding=_MARGIN)
        body.pack(fill="both", expand=True)
        body.columnconfigure(0, weight=1)
        body.rowconfigure(0, weight=1)

        self.picture = PictureView(body, self._background, strings.EMPTY)
        self.picture.grid(row=0, sticky="nsew")
        self.caption = ttk.Label(body, style=theme.CAPTION)
        self.caption.grid(row=1, sticky="ew", pady=(_BEFORE_CAPTION, _GAP))
        self._build_buttons(body).grid(row=2, sticky="ew", pady=_GAP)
        self.status = ttk.Label(body, style=theme.QUIET)
        self.status.grid(row=3, sticky="ew")
        body.bind("<Configure>", self._wrap_lines)
        root.update_idletasks()
        root.minsize(body.winfo_reqwidth(), root.winfo_pixels(_SMALLEST_HEIGHT))

        has_caption = self._has_caption
        attach(
            root,
            {
                strings.FILE: [
                    Action(strings.OPEN, self._choose_picture, "o"),
                    Action(strings.SAVE, self._save_speech, "s", has_caption),
                    Action(strings.QUIT, self.close, "q"),
                ],
                strings.CAPTION: [
                    Action(strings.SPEAK, self._speak, "Return", has_caption),
                    Action(strings.STOP, self._voice.stop, "Escape", self._is_speaking),
                    Action(strings.COPY, self._copy, "c", has_caption),
                ],
            },
        )

    def _build_buttons(self, parent: tkinter.Misc) -> ttk.Frame:
        row = ttk.Frame(parent)
        self._automatic = tkinter.BooleanVar(self._root, False)
        self.open_button = ttk.Button(
            row, text=plain(strings.OPEN), command=self._choose_picture
        )
        self.speak_button = ttk.Button(row, command=self._speak_or_stop)
        theme.emphasize(self.speak_button)
        self.copy_button = ttk.Button(row, text=plain(strings.COPY), command=self._copy)
        self.automatic_button = ttk.Checkbutton(
            row, text=plain(strings.SPEAK_AUTOMATICALLY), variable=self._automatic
        )
        # One width, so that nothing moves when Speak becomes Stop.
        self.speak_button.configure(width=8)
        for button in (
            self.open_button,
            self.speak_button,
            self.copy_button,
            self.automatic_button,
        ):
            button.pack(side="left", padx=(0, _GAP))
        return row

    def _wrap_lines(self, event: tkinter.Event[tkinter.Misc]) -> None:
        width = event.width - 2 * self._root.winfo_pixels(_MARGIN[0])
        self.caption.configure(wraplength=width)
        self.status.configure(wraplength=width)

    def _refresh(self) -> None:
        """Bring buttons and status in line with what is going on."""
        possible = "!disabled" if self._caption else "disabled"
        self.speak_button.state([possible])
        self.copy_button.state([possible])
        speak_or_stop = strings.STOP if self._is_speaking() else strings.SPEAK
        self.speak_button.configure(text=plain(speak_or_stop))
        going_on = {
            "loading": strings.LOADING,
            "describing": strings.DESCRIBING,
            "idle": self._note,
        }
        self.status.configure(text=going_on[self._describer.state])

    def _set_note(self, note: str) -> None:
        self._note = note
        self._refresh()

    def _set_caption(self, caption: str | None) -> None:
        self._caption = caption
        self._note = ""
        self.caption.configure(style=theme.CAPTION, text=caption or "")
        self._refresh()

    def _show_caption(self, caption: Caption) -> None:
        self._set_caption(caption.text)
        if self._automatic.get():
            self._speak()

    def _show_problem(self, reason: str) -> None:
        self._set_caption(None)
        self.caption.configure(style=theme.PROBLEM, text=reason)

    def _show_picture(self, path: Path, picture: Image.Image) -> None:
        if path is self._path:
            self.picture.show(picture)

    def _show_broken_picture(self, path: Path, reason: str) -> None:
        if path is self._path:
            self._describer.forget()
            self.picture.show(None)
            self._show_problem(reason)

    def _choose_picture(self) -> None:
        from imagecap.images import PICTURE_SUFFIXES

        # Tk tells capitals from small letters where file names do.
        suffixes = sorted(PICTURE_SUFFIXES)
        patterns = [*suffixes, *(suffix.upper() for suffix in suffixes)]
        chosen = filedialog.askopenfilename(
            parent=self._root,
            title=strings.OPEN_TITLE,
            initialdir=self._path.parent if self._path else None,
            filetypes=[(strings.PICTURES, patterns), (strings.ALL_FILES, "*")],
        )
        if chosen:
            self.open(Path(chosen))

    def _has_caption(self) -> bool:
        return self._caption is not None

    def _is_speaking(self) -> bool:
        return self._voice.is_speaking

    def _speak(self) -> None:
        if self._caption:
            self._voice.speak(self._caption)
            self._set_note("")

    def _speak_or_stop(self) -> None:
        if self._is_speaking():
            self._voice.stop()
        else:
            self._speak()

    def _voice_fell_silent(self, reason: str) -> None:
        self._set_note(reason)

    def _copy(self) -> None:
        if self._caption:
            self._root.clipboard_clear()
            self._root.clipboard_append(self._caption)
            self._set_note(strings.COPIED)

    def _save_speech(self) -> None:
        if not (self._caption and self._path):
            return
        chosen = filedialog.asksaveasfilename(
            parent=self._root,
            title=strings.SAVE_TITLE,
            initialdir=self._path.parent,
            initialfile=f"{self._path.stem}.wav",
            defaultextension=".wav",
            filetypes=[(strings.WAV_FILES, "*.wav")],
        )
        if chosen:
            path = Path(chosen)
            self._set_note(strings.SAVING)
            self._voice.save(
                self._caption,
                path,
                lambda: self._set_note(strings.SAVED.format(name=path.name)),
                self._set_note,
            )

    def _report(
        self,
        kind: type[BaseException],
        error: BaseException,
        traceback: TracebackType | None,
    ) -> None:
        """Say what no one foresaw, instead of nothing at all."""
        self._set_note(sentence(error))


def _open_for_screen(path: Path, screen: tuple[int, int]) -> Image.Image:
    """Open a picture no larger than a screen can show it."""
    from imagecap.images import open_picture

    picture = open_picture(path, at_least=screen)
    picture.thumbnail(screen)
    return picture
