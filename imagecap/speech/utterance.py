"""One text on its way from synthesis to its last sound."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Literal

from imagecap.speech.job import Job, JobStopped, temporary_directory
from imagecap.speech.options import SpeechError, SpeechOptions
from imagecap.speech.players import play
from imagecap.speech.synthesis import Synthesiser


@dataclass(frozen=True)
class Ending:
    """How an utterance ended.

    Attributes:
        how: "finished" when it was heard to its end, "stopped" when it was cut short,
            "failed" when it could not be heard.
        reason: One sentence for a person, where it failed or was spoken by another
            voice than the wanted one; else empty.
    """

    how: Literal["finished", "stopped", "failed"]
    reason: str = ""


class Utterance:
    """A text that is read aloud once.

    Args:
        text: The text.
        options: How it is spoken.

    Attributes:
        text: The text.
        job: Its programs, to pause and to stop.
        ending: How it ended; `None` while it lasts.
    """

    def __init__(self, text: str, options: SpeechOptions) -> None:
        self.text = text
        self.job = Job()
        self.ending: Ending | None = None
        self._options = options
        self._ended = threading.Event()

    def run(self, synthesiser: Synthesiser) -> None:
        """Synthesise and play it, in the thread of the caller.

        Args:
            synthesiser: What writes the speech.
        """
        ending = Ending("failed", "The voice stopped for a reason not foreseen.")
        notes = {""}
        try:
            with temporary_directory() as folder:
                for part in synthesiser.write(
                    self.text, self._options, folder, self.job
                ):
                    play(part.wav_file, self.job)
                    notes.add(part.note)
            ending = Ending("finished", max(notes))
        except JobStopped:
            ending = Ending("stopped")
        except SpeechError as error:
            ending = Ending("failed", str(error))
        except OSError as error:
            ending = Ending("failed", f"The voice could not speak: {error.strerror}.")
        finally:
            self.end(ending)

    def end(self, ending: Ending) -> None:
        """Call it ended.

        Args:
            ending: How it ended.
        """
        self.ending = ending
        self._ended.set()

    def wait(self, timeout: float | None) -> None:
        """Wait for its end, for so many seconds at most."""
        self._ended.wait(timeout)
