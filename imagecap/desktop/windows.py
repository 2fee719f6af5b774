"""Windows: an entry of the start menu, and one in the menu of picture files.

Both are the user's own; nothing needs an administrator.
"""

from __future__ import annotations

import importlib
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from imagecap.desktop.errors import DesktopError
from imagecap.desktop.icon import draw_icon

# For every file that Windows takes for a picture.
KEY = r"Software\Classes\SystemFileAssociations\image\shell\imagecap"
_SIZES = [(16, 16), (32, 32), (48, 48), (256, 256)]


def registry_values(command: Sequence[str], icon: Path) -> dict[str, dict[str, str]]:
    """Return what is written into the user's registry.

    Args:
        command: What starts the program, without pictures.
        icon: The icon's file.

    Returns:
        The values of each key, by their names; the unnamed one is "".
    """
    started = f'{subprocess.list2cmdline(command)} "%1"'
    return {
        KEY: {"": "Describe with imagecap", "Icon": str(icon)},
        rf"{KEY}\command": {"": started},
    }


def install(command: Sequence[str], data: Path, menu: Path) -> list[Path]:
    """Write the entry of the start menu and that of picture files.

    Args:
        command: What starts the program, without pictures.
        data: The folder in which the icon is kept.
        menu: The folder of the start menu.

    Returns:
        The files that were written.

    Raises:
        DesktopError: If Windows refuses.
    """
    # Nowhere else is there such a module.
    winreg: Any = importlib.import_module("winreg")

    icon, shortcut = data / "imagecap.ico", _shortcut(menu)
    try:
        data.mkdir(parents=True, exist_ok=True)
        draw_icon(256).save(icon, sizes=_SIZES)
        for key, values in registry_values(command, icon).items():
            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, key) as opened:
                for name, value in values.items():
                    winreg.SetValueEx(opened, name, 0, winreg.REG_SZ, value)
        # Nothing else that Windows comes with writes shortcuts.
        script = (
            "$shortcut = (New-Object -ComObject WScript.Shell)"
            f".CreateShortcut({_literal(str(shortcut))});"
            f"$shortcut.TargetPath = {_literal(command[0])};"
            "$shortcut.Arguments = "
            f"{_literal(subprocess.list2cmdline(command[1:]))};"
            f"$shortcut.IconLocation = {_literal(str(icon))};"
            "$shortcut.Save()"
        )
        subprocess.run(  # noqa: S603 - fixed words, no shell
            ["powershell", "-NoProfile", "-NonInteractive", "-Command", script],  # noqa: S607
            check=True,
            capture_output=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise DesktopError(
            f"Windows does not take the entry for {shortcut} ({error}); see whether "
            "you may write there, and try again."
        ) from error
    return [icon, shortcut]


def uninstall(data: Path, menu: Path) -> list[Path]:
    """Delete what `install` wrote; return the files that were there."""
    # Nowhere else is there such a module.
    winreg: Any = importlib.import_module("winreg")

    for key in (rf"{KEY}\command", KEY):
        try:
            winreg.DeleteKey(winreg.HKEY_CURRENT_USER, key)
        except FileNotFoundError:
            continue
    found = [path for path in (data / "imagecap.ico", _shortcut(menu)) if path.exists()]
    for path in found:
        path.unlink()
    return found


def _shortcut(menu: Path) -> Path:
    return menu / "Image captions.lnk"


def _literal(text: str) -> str:
    """Write a text as PowerShell reads it unchanged."""
    return "'" + text.replace("'", "''") + "'"
