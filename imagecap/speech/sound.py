"""WAV files: how long they are, how loud, and where the gaps between words are."""

from __future__ import annotations

import wave
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING

from imagecap.speech.options import SpeechError

if TYPE_CHECKING:
    import numpy as np

_SAMPLE_BYTES = 2
# The format counts its bytes in 32 bits; the header takes some of them.
_MOST_BYTES = 2**32 - 2**10
_FRAME_SECONDS = 0.02
# A player is heard a little after it was started, and a word half heard is heard again.
_STEP_BACK_SECONDS = (1.0, 0.25)


def seconds(wav_file: Path) -> float:
    """Measure a sound; 0 for what is none.

    Some voices report success and write nothing; others write no WAV file.
    """
    try:
        with wave.open(str(wav_file)) as sound:
            if sound.getsampwidth() != _SAMPLE_BYTES:
                return 0.0
            return float(sound.getnframes() / sound.getframerate())
    except (OSError, EOFError, wave.Error):
        return 0.0


def scale(wav_file: Path, percent: int) -> None:
    """Make a sound quieter.

    Args:
        wav_file: The file, with samples of 16 bits; it is changed.
        percent: The new amplitude in percent of the old one.
    """
    settings, samples = _read(wav_file)
    _write(wav_file, settings, (samples * (percent / 100)).round().astype("<i2"))


def join(parts: Iterable[Path], whole: IO[bytes]) -> None:
    """Write sounds one after the other into one.

    Args:
        parts: The WAV files; each is read before the next is asked for.
        whole: Where the one is written.

    Raises:
        SpeechError: They are too long for one file, or differ in kind.
    """
    with ExitStack() as files:
        joined = None
        size = 0
        for part in parts:
            settings, samples = _read(part)
            if joined is None:
                joined = files.enter_context(wave.open(whole, "wb"))
                joined.setparams(settings)
            elif joined.getparams()[:3] != settings[:3]:
                raise SpeechError("The voice changed in mid-text; save it again.")
            size += samples.nbytes
            if size > _MOST_BYTES:
                raise SpeechError(
                    "The text is too long for one sound file; save it in parts."
                )
            joined.writeframesraw(samples.tobytes())


def write_rest(wav_file: Path, start: float, rest: Path) -> None:
    """Write what is left of a sound.

    Args:
        wav_file: The whole sound.
        start: Where the rest begins, in seconds.
        rest: The file to write.
    """
    settings, samples = _read(wav_file)
    _write(rest, settings, samples[round(start * settings.framerate) :])


def resume_point(wav_file: Path, start: float, end: float) -> float:
    """Find the gap between two words from which to go on after a pause.

    Args:
        wav_file: The whole sound.
        start: Where the part that was heard began, in seconds.
        end: Where it was cut off, in seconds, by the clock.

    Returns:
        The quietest moment shortly before `end` and not before `start`, in seconds.
    """
    import numpy as np

    settings, samples = _read(wav_file)
    # A player may take longer than the sound.
    end = min(end, len(samples) / settings.framerate)
    length = round(_FRAME_SECONDS * settings.framerate)
    first, last = (
        round(max(start, end - back) * settings.framerate)
        for back in _STEP_BACK_SECONDS
    )
    frames = samples[first : last + length]
    frames = frames[: len(frames) // length * length].reshape(
        -1, length * settings.nchannels
    )
    if not len(frames):
        return start
    levels = np.square(frames.astype(np.float32)).mean(axis=1)
    return (first + (int(levels.argmin()) + 0.5) * length) / settings.framerate


def _read(wav_file: Path) -> tuple[wave._wave_params, np.ndarray]:
    import numpy as np

    with wave.open(str(wav_file)) as sound:
        samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
        return sound.getparams(), samples.reshape(-1, sound.getnchannels())


def _write(wav_file: Path, settings: wave._wave_params, samples: np.ndarray) -> None:
    with wave.open(str(wav_file), "wb") as sound:
        sound.setparams(settings)
        sound.writeframes(samples.tobytes())
