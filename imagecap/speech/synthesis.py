"""A text becomes a WAV file, by the first engine that can."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from imagecap.speech import sound
from imagecap.speech.engines import Engine, available_engines
from imagecap.speech.job import Job, temporary_directory
from imagecap.speech.options import (
    NothingToReadError,
    SpeechError,
    SpeechOptions,
    Voice,
)

SYNTHESIS_SECONDS = 30.0
"""After so long an engine counts as stuck, over one part of a text."""
# A voice needs about a second for so many letters, and the first part is soon heard:
# all that is left, else up to the end of a sentence, else of a word.
_PART = re.compile(r".{1,3000}$|.{1,3000}(?<=[.!?]) |.{1,3000} ")
# Of longer words voices read the beginning only.
_LONG_WORD = re.compile(r"(\S{80})(?=\S)")
# Seconds of speech for a letter, times the words in a minute. Voices take 8 and more;
# what is much shorter was cut off, as pyttsx3 does on a busy machine.
_LEAST_SECONDS_OF_LETTER = 5.0


class _TooSlowError(SpeechError):
    """No engine was ready in time, though there is one."""

    def __init__(self) -> None:
        super().__init__(
            "The voice was not ready in time: the machine is busy. Close other "
            "programs and try again."
        )


@dataclass(frozen=True)
class SpokenPart:
    """A part of a text as sound.

    Attributes:
        wav_file: The sound.
        note: A sentence where another voice had to step in, else empty.
    """

    wav_file: Path
    note: str


class Synthesiser:
    """Writes speech, and knows which engines have failed."""

    def __init__(self) -> None:
        self._failed: list[Engine] = []

    def write(
        self,
        text: str,
        options: SpeechOptions,
        folder: str,
        job: Job,
        in_any_voice: bool = True,
    ) -> Iterator[SpokenPart]:
        """Write a text as speech, part by part, as the parts are asked for.

        Args:
            text: The text, of any content.
            options: How it is spoken.
            folder: Where the files come to lie.
            job: What runs the engines.
            in_any_voice: Whether another voice may step in for one that is missing.

        Yields:
            The parts; the file of one is overwritten by that of the next.

        Raises:
            SpeechError: If there is nothing to read, no engine can or is ready in
                time, or the voice is missing and no other may step in.
            JobStopped: If the job is stopped.
        """
        text = _readable(text)
        if not text:
            raise NothingToReadError
        wav_file = Path(folder, "speech.wav")
        note = ""
        for part in _PART.findall(text):
            try:
                self._speak(part, options, wav_file, job)
            except SpeechError as error:
                if not options.voice:
                    raise
                wanted = f"The voice “{options.voice}”"
                options = replace(options, voice="")
                self._speak(part, options, wav_file, job)
                if isinstance(error, _TooSlowError):
                    if not in_any_voice:
                        raise
                    note = f"{wanted} was not ready in time; another one spoke."
                else:
                    note = (
                        f"{wanted} is not on this machine; another one spoke. "
                        "Choose a voice."
                    )
                    if not in_any_voice:
                        raise SpeechError(
                            f"{wanted} is not on this machine; choose one that "
                            "“imagecap voices” lists."
                        ) from None
            yield SpokenPart(wav_file, note)

    def voices(self, job: Job) -> list[Voice]:
        """List the voices of the engine that speaks on this machine.

        Args:
            job: What runs the engines.

        Raises:
            SpeechError: If none speaks, or is ready in time.
            JobStopped: If the job is stopped.
        """
        with temporary_directory() as folder:
            trial = Path(folder, "trial.wav")
            engine = self._speak("yes", SpeechOptions(), trial, job)
            voices = engine.voices(job, folder)
            if job.has_timed_out:
                raise _TooSlowError
        # Captions are English.
        return sorted(
            voices,
            key=lambda voice: (
                not voice.language.startswith("en"),
                voice.name.casefold(),
            ),
        )

    def _speak(
        self, text: str, options: SpeechOptions, wav_file: Path, job: Job
    ) -> Engine:
        """Write a part of a text and return the engine that could.

        Raises:
            SpeechError: None could; `_TooSlowError` where one was on its way.
        """
        was_slow = False
        for engine in list(self._engines()):
            wav_file.unlink(missing_ok=True)
            command = engine.command(options, wav_file)
            succeeded = job.run(command, text=text, timeout=SYNTHESIS_SECONDS)
            seconds = sound.seconds(wav_file)
            if succeeded and seconds > _least_seconds(text, options):
                if options.volume < 100:
                    sound.scale(wav_file, options.volume)
                return engine
            # A busy machine cuts off what is spoken.
            was_slow |= job.has_timed_out or (succeeded and seconds > 0)
            # A wish that it cannot fulfil says nothing against it.
            if not options.voice and engine not in self._failed:
                self._failed.append(engine)
        raise _TooSlowError if was_slow else SpeechError(_no_voice_sentence())

    def _engines(self) -> Iterator[Engine]:
        """List the engines, those last that have failed: one may hang for long."""
        engines = list(available_engines())
        yield from (engine for engine in engines if engine not in self._failed)
        yield from (engine for engine in engines if engine in self._failed)


def _least_seconds(text: str, options: SpeechOptions) -> float:
    letters = sum(character.isalpha() for character in text)
    return letters * _LEAST_SECONDS_OF_LETTER / options.rate


def _readable(text: str) -> str:
    """Make one line of a text, of words that voices do not cut off.

    They do so at control characters, and within very long words.
    """
    printable = "".join(c if c.isprintable() else " " for c in text)
    return _LONG_WORD.sub(r"\1 ", " ".join(printable.split()))


def _no_voice_sentence() -> str:
    remedies = {
        "win32": "add one in Settings, under Time & language, Speech",
        "darwin": "add one in System Settings, under Accessibility",
    }
    remedy = remedies.get(
        sys.platform, "install espeak-ng (sudo apt install espeak-ng)"
    )
    return f"No voice on this machine: {remedy}."
