"""Programs that another thread can stop or pause."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path

from imagecap.files import is_exhausted

# What runs in a process of its own, as a plain file.
CHILD = (sys.executable, "-P", str(Path(__file__).with_name("child.py")))
# Windows would flash a console window for each child; elsewhere there is no such flag.
_CREATION_FLAGS: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)


class JobStopped(Exception):  # noqa: N818 - a request, not an error
    """The job was stopped from another thread."""


class Paused(Exception):  # noqa: N818 - a request, not an error
    """What ran was ended from another thread, to go on later."""


class Job:
    """The programs of one request, of which one at most is running.

    `run` and `wait_while_paused` belong to the thread that does the job; the other
    methods may be called from any thread and do not wait for the programs.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_pausable = False
        self._is_cut_off = False
        self._is_paused = False
        self._is_stopped = False
        self._has_timed_out = False

    @property
    def has_timed_out(self) -> bool:
        """Whether the last program was killed for the time it took."""
        return self._has_timed_out

    @property
    def is_paused(self) -> bool:
        """Whether `pause` was called, and `resume` not yet."""
        return self._is_paused

    def run(
        self,
        command: tuple[str, ...],
        *,
        timeout: float,
        text: str = "",
        output: Path | None = None,
        pausable: bool = False,
    ) -> bool:
        """Run a program to its end.

        Args:
            command: The program and its arguments.
            timeout: The seconds after which it is killed.
            text: What it finds on its standard input.
            output: The file for what it prints; without one that is dropped.
            pausable: Whether `pause` ends it.

        Returns:
            Whether it said that it succeeded.

        Raises:
            JobStopped: If `stop` was called, before or meanwhile.
            Paused: If it is pausable and `pause` was called, before or meanwhile.
        """
        self._has_timed_out = False
        with ExitStack() as files:
            printed = files.enter_context(output.open("wb")) if output else None
            # Without the lock, a program could start just after it was to be stopped.
            with self._changed:
                self._raise_request(pausable)
                try:
                    process = subprocess.Popen(  # noqa: S603 - no shell, no user text
                        command,
                        stdin=subprocess.PIPE,
                        stdout=printed or subprocess.DEVNULL,
                        stderr=subprocess.DEVNULL,
                        creationflags=_CREATION_FLAGS,
                    )
                except ValueError:  # no argument may hold such characters
                    return False
                except OSError as error:
                    if is_exhausted(error):
                        raise
                    return False
                self._process = process
                self._is_pausable = pausable
                self._is_cut_off = False
        # To wait with a timeout would be to look for the end only now and then.
        overdue = threading.Timer(timeout, self._kill_overdue, (process,))
        overdue.daemon = True
        overdue.start()
        try:
            process.communicate(text.encode("utf-8", "replace"))
        except BaseException:  # Ctrl-C
            process.kill()
            raise
        finally:
            overdue.cancel()
        with self._changed:
            self._process = None
            if process.returncode == 0:
                return True
            self._raise_request(pausable)
            # The pause may be over already.
            if self._is_cut_off:
                raise Paused
            return False

    def wait_while_paused(self) -> None:
        """Wait for `resume`.

        Raises:
            JobStopped: If `stop` was called, before or meanwhile.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._is_stopped or not self._is_paused)
            self._raise_request(pausable=False)

    def pause(self) -> None:
        """End what is pausable and let nothing pausable begin."""
        with self._changed:
            self._is_paused = True
            if self._process and self._is_pausable:
                self._is_cut_off = True
                self._process.kill()

    def resume(self) -> None:
        """Let it go on after a pause."""
        with self._changed:
            self._is_paused = False
            self._changed.notify_all()

    def stop(self) -> None:
        """Kill what runs and let nothing more run."""
        with self._changed:
            self._is_stopped = True
            if self._process:
                self._process.kill()
            self._changed.notify_all()

    def _kill_overdue(self, process: subprocess.Popen[bytes]) -> None:
        self._has_timed_out = True
        process.kill()

    def _raise_request(self, pausable: bool) -> None:
        if self._is_stopped:
            raise JobStopped
        if pausable and self._is_paused:
            raise Paused


def temporary_directory() -> tempfile.TemporaryDirectory[str]:
    """Make a folder for sound files, gone after the `with` it is used in."""
    return tempfile.TemporaryDirectory(prefix="imagecap-", ignore_cleanup_errors=True)
