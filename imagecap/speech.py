"""A caption read aloud, or saved as a sound file.

Speech is made in two steps, each a process of its own: a synthesiser writes a sound
file, a player plays it. So a voice that hangs or crashes harms nobody, silence is
noticed (without a sound device voices report success, players do not), and stopping
means killing one process.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import threading
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from imagecap.errors import ImagecapError

_CHILD = (sys.executable, "-P", str(Path(__file__).with_name("speech_child.py")))
# Windows would flash a console window for each child; elsewhere there is no such flag.
_CREATION_FLAGS: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)
_SYNTHESIS_SECONDS = 30.0
# A child dies within a millisecond of being killed; more is waited for only where the
# system itself is stuck, and then the caller must not be.
_DYING_SECONDS = 0.04


class SpeechError(ImagecapError):
    """A text cannot be read aloud or saved as speech."""


@dataclass(frozen=True)
class Ending:
    """How an utterance ended.

    Attributes:
        how: "finished" when it was heard to its end, "stopped" when it was cut short,
            "failed" when it could not be heard.
        reason: One sentence saying why and what to do, where it failed.
    """

    how: Literal["finished", "stopped", "failed"]
    reason: str = ""


class Speaker:
    """Reads text aloud, one utterance at a time; the newest request wins.

    No method but `wait` and `save` waits for the voice, and nothing is called back:
    `poll` tells how the utterance is doing, as for a process.
    """

    def __init__(self) -> None:
        self._utterance: _Utterance | None = None
        self._saving: set[_Work] = set()

    def speak(self, text: str) -> None:
        """Begin to read a text aloud; whatever is being read is stopped.

        Args:
            text: The text, of any content; it is only ever read.
        """
        self.stop()
        self._utterance = _Utterance(text)

    def stop(self) -> None:
        """Be silent at once."""
        if self._utterance:
            self._utterance.stop()

    @property
    def is_speaking(self) -> bool:
        """Whether an utterance is on its way or heard right now."""
        return self._utterance is not None and self._utterance.ending is None

    def poll(self) -> Ending | None:
        """Tell how the newest utterance ended; `None` while it lasts or without one."""
        return self._utterance.ending if self._utterance else None

    def wait(self, timeout: float | None = None) -> Ending | None:
        """Wait for the end of the newest utterance.

        Args:
            timeout: The longest wait in seconds; `None` for no limit.

        Returns:
            What `poll` returns then.
        """
        if self._utterance:
            self._utterance.join(timeout)
        return self.poll()

    def save(self, text: str, path: str | Path) -> None:
        """Write a text as speech into a WAV file; an utterance goes on meanwhile.

        Args:
            text: The text.
            path: The file to write, ending in ".wav"; replaced if it is there.

        Raises:
            SpeechError: If the name ends otherwise, the machine has no voice, or the
                file cannot be written.
        """
        path = Path(path)
        if path.suffix.lower() != ".wav":
            raise SpeechError(
                f"Speech is saved as a WAV file: give {path.name} a name that ends "
                "in .wav."
            )
        work = _Work()
        self._saving.add(work)
        try:
            with _temporary_directory() as directory:
                wav_file = _synthesise(text, directory, work)
                shutil.copyfile(wav_file, path)
        except OSError as error:
            raise SpeechError(
                f"The speech could not be saved to {path}: {error.strerror}. "
                "Choose another place."
            ) from error
        except _Stopped:
            raise SpeechError(f"{path.name} was not saved: stopped.") from None
        finally:
            self._saving.discard(work)

    def close(self) -> None:
        """Stop everything, a file being saved included."""
        for work in tuple(self._saving):
            work.stop()
        self.stop()


def no_voice_sentence() -> str:
    """Say how this machine gets a voice, for its kind of system."""
    remedies = {
        "win32": "add one in Settings, under Time & language, Speech",
        "darwin": "add one in System Settings, under Accessibility",
    }
    remedy = remedies.get(
        sys.platform, "install espeak-ng (sudo apt install espeak-ng)"
    )
    return f"No voice on this machine: {remedy}."


class _Stopped(Exception):  # noqa: N818 - a request, not an error
    """The work was stopped from outside."""


class _Work:
    """The processes of one request, of which one at most is running."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def run(self, command: tuple[str, ...], text: str, timeout: float | None) -> bool:
        """Run a program to its end, with a text on its standard input.

        Returns:
            Whether it said that it succeeded.

        Raises:
            _Stopped: If `stop` was called, before or meanwhile.
        """
        # Without the lock, a program could be started just after it was to be stopped.
        with self._lock:
            if self._stopped:
                raise _Stopped
            try:
                self._process = subprocess.Popen(  # noqa: S603 - no shell, no user text
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    creationflags=_CREATION_FLAGS,
                )
            except OSError:
                return False
        try:
            self._process.communicate(text.encode("utf-8", "replace"), timeout)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
        if self._stopped:
            raise _Stopped
        return self._process.returncode == 0

    def stop(self) -> None:
        """Kill what runs and let nothing more run."""
        with self._lock:
            self._stopped = True
            if self._process:
                self._process.kill()


