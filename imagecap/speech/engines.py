"""The programs that write a text as speech into a WAV file."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from imagecap.speech.job import CHILD, Job
from imagecap.speech.options import SpeechOptions, Voice

_LISTING_SECONDS = 30.0


class Engine(Protocol):
    """A program that speaks into a file."""

    def command(self, options: SpeechOptions, wav_file: Path) -> tuple[str, ...]:
        """Name the command that reads a text on standard input and writes a file.

        It fails where it does not have the voice. The volume is not its business.
        """

    def voices(self, job: Job, folder: str) -> list[Voice]:
        """List its voices.

        Args:
            job: What runs the program.
            folder: A place for files.

        Returns:
            The voices in the engine's own order; none where it cannot tell.
        """


@dataclass(frozen=True)
class Pyttsx3:
    """The voice of the system, through pyttsx3."""

    def command(self, options: SpeechOptions, wav_file: Path) -> tuple[str, ...]:
        """See `Engine`."""
        arguments = (str(options.rate), options.voice, str(wav_file))
        return (*CHILD, "synthesise", *arguments)

    def voices(self, job: Job, folder: str) -> list[Voice]:
        """See `Engine`."""
        listed = Path(folder, "voices.json")
        if not job.run((*CHILD, "voices", str(listed)), timeout=_LISTING_SECONDS):
            return []
        return [
            Voice(id_, name, _tidy(language))
            for id_, name, language in json.loads(listed.read_text(encoding="utf-8"))
        ]


@dataclass(frozen=True)
class Espeak:
    """espeak-ng, or espeak, which it came from.

    Attributes:
        program: Its path.
    """

    program: str

    def command(self, options: SpeechOptions, wav_file: Path) -> tuple[str, ...]:
        """See `Engine`."""
        voice = ("-v", options.voice or "en")
        rate = ("-s", str(options.rate))
        return (self.program, "--stdin", *voice, *rate, "-w", str(wav_file))

    def voices(self, job: Job, folder: str) -> list[Voice]:
        """See `Engine`."""
        printed = _printed(job, (self.program, "--voices"), folder)
        rows = [line.split() for line in printed.splitlines()[1:]]
        # The same voice has the same id as in pyttsx3, which writes it small.
        return [
            Voice(row[4].lower(), row[3].replace("_", " "), row[1])
            for row in rows
            if len(row) > 4
        ]


@dataclass(frozen=True)
class Say:
    """The `say` of macOS.

    Attributes:
        program: Its path.
    """

    program: str

    def command(self, options: SpeechOptions, wav_file: Path) -> tuple[str, ...]:
        """See `Engine`."""
        voice = ("-v", options.voice) if options.voice else ()
        rate = ("-r", str(options.rate))
        output = ("--data-format=LEI16@22050", "-o", str(wav_file))
        return (self.program, "-f", "-", *voice, *rate, *output)

    def voices(self, job: Job, folder: str) -> list[Voice]:
        """See `Engine`."""
        printed = _printed(job, (self.program, "-v", "?"), folder)
        # A line: "Eddy (English (UK))  en_GB    # Hello! My name is Eddy."
        rows = re.findall(r"^(.+?) +([a-z]+[_-]\w+) +#", printed, re.MULTILINE)
        return [Voice(name, name, _tidy(language)) for name, language in rows]


def available_engines() -> Iterator[Engine]:
    """List the engines of this machine, the best first."""
    yield Pyttsx3()
    for name in ("espeak-ng", "espeak"):
        if program := shutil.which(name):
            yield Espeak(program)
    if sys.platform == "darwin" and (program := shutil.which("say")):
        yield Say(program)


def _printed(job: Job, command: tuple[str, ...], folder: str) -> str:
    output = Path(folder, "printed.txt")
    succeeded = job.run(command, timeout=_LISTING_SECONDS, output=output)
    return output.read_text(encoding="utf-8", errors="replace") if succeeded else ""


def _tidy(language: str) -> str:
    return language.replace("_", "-").lower()
