"""Where the library lies."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from imagecap.library.errors import LibraryError

VARIABLE = "IMAGECAP_LIBRARY"


def library_path() -> Path:
    """Tell where captions are kept; the file need not be there.

    The environment variable IMAGECAP_LIBRARY says so, else it is in the platform's own
    folder for data.

    Raises:
        LibraryError: If nobody has said where, and there is no home folder.
    """
    if named := os.environ.get(VARIABLE):
        return Path(named)
    import platformdirs

    # Without a home it leaves "~" as it is, and a folder of that name would be made.
    path = Path()
    with suppress(RuntimeError):
        path = platformdirs.user_data_path("imagecap", appauthor=False) / "captions.db"
    if not path.is_absolute():
        raise LibraryError(
            "There is no home folder to keep captions in, so they are not kept; name a "
            f"file for them with {VARIABLE}."
        )
    return path
