"""What the system says of its own look."""

from __future__ import annotations

import subprocess
import sys

_ASKING_SECONDS = 1.0


def system_is_dark() -> bool:
    """Ask the system for its look; light where it does not say."""
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
            timeout=_ASKING_SECONDS,
            check=False,
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return False
    return "dark" in answer.lower()
