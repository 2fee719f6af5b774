"""Captions of many pictures, kept on disk as they come, and found again."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from imagecap.library import pictures as known
from imagecap.library.entry import Entry
from imagecap.library.errors import ChangedElsewhereError, LibraryError
from imagecap.library.kept_captions import KeptCaptions
from imagecap.library.picture_state import path_key, path_of
from imagecap.library.place import library_path
from imagecap.library.searching import search, search_names

if TYPE_CHECKING:
    import numpy as np

    from imagecap.library.corrections import LibraryCorrections
    from imagecap.library.likeness import Likeness
    from imagecap.model.captioner import Captioner

__all__ = [
    "ChangedElsewhereError",
    "Entry",
    "Library",
    "LibraryError",
    "library_path",
]


class Library(KeptCaptions):
    """Keeps what models and people say of pictures; the one never replaces the other.

    Each caption is on disk as soon as its method returns, and a program killed at any
    moment leaves the library whole. A picture is known by its path and by the content
    of its file, so that it comes with its captions where it was moved or copied. Safe
    to use from threads and several programs.

    A library that is damaged is kept beside it under another name, and all that can be
    read of it is in the new one; that may be found at any time.

    Args:
        path: The file, made if it is missing; `:memory:` for one that is not kept.
        tell: Called with a sentence about what a person must know: that the file was
            damaged, that it cannot be written, that another program holds it. By
            default it is noted in the log.

    Attributes:
        path: The file.
        database: Its tables, for what else this room does with them.

    Raises:
        LibraryError: If the file cannot be opened.
    """

    def keep_vector(self, picture: Path, model: str, vector: np.ndarray) -> None:
        """Keep a model's vector of a picture that the library knows.

        It goes with the picture's content: where that changes there is none.

        Args:
            picture: The picture file.
            model: The identity of what has made the vector.
            vector: `[length]`, kept as float16; of one length for each model.

        Raises:
            LibraryError: If it cannot be written.
        """
        from imagecap.library import vectors

        def keep(database: sqlite3.Connection) -> None:
            row = known.find(database, path_key(picture))
            if row:
                vectors.keep(database, row.number, model, vector)

        self.database.note(keep)

    def vectors(
        self, model: str, numbers: Iterable[int] | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Give the vectors of pictures that have one by a model.

        Args:
            model: The identity of what has made the vectors.
            numbers: Those of the pictures, at most some thousands; by default all.

        Returns:
            The numbers of the pictures, `[pictures]`, int64, for `entries_of`, and the
            vectors, `[pictures, length]`, float16.

        Raises:
            LibraryError: If the library cannot be read.
        """
        from imagecap.library import vectors

        return self.database.read(
            lambda database: vectors.read(database, model, numbers)
        )

    def likeness(self, model: str) -> Likeness:
        """Prepare to find the pictures that are most like others, by a model's vectors.

        Raises:
            LibraryError: If the library cannot be read.
        """
        from imagecap.library.likeness import Likeness

        return Likeness(self.database, model)

    def corrections(self, model: str) -> LibraryCorrections:
        """Prepare to find what people say of pictures, by a model's vectors."""
        from imagecap.library.corrections import LibraryCorrections

        return LibraryCorrections(self.database, model)

    def pictures_without_vector(self, model: str) -> list[Path]:
        """Give all pictures that have no vector by a model; some may be gone.

        Raises:
            LibraryError: If the library cannot be read.
        """
        from imagecap.library import vectors

        found = self.database.read(
            lambda database: vectors.paths_without(database, model)
        )
        return [path_of(path) for path in found]

    def without_vector(self, model: str, pictures: Iterable[Path]) -> list[Path]:
        """Give those of some pictures that have no vector by a model, in order.

        Raises:
            LibraryError: If the library cannot be read.
        """
        pictures = list(pictures)
        rows = self._select(
            "SELECT path FROM pictures JOIN vectors ON picture = id "
            "WHERE model = ? AND path",
            [path_key(picture) for picture in pictures],
            model,
        )
        found = {path for (path,) in rows}
        return [one for one in pictures if path_key(one) not in found]

    def search(
        self,
        words: str,
        pictures: Iterable[str | os.PathLike[str]] | None = None,
        limit: int | None = None,
    ) -> list[Entry]:
        """Find pictures by words in captions, names and what metadata say.

        All words must be there, or words that begin with them; `"a phrase"` as it
        stands, `-without` not. `by:me`, `by:machine`, `unsure`, `in:folder` and
        `taken:2024-07` choose further. Where no caption has a word, pictures are found
        whose captions have what is near to it, behind the others.

        Args:
            words: The query.
            pictures: Where to look, by default in the whole library. Of pictures that
                it does not know, the names are searched.
            limit: How many are wanted at most.

        Returns:
            The pictures, the best first.

        Raises:
            QueryError: If the query cannot be understood.
            LibraryError: If the library cannot be read.
        """
        numbers = self.find(words, limit if pictures is None else None)
        if pictures is None:
            return self.entries_of(numbers)
        keys = {path_key(picture): Path(picture) for picture in pictures}
        rows = self._select("SELECT id, path FROM pictures WHERE path", list(keys))
        known = dict(rows)
        found = [keys[known[number]] for number in numbers if number in known]
        unknown = keys.keys() - set(known.values())
        found += search_names(
            words, [one for key, one in keys.items() if key in unknown]
        )
        return list(self.entries(found[:limit]))

    def like(
        self,
        picture: str | os.PathLike[str],
        captioner: Captioner,
        words: str | None = None,
        pictures: Iterable[str | os.PathLike[str]] | None = None,
        limit: int = 20,
    ) -> list[Entry]:
        """Find the pictures that are most like one.

        Of those that have a vector by the model; `imagecap.library.missing_vectors`
        makes it for others. Whoever asks several times keeps a `likeness`.

        Args:
            picture: A picture file, whether the library knows it or not.
            captioner: The model that compares.
            words: What they shall be found by, too; see `search`.
            pictures: Where to look, by default in the whole library.
            limit: How many are wanted at most.

        Returns:
            The pictures, the most alike first, without the one itself.

        Raises:
            PictureError: If the file cannot be read as a picture.
            QueryError: If the words cannot be understood.
            LibraryError: If the library cannot be read.
        """
        among = None if words is None else set(self.find(words, None))
        if pictures is not None:
            keys = [path_key(one) for one in pictures]
            rows = self._select("SELECT id FROM pictures WHERE path", keys)
            inside = {number for (number,) in rows}
            among = inside if among is None else among & inside
        vector = captioner.embed(picture)
        likeness = self.likeness(captioner.bundle.identity)
        found = likeness.nearest(vector, limit + 1, among)
        itself = path_key(picture)
        entries = self.entries_of(number for number, _ in found)
        return [entry for entry in entries if path_key(entry.picture) != itself][:limit]

    def find(self, words: str, limit: int | None = None) -> list[int]:
        """Find pictures of the whole library by words, as `search` does.

        Args:
            words: The query.
            limit: How many are wanted at most.

        Returns:
            Their numbers, the best first, for `entries_of`.

        Raises:
            QueryError: If the query cannot be understood.
            LibraryError: If the library cannot be read.
        """
        return self.database.read(
            lambda database: search(database, words, limit, _near)
        )


def _near(word: str) -> tuple[str, ...]:
    # Late, for it loads a model.
    from imagecap.library.near_words import near_words

    return near_words(word)
