"""How the window starts and ends."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import textwrap
import time
import tkinter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from patience import PATIENCE_SECONDS
from screen import StandIn, texts

from gui import app, strings
from imagecap.errors import explain

REPOSITORY = Path(__file__).parents[2]


def test_closing_during_work_ends_the_process_at_once(
    display: str, picture: Callable[..., Path]
) -> None:
    code = """
        import sys, time
        from pathlib import Path
        from gui.widgets import theme
        from gui.window import Window

        class Slow:
            name = "slow"

            def describe(self, *_):
                time.sleep(60)

        def close():
            print(time.time())
            root.tk.eval(root.protocol("WM_DELETE_WINDOW"))

        root = theme.create_root()
        window = Window(root, lambda _: Slow())
        window.load()
        window.session.open([Path(sys.argv[1])])
        root.after(700, close)
        root.mainloop()
    """
    finished = run("-c", textwrap.dedent(code), str(picture()))
    ended = time.time()
    assert finished.returncode == 0
    assert finished.stderr == ""
    assert ended - float(finished.stdout) < 1


def test_the_window_is_there_at_once(display: str) -> None:
    # Processor time, because it is the same however busy the machine is.
    code = """
        import sys, time, tkinter

        def mainloop(root):
            # What only some actions need would keep the window waiting.
            assert "imagecap.pictures.metadata" not in sys.modules
            print(time.process_time(), root.winfo_viewable())
            root.destroy()

        tkinter.Tk.mainloop = mainloop
        from gui.app import main
        sys.exit(main([]))
    """
    finished = run("-c", textwrap.dedent(code))
    seconds, viewable = finished.stdout.split()
    assert viewable == "1"
    assert float(seconds) < 0.7


def test_the_command_line_names_picture_and_model(
    display: str, picture: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[str | None] = []

    def load(model: str | None) -> StandIn:
        loaded.append(model)
        return StandIn()

    def mainloop(root: tkinter.Tk) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while "A dog." not in texts(root) and time.monotonic() < end:
            root.update()
        seen.extend(texts(root))
        root.destroy()

    seen: list[str] = []
    monkeypatch.setattr("imagecap.model.captioner.Captioner.load", load)
    monkeypatch.setattr(tkinter.Tk, "mainloop", mainloop)
    assert app.main([str(picture()), "--model", "mine"]) == 0
    assert "A dog." in seen
    assert loaded == ["mine"]
    gc.collect()


@pytest.mark.parametrize(
    "command", [("run_gui.py",), ("-m", "gui"), ("-m", "imagecap.gui")]
)
def test_without_a_screen_the_command_line_is_named(command: Sequence[str]) -> None:
    finished = run(*command, DISPLAY="")
    assert finished.returncode == 1
    assert finished.stderr == f"{strings.NO_SCREEN}\n"


@pytest.mark.parametrize(
    ("module", "sentence"),
    [
        ("tkinter", strings.NO_TKINTER),
        ("_tkinter", strings.NO_TKINTER),
        ("PIL", explain(ModuleNotFoundError(name="PIL"))),
    ],
)
def test_what_is_not_installed_is_named(
    display: str, tmp_path: Path, module: str, sentence: str
) -> None:
    missing = f"No module named {module!r}"
    (tmp_path / f"{module}.py").write_text(
        f"raise ModuleNotFoundError({missing!r}, name={module!r})"
    )
    finished = run("run_gui.py", PYTHONPATH=str(tmp_path))
    assert finished.returncode == 1
    assert finished.stderr == f"{sentence}\n"


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=REPOSITORY,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=30,
    )
