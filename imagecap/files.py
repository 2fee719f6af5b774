"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a file to be written; at the end it takes the place of the one at `path`.

    Until then it has `.new` at the end of its name. If anything fails, it is deleted,
    and the file at `path` stays as it was. A killed program leaves that whole, too.

    Args:
        path: The file's place.

    Raises:
        OSError: If the disk refuses to take it.
    """
    new = path.with_name(f"{path.name}.new")
    try:
        with new.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except BaseException:
        if new.is_file():
            new.unlink()
        raise


def reason(error: OSError) -> str:
    """Say why the system refused: “No space left on device”."""
    return error.strerror or str(error)