class _Utterance:
    """One text on its way from synthesis to its last sound."""

    def __init__(self, text: str) -> None:
        self._work = _Work()
        self._ending: Ending | None = None
        self._thread = threading.Thread(target=self._run, args=(text,), daemon=True)
        self._thread.start()

    @property
    def ending(self) -> Ending | None:
        """How it ended; `None` while it lasts."""
        return self._ending

    def stop(self) -> None:
        """Cut it short and clear it away."""
        self._work.stop()
        self.join(_DYING_SECONDS)

    def join(self, timeout: float | None) -> None:
        """Wait for its end."""
        self._thread.join(timeout)

    def _run(self, text: str) -> None:
        ending = Ending("failed", "The voice stopped for a reason not foreseen.")
        try:
            with _temporary_directory() as directory:
                _play(_synthesise(text, directory, self._work), self._work)
            ending = Ending("finished")
        except _Stopped:
            ending = Ending("stopped")
        except SpeechError as error:
            ending = Ending("failed", str(error))
        except OSError as error:
            ending = Ending("failed", f"The voice could not speak: {error.strerror}.")
        finally:
            self._ending = ending


def _temporary_directory() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="imagecap-", ignore_cleanup_errors=True)


def _synthesise(text: str, directory: str, work: _Work) -> Path:
    """Write speech into a new file with the first voice that can."""
    text = _readable(text)
    if not text:
        raise SpeechError("There is nothing to read aloud.")
    for number, command in enumerate(_synthesisers()):
        wav_file = Path(directory, f"{number}.wav")
        if work.run((*command, str(wav_file)), text, _SYNTHESIS_SECONDS) and _has_sound(
            wav_file
        ):
            return wav_file
    raise SpeechError(no_voice_sentence())


def _readable(text: str) -> str:
    """Make one line of a text; voices cut it at control characters."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())


def _synthesisers() -> Iterator[tuple[str, ...]]:
    """Name commands that read text on standard input and write a WAV file."""
    yield (*_CHILD, "synthesise")
    for name in ("espeak-ng", "espeak"):
        if program := shutil.which(name):
            yield (program, "--stdin", "-v", "en", "-w")
    if sys.platform == "darwin" and (program := shutil.which("say")):
        yield (program, "-f", "-", "--data-format=LEI16@22050", "-o")


def _has_sound(wav_file: Path) -> bool:
    """Look into what a synthesiser wrote: some report success and write nothing."""
    try:
        with wave.open(str(wav_file)) as sound:
            return bool(sound.getnframes())
    except (OSError, EOFError, wave.Error):
        return False


def _play(wav_file: Path, work: _Work) -> None:
    """Play a sound file to its end with the first player that can."""
    players = list(_players())
    if not players:
        raise SpeechError(
            "No player for sound on this machine: install alsa-utils "
            "(sudo apt install alsa-utils)."
        )
    if not any(work.run((*player, str(wav_file)), "", None) for player in players):
        raise SpeechError(
            "The voice cannot be heard: no sound device answers. "
            "Connect or switch on a loudspeaker."
        )


def _players() -> Iterator[tuple[str, ...]]:
    """Name commands that play a WAV file and fail where it cannot be heard."""
    if sys.platform == "win32":
        yield (*_CHILD, "play")
    for name in ("afplay", "pw-play", "paplay", "aplay"):
        if program := shutil.which(name):
            yield (program,)
