"""The pages in a real browser, as a person uses them, by script, without, by keys."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from made_pictures import save_noise

from imagecap.library.store import Library
from imagecap.model.caption import Caption

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "web" / "pages.py"


@pytest.mark.skipif(
    not shutil.which("chromium")
    or not importlib.util.find_spec("axe_playwright_python"),
    reason="It needs Chromium, and axe-playwright-python.",
)
def test_a_person_finds_the_way_and_axe_no_fault(
    library_file: Path, tmp_path: Path
) -> None:
    pictures = save_noise(tmp_path, 5)
    with closing(Library(library_file)) as library:
        for picture in pictures:
            said = Caption(("a", "cat"), -1.0, (0.9, 0.1), confidence=0.2, unsure=True)
            library.keep_model_captions(picture, "stand-in@1", None, [said])
    serve = [sys.executable, "-m", "imagecap", "serve", "--no-browser"]
    with subprocess.Popen(
        [*serve, "--model", "fast"], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout
        address = server.stdout.readline().strip()
        command = [sys.executable, str(SCRIPT), address, str(pictures[0])]
        done = subprocess.run(
            [*command, "--size", "phone", "--scheme", "dark"],
            capture_output=True,
            text=True,
        )
        server.terminate()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No faults." in done.stdout
