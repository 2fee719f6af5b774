"""The parts of the window and their places: the picture first, the rest quiet."""

from __future__ import annotations

from tkinter import ttk
from typing import TYPE_CHECKING

from .. import strings
from ..services.narrator import name
from ..strings import plain
from . import theme
from .caption_editor import CaptionText
from .picture_view import PictureView
from .run_bar import FolderRun
from .thumbnail_strip import Strip

if TYPE_CHECKING:
    from ..window import Window

# Lengths in points, so that they are the same on every screen.
_SIZE = ("690p", "570p")
_SMALLEST_HEIGHT = "270p"
_MARGIN = ("12p", "9p", "12p", "6p")
_GAP = "6p"
_SMALL_GAP = "3p"
# Where the window is lower than this, the picture needs the room of the others.
_ROOM_FOR_CANDIDATES = "400p"
_ROOM_FOR_STRIP = "330p"
_MOST_CANDIDATES = 3


class Layout:
    """Builds the widgets of a window and gives each its place.

    Args:
        window: The window whose commands the buttons run.

    Attributes:
        picture: Where the picture is.
        caption: The caption, or what went wrong.
        strip: The thumbnails, in sight where several pictures are open.
        folder: The progress of a run, in sight while there is one.
        status: Says quietly what is going on.
        details: Says quietly by which model, and how long it took.
        search: Where words to search for are written.
    """

    def __init__(self, window: Window) -> None:
        self._root = root = window.root
        self._look = window.appearance.look
        width, height = (root.winfo_pixels(length) for length in _SIZE)
        root.geometry(
            f"{min(width, root.winfo_screenwidth())}"
            f"x{min(height, root.winfo_screenheight())}"
        )
        self.body = body = ttk.Frame(root, padding=_MARGIN, name="body")
        body.pack(fill="both", expand=True)
        body.columnconfigure(0, weight=1)
        body.rowconfigure(1, weight=1)

        self._build_top(window).grid(row=0, sticky="ew", pady=(0, _GAP))
        self.picture = PictureView(
            body,
            window.background,
            strings.EMPTY,
            window.viewing.want_detail,
        )
        self.picture.grid(row=1, sticky="nsew")
        self.sample_button = ttk.Button(
            self.picture,
            text=plain(strings.SAMPLE),
            command=window.opening.open_sample,
        )
        self.caption = CaptionText(
            body, self._look, window.captions.point, window.captions.take_written
        )
        self.caption.grid(row=2, sticky="ew", pady=(_GAP, _SMALL_GAP))
        self._build_buttons(window).grid(row=3, sticky="ew", pady=_SMALL_GAP)
        self._candidates = ttk.Frame(body, name="candidates")
        self._candidates.grid(row=4, sticky="ew")
        self._candidate_buttons: list[ttk.Button] = []
        self._choose = window.captions.choose
        self.strip = Strip(body, window.background, self._look, window.go_to)
        self.folder = FolderRun(body, window.background, window.run_changed)
        self._build_foot().grid(row=7, sticky="ew", pady=(_SMALL_GAP, 0))
        self._has_strip = self._has_candidates = True
        self.show_strip(False)
        name(self.caption.field, plain(strings.CAPTION))
        name(self.strip.canvas, strings.THUMBNAILS)
        body.bind("<Configure>", lambda event: self._make_room(event.height))
        root.update_idletasks()
        root.minsize(
            self._buttons.winfo_reqwidth() + 2 * root.winfo_pixels(_MARGIN[0]),
            root.winfo_pixels(_SMALLEST_HEIGHT),
        )

    @property
    def candidate_buttons(self) -> list[ttk.Button]:
        """The buttons of the other captions that are in sight."""
        return [button for button in self._candidate_buttons if button.winfo_manager()]

    def enable_caption_buttons(self, possible: bool) -> None:
        """Let a caption be used, or not."""
        state = "!disabled" if possible else "disabled"
        for button in (
            self.speak_button,
            self.edit_button,
            self.copy_button,
            self.save_button,
        ):
            button.state([state])

    def draw_controls(self) -> None:
        """Have those controls drawn that were not in sight so far."""
        self._look.draw_controls()

    def paint_menus(self, look: theme.Theme) -> None:
        """Give the menus that are there the colours of a look."""
        bar = self._root.nametowidget(self._root.cget("menu"))
        menus = [bar]
        while menus:
            menu = menus.pop()
            look.paint_menu(menu)
            menus += menu.winfo_children()

    def show_strip(self, wanted: bool) -> None:
        """Have the thumbnails in sight, or not."""
        self._strip_wanted = wanted
        self._make_room(self.body.winfo_height())
        state = "!disabled" if wanted else "disabled"
        self.search.state([state])

    def show_folder(self, wanted: bool) -> None:
        """Have the progress of a run in sight, or not."""
        if wanted:
            self.folder.grid(row=6, sticky="ew", pady=_SMALL_GAP)
        else:
            self.folder.grid_remove()

    def show_sample_button(self, wanted: bool) -> None:
        """Offer a sample, or not."""
        if wanted:
            self.sample_button.place(
                relx=0.5, rely=0.5, y=self._root.winfo_pixels("45p"), anchor="center"
            )
        else:
            self.sample_button.place_forget()

    def show_candidates(self, texts: list[tuple[int, str]]) -> None:
        """Show other captions to choose from.

        Args:
            texts: The key of each, and the caption.
        """
        texts = texts[:_MOST_CANDIDATES]
        while len(self._candidate_buttons) < len(texts):
            button = ttk.Button(self._candidates, style=theme.CANDIDATE)
            self._candidate_buttons.append(button)
        for button in self._candidate_buttons[len(texts) :]:
            button.pack_forget()
        for button, (number, text) in zip(self._candidate_buttons, texts, strict=False):
            button.configure(
                text=f"{number}   {text}",
                command=lambda number=number: self._choose(number),  # type: ignore[misc]
            )
            button.pack(fill="x")
        if not texts:
            # An empty frame keeps the height it had.
            self._candidates.configure(height=1)

    def _make_room(self, height: int) -> None:
        has_strip = self._strip_wanted and height >= self._pixels(_ROOM_FOR_STRIP)
        if has_strip != self._has_strip:
            self._has_strip = has_strip
            if has_strip:
                self.strip.grid(row=5, sticky="ew", pady=(_SMALL_GAP, 0))
            else:
                self.strip.grid_remove()
        has_candidates = height >= self._pixels(_ROOM_FOR_CANDIDATES)
        if has_candidates != self._has_candidates:
            self._has_candidates = has_candidates
            if has_candidates:
                self._candidates.grid()
            else:
                self._candidates.grid_remove()

    def _pixels(self, length: str) -> int:
        return self._root.winfo_pixels(length)

    def _build_top(self, window: Window) -> ttk.Frame:
        row = ttk.Frame(self.body, name="top")
        self.open_button = ttk.Button(
            row, text=plain(strings.OPEN), command=window.opening.choose_pictures
        )
        self.folder_button = ttk.Button(
            row, text=strings.FOLDER_BUTTON, command=window.opening.choose_folder
        )
        self.paste_button = ttk.Button(
            row, text=plain(strings.PASTE), command=window.opening.paste
        )
        for button in (self.open_button, self.folder_button, self.paste_button):
            button.pack(side="left", padx=(0, _GAP))
        self.search: ttk.Entry = ttk.Entry(row, width=20, name="search")
        self.search.pack(side="right")
        ttk.Label(row, text=strings.SEARCH, style=theme.QUIET).pack(
            side="right", padx=_GAP
        )
        name(self.search, strings.SEARCH)
        return row

    def _build_buttons(self, window: Window) -> ttk.Frame:
        self._buttons: ttk.Frame = ttk.Frame(self.body, name="buttons")
        row = self._buttons
        self.speak_button = ttk.Button(
            row, style=theme.EMPHASIS, command=window.speaking.speak_or_stop
        )
        # One width, so that nothing moves when Speak becomes Stop.
        self.speak_button.configure(width=8)
        self.edit_button = ttk.Button(
            row, text=plain(strings.EDIT), command=window.captions.edit
        )
        self.copy_button = ttk.Button(
            row, text=plain(strings.COPY), command=window.saving.copy
        )
        self.save_button = ttk.Button(
            row, text=strings.SAVE_BUTTON, command=window.saving.save_text
        )
        self.automatic_button = ttk.Checkbutton(
            row,
            text=plain(strings.SPEAK_AUTOMATICALLY),
            variable=window.speaking.automatic,
            command=window.speaking.automatic_changed,
        )
        for button in (
            self.speak_button,
            self.edit_button,
            self.copy_button,
            self.save_button,
            self.automatic_button,
        ):
            button.pack(side="left", padx=(0, _GAP))
        return row

    def _build_foot(self) -> ttk.Frame:
        row = ttk.Frame(self.body, name="foot")
        self.details = ttk.Label(row, style=theme.QUIET)
        self.details.pack(side="right", anchor="n")
        self.status = ttk.Label(row, style=theme.QUIET)
        self.status.pack(side="left", fill="x", expand=True)
        self.status.bind(
            "<Configure>",
            lambda event: self.status.configure(wraplength=event.width),
        )
        return row
