"""The program put into the start menu of this system, and out of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import platformdirs


def install() -> list[Path]:
    """Put the program into the start menu and the menus of picture files.

    Returns:
        The files that were written.

    Raises:
        DesktopError: If one cannot be written, or is another program's.
    """
    command = _command()
    if sys.platform == "win32":
        from imagecap.desktop import windows

        return windows.install(command, _data(), _windows_menu())
    if sys.platform == "darwin":
        from imagecap.desktop import macos

        return macos.install(command, _mac_applications())
    from imagecap.desktop import freedesktop

    return freedesktop.install(command, _shared_data())


def uninstall() -> list[Path]:
    """Take out what `install` put in; return the files that were there.

    Raises:
        DesktopError: If one cannot be deleted.
    """
    if sys.platform == "win32":
        from imagecap.desktop import windows

        return windows.uninstall(_data(), _windows_menu())
    if sys.platform == "darwin":
        from imagecap.desktop import macos

        return macos.uninstall(_mac_applications())
    from imagecap.desktop import freedesktop

    return freedesktop.uninstall(_shared_data())


def _command() -> Sequence[str]:
    program = Path(sys.executable)
    # Without a terminal in front of the window.
    silent = program.with_name("pythonw.exe")
    if sys.platform == "win32" and silent.is_file():
        program = silent
    if getattr(sys, "frozen", False):
        return (str(program), "gui")
    return (str(program), "-m", "imagecap", "gui")


def _data() -> Path:
    return Path(platformdirs.user_data_dir("imagecap", appauthor=False))


def _shared_data() -> Path:
    # Where other programs look, whatever folder imagecap has of its own.
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")


def _windows_menu() -> Path:
    roaming = os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming"
    return Path(roaming, "Microsoft", "Windows", "Start Menu", "Programs")


def _mac_applications() -> Path:
    return Path.home() / "Applications"
