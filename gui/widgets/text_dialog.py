"""Windows that only tell something: the keys, about, pictures that failed."""

from __future__ import annotations

import platform
import tkinter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tkinter import ttk
from typing import TYPE_CHECKING

from .. import dialog_strings
from ..services.narrator import READ, set_spoken_name
from .actions import Menus, shortcuts
from .dialog import Dialog

if TYPE_CHECKING:
    from .theme import Theme

_SIZE = ("480p", "360p")
# All that is left and right of the text.
_EDGES = "54p"


class TextDialog(Dialog):
    """A window with a text to be read, closed by Escape.

    Args:
        root: The window it belongs to.
        look: The colours.
        title: Its title.
        text: What it tells, a paragraph each line.
        markdown: What it tells after that, in Markdown.
    """

    def __init__(
        self,
        root: tkinter.Tk,
        look: Theme,
        title: str,
        text: str,
        markdown: str = "",
    ) -> None:
        super().__init__(root, title)
        self.resize(_SIZE)
        frame = self.body
        self.text = tkinter.Text(
            frame,
            wrap="word",
            relief="flat",
            borderwidth=0,
            highlightthickness=2,
            padx=6,
            pady=6,
            font="TkDefaultFont",
        )
        look.paint_text(self.text)
        self.text.insert("1.0", text)
        if markdown:
            from .markdown import write_markdown

            width = min(self.winfo_pixels(_SIZE[0]), self.maxsize()[0])
            write_markdown(self.text, markdown, width - self.winfo_pixels(_EDGES))
        self.text.configure(state="disabled")
        set_spoken_name(self.text, f"{title}. {dialog_strings.READ_ON}")
        for key, step in (("<Down>", 1), ("<Up>", -1)):
            self.text.bind(key, partial(self._read, step))
        bar = ttk.Scrollbar(frame, command=self.text.yview, takefocus=False)
        self.text.configure(yscrollcommand=bar.set)
        close = ttk.Button(frame, text=dialog_strings.CLOSE, command=self.destroy)
        close.pack(side="bottom", anchor="e", pady=(6, 0))
        bar.pack(side="right", fill="y")
        self.text.pack(side="left", fill="both", expand=True)
        self.appear(self.text)

    def _read(self, step: int, event: tkinter.Event[tkinter.Misc]) -> str:
        """Go to the next paragraph in which something is written, or the one before."""
        marked = self.text.tag_ranges("sel")
        place = int(str(marked[0]).split(".")[0]) if marked else 0
        last = int(self.text.index("end-1c").split(".")[0])
        place += step
        while 1 <= place <= last and not self._line(place).strip():
            place += step
        if 1 <= place <= last:
            self._mark(f"{place}.0")
            self.text.event_generate(READ)
        return "break"

    def _line(self, number: int) -> str:
        return self.text.get(f"{number}.0", f"{number}.end")

    def _mark(self, start: str) -> None:
        """Select a paragraph, have it in sight, and its end where it is long."""
        self.text.tag_remove("sel", "1.0", "end")
        self.text.tag_add("sel", start, f"{start} lineend")
        self.text.mark_set("insert", start)
        self.text.see(f"{start} lineend")
        self.text.see(start)


def show_keys(root: tkinter.Tk, look: Theme, menus: Menus) -> TextDialog:
    """List every key, menu by menu."""
    lines = ["| | |"]
    for menu, keys in shortcuts(menus):
        lines.append(f"| **{menu}** | |")
        lines += [
            f"| {key} | {label.replace('|', chr(92) + '|')} |" for key, label in keys
        ]
    return TextDialog(
        root,
        look,
        dialog_strings.KEYS_TITLE,
        f"{dialog_strings.MORE_KEYS}\n\n",
        "\n".join(lines),
    )


def show_about(
    root: tkinter.Tk, look: Theme, model: Path | None, card: str
) -> TextDialog:
    """Tell the versions, and the card of the model.

    Args:
        root: The window it belongs to.
        look: The colours.
        model: The model's folder; `None` while there is none.
        card: Its card, in Markdown.
    """
    import PIL

    import imagecap

    lines = [
        dialog_strings.ABOUT.format(version=imagecap.__version__),
        "",
        f"Python {platform.python_version()}, Tk {root.tk.call('info', 'patchlevel')}, "
        f"Pillow {PIL.__version__}",
        "",
    ]
    if model:
        lines += [dialog_strings.MODEL_IN.format(folder=model), ""]
    return TextDialog(root, look, dialog_strings.ABOUT_TITLE, "\n".join(lines), card)


def show_failed(root: tkinter.Tk, look: Theme, failures: Sequence[str]) -> TextDialog:
    """Tell of the pictures that could not be captioned, a paragraph each."""
    return TextDialog(root, look, dialog_strings.FAILED_TITLE, "\n\n".join(failures))
