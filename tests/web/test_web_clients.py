"""The programs of the documentation, against a real server."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from made_pictures import quarters, saved

from imagecap.library.store import Library
from imagecap.model.caption import Caption

PAGE = Path(__file__).parents[2] / "docs" / "web.md"


def program(language: str) -> str:
    """The last program of a language."""
    found = re.findall(
        rf"^```{language}\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S
    )
    return str(found[-1])


@pytest.mark.skipif(not shutil.which("curl"), reason="There is no curl here.")
def test_the_programs_of_the_documentation_work(
    library_file: Path, tmp_path: Path
) -> None:
    dog = saved(quarters(), tmp_path / "dog.jpg")
    with closing(Library(library_file)) as library:
        said = Caption(("a", "dog"), -1.0, (0.9, 0.9))
        library.keep_model_captions(dog, "stand-in@1", None, [said])
    in_python = tmp_path / "client.py"
    in_python.write_text(program("python"), "utf-8")
    assert len(in_python.read_text("utf-8").splitlines()) <= 15
    script = program("sh").replace("kill $!", '"$PYTHON" client.py "$address"\nkill $!')
    # Whatever goes wrong, no server stays behind.
    script = f"set -euo pipefail\ntrap 'kill $(jobs -p)' ERR\n{script}"
    bin_folder = str(Path(sys.executable).parent)
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env={
            **os.environ,
            "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}",
            "PYTHON": sys.executable,
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert '"hedged_text"' in done.stdout
    assert '"caption":"A dog."' in done.stdout
    assert '"human":"Our dog."' in done.stdout
    assert done.stdout.rstrip().endswith(".")
    with closing(Library(library_file)) as library:
        assert library.human(dog) == "Our dog."
