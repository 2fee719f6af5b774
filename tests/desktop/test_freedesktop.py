"""The program in the start menu of Linux, as the desktop itself sees it."""

from __future__ import annotations

import configparser
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from patience import PATIENCE_SECONDS
from PIL import Image

from imagecap.commands.main import main
from imagecap.desktop.errors import DesktopError
from imagecap.desktop.freedesktop import install, quoted, uninstall
from imagecap.desktop.icon import draw_icon

needs_gio = pytest.mark.skipif(not shutil.which("gio"), reason="gio is not installed")
needs_validator = pytest.mark.skipif(
    not shutil.which("desktop-file-validate"),
    reason="desktop-file-validate is not installed",
)
# Whatever a shell, the format of the file or the command itself would read.
ODD = 'it\'s $HOME `a` "b" 100% \\n ä & co'


def program(folder: Path, does: str) -> Path:
    """Make a program in an oddly named folder; it is given pictures."""
    path = folder / ODD / "start"
    path.parent.mkdir()
    path.write_text(f"#!/bin/sh\n{does}\n")
    path.chmod(0o755)
    return path


def wait_for(
    condition: Callable[[], object], seconds: float = PATIENCE_SECONDS
) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@needs_validator
def test_the_entries_are_valid(tmp_path: Path) -> None:
    python = tmp_path / ODD / "python"
    written = install([str(python), "-m", "imagecap", "gui"], tmp_path)
    entries = [path for path in written if path.suffix == ".desktop"]
    assert len(entries) == 2
    for entry in entries:
        said = subprocess.run(
            ["desktop-file-validate", entry], capture_output=True, text=True
        )
        assert (said.returncode, said.stdout + said.stderr) == (0, "")


@needs_gio
def test_the_desktop_starts_it_with_pictures(tmp_path: Path) -> None:
    log = tmp_path / "arguments"
    start = program(tmp_path, f'printf "%s\\n" "$@" > {log}.new; mv {log}.new {log}')
    install([str(start), "first", ODD], tmp_path)
    pictures = [tmp_path / f"{ODD} {number}.jpg" for number in (1, 2)]
    for picture in pictures:
        picture.touch()
    entry = tmp_path / "applications" / "imagecap-describe.desktop"
    subprocess.run(["gio", "launch", entry, *pictures], check=True)
    wait_for(log.exists)
    expected = ["first", ODD, *map(str, pictures)]
    assert log.read_text().splitlines() == expected


@needs_gio
def test_the_window_really_opens(
    tmp_path: Path, display: str, settings_file: Path
) -> None:
    pid = tmp_path / "pid"
    start = program(
        tmp_path, f'echo $$ > {pid}; exec {sys.executable} -m imagecap gui "$@"'
    )
    install([str(start)], tmp_path)
    picture = tmp_path / "photo.png"
    Image.new("RGB", (60, 40), "green").save(picture)
    entry = tmp_path / "applications" / "imagecap-describe.desktop"
    subprocess.run(["gio", "launch", entry, picture], check=True)
    # It remembers what it was started with.
    wait_for(settings_file.exists)
    wait_for(lambda: picture.name in settings_file.read_text())
    os.kill(int(pid.read_text()), signal.SIGTERM)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(sys, "platform", "linux")
    return tmp_path / "data"


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["desktop", *arguments])
    return result.exit_code, result.output


def test_the_command_puts_it_in_and_takes_it_out(home: Path) -> None:
    assert run("uninstall") == (0, "Nothing was installed.\n")
    status, printed = run("install")
    assert status == 0
    written = {Path(line) for line in printed.splitlines()}
    found = {path for path in home.rglob("*.*") if path.is_file()}
    assert written == found - {home / "applications" / "mimeinfo.cache"}
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str  # type: ignore[assignment, method-assign]
    entry.read(home / "applications" / "imagecap-describe.desktop")
    said = entry["Desktop Entry"]
    assert said["Name"] == "Describe with imagecap"
    assert said["Exec"] == f'"{sys.executable}" "-m" "imagecap" "gui" %F'
    assert "image/jpeg" in said["MimeType"].split(";")
    with Image.open(home / "icons/hicolor/128x128/apps/imagecap.png") as icon:
        assert icon.size == (128, 128)
    # Once more does no harm.
    assert run("install")[1] == printed
    status, removed = run("uninstall")
    assert {Path(line) for line in removed.splitlines()} == written
    assert not any(path.exists() for path in written)


def test_another_programs_entry_stays(home: Path) -> None:
    entry = home / "applications" / "imagecap.desktop"
    entry.parent.mkdir(parents=True)
    entry.write_text("[Desktop Entry]\nName=Mine\n")
    status, printed = run("install")
    assert status == 1
    assert "imagecap.desktop was not made by imagecap; move it away" in printed
    assert run("uninstall") == (0, "Nothing was installed.\n")
    assert entry.read_text() == "[Desktop Entry]\nName=Mine\n"
    assert len([path for path in home.rglob("*") if path.is_file()]) == 1


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "icons").write_text("a file where a folder would be")
    with pytest.raises(DesktopError, match=r"icons.* cannot be written \("):
        install(["imagecap"], tmp_path)
    assert uninstall(tmp_path) == []


def test_a_line_end_in_the_path_is_refused() -> None:
    with pytest.raises(DesktopError, match="install imagecap in a folder without"):
        quoted("/home/a\nb/python")


def test_the_icon_is_a_caption_below_a_photograph() -> None:
    icon = draw_icon(64)
    assert icon.getpixel((0, 0))[3] == 0  # type: ignore[index]
    white = [y for y in range(64) if icon.getpixel((20, y)) == (255, 255, 255, 255)]
    assert white
    assert min(white) > 38
