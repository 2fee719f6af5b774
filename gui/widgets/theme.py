"""How the window looks: ttkbootstrap where it is installed, else Tk's own look."""

from __future__ import annotations

import sys
import tkinter
from collections.abc import Callable
from tkinter import font, ttk
from typing import TYPE_CHECKING

from .colors import DARK, LIGHT
from .focus_ring import ring_buttons
from .plain_look import paint_plain

if TYPE_CHECKING:
    from .tick_boxes import TickBoxes

try:
    import ttkbootstrap
except ImportError:
    ttkbootstrap = None  # type: ignore[assignment]

QUIET = "Quiet.TLabel"
INVITATION = "Invitation.TLabel"
CANDIDATE = "Candidate.TButton"
EMPHASIS = "Emphasis.TButton"

_CAPTION_SIZE, _PROBLEM_SIZE, _INVITATION_SIZE = 1.8, 1.2, 1.4
_LARGE_CAPTION_SIZE = 3.0
_SMALL_SIZE = 0.85
# How large the box to tick is, relative to the height of a line.
_BOX_SIZE = 0.95
_ROW_HEIGHT = 1.4
# How many lines of text a screen must have at least.
_FEWEST_LINES = 8
_NAMED_FONTS = ("TkDefaultFont", "TkTextFont", "TkMenuFont", "TkHeadingFont")
_LATER_CONTROLS = (
    "Combobox",
    "Notebook",
    "Progressbar",
    "Radiobutton",
    "Scale",
    "Scrollbar",
    "Spinbox",
    "Treeview",
)


