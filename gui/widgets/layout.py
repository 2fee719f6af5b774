"""The parts of the window and their places: the picture first, the rest quiet."""

from __future__ import annotations

import tkinter
from tkinter import font, ttk
from typing import TYPE_CHECKING

from .. import strings
from ..services.narrator import set_spoken_name
from ..strings import without_mnemonic
from . import theme
from .candidate_list import CandidateList
from .caption_editor import CaptionEditor
from .fitting_row import FittingRow
from .picture_grid import PictureGrid
from .picture_view import PictureView
from .placement import keep_on_screen
from .review_bar import ReviewBar
from .room import Parts, Room
from .run_bar import RunBar
from .sash import Sash
from .thumbnail_strip import ThumbnailStrip

if TYPE_CHECKING:
    from ..services.background import Background

# Lengths in points, so that they are the same on every screen.
_SMALLEST_HEIGHT = "180p"
_MARGIN = ("12p", "9p", "12p", "6p")
_GAP = "6p"
_SMALL_GAP = "3p"
_NARROWEST_FIELD = "75p"
# How many are too few for two sentences side by side.
_FEW_LETTERS = 36
# The width of the focus ring around a text.
_RING = 2


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
        room: Which of these are in sight, and how large the thumbnails are.
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
        self._look = look
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
        # Where the letters of the caption begin, and of the other captions.
        buttons.grid(row=3, sticky="ew", pady=_SMALL_GAP, padx=(_RING, 0))
        self.candidates = CandidateList(body)
        self.candidates.grid(row=4, sticky="ew")
        sash = Sash(body, look)
        sash.grid(row=5, sticky="ew")
        self.strip = ThumbnailStrip(body, background, look)
        self.strip.grid(row=6, sticky="ew")
        self.run_bar = RunBar(body)
        self.run_bar.grid(row=7, sticky="ew", pady=_SMALL_GAP)
        self.run_bar.grid_remove()
        self.review_bar = ReviewBar(body)
        self.review_bar.grid(row=8, sticky="ew", pady=_SMALL_GAP)
        self.review_bar.grid_remove()
        foot = self._build_foot()
        foot.grid(row=9, sticky="ew", pady=(_SMALL_GAP, 0))
        gaps = self._pixels(_MARGIN[1]) + self._pixels(_MARGIN[3])
        gaps += self._pixels(_GAP) + 5 * self._pixels(_SMALL_GAP)
        self.room = Room(
            look,
            Parts(
                self._top,
                self.caption,
                buttons,
                self.candidates,
                sash,
                self.strip,
                (self.run_bar, self.review_bar),
                self.details,
                gaps,
            ),
        )
        self._strip_is_wanted = self._has_grid = False
        self.show_strip(False)
        set_spoken_name(self.caption.field, without_mnemonic(strings.CAPTION))
        set_spoken_name(self.strip.canvas, strings.THUMBNAILS)
        set_spoken_name(self.grid.canvas, strings.GRID_SPOKEN)
        body.bind("<Configure>", lambda event: self.room.divide(event.height))
        self.caption.bind("<Configure>", lambda _: self._make_room())
        look.on_change(self._fit_soon)
        root.update_idletasks()
        root.minsize(*self._least_size)

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
        self._strip_is_wanted = wanted
        self._make_room()

    def show_grid(self, wanted: bool) -> None:
        """Have the grid in sight instead of the picture and the strip, or not."""
        self._has_grid = wanted
        for widget, is_seen in ((self.picture, not wanted), (self.grid, wanted)):
            if is_seen:
                widget.grid(row=1, sticky="nsew")
            else:
                widget.grid_remove()
        self._make_room()

    def show_only_picture(self, wanted: bool) -> None:
        """Have nothing in sight but the picture, its caption and the status, or not."""
        self.room.is_bare = wanted
        self._make_room()

    def show_search(self, wanted: bool) -> None:
        """Have the field for searching in sight on any screen, or not."""
        self.room.is_searching = wanted
        self._make_room()

    def show_sample_button(self, wanted: bool) -> None:
        """Offer a sample, or not."""
        if wanted:
            self.sample_button.place(
                relx=0.5, rely=0.5, y=self._root.winfo_pixels("45p"), anchor="center"
            )
        else:
            self.sample_button.place_forget()

    def fit(self) -> None:
        """Give all its room once the widgets have the size of text there is now."""
        self.candidates.fit()
        for row in (self._top, self._buttons):
            row.fit(row.winfo_width())
        self._fit_foot()
        keep_on_screen(self._root, self._least_size)
        self._make_room()

    def _fit_soon(self) -> None:
        self.body.after_idle(self.fit)

    @property
    def _least_size(self) -> tuple[int, int]:
        width = max(self._top.least_width, self._buttons.least_width)
        return width + 2 * self._pixels(_MARGIN[0]), self._pixels(_SMALLEST_HEIGHT)

    def _make_room(self) -> None:
        self.room.strip_is_wanted = self._strip_is_wanted and not self._has_grid
        self.room.divide(self.body.winfo_height())

    def _pixels(self, length: str) -> int:
        return self._root.winfo_pixels(length)

    def _build_top(self) -> FittingRow:
        row = FittingRow(self.body, "top", _GAP)
        self.open_button = ttk.Button(row, text=without_mnemonic(strings.OPEN))
        self.folder_button = ttk.Button(row, text=strings.FOLDER_BUTTON)
        self.paste_button = ttk.Button(row, text=without_mnemonic(strings.PASTE))
        label = ttk.Label(row, text=strings.SEARCH, style=theme.QUIET)
        self.search: ttk.Entry = ttk.Entry(row, width=20, name="search")
        self.everywhere_button = ttk.Checkbutton(row, text=strings.EVERYWHERE)
        # The menus have what is left out of a narrow window.
        row.add(self.open_button)
        row.add(self.folder_button, importance=1)
        row.add(self.paste_button, importance=3)
        row.add_space()
        row.add(label)
        row.add(self.search, shrinks_to=_NARROWEST_FIELD)
        row.add(self.everywhere_button, importance=2)
        self.search.bind("<FocusOut>", lambda _: self.show_search(False))
        set_spoken_name(self.search, strings.SEARCH)
        set_spoken_name(
            self.everywhere_button, without_mnemonic(strings.EVERYWHERE_MENU)
        )
        return row

    def _build_buttons(self) -> FittingRow:
        row = FittingRow(self.body, "buttons", _GAP)
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
        row.add(self.speak_button)
        row.add(self.edit_button)
        row.add(self.copy_button, importance=2)
        row.add(self.save_button, importance=1)
        row.add(self.automatic_button, importance=3)
        row.add_space()
        return row

    def _build_foot(self) -> ttk.Frame:
        row = self._foot = ttk.Frame(self.body, name="foot")
        self.details = ttk.Label(row, style=theme.QUIET)
        self.details.pack(side="right", anchor="n")
        self.status = ttk.Label(row, style=theme.QUIET)
        self.status.pack(side="left", fill="x", expand=True)
        self.status.bind(
            "<Configure>",
            lambda event: self.status.configure(wraplength=event.width),
        )
        row.bind("<Configure>", lambda _: self._fit_foot())
        return row

    def _fit_foot(self) -> None:
        """Leave a narrow line to what goes on."""
        letter = font.nametofont("TkDefaultFont", self._root).measure("0")
        if self._foot.winfo_width() < _FEW_LETTERS * letter:
            self.details.pack_forget()
        elif not self.details.winfo_manager():
            self.details.pack(side="right", anchor="n", before=self.status)
