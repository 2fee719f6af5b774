"""METEOR 1.5, the one that papers print, by the Java program of its authors."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from threading import Timer

import numpy as np

from imagecap.errors import ImagecapError
from imagecap.evaluation.metrics.ngram import Words

_SECONDS = 120.0
"""How long an answer may take; the first one waits for a large table to be read."""

_BETWEEN = " ||| "


class MeteorError(ImagecapError):
    """The program that computes METEOR failed."""


class Meteor:
    """The running program.

    Source: Denkowski and Lavie 2014, "Meteor universal: language specific translation
    evaluation for any target language", with the settings for English of coco-caption.

    Args:
        process: The program, with standard input and output as text.
        seconds: How long an answer may take.
    """

    def __init__(
        self, process: subprocess.Popen[str], seconds: float = _SECONDS
    ) -> None:
        self._process = process
        self._seconds = seconds

    def statistics(self, words: Words, references: Sequence[Words]) -> np.ndarray:
        """Compare a caption with the reference that it suits best.

        METEOR is a score of a whole corpus: the sums of these numbers decide it.

        Args:
            words: The caption.
            references: What people wrote.

        Returns:
            `[23]`, float64.

        Raises:
            MeteorError: If the program stopped or does not answer.
        """
        texts = [" ".join(text) for text in (*references, words)]
        (answer,) = self._ask("SCORE", texts, 1)
        return np.array(answer.split(), float)

    def score(self, statistics: np.ndarray) -> np.ndarray:
        """Compute METEOR of corpora.

        Args:
            statistics: Sums of `statistics`, `[..., 23]`.

        Returns:
            `[...]`, between 0 and 1.

        Raises:
            MeteorError: If the program stopped or does not answer.
        """
        rows = statistics.reshape(-1, statistics.shape[-1])
        texts = (" ".join(map(str, row)) for row in rows.tolist())
        # Behind the score of each comes that of all together.
        *scores, _ = self._ask("EVAL", texts, len(rows) + 1)
        return np.array(scores, float).reshape(statistics.shape[:-1])

    def _ask(self, command: str, texts: Iterable[str], answers: int) -> list[str]:
        """Write a line to the program and read lines back."""
        request, response = self._process.stdin, self._process.stdout
        assert request is not None  # noqa: S101 – both are pipes
        assert response is not None  # noqa: S101
        timer = Timer(self._seconds, self._process.kill)
        timer.start()
        try:
            request.write(_BETWEEN.join([command, *texts]) + "\n")
            request.flush()
            lines = [response.readline() for _ in range(answers)]
        except OSError as error:
            raise _failure() from error
        finally:
            timer.cancel()
        if not all(lines):
            raise _failure()
        return lines


@contextmanager
def run_meteor() -> Iterator[Meteor | None]:
    """Run the program for as long as the context lasts.

    Yields:
        `None` where Java or pycocoevalcap, which brings the program, is missing.
    """
    package, java = find_spec("pycocoevalcap"), shutil.which("java")
    if package is None or package.submodule_search_locations is None or java is None:
        yield None
        return
    folder = Path(package.submodule_search_locations[0], "meteor")
    process = subprocess.Popen(  # noqa: S603 - fixed words, no shell
        [
            *(java, "-Xmx2G", "-Dfile.encoding=UTF-8", "-jar", "meteor-1.5.jar"),
            *("-", "-", "-stdio", "-l", "en", "-norm"),
        ],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )
    try:
        yield Meteor(process)
    finally:
        process.kill()
        # Closes both pipes, even where something was left that nobody reads any more.
        process.communicate()


def _failure() -> MeteorError:
    return MeteorError(
        "METEOR is left out because its Java program broke off; it needs up to 2 GB of "
        "memory."
    )