class Theme:
    """The look of one window: its colours and the size of its text.

    Args:
        root: The window.

    Attributes:
        colors: The colours now.
        text_size: How large text is, relative to the system's.
        caption_font: The font of captions; it follows the size of text.
        problem_font: The font of what went wrong.
        small_font: The font of file names.
    """

    def __init__(self, root: tkinter.Tk) -> None:
        self._root = root
        self.colors = LIGHT
        self._boxes: TickBoxes | None = None
        self._has_controls = False
        self._text_size, self._caption_size = 1.0, _CAPTION_SIZE
        self._repaints: list[Callable[[], None]] = []
        self._sizes = {
            name: int(font.nametofont(name, root).actual()["size"])
            for name in _NAMED_FONTS
        }
        line = font.nametofont("TkDefaultFont", root).metrics("linespace")
        self._largest_text = max(1.0, root.winfo_screenheight() / line / _FEWEST_LINES)
        family = font.nametofont("TkDefaultFont", root).actual()["family"]
        self.caption_font = font.Font(root, family=family)
        self.small_font = font.Font(root, family=family)
        self.problem_font = font.Font(root, family=family)
        self._invitation_font = font.Font(root, family=family)
        self.set_text_size(1.0)

    def on_change(self, repaint: Callable[[], None]) -> None:
        """Have something called whenever colours or sizes have changed."""
        self._repaints.append(repaint)

    def set_dark(self, dark: bool) -> None:
        """Be dark, or else light."""
        self.colors = DARK if dark else LIGHT
        if ttkbootstrap:
            name = "bootstrap-dark" if dark else "bootstrap-light"
            if ttkbootstrap.Style.get_instance().theme_use() != name:
                ttkbootstrap.Style.get_instance().theme_use(name)
                _draw_checks(self._root)
                if self._has_controls:
                    self.draw_controls()
        self._define_styles()
        self._repaint()

    def set_large_captions(self, wanted: bool) -> None:
        """Have captions that are read from afar, or not."""
        self._caption_size = _LARGE_CAPTION_SIZE if wanted else _CAPTION_SIZE
        self.set_text_size(self._text_size)

    def set_text_size(self, relative: float) -> None:
        """Make all text larger or smaller than the system's, if the screen allows it.

        Args:
            relative: How much larger; on a screen of few lines it is less.
        """
        relative = min(relative, self._largest_text)
        self.text_size = relative
        self._text_size = relative
        for name, size in self._sizes.items():
            font.nametofont(name, self._root).configure(size=round(size * relative))
        usual = self._sizes["TkDefaultFont"] * relative
        self.caption_font.configure(size=round(usual * self._caption_size))
        self.problem_font.configure(size=round(usual * _PROBLEM_SIZE))
        self.small_font.configure(size=round(usual * _SMALL_SIZE))
        self._invitation_font.configure(size=round(usual * _INVITATION_SIZE))
        self._fit_to_text()
        self._repaint()

    def draw_controls(self) -> None:
        """Have the controls drawn that only dialogs and long work show."""
        self._has_controls = True
        if ttkbootstrap:
            for kind in _LATER_CONTROLS:
                getattr(ttkbootstrap, kind)(self._root).destroy()
            ttkbootstrap.Scrollbar(self._root, orient="horizontal").destroy()
        self._define_styles()

    def paint_text(self, text: tkinter.Text) -> None:
        """Give a text field, which knows no style, the colours of the look."""
        colors = self.colors
        text.configure(
            background=colors.background,
            foreground=colors.text,
            insertbackground=colors.text,
            selectbackground=colors.accent,
            selectforeground=colors.on_accent,
            highlightbackground=colors.background,
            highlightcolor=colors.accent,
        )

    def paint_menus(self) -> None:
        """Give the menus that are there already the colours of the look."""
        menus = [self._root.nametowidget(".menu")]
        while menus:
            menu = menus.pop()
            menus += menu.winfo_children()
            for option, value in self._menu_colors().items():
                menu.tk.call(str(menu), "configure", f"-{option.lower()}", value)

    def _repaint(self) -> None:
        for repaint in self._repaints:
            repaint()

    def _menu_colors(self) -> dict[str, str]:
        colors = self.colors
        return {
            "background": colors.background,
            "foreground": colors.text,
            "activeBackground": colors.accent,
            "activeForeground": colors.on_accent,
            "disabledForeground": colors.quiet,
            "selectColor": colors.text,
        }

    def _define_styles(self) -> None:
        colors, style = self.colors, ttk.Style(self._root)
        if not ttkbootstrap:
            paint_plain(style, colors)
        self._root.configure(background=colors.background)
        for name in (".", "TFrame", "TLabel", "TCheckbutton", "TRadiobutton"):
            style.configure(name, background=colors.background, foreground=colors.text)
        style.configure(QUIET, foreground=colors.quiet)
        style.configure(INVITATION, foreground=colors.quiet, font=self._invitation_font)
        style.configure(
            CANDIDATE,
            anchor="w",
            background=colors.background,
            foreground=colors.text,
            bordercolor=colors.background,
            lightcolor=colors.background,
            darkcolor=colors.background,
            focuscolor=colors.text,
            relief="flat",
            padding=(0, 2),
        )
        style.configure(
            "Treeview",
            background=colors.field,
            fieldbackground=colors.field,
            foreground=colors.text,
        )
        style.map(
            "Treeview",
            background=[("selected", colors.accent)],
            foreground=[("selected", colors.on_accent)],
        )
        self._define_emphasis(style)
        if ttkbootstrap or style.theme_use() == "clam":
            # Other systems draw their own.
            ring_buttons(style, colors.accent, ("TButton", CANDIDATE), "TCheckbutton")
            ring_buttons(style, colors.text, (EMPHASIS,))
        self._fit_to_text()
        menu = {f"*Menu.{name}": color for name, color in self._menu_colors().items()}
        for option, value in {
            **menu,
            "*Menu.relief": "flat",
            "*Menu.Menu.relief": "raised",
            "*Menu.borderWidth": 1,
            "*Menu.activeBorderWidth": 1,
            "*TCombobox*Listbox.background": colors.field,
            "*TCombobox*Listbox.foreground": colors.text,
            "*TCombobox*Listbox.selectBackground": colors.accent,
            "*TCombobox*Listbox.selectForeground": colors.on_accent,
        }.items():
            self._root.option_add(option, value)

    def _fit_to_text(self) -> None:
        """Give boxes to tick and rows of lists the size of the text in them."""
        style = ttk.Style(self._root)
        line = font.nametofont("TkDefaultFont", self._root).metrics("linespace")
        side = round(_BOX_SIZE * line)
        style.configure("Treeview", rowheight=round(_ROW_HEIGHT * line))
        if ttkbootstrap and (self._boxes or self.text_size != 1):
            # Those of the theme are drawn already, for the usual size.
            from .tick_boxes import TickBoxes

            self._boxes = self._boxes or TickBoxes(style)
            self._boxes.draw("TCheckbutton", side, self.colors)
        elif not ttkbootstrap:
            style.configure("TCheckbutton", indicatorsize=side)

    def _define_emphasis(self, style: ttk.Style) -> None:
        """Define how the one button looks that matters most."""
        colors = self.colors
        style.configure(
            EMPHASIS, foreground=colors.on_accent, focuscolor=colors.on_accent
        )
        style.map(
            EMPHASIS,
            foreground=[("disabled", colors.quiet), ("!disabled", colors.on_accent)],
        )
        for option in ("background", "bordercolor", "lightcolor", "darkcolor"):
            usual = style.lookup("TButton", option, ["disabled"])
            style.configure(EMPHASIS, **{option: colors.accent})
            states = [("disabled", usual), ("!disabled", colors.accent)]
            style.map(EMPHASIS, None, **{option: states})


def create_root() -> tkinter.Tk:
    """Create the window, styled but not shown yet.

    Raises:
        tkinter.TclError: If there is no screen.
    """
    if ttkbootstrap:
        root: tkinter.Tk = ttkbootstrap.App(
            theme="bootstrap-light", iconphoto=None, alpha=None, className="Imagecap"
        )
        # ttkbootstrap takes Space away from buttons: give Tk's own binding back.
        root.tk.call("bind", "TButton", "<space>", "ttk::button::activate %W")
        _draw_checks(root)
    else:
        _see_true_pixels()
        root = tkinter.Tk(className="Imagecap")
        if root.tk.call("tk", "windowingsystem") == "x11":
            ttk.Style(root).theme_use("clam")
    root.withdraw()
    return root


def magnification(widget: tkinter.Misc) -> float:
    """Return how many pixels of this screen make one of an ordinary screen."""
    return widget.winfo_fpixels("1i") / 96


def _draw_checks(root: tkinter.Misc) -> None:
    # It draws the box when it first makes such a widget; the window uses plain ttk.
    ttkbootstrap.Checkbutton(root).destroy()


def _see_true_pixels() -> None:
    """Keep Windows from blurring the window on screens of high density."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.shcore.SetProcessDpiAwareness(1)
