"""The real window and its dialogs on screens of all sizes, with text of all sizes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from virtual_screen import run_on, virtual_screen


@pytest.mark.parametrize(
    ("size", "dpi", "percents"),
    [
        ("400x300", 96, (100, 200, 300)),
        ("1366x768", 96, (100, 200, 300)),
        ("2880x1800", 192, (100, 300)),
    ],
)
def test_nothing_is_cut(
    picture_folder: Callable[[int], Path],
    size: str,
    dpi: int,
    percents: Sequence[int],
) -> None:
    code = """
        import gc, sys, time, tkinter
        from pathlib import Path
        from tkinter import ttk
        from screen import StandIn
        from gui.controllers.appearance import TEXT_SIZES
        from gui.services.file_programs import Question
        from gui.widgets import theme
        from gui.widgets.dialog import Dialog
        from gui.widgets.doubles_dialog import DoublesDialog, Shown
        from gui.widgets.file_chooser import FileChooser
        from gui.widgets.learning_dialog import LearningDialog
        from gui.widgets.scrolled_frame import ScrolledFrame
        from gui.widgets.text_dialog import show_failed
        from gui.window import Window

        # Variables of Tk must not be cleared away in another thread than they are of.
        gc.disable()
        WHOLE = (ttk.Button, ttk.Checkbutton, ttk.Combobox, ttk.Spinbox)
        folder = Path(sys.argv[1])
        root = theme.create_root()
        window = Window(root, lambda _: StandIn())
        root.deiconify()
        root.update()
        window.load()
        window.controllers.opening.open([folder])
        while not window.layout.candidates.buttons:
            root.update()

        def inside(widget):
            for child in widget.winfo_children():
                if not isinstance(child, (tkinter.Toplevel, tkinter.Menu)):
                    yield child
                    yield from inside(child)

        def edges(widget):
            left, top = widget.winfo_rootx(), widget.winfo_rooty()
            width, height = widget.winfo_width(), widget.winfo_height()
            return left, top, left + width, top + height

        def holds(outer, inner):
            (a, b, c, d), (e, f, g, h) = edges(outer), edges(inner)
            # Of what is higher than its page, the beginning.
            return a <= e and b <= f and g <= c and (h <= d or h - f > d - b)

        def faults(top):
            left, upper, right, lower = edges(top)
            wide, high = root.winfo_screenwidth(), root.winfo_screenheight()
            if min(left, upper) < 0 or right > wide or lower > high:
                yield f"is not on the screen: {edges(top)}"
            for widget in inside(top):
                parts = widget.winfo_children()
                if parts and not any(part.winfo_manager() for part in parts):
                    if widget.winfo_viewable() and widget.winfo_height() > 9:
                        yield f"{widget} is empty: {edges(widget)}"
                if not widget.winfo_viewable() or not isinstance(widget, WHOLE):
                    continue
                scrolled = widget.master
                while scrolled and not isinstance(scrolled, ScrolledFrame):
                    scrolled = scrolled.master
                if scrolled:
                    widget.focus_force()
                    root.update()
                shrinks = isinstance(widget, ttk.Entry)
                if not holds(scrolled or top, widget):
                    yield f"{widget} is not seen: {edges(widget)}"
                elif widget.winfo_height() < widget.winfo_reqheight() or (
                    widget.winfo_width() < widget.winfo_reqwidth() and not shrinks
                ):
                    yield f"{widget} is cut: {edges(widget)}"

        def look(top, name):
            end = time.monotonic() + 60
            root.update()
            # What has grown takes a moment until it is all in its place.
            while (found := list(faults(top))) and time.monotonic() < end:
                root.update()
                time.sleep(0.01)
            for fault in found:
                print(f"{name} at {percent} %: {fault}")
            return top

        photo = sorted(folder.iterdir())[0]
        long = "a long sentence about what has gone wrong with it " * 3

        def learning():
            dialog = LearningDialog(root, lambda: None)
            dialog.show_end(long)
            dialog.offer("Use the new model", lambda: None)
            return dialog

        def doubles(has_pair):
            ignore = lambda _: None
            dialog = DoublesDialog(
                root, window.session.background, ignore, ignore, ignore, lambda: None
            )
            if not has_pair:
                dialog.show_end("No picture is there twice.")
                return dialog
            shown = Shown(photo, None, "1,024 × 768 pixels · 112 kB · 2026-11-30 12:00")
            dialog.show_pair("They look alike: 1 of 12", (shown, shown))
            return dialog

        def chooser(form):
            kinds = [("Pictures", ["*.jpg"]), ("All files", ["*"])]
            return FileChooser(root, Question(form, "Which?", photo, kinds))

        def preferences(page):
            window.controllers.helping.show_preferences()
            dialog = [
                one for one in root.winfo_children() if isinstance(one, Dialog)
            ][-1]
            root.update()
            dialog.event_generate("<Control-Tab>")
            pages = dialog.nametowidget(str(dialog.body) + ".pages")
            pages.select(page)
            return dialog

        for percent in map(int, sys.argv[2:]):
            window.session.settings.change(text_size=percent)
            root.update()
            window.session.say(long)
            look(root, "the window")
            window.session.say("")
            for name, make in {
                "captions": lambda: preferences(0),
                "look": lambda: preferences(1),
                "voice": lambda: preferences(2),
                "text": lambda: show_failed(
                    root, window.controllers.appearance.look, [long] * 9
                ),
                "learning": learning,
                "doubles": lambda: doubles(True),
                "no doubles": lambda: doubles(False),
                "files": lambda: chooser("files"),
                "save": lambda: chooser("save"),
            }.items():
                dialog = look(make(), name)
                dialog.destroy()
        del dialog
        window.close()
        gc.collect()
    """
    with virtual_screen(f"{size}x24", dpi) as name:
        done = run_on(name, code, picture_folder(9), *percents)
    assert done.stderr == ""
    assert done.stdout == ""
