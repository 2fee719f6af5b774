"""Names of folders in addresses, which then hold no paths."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from imagecap.library.browsing import folders, holds_pictures
from imagecap.library.store import Library
from imagecap.web.problems import Problem


class FolderKeys:
    """Names folders in which, or below which, pictures of a library lie.

    The name of a folder is the same after each start.

    Args:
        library: The library.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        # Those that were shown; to look for one in a large library takes a while.
        self._shown: dict[str, Path] = {}

    def key_of(self, folder: Path) -> str:
        """Name a folder."""
        key = hashlib.sha256(os.fsencode(folder)).hexdigest()[:32]
        self._shown[key] = folder
        return key

    def folder_of(self, key: str) -> Path:
        """Give the folder of a name.

        Raises:
            Problem: If there is none in which pictures lie.
            LibraryError: If the library cannot be read.
        """
        if key not in self._shown:
            for folder in folders(self._library):
                for one in (folder, *folder.parents):
                    self.key_of(one)
        found = self._shown.get(key)
        if found is None or not holds_pictures(self._library, found):
            raise Problem(
                404, "There are no pictures in this folder any more; choose another."
            )
        return found
