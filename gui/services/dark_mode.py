"""What the system says of its own look."""

from __future__ import annotations

import subprocess
import sys


def system_is_dark(patience: float) -> bool | None:
    """Ask the system for its look.

    Args:
        patience: How long to wait for the answer, in seconds.

    Returns:
        Whether it is dark, `False` where it does not say; `None` where no answer came.
    """
    if sys.platform == "win32":
        import winreg

        key = r"Software\Microsoft\Windows\CurrentVersion\Themes\Personalize"
        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, key) as opened:
                return not winreg.QueryValueEx(opened, "AppsUseLightTheme")[0]
        except OSError:
            return False
    if sys.platform == "darwin":
        question = ["defaults", "read", "-g", "AppleInterfaceStyle"]
    else:
        question = ["gsettings", "get", "org.gnome.desktop.interface", "color-scheme"]
    try:
        answer = subprocess.run(  # noqa: S603 - fixed words, no shell
            question,
            capture_output=True,
            text=True,
            timeout=patience,
            check=False,
        ).stdout
    except OSError:
        return False
    except subprocess.TimeoutExpired:
        return None
    return "dark" in answer.lower()
