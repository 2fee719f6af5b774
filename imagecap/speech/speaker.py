"""The voice as a window or a command uses it."""

from __future__ import annotations

import threading
from pathlib import Path

from imagecap.files import atomic_write
from imagecap.speech import sound
from imagecap.speech.job import Job, JobStopped, temporary_directory
from imagecap.speech.options import SpeechError, SpeechOptions, Voice
from imagecap.speech.synthesis import Synthesiser
from imagecap.speech.utterance import Ending, Utterance

_SAMPLE = "A brown dog runs along the beach."
# A child is gone a few milliseconds after it is killed; more is waited for only where
# the machine itself is stuck, and then the caller must not be.
_DYING_SECONDS = 0.04
_CLOSING_SECONDS = 1.0


class Speaker:
    """Reads text aloud, one utterance at a time; the newest request wins.

    No method but `wait`, `voices`, `save` and `close` waits for the voice (`stop` does,
    for some milliseconds at most), and nothing is called back: `poll` tells how the
    utterance is doing, as for a process.

    Args:
        options: How texts are spoken.

    Attributes:
        options: The same; a change holds from the next utterance on.
    """

    def __init__(self, options: SpeechOptions | None = None) -> None:
        self.options = options or SpeechOptions()
        self._synthesiser = Synthesiser()
        self._lock = threading.Lock()
        self._newest: Utterance | None = None
        self._next: Utterance | None = None
        self._worker: threading.Thread | None = None
        self._last_text = ""
        self._other_jobs: set[Job] = set()

    def speak(self, text: str) -> None:
        """Begin to read a text aloud; whatever is being read is stopped.

        Args:
            text: The text, of any content; it is only ever read.
        """
        self._last_text = text
        self._begin(Utterance(text, self.options))

    def repeat(self) -> None:
        """Read the last text again from its beginning; nothing where there was none."""
        if self._last_text:
            self.speak(self._last_text)

    def preview(self, options: SpeechOptions) -> None:
        """Let a sample sentence be heard; `repeat` does not repeat it.

        Args:
            options: How it is spoken.
        """
        self._begin(Utterance(_SAMPLE, options))

    def pause(self) -> None:
        """Be silent at once, to go on later; nothing where nothing is being read."""
        if self._newest:
            self._newest.job.pause()

    def resume(self) -> None:
        """Go on after a pause, from the gap before the words last heard."""
        if self._newest:
            self._newest.job.resume()

    def stop(self) -> None:
        """Be silent at once."""
        if self._newest:
            self._newest.job.stop()
            self._newest.wait(_DYING_SECONDS)

    @property
    def is_speaking(self) -> bool:
        """Whether an utterance is on its way, heard or paused right now."""
        return self._newest is not None and self._newest.ending is None

    @property
    def is_paused(self) -> bool:
        """Whether an utterance waits for `resume`."""
        return (
            self._newest is not None
            and self._newest.ending is None
            and self._newest.job.is_paused
        )

    def poll(self) -> Ending | None:
        """Tell how the newest utterance ended; `None` while it lasts or without one."""
        return self._newest.ending if self._newest else None

    def wait(self, timeout: float | None = None) -> Ending | None:
        """Wait for the end of the newest utterance.

        Args:
            timeout: The longest wait in seconds; `None` for no limit.

        Returns:
            What `poll` returns then.
        """
        if self._newest:
            self._newest.wait(timeout)
        return self.poll()

    def voices(self) -> list[Voice]:
        """List the voices of this machine, the English ones first.

        It takes a moment: call it off the window's thread.

        Raises:
            SpeechError: If the machine has none, or `close` is called meanwhile.
        """
        job = Job()
        self._other_jobs.add(job)
        try:
            return self._synthesiser.voices(job)
        except OSError as error:
            raise SpeechError(
                f"The voices could not be listed: {error.strerror}."
            ) from error
        except JobStopped:
            raise SpeechError("The voices were not listed: stopped.") from None
        finally:
            self._other_jobs.discard(job)

    def save(self, text: str, path: str | Path) -> None:
        """Write a text as speech into a WAV file; an utterance goes on meanwhile.

        Args:
            text: The text.
            path: The file to write, ending in ".wav"; replaced if it is there.

        Raises:
            SpeechError: If the name ends otherwise, the machine has no voice or lacks
                the chosen one, the voice takes too long, the file cannot be written, or
                `close` is called meanwhile.
        """
        path = Path(path)
        if path.suffix.lower() != ".wav":
            raise SpeechError(
                f"Speech is saved as a WAV file: give {path.name} a name that ends "
                "in .wav."
            )
        job = Job()
        self._other_jobs.add(job)
        try:
            with temporary_directory() as folder:
                parts = self._synthesiser.write(
                    text, self.options, folder, job, in_any_voice=False
                )
                with atomic_write(path) as file:
                    sound.join((part.wav_file for part in parts), file)
        except OSError as error:
            raise SpeechError(
                f"The speech could not be saved to {path}: {error.strerror}. "
                "Choose another place."
            ) from error
        except JobStopped:
            raise SpeechError(f"{path.name} was not saved: stopped.") from None
        finally:
            self._other_jobs.discard(job)

    def close(self) -> None:
        """Stop everything and see it ended, a file being saved included."""
        for job in tuple(self._other_jobs):
            job.stop()
        self.stop()
        self.wait(_CLOSING_SECONDS)

    def _begin(self, utterance: Utterance) -> None:
        with self._lock:
            if self._newest:
                self._newest.job.stop()
            if self._next:
                self._next.end(Ending("stopped"))
            self._newest = self._next = utterance
            if self._worker is None or not self._worker.is_alive():
                self._worker = threading.Thread(target=self._work, daemon=True)
                self._worker.start()

    def _work(self) -> None:
        """Run the newest utterance, then the one that came meanwhile, if any."""
        while True:
            with self._lock:
                utterance, self._next = self._next, None
                if utterance is None:
                    self._worker = None
                    return
            utterance.run(self._synthesiser)
