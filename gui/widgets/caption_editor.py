"""The caption: read, looked at word by word, and written anew."""

from __future__ import annotations

import contextlib
import tkinter
from collections.abc import Callable, Sequence
from tkinter import font, ttk

from . import theme
from .marked_words import MarkedWords, Word

# The others are scrolled to; fewer where there is little room for the picture.
_MOST_LINES, _FEW_LINES = 5, 2


class CaptionEditor(ttk.Frame):
    """Shows a caption; a thin line marks the words of which the model is unsure.

    Args:
        parent: The widget around it.
        look: The colours and fonts.

    Attributes:
        entered: Called when it was written and left by Enter, whether changed or not.
        wanted: Called when a person asks to write the caption by a double click.
        written: Called with the text when a person has written it, with `None` when the
            caption was left as it was.
        words: Its words: the one under the pointer or stepped to.
    """

    def __init__(
        self,
        parent: tkinter.Misc,
        look: theme.Theme,
    ) -> None:
        super().__init__(parent, name="caption")
        self._look = look
        self.entered: Callable[[], None] = lambda: None
        self.wanted: Callable[[], None] = lambda: None
        self.written: Callable[[str | None], None] = lambda text: None
        self._text = ""
        self._former = ("", "")
        self._former_words: Sequence[Word] = ()
        self._focus_before: tkinter.Misc | None = None
        self._is_problem = self._is_small = False
        self.field = tkinter.Text(
            self,
            name="text",
            height=1,
            width=1,
            wrap="word",
            relief="flat",
            borderwidth=0,
            cursor="arrow",
            state="disabled",
            undo=True,
            takefocus=True,
        )
        self.words = MarkedWords(self.field)
        self.bar = ttk.Scrollbar(self, command=self.field.yview, takefocus=False)
        self.field.configure(yscrollcommand=self._scrolled)
        self.field.pack(side="left", fill="both", expand=True)
        # The window's keys come before those of a text, which has Emacs' keys as well.
        own, kind, window, everything = self.field.bindtags()
        self.field.bindtags((own, window, kind, everything))
        self.field.bind("<Configure>", lambda _: self._fit_height())
        self.field.bind("<Motion>", self._follow)
        self.field.bind("<Leave>", lambda _: self.words.point(None))
        self.field.bind("<Double-Button-1>", self._clicked_twice)
        self.field.bind("<<Paste>>", self._paste)
        self.field.bind("<Return>", self._return)
        self.field.bind("<Escape>", self._escape)
        self.field.bind("<Tab>", self._leave_by_tab)
        self.field.bind("<FocusOut>", self._focus_left)
        self.field.bind("<<Modified>>", lambda _: self._changed())
        self.repaint()
        look.on_change(self.repaint)

    @property
    def text(self) -> str:
        """What is read there."""
        return self.field.get("1.0", "end-1c")

    @property
    def is_editing(self) -> bool:
        """Whether a person is writing the caption."""
        return str(self.field.cget("state")) == "normal"

    @property
    def _font(self) -> font.Font:
        look = self._look
        is_small = self._is_problem or self._is_small
        return look.problem_font if is_small else look.caption_font

    @property
    def usual_height(self) -> int:
        """How high it is with a caption of two lines, in pixels."""
        lines = int(self.field.cget("height"))
        line = self._font.metrics("linespace")
        return self.winfo_reqheight() + (2 - lines) * line

    def show(self, text: str, words: Sequence[Word] = (), text_shown: str = "") -> None:
        """Show a caption.

        Args:
            text: The caption.
            words: Its words in order; without them nothing is marked.
            text_shown: How it is shown, where that is not the caption itself.
        """
        self._is_problem = False
        self._put(text_shown or text)
        self._text = text
        self.words.show(words)

    def show_problem(self, reason: str) -> None:
        """Show a sentence that says what is wrong, instead of a caption."""
        self._is_problem = True
        self._put(reason)

    def edit(self) -> None:
        """Let a person write the caption."""
        if self.is_editing:
            return
        self.words.point(None)
        self._former, self._former_words = (self._text, self.text), self.words.words
        self._put(self._text)
        self.field.configure(state="normal", cursor="xterm")
        self.field.edit_reset()
        self.field.edit_modified(False)
        self.field.mark_set("insert", "end-1c")
        self.field.see("insert")
        self._focus_before = self.focus_get()
        self.field.focus_set()
        self.repaint()

    def finish(self) -> None:
        """Hand over what has been written, if something is being written."""
        if self.is_editing:
            text = " ".join(self.text.split())
            self._stop_editing()
            if text != self._former[0]:
                self.written(text)
            else:
                self._leave()

    def cancel(self) -> None:
        """Leave the caption as it was."""
        if self.is_editing:
            self._stop_editing()
            self._leave()

    def be_small(self, wanted: bool) -> None:
        """Take less room, where there is little for the picture."""
        if wanted != self._is_small:
            self._is_small = wanted
            self.repaint()

    def repaint(self) -> None:
        """Have the colours and fonts of the look."""
        look, colors = self._look, self._look.colors
        look.paint_text(self.field)
        self.field.configure(
            font=self._font,
            background=colors.field if self.is_editing else colors.background,
            inactiveselectbackground=colors.accent,
            # ttkbootstrap takes them away whenever the theme changes.
            highlightthickness=2,
            padx=0,
            pady=2,
        )
        self.words.paint(colors)
        self._fit_height()

    def _put(self, text: str) -> None:
        self._stop_editing()
        self.words.clear()
        # The same text put anew would scroll back where a person is reading it.
        if text != self.text:
            self.field.configure(state="normal")
            self.field.delete("1.0", "end")
            self.field.insert("1.0", text)
            self.field.configure(state="disabled")
        self.repaint()

    def _leave(self) -> None:
        text, text_shown = self._former
        self.show(text, self._former_words, text_shown)
        self.written(None)

    def _stop_editing(self) -> None:
        self.field.configure(state="disabled", cursor="arrow")

    def _follow(self, event: tkinter.Event[tkinter.Misc]) -> None:
        if not self.is_editing:
            self.words.point_at(event.x, event.y)

    def _return(self, event: tkinter.Event[tkinter.Misc]) -> str | None:
        if not self.is_editing:
            return None
        self.finish()
        self._give_focus_back()
        self.entered()
        return "break"

    def _escape(self, event: tkinter.Event[tkinter.Misc]) -> str | None:
        if not self.is_editing:
            return None
        self.cancel()
        self._give_focus_back()
        return "break"

    def _give_focus_back(self) -> None:
        """Let the keys go on to whom they went before the caption was written."""
        before = self._focus_before
        if before is None or not before.winfo_exists():
            before = self.winfo_toplevel()
        before.focus_set()

    def _clicked_twice(self, event: tkinter.Event[tkinter.Misc]) -> str | None:
        if self.is_editing:
            return None
        self.wanted()
        return "break"

    def _paste(self, event: tkinter.Event[tkinter.Misc]) -> str | None:
        """Paste in place of what is selected, which Tk leaves there on X11."""
        if not (self.is_editing and self.field.tag_ranges("sel")):
            return None
        with contextlib.suppress(tkinter.TclError):
            self.field.replace("sel.first", "sel.last", self.clipboard_get())
        return "break"

    def _leave_by_tab(self, event: tkinter.Event[tkinter.Misc]) -> str:
        following = self.field.tk_focusNext()
        if following:
            following.focus_set()
        return "break"

    def _focus_left(self, event: tkinter.Event[tkinter.Misc]) -> None:
        self.words.point(None)
        # A menu gives the focus back, and so may another program.
        focused = str(self.tk.call("focus"))
        if not focused or self.tk.call("winfo", "class", focused) == "Menu":
            return
        self.finish()

    def _scrolled(self, start: float, end: float) -> None:
        """Show how far the caption is scrolled, where not all of it can be seen."""
        self.bar.set(start, end)
        fits = float(start) <= 0 and float(end) >= 1
        if fits == bool(self.bar.winfo_manager()):
            if fits:
                self.bar.pack_forget()
            else:
                self.bar.pack(side="right", fill="y", before=self.field)

    def _changed(self) -> None:
        self.field.edit_modified(False)
        self._fit_height()

    def _fit_height(self) -> None:
        if self.field.winfo_width() <= 1:
            return
        counted = self.field.count("1.0", "end", "displaylines")
        lines = counted[0] if isinstance(counted, tuple) else counted or 1
        most = _FEW_LINES if self._is_small else _MOST_LINES
        height = max(1, min(lines, most))
        if int(self.field.cget("height")) != height:
            self.field.configure(height=height)
