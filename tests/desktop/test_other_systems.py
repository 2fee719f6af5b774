"""The entries of Windows and macOS, as far as they can be seen elsewhere."""

from __future__ import annotations

import os
import plistlib
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from imagecap.desktop import macos, windows
from imagecap.desktop.errors import DesktopError


def test_windows_gets_an_entry_for_every_picture() -> None:
    program = r"C:\Program Files\Python\pythonw.exe"
    values = windows.registry_values(
        (program, "-m", "imagecap", "gui"), Path("imagecap.ico")
    )
    assert values[windows.KEY] == {
        "": "Describe with imagecap",
        "Icon": "imagecap.ico",
    }
    assert values[rf"{windows.KEY}\command"] == {
        "": rf'"{program}" -m imagecap gui "%1"'
    }


@pytest.mark.skipif(sys.platform == "win32", reason="the program is a shell script")
def test_macos_gets_a_program(tmp_path: Path) -> None:
    log = tmp_path / "it's a log"
    started = ["sh", "-c", 'echo "$@" > "$0"', str(log)]
    written = macos.install(started, tmp_path)
    bundle = tmp_path / "Image captions.app"
    information = plistlib.loads((bundle / "Contents/Info.plist").read_bytes())
    program = bundle / "Contents/MacOS" / information["CFBundleExecutable"]
    assert program in written
    assert os.access(program, os.X_OK)
    subprocess.run([program, "photo.jpg"], check=True)
    assert log.read_text() == "photo.jpg\n"
    with Image.open(bundle / "Contents/Resources/imagecap.icns") as icon:
        assert icon.format == "ICNS"
    assert macos.install(started, tmp_path) == written
    assert macos.uninstall(tmp_path) == [bundle]
    assert not bundle.exists()
    assert macos.uninstall(tmp_path) == []


def test_another_program_of_the_name_stays(tmp_path: Path) -> None:
    bundle = tmp_path / "Image captions.app"
    bundle.mkdir()
    with pytest.raises(DesktopError, match="was not made by imagecap"):
        macos.install(["imagecap"], tmp_path)
    assert macos.uninstall(tmp_path) == []
    assert bundle.exists()
