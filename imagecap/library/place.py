"""Where the library lies."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from imagecap.files import check_ordinary, place_named, reason
from imagecap.library.errors import LibraryError, not_opened

VARIABLE = "IMAGECAP_LIBRARY"


def library_path() -> Path:
    """Tell where captions are kept; the file need not be there.

    The environment variable IMAGECAP_LIBRARY says so, else it is in the platform's own
    folder for data.

    Raises:
        LibraryError: If there can be none where the variable says, see `check_named`;
            or nobody has said where, and there is no home folder.
    """
    if named := os.environ.get(VARIABLE):
        path = place_named(named)
        check_named(path, VARIABLE)
        return path
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


def check_named(path: Path, by: str) -> None:
    """Look whether a file that a person names can be a library, or be made one.

    Args:
        path: The file.
        by: What names it, for the sentence.

    Raises:
        LibraryError: If it is a folder or a pipe, or a file of another kind, which
            would be set aside as a damaged library.
    """
    # Late, because most often there is nothing to look at.
    from imagecap.library.mending import is_other_file

    if os.path.isdir(path):
        raise LibraryError(f"{path} is a folder; name a file with {by}.")
    try:
        check_ordinary(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise not_opened(path, reason(error), by) from error
    if is_other_file(path):
        raise LibraryError(
            f"{path} is no library of captions and stays as it is; name another file "
            f"with {by}."
        )
