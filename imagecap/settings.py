"""What a person has chosen, shared by the window and the command.

The file is JSON in the platform's own folder for settings, or where the environment
variable IMAGECAP_SETTINGS says. It is written whole or not at all. What is wrong in it
is told once: the file is kept aside, and one with the defaults takes its place. A file
of another kind, which only a person can name, stays as it is.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any, Literal

from imagecap.errors import ImagecapError
from imagecap.files import (
    InUseError,
    atomic_write,
    exclusive_lock,
    personal_folder,
    place_named,
    read_ordinary,
    reason,
    remove_abandoned,
)
from imagecap.speech.options import FASTEST, LOUDEST, SLOWEST, SpeechOptions

VARIABLE = "IMAGECAP_SETTINGS"
RECENT_FILES = 10
# Settings of which less is left name nothing any more.
_FEW_BYTES = 20
# A person who is changing something would rather wait than be refused.
_PATIENCE = 5.0


class SettingsError(ImagecapError):
    """The settings cannot be kept."""


@dataclass(frozen=True)
class Settings:
    """The choices of one person.

    Attributes:
        model: The name of a model or the path of its folder; the one that comes with
            imagecap where it is `None`.
        beam_width: Captions kept in parallel by the search, from 1 to 50; the model's
            own where it is `None`.
        theme: The colours of the window.
        text_size: Percent of the usual size, from 50 to 300.
        speak_automatically: Whether a new caption is read aloud at once.
        self_voicing: Whether the window says what has the focus and what happens.
        hedging: Whether a caption that the model is unsure of is marked as a guess.
        learn_at_once: Whether what a person corrected helps with pictures that are
            like it, before any training.
        rate: Words per minute of the voice; see `SpeechOptions`.
        volume: Percent of the voice's own volume.
        voice: The `id` of the voice; the machine's own choice where it is empty.
        recent_files: The paths opened last, the newest first, `RECENT_FILES` at most.
        window_place: Width, height, left and top of the window, in pixels of an
            ordinary screen; where the system puts it, where it is `None`.
        window_maximized: Whether the window fills the screen.
        thumbnail_height: How high thumbnails below the picture are, in pixels of an
            ordinary screen, from 36 to 240.
    """

    model: str | None = None
    beam_width: int | None = None
    theme: Literal["system", "light", "dark"] = "system"
    text_size: int = 100
    speak_automatically: bool = False
    self_voicing: bool = False
    hedging: bool = True
    learn_at_once: bool = False
    rate: int = SpeechOptions.rate
    volume: int = SpeechOptions.volume
    voice: str = SpeechOptions.voice
    recent_files: tuple[str, ...] = ()
    window_place: tuple[int, int, int, int] | None = None
    window_maximized: bool = False
    thumbnail_height: int = 60

    @property
    def speech_options(self) -> SpeechOptions:
        """How the voice speaks."""
        return SpeechOptions(self.rate, self.volume, self.voice)


def settings_path() -> Path:
    """Tell where the settings are kept; the file need not be there.

    Raises:
        SettingsError: If nobody has said where, and there is no home folder.
    """
    if named := os.environ.get(VARIABLE):
        return place_named(named)
    folder = personal_folder("config")
    if folder is None:
        raise SettingsError(
            "There is no home folder to keep settings in; name a file for them with "
            f"{VARIABLE}."
        )
    return folder / "settings.json"


def load_settings() -> tuple[Settings, str]:
    """Read the settings.

    Returns:
        The settings, with the default for whatever is missing, unknown or wrong; and a
        sentence about what was wrong, empty where nothing was.
    """
    try:
        path = settings_path()
        settings, problem = _read(path)
    except SettingsError as error:
        return Settings(), f"{error} The defaults are used."
    if not problem:
        return settings, ""
    try:
        with _writing(path):
            return _read_and_mend(path)
    except SettingsError:
        return settings, f"{problem} The defaults are used."


def change_settings(
    in_force: Settings | None = None,
    report: Callable[[str], object] = lambda sentence: None,
    **changes: Any,  # noqa: ANN401 - checked below
) -> Settings:
    """Change some settings and keep them; what other windows changed stays.

    Args:
        in_force: What takes the place of values that are damaged by now; the defaults
            without it.
        report: Called with a sentence where something is damaged.
        **changes: The new values by the names of `Settings`.

    Returns:
        All settings as they are now.

    Raises:
        ValueError: If a name is unknown or a value is wrong.
        SettingsError: If they cannot be written; the former file is kept.
    """
    for name, value in changes.items():
        if name not in _VALID or not _VALID[name](value):
            raise ValueError(f"No such setting. Received: {name}={value!r}")
    return _change(lambda now: replace(now, **changes), in_force, report)


def add_recent_file(
    path: str | Path,
    in_force: Settings | None = None,
    report: Callable[[str], object] = lambda sentence: None,
) -> Settings:
    """Put a file first among the recent ones; see `change_settings`.

    Args:
        path: The file.
        in_force: As for `change_settings`.
        report: As for `change_settings`.

    Raises:
        SettingsError: If that cannot be written.
    """
    newest = os.path.abspath(path)  # noqa: PTH100 - a link stays a link

    def put_first(settings: Settings) -> Settings:
        others = [other for other in settings.recent_files if other != newest]
        return replace(settings, recent_files=(newest, *others)[:RECENT_FILES])

    return _change(put_first, in_force, report)


def _change(
    change: Callable[[Settings], Settings],
    in_force: Settings | None,
    report: Callable[[str], object],
) -> Settings:
    path = settings_path()
    with _writing(path):
        found, problem = _read_and_mend(path, in_force)
        settings = change(found)
        _write(path, settings)
    if problem:
        report(problem)
    return settings


def _is_text(value: object) -> bool:
    """Whether it is text that can name a file or a voice to the system."""
    try:
        return isinstance(value, str) and b"\0" not in os.fsencode(value)
    except UnicodeEncodeError:
        return False


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_between(lowest: int, highest: int) -> Callable[[object], bool]:
    # Not isinstance, since True is an int, too.
    return lambda value: type(value) is int and lowest <= value <= highest


_VALID: dict[str, Callable[[Any], bool]] = {
    "model": lambda value: value is None or (_is_text(value) and value != ""),
    "beam_width": lambda value: value is None or _is_between(1, 50)(value),
    "theme": lambda value: value in ("system", "light", "dark"),
    "text_size": _is_between(50, 300),
    "speak_automatically": _is_flag,
    "self_voicing": _is_flag,
    "hedging": _is_flag,
    "learn_at_once": _is_flag,
    "rate": _is_between(SLOWEST, FASTEST),
    "volume": _is_between(0, LOUDEST),
    "voice": _is_text,
    "recent_files": lambda value: (
        isinstance(value, list | tuple)
        and len(value) <= RECENT_FILES
        and all(map(_is_text, value))
    ),
    "window_place": lambda value: (
        value is None
        or (
            isinstance(value, list | tuple)
            and len(value) == 4
            and all(map(_is_between(1, 100_000), value[:2]))
            and all(map(_is_between(-100_000, 100_000), value[2:]))
        )
    ),
    "window_maximized": _is_flag,
    "thumbnail_height": _is_between(36, 240),
}


def _read(path: Path, in_force: Settings | None = None) -> tuple[Settings, str]:
    """Read what can be read, and say in a sentence what is wrong.

    Args:
        path: The file.
        in_force: What takes the place of what is wrong; the defaults without it.
    """
    instead = in_force or Settings()
    damaged = f"The settings {path} are damaged."
    try:
        content = read_ordinary(path)
    except FileNotFoundError:
        return Settings(), ""
    except OSError as error:
        raise SettingsError(
            f"The settings {path} cannot be read ({error.strerror})."
        ) from error
    if os.environ.get(VARIABLE) and _is_other_file(content):
        raise SettingsError(
            f"{path} holds no settings and stays as it is; name another file with "
            f"{VARIABLE}."
        )
    try:
        found = json.loads(content.decode())
    except (ValueError, RecursionError):
        return instead, damaged
    if not isinstance(found, dict):
        return instead, damaged
    right: dict[str, Any] = {}
    wrong: list[str] = []
    for name, value in found.items():
        if name not in _VALID:
            wrong.append(f"“{name}” is unknown")
        elif not _VALID[name](value):
            wrong.append(f"“{name}” has a wrong value")
        else:
            right[name] = tuple(value) if isinstance(value, list) else value
    problem = f"In the settings {path} {', '.join(wrong)}." if wrong else ""
    return (replace(instead, **right) if problem else Settings(**right)), problem


def _is_other_file(content: bytes) -> bool:
    """Tell whether a file holds something, and the name of no setting."""
    is_named = any(f'"{name}"'.encode() in content for name in _VALID)
    return not is_named and len(content.strip(b"\0 \t\r\n")) > _FEW_BYTES


def _read_and_mend(
    path: Path, in_force: Settings | None = None
) -> tuple[Settings, str]:
    """Read the settings and put a file with something wrong aside, under the lock."""
    settings, problem = _read(path, in_force)
    if not problem:
        return settings, ""
    aside = path.with_name(f"{path.name}.damaged")
    for number in count(2):
        if not aside.exists():
            break
        aside = path.with_name(f"{path.name}.damaged-{number}")
    path.replace(aside)
    _write(path, settings)
    used = "What was in force stays" if in_force else "The defaults are used"
    return settings, f"{problem} {used}; the file is kept as {aside}."


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Keep other windows and commands from writing meanwhile, and say what fails."""
    try:
        with exclusive_lock(path.with_name(f"{path.name}.lock"), _PATIENCE):
            yield
    except InUseError as error:
        raise SettingsError(
            f"The settings {path} were not kept: another program holds them. Try again."
        ) from error
    except OSError as error:
        raise SettingsError(
            f"The settings {path} were not kept ({reason(error)}). "
            "Make room, or make the folder writable."
        ) from error


def _write(path: Path, settings: Settings) -> None:
    remove_abandoned(path)
    # Names of files that are no valid text are kept, too, as plain ASCII.
    text = json.dumps(asdict(settings), indent=2) + "\n"
    with atomic_write(path) as file:
        file.write(text.encode())
