"""Learning from a person's captions, in a process of its own."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from typing import IO

from imagecap.errors import ImagecapError
from imagecap.training.keras_ready import NEEDED

from .. import strings

# What learning needs beside what the window needs: the extra "train".
_NEEDED = (*NEEDED, "tensorflow", "ai_edge_quantizer")
_PROGRAM = "from imagecap.commands.start_training import start; start()"


class LearningError(ImagecapError):
    """Learning ended without a model."""


@dataclass(frozen=True)
class Learned:
    """What came of learning.

    Attributes:
        sentence: Whether the new model is better, in words.
        is_better: The same.
        model: The folder of the new model.
    """

    sentence: str
    is_better: bool
    model: str


def can_learn() -> bool:
    """Tell whether all is installed that learning needs."""
    return all(importlib.util.find_spec(name) for name in _NEEDED)


class LearningProcess:
    """Goes on with a model, from what the person corrected.

    Args:
        model: The name or the folder of the model to go on with.

    Attributes:
        done: How much of it is done, from 0 to 1.
        seconds_left: How long the rest will take; `None` while nobody knows.
        notes: What was said on the way.
        is_cancelled: Whether it was ended before its end.
    """

    def __init__(self, model: str) -> None:
        self._command = [
            *(sys.executable, "-c", _PROGRAM),
            *("--from", model, "--data", "corrections", "--json"),
        ]
        self._process: subprocess.Popen[str] | None = None
        self.done = 0.0
        self.seconds_left: int | None = None
        self.notes: list[str] = []
        self.is_cancelled = False

    def run(self) -> Learned | None:
        """Learn to the end; call it off the window's thread.

        Returns:
            What came of it; `None` where it was cancelled.

        Raises:
            LearningError: If it could not be done; the message says why.
        """
        with tempfile.TemporaryFile("w+", encoding="utf-8") as errors:
            self._process = subprocess.Popen(  # noqa: S603 – this very program
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                encoding="utf-8",
            )
            if self.is_cancelled:
                self._process.terminate()
            learned = self._read(self._process)
            self._process.wait()
            if learned or self.is_cancelled:
                return learned
            errors.seek(0)
            raise LearningError(_reason(errors))

    def cancel(self) -> None:
        """End it now; the model that was there stays."""
        self.is_cancelled = True
        if self._process:
            self._process.terminate()

    def _read(self, process: subprocess.Popen[str]) -> Learned | None:
        learned = None
        for line in process.stdout or ():
            try:
                said = json.loads(line)
            except ValueError:  # what a library printed
                continue
            if "done" in said:
                self.done, self.seconds_left = said["done"], said["seconds_left"]
            elif "end" in said:
                learned = Learned(said["end"], said["better"], said["model"])
            elif "note" in said:
                self.notes.append(said["note"])
        return learned


def _reason(errors: IO[str]) -> str:
    """Find the sentence that says what was wrong."""
    lines = [line.strip() for line in errors if line.strip()]
    said = [line for line in lines if line.startswith("Error: ")]
    if said:
        return said[-1].removeprefix("Error: ")
    return strings.LEARNING_FAILED.format(reason=lines[-1] if lines else "?")
