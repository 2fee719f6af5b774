"""A text becomes a WAV file, by the first engine that can."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from imagecap.speech import sound
from imagecap.speech.engines import Engine, available_engines
from imagecap.speech.job import Job, temporary_directory
from imagecap.speech.options import SpeechError, SpeechOptions, Voice

SYNTHESIS_SECONDS = 30.0
"""After so long an engine counts as stuck."""
# Seconds of speech for a letter, times the words in a minute. Voices take 8 and more;
# what is much shorter was cut off, as pyttsx3 does on a busy machine.
_LEAST_SECONDS_OF_LETTER = 5.0


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
    ) -> tuple[Path, str]:
        """Write a text as speech into a new file.

        Args:
            text: The text, of any content.
            options: How it is spoken.
            folder: Where the file comes to lie.
            job: What runs the engines.
            in_any_voice: Whether another voice may step in for one that is missing.

        Returns:
            The file, and a sentence where another voice had to step in.

        Raises:
            SpeechError: If there is nothing to read, no engine can, or the voice is
                missing and no other may step in.
            JobStopped: If the job is stopped.
        """
        text = _readable(text)
        if not text:
            raise SpeechError("There is nothing to read aloud.")
        wav_file = Path(folder, "speech.wav")
        note = ""
        if options.voice:
            if self._engine_that_wrote(text, options, wav_file, job):
                return wav_file, note
            note = (
                f"The voice “{options.voice}” is not on this machine; another one "
                "spoke. Choose a voice."
            )
        if not self._engine_that_wrote(text, replace(options, voice=""), wav_file, job):
            raise SpeechError(_no_voice_sentence())
        if note and not in_any_voice:
            raise SpeechError(
                f"The voice “{options.voice}” is not on this machine; choose one that "
                "“imagecap voices” lists."
            )
        return wav_file, note

    def voices(self, job: Job) -> list[Voice]:
        """List the voices of the engine that speaks on this machine.

        Args:
            job: What runs the engines.

        Raises:
            SpeechError: If none speaks.
            JobStopped: If the job is stopped.
        """
        with temporary_directory() as folder:
            trial = Path(folder, "trial.wav")
            engine = self._engine_that_wrote("yes", SpeechOptions(), trial, job)
            if engine is None:
                raise SpeechError(_no_voice_sentence())
            voices = engine.voices(job, folder)
        # Captions are English.
        return sorted(
            voices,
            key=lambda voice: (
                not voice.language.startswith("en"),
                voice.name.casefold(),
            ),
        )

    def _engine_that_wrote(
        self, text: str, options: SpeechOptions, wav_file: Path, job: Job
    ) -> Engine | None:
        for engine in list(self._engines()):
            wav_file.unlink(missing_ok=True)
            command = engine.command(options, wav_file)
            succeeded = job.run(command, text=text, timeout=SYNTHESIS_SECONDS)
            if succeeded and sound.seconds(wav_file) > _least_seconds(text, options):
                if options.volume < 100:
                    sound.scale(wav_file, options.volume)
                return engine
            # A wish that it cannot fulfil says nothing against it.
            if not options.voice and engine not in self._failed:
                self._failed.append(engine)
        return None

    def _engines(self) -> Iterator[Engine]:
        """List the engines, those last that have failed: one may hang for long."""
        engines = list(available_engines())
        yield from (engine for engine in engines if engine not in self._failed)
        yield from (engine for engine in engines if engine in self._failed)


def _least_seconds(text: str, options: SpeechOptions) -> float:
    letters = sum(character.isalpha() for character in text)
    return letters * _LEAST_SECONDS_OF_LETTER / options.rate


def _readable(text: str) -> str:
    """Make one line of a text; voices cut it at control characters."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())


def _no_voice_sentence() -> str:
    remedies = {
        "win32": "add one in Settings, under Time & language, Speech",
        "darwin": "add one in System Settings, under Accessibility",
    }
    remedy = remedies.get(
        sys.platform, "install espeak-ng (sudo apt install espeak-ng)"
    )
    return f"No voice on this machine: {remedy}."
