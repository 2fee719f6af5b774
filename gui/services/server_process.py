"""The library's pages for a browser, served by a process of its own."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import threading

from imagecap.errors import ImagecapError

from .. import strings

_PROGRAM = "from imagecap.__main__ import main; main()"
_GOODBYE_SECONDS = 2.0


class ServerError(ImagecapError):
    """The pages cannot be served."""


class ServerProcess:
    """Serves the library, from when that is first asked for.

    The process reads its input, which ends with this one, however that ends; then it
    ends, too.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._address = ""
        self._is_closed = False
        self._lock = threading.Lock()

    def address(self, model: str | None) -> str:
        """Give the address that opens the pages; call it off the window's thread.

        Args:
            model: The name or the folder of the model that captions for them; `None`
                for the one that comes with the program.

        Raises:
            ServerError: If there are none; the message says why.
        """
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._start(model)
            return self._address

    def close(self) -> None:
        """End it, where it has begun."""
        self._is_closed = True
        process = self._process
        if process:
            process.terminate()
            # It may be in the middle of a picture.
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_GOODBYE_SECONDS)

    def _start(self, model: str | None) -> None:
        command = [sys.executable, "-c", _PROGRAM, "serve", "--no-browser"]
        if model:
            command += ["--model", model]
        with tempfile.TemporaryFile("w+", encoding="utf-8") as errors:
            self._process = process = subprocess.Popen(  # noqa: S603 – this program
                [*command, "--with-input"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                encoding="utf-8",
            )
            if self._is_closed:
                process.terminate()
            self._address = process.stdout.readline().strip() if process.stdout else ""
            if not self._address:
                process.wait()
                errors.seek(0)
                said = errors.read().strip().rpartition("Error: ")[2]
                raise ServerError(said or strings.NO_PAGES)
