"""The parts of the window and their places: the picture first, the rest quiet."""

from __future__ import annotations

import tkinter
from tkinter import ttk
from typing import TYPE_CHECKING

from .. import strings
from ..services.narrator import set_spoken_name
from ..strings import without_mnemonic
from . import theme
from .candidate_list import CandidateList
from .caption_editor import CaptionEditor
from .picture_grid import PictureGrid
from .picture_view import PictureView
from .review_bar import ReviewBar
from .run_bar import RunBar
from .thumbnail_strip import ThumbnailStrip

if TYPE_CHECKING:
    from ..services.background import Background

# Lengths in points, so that they are the same on every screen.
_SMALLEST_HEIGHT = "270p"
_MARGIN = ("12p", "9p", "12p", "6p")
_GAP = "6p"
_SMALL_GAP = "3p"
# Where the window is lower than this, the picture needs the room of the others.
_ROOM_FOR_CANDIDATES = "400p"
_ROOM_FOR_STRIP = "330p"


class Layout:
    """Builds the widgets of a window and gives each its place.

    Args:
        root: The empty window.
        look: The colours and fonts.
        background: Where pictures are made ready.

    Attributes:
        body: All that is in the window.
        picture: Where the picture is.
        grid: Many pictures at a glance, instead of it.
        caption: The caption, or what went wrong.
        candidates: The other captions.
        strip: The thumbnails, in sight where several pictures are open.
        run_bar: The progress of a run, in sight while there is one.
        review_bar: How far a review is, in sight while there is one.
        status: Says quietly what is going on.
        details: Says quietly by which model, and how long it took.
        search: Where words to search for are written.
        everywhere_button: Whether all of the library is searched.
    """

    def __init__(
        self, root: tkinter.Tk, look: theme.Theme, background: Background
    ) -> None:
        self._root = root
        self.body = body = ttk.Frame(root, padding=_MARGIN, name="body")
        body.pack(fill="both", expand=True)
        body.columnconfigure(0, weight=1)
        body.rowconfigure(1, weight=1)

        # Tab goes through the controls in the order in which they are built.
        self._top = self._build_top()
        self._top.grid(row=0, sticky="ew", pady=(0, _GAP))
        self.picture = PictureView(body, background, strings.EMPTY)
        self.picture.grid(row=1, sticky="nsew")
        self.sample_button = ttk.Button(
            self.picture, text=without_mnemonic(strings.SAMPLE)
        )
        self.grid = PictureGrid(body, background, look)
        self.caption = CaptionEditor(body, look)
        self.caption.grid(row=2, sticky="ew", pady=(_GAP, _SMALL_GAP))
        self._buttons = buttons = self._build_buttons()
        buttons.grid(row=3, sticky="ew", pady=_SMALL_GAP)
        self.candidates = CandidateList(body)
        self.candidates.grid(row=4, sticky="ew")
        self.strip = ThumbnailStrip(body, background, look)
        self.run_bar = RunBar(body)
        self.run_bar.grid(row=6, sticky="ew", pady=_SMALL_GAP)
        self.run_bar.grid_remove()
        self.review_bar = ReviewBar(body)
        self.review_bar.grid(row=7, sticky="ew", pady=_SMALL_GAP)
        self.review_bar.grid_remove()
        self._build_foot().grid(row=8, sticky="ew", pady=(_SMALL_GAP, 0))
        self._has_strip = self._has_candidates = True
        self._has_grid = self._is_bare = False
        self.show_strip(False)
        set_spoken_name(self.caption.field, without_mnemonic(strings.CAPTION))
        set_spoken_name(self.strip.canvas, strings.THUMBNAILS)
        set_spoken_name(self.grid.canvas, strings.GRID_SPOKEN)
        body.bind("<Configure>", lambda event: self._make_room(event.height))
        root.update_idletasks()
        root.minsize(
            buttons.winfo_reqwidth() + 2 * root.winfo_pixels(_MARGIN[0]),
            root.winfo_pixels(_SMALLEST_HEIGHT),
        )

    @property
    def caption_buttons(self) -> tuple[ttk.Button, ...]:
        """The buttons that do something with a caption."""
        return (
            self.speak_button,
            self.edit_button,
            self.copy_button,
            self.save_button,
        )

    def show_strip(self, wanted: bool) -> None:
        """Have the thumbnails in sight, or not."""
        self._strip_wanted = wanted
        self._make_room(self.body.winfo_height())

    def show_grid(self, wanted: bool) -> None:
        """Have the grid in sight instead of the picture and the strip, or not."""
        self._has_grid = wanted
        for widget, is_seen in ((self.picture, not wanted), (self.grid, wanted)):
            if is_seen:
                widget.grid(row=1, sticky="nsew")
            else:
                widget.grid_remove()
        self._make_room(self.body.winfo_height())

    def show_only_picture(self, wanted: bool) -> None:
        """Have nothing in sight but the picture, its caption and the status, or not."""
        self._is_bare = wanted
        for row in (self._top, self._buttons):
            if wanted:
                row.grid_remove()
            else:
                row.grid()
        self._make_room(self.body.winfo_height())

    def show_sample_button(self, wanted: bool) -> None:
        """Offer a sample, or not."""
        if wanted:
            self.sample_button.place(
                relx=0.5, rely=0.5, y=self._root.winfo_pixels("45p"), anchor="center"
            )
        else:
            self.sample_button.place_forget()

    def _make_room(self, height: int) -> None:
        has_strip = (
            self._strip_wanted
            and not (self._has_grid or self._is_bare)
            and height >= self._pixels(_ROOM_FOR_STRIP)
        )
        if has_strip != self._has_strip:
            self._has_strip = has_strip
            if has_strip:
                self.strip.grid(row=5, sticky="ew", pady=(_SMALL_GAP, 0))
            else:
                self.strip.grid_remove()
        has_room = height >= self._pixels(_ROOM_FOR_CANDIDATES)
        has_candidates = has_room and not self._is_bare
        if has_candidates != self._has_candidates:
            self._has_candidates = has_candidates
            if has_candidates:
                self.candidates.grid()
            else:
                self.candidates.grid_remove()

    def _pixels(self, length: str) -> int:
        return self._root.winfo_pixels(length)

    def _build_top(self) -> ttk.Frame:
        row = ttk.Frame(self.body, name="top")
        self.open_button = ttk.Button(row, text=without_mnemonic(strings.OPEN))
        self.folder_button = ttk.Button(row, text=strings.FOLDER_BUTTON)
        self.paste_button = ttk.Button(row, text=without_mnemonic(strings.PASTE))
        for button in (self.open_button, self.folder_button, self.paste_button):
            button.pack(side="left", padx=(0, _GAP))
        self.search: ttk.Entry = ttk.Entry(row, width=20, name="search")
        self.everywhere_button = ttk.Checkbutton(row, text=strings.EVERYWHERE)
        self.everywhere_button.pack(side="right", padx=(_GAP, 0))
        self.search.pack(side="right")
        ttk.Label(row, text=strings.SEARCH, style=theme.QUIET).pack(
            side="right", padx=_GAP
        )
        set_spoken_name(self.search, strings.SEARCH)
        set_spoken_name(
            self.everywhere_button, without_mnemonic(strings.EVERYWHERE_MENU)
        )
        return row

    def _build_buttons(self) -> ttk.Frame:
        row = ttk.Frame(self.body, name="buttons")
        # One width, so that nothing moves when Speak becomes Stop.
        self.speak_button = ttk.Button(
            row, text=without_mnemonic(strings.SPEAK), style=theme.EMPHASIS, width=8
        )
        self.edit_button = ttk.Button(row, text=without_mnemonic(strings.EDIT))
        self.copy_button = ttk.Button(row, text=without_mnemonic(strings.COPY))
        self.save_button = ttk.Button(row, text=strings.SAVE_BUTTON)
        self.automatic_button = ttk.Checkbutton(
            row, text=without_mnemonic(strings.SPEAK_AUTOMATICALLY)
        )
        for button in (*self.caption_buttons, self.automatic_button):
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
