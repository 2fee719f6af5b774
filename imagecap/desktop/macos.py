"""macOS: a program in the user's own folder of programs, found by Spotlight.

The menu of the Finder takes entries from signed programs and from what a person
records in Automator; a script cannot add one.
"""

from __future__ import annotations

import io
import plistlib
import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path

import imagecap
from imagecap.desktop.errors import DesktopError
from imagecap.desktop.icon import draw_icon
from imagecap.files import atomic_write

_IDENTIFIER = "org.imagecap.imagecap"


def install(command: Sequence[str], applications: Path) -> list[Path]:
    """Write the program; return the files that were written.

    Args:
        command: What starts the window, without pictures.
        applications: The user's folder of programs, `~/Applications`.

    Raises:
        DesktopError: If one cannot be written, or is another program's.
    """
    bundle = _bundle(applications)
    if bundle.exists() and not _is_ours(bundle):
        raise DesktopError(
            f"{bundle} was not made by imagecap; move it away and try again."
        )
    icon = io.BytesIO()
    draw_icon(512).save(icon, "ICNS")
    information = {
        "CFBundleExecutable": "imagecap",
        "CFBundleIconFile": "imagecap.icns",
        "CFBundleIdentifier": _IDENTIFIER,
        "CFBundleName": "Image captions",
        "CFBundlePackageType": "APPL",
        "CFBundleShortVersionString": imagecap.__version__,
        "NSHighResolutionCapable": True,
    }
    program = bundle / "Contents" / "MacOS" / "imagecap"
    files = {
        bundle / "Contents" / "Info.plist": plistlib.dumps(information),
        bundle / "Contents" / "Resources" / "imagecap.icns": icon.getvalue(),
        program: f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n'.encode(),
    }
    try:
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with atomic_write(path) as file:
                file.write(content)
        program.chmod(0o755)
    except OSError as error:
        raise DesktopError(
            f"{bundle} cannot be written ({error.strerror}); make the folder writable "
            "and try again."
        ) from error
    return list(files)


def uninstall(applications: Path) -> list[Path]:
    """Delete what `install` wrote; return the program that was there.

    Raises:
        DesktopError: If it cannot be deleted.
    """
    bundle = _bundle(applications)
    if not _is_ours(bundle):
        return []
    try:
        shutil.rmtree(bundle)
    except OSError as error:
        raise DesktopError(
            f"{bundle} cannot be deleted ({error.strerror}); make the folder writable "
            "and try again."
        ) from error
    return [bundle]


def _bundle(applications: Path) -> Path:
    return applications / "Image captions.app"


def _is_ours(bundle: Path) -> bool:
    try:
        with (bundle / "Contents" / "Info.plist").open("rb") as file:
            information = plistlib.load(file)
    except (OSError, ValueError):
        return False
    return bool(information.get("CFBundleIdentifier") == _IDENTIFIER)
