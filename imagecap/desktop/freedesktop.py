"""Desktops that follow freedesktop.org: GNOME, KDE, Xfce and others.

Source: Desktop Entry Specification; Icon Theme Specification 0.13.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from imagecap.desktop.errors import DesktopError
from imagecap.desktop.icon import draw_icon
from imagecap.files import atomic_write

_SIZES = (32, 48, 64, 128, 256, 512)
_MARK = "X-Imagecap-Installed=true"
_NAME = "imagecap"
_PATIENCE_SECONDS = 20

_MIME_TYPES = (
    "image/avif",
    "image/bmp",
    "image/gif",
    "image/heic",
    "image/heif",
    "image/jp2",
    "image/jpeg",
    "image/jxl",
    "image/png",
    "image/qoi",
    "image/tiff",
    "image/vnd.adobe.photoshop",
    "image/vnd.microsoft.icon",
    "image/vnd.zbrush.pcx",
    "image/webp",
    "image/x-adobe-dng",
    "image/x-canon-cr2",
    "image/x-canon-cr3",
    "image/x-fuji-raf",
    "image/x-nikon-nef",
    "image/x-olympus-orf",
    "image/x-panasonic-rw2",
    "image/x-pentax-pef",
    "image/x-portable-anymap",
    "image/x-portable-bitmap",
    "image/x-portable-graymap",
    "image/x-portable-pixmap",
    "image/x-sony-arw",
    "image/x-tga",
)


def install(command: Sequence[str], data: Path) -> list[Path]:
    """Write the entries of the start menu and the icons.

    Args:
        command: What starts the program, without pictures.
        data: The folder for a user's data, `~/.local/share`.

    Returns:
        The files that were written.

    Raises:
        DesktopError: If one cannot be written, or is another program's.
    """
    applications = data / "applications"
    entries = {
        applications / f"{_NAME}.desktop": _entry(command),
        applications / f"{_NAME}-describe.desktop": _describing_entry(command),
    }
    for path in entries:
        if path.exists() and not _is_ours(path):
            raise DesktopError(
                f"{path} was not made by imagecap; move it away and try again."
            )
    files = {_icon_path(data, size): _png(size) for size in _SIZES}
    files |= {path: text.encode() for path, text in entries.items()}
    for path, content in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with atomic_write(path) as file:
                file.write(content)
        except OSError as error:
            raise DesktopError(
                f"{path} cannot be written ({error.strerror}); make the folder "
                "writable and try again."
            ) from error
    _tell_desktop(applications)
    return list(files)


def uninstall(data: Path) -> list[Path]:
    """Delete what `install` wrote; return the files that were there.

    Raises:
        DesktopError: If one cannot be deleted.
    """
    applications = data / "applications"
    found = [
        path
        for path in (
            applications / f"{_NAME}.desktop",
            applications / f"{_NAME}-describe.desktop",
        )
        if _is_ours(path)
    ]
    if found:
        icons = [_icon_path(data, size) for size in _SIZES]
        found += [path for path in icons if path.is_file()]
    for path in found:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise DesktopError(
                f"{path} cannot be deleted ({error.strerror}); make the folder "
                "writable and try again."
            ) from error
    if found:
        _tell_desktop(applications)
    return found


def quoted(argument: str) -> str:
    """Write an argument of a command as the key `Exec` has it.

    Raises:
        DesktopError: If no entry can hold it.
    """
    if any(ord(letter) < 32 for letter in argument):
        raise DesktopError(
            f"{argument!r} cannot be in an entry of the start menu; install imagecap "
            "in a folder without line ends or tabs in its name."
        )
    inside = "".join(
        f"\\{letter}" if letter in '"`$\\' else letter for letter in argument
    )
    # First as an argument, then as a value of the file.
    return '"' + inside.replace("%", "%%").replace("\\", "\\\\") + '"'


def _entry(command: Sequence[str]) -> str:
    return _text(
        "Name=Image captions",
        "GenericName=Image captions",
        "Comment=Describes photographs in one sentence and reads it aloud",
        "Keywords=caption;describe;photograph;alt text;accessibility;",
        "Categories=Graphics;Photography;Viewer;",
        f"Exec={_exec(command)}",
    )


def _describing_entry(command: Sequence[str]) -> str:
    return _text(
        "Name=Describe with imagecap",
        "Comment=Says in one sentence what is in a picture",
        f"MimeType={';'.join(_MIME_TYPES)};",
        # In the menus of files alone.
        "NoDisplay=true",
        f"Exec={_exec(command)} %F",
    )


def _text(*lines: str) -> str:
    head = ("[Desktop Entry]", "Type=Application", "Version=1.0")
    foot = (
        f"Icon={_NAME}",
        "Terminal=false",
        "StartupNotify=true",
        "StartupWMClass=Imagecap",
        _MARK,
    )
    return "\n".join((*head, *lines, *foot)) + "\n"


def _exec(command: Sequence[str]) -> str:
    # GLib looks for the program before it makes one "%" of two.
    program = ["/usr/bin/env"] if "%" in command[0] else []
    return " ".join(map(quoted, [*program, *command]))


def _is_ours(path: Path) -> bool:
    try:
        return _MARK in path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False


def _icon_path(data: Path, size: int) -> Path:
    return data / "icons" / "hicolor" / f"{size}x{size}" / "apps" / f"{_NAME}.png"


def _png(size: int) -> bytes:
    content = io.BytesIO()
    draw_icon(size).save(content, "PNG")
    return content.getvalue()


def _tell_desktop(applications: Path) -> None:
    """Have the desktop know at once; without this program it finds out by itself."""
    program = shutil.which("update-desktop-database")
    if program:
        subprocess.run(  # noqa: S603 - the desktop's own program
            [program, "-q", os.fspath(applications)],
            check=False,
            timeout=_PATIENCE_SECONDS,
        )
