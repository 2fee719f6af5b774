"""Captions of many pictures, kept on disk as they come."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import EllipsisType
from typing import TYPE_CHECKING, Any

from imagecap.library import captions_table as said
from imagecap.library import pictures as known
from imagecap.library.database import Database
from imagecap.library.entry import Entry, SaidCaption
from imagecap.library.errors import ChangedElsewhereError, LibraryError
from imagecap.library.facts import Facts, keep_facts, read_facts
from imagecap.library.kept_rows import MachineCaption, from_json, to_text
from imagecap.library.picture_state import (
    PictureState,
    look_at,
    path_key,
    path_of,
    read_state,
)
from imagecap.library.place import library_path
from imagecap.library.searching import search, search_names
from imagecap.provenance import PERSON, Provenance

if TYPE_CHECKING:
    import numpy as np

    from imagecap.library.likeness import Likeness
    from imagecap.model.caption import Caption
    from imagecap.model.captioner import Captioner

__all__ = [
    "ChangedElsewhereError",
    "Entry",
    "Library",
    "LibraryError",
    "library_path",
]
_AT_ONCE = 500
_log = logging.getLogger(__name__)
_UNKNOWN = Entry(Path())
_ENTRIES = """
    SELECT id, path,
        (SELECT captions FROM machine_captions WHERE picture = id
            ORDER BY sequence DESC LIMIT 1),
        (SELECT caption FROM human_captions WHERE picture = id
            ORDER BY sequence DESC LIMIT 1)
    FROM pictures WHERE """


class Library:
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

    def __init__(self, path: Path, tell: Callable[[str], object] | None = None) -> None:
        self.path = path
        self.database = Database(
            None if str(path) == ":memory:" else path, tell or _log.warning
        )

    @classmethod
    def open(cls, path: Path | None = None) -> Library:
        """Open a library.

        Args:
            path: The file; by default the one that the window and the command line use.

        Raises:
            LibraryError: If the file cannot be opened.
        """
        return cls(library_path() if path is None else path)

    @property
    def damaged_copy(self) -> Path | None:
        """The damaged file that was set aside last, if one was."""
        return self.database.damaged_copy

    def close(self) -> None:
        """Close the file.

        Raises:
            LibraryError: If something could not be kept, because another program holds
                the file.
        """
        self.database.close()

    def keep_waiting(self) -> None:
        """Keep what has waited for another program that held the file.

        Raises:
            LibraryError: If it still does.
        """
        self.database.write_waiting()

    def recognise(self, pictures: Iterable[Path]) -> None:
        """Find out which pictures files are that are being opened, by their contents.

        Those that were moved, renamed or copied have their captions from then on.

        Raises:
            LibraryError: If the library cannot be read or written.
        """
        for picture in pictures:
            self._recognise(picture, opened=True)

    def keep_model_captions(
        self,
        picture: Path,
        model: str,
        beam_width: int | None,
        captions: Sequence[Caption],
        state: PictureState | None = None,
    ) -> None:
        """Keep a model's captions of a picture.

        Where the file is no longer what the model has read, they are kept as something
        that a model has said, but not as captions of what is there now.

        Args:
            picture: The picture file.
            model: The model's identity, `Bundle.identity`.
            beam_width: Captions kept in parallel by a search of that width; `None`
                for the model's own search.
            captions: The captions, the best first.
            state: The file before the model has read it, as `read_state` gives it; by
                default as it is now.

        Raises:
            LibraryError: If they cannot be written.
        """
        path, read = path_key(picture), state or read_state(picture)
        if read and not read.is_at(picture):
            read = None
        facts = read_facts(picture) if read else Facts()

        def keep(database: sqlite3.Connection) -> None:
            row = _place(database, path, read)
            keep_facts(database, row.number, facts)
            said.keep_machine(database, row, read, model, beam_width, captions)

        self.database.note(keep)

    def keep_human(
        self,
        picture: Path,
        caption: str | None,
        instead_of: str | EllipsisType | None = ...,
    ) -> None:
        """Keep what a person says of a picture; `None` takes it back.

        Args:
            picture: The picture file.
            caption: What the person says.
            instead_of: What the person knows to be there, `None` for nothing; left out
                where whatever is there is to be replaced.

        Raises:
            ChangedElsewhereError: If something else is there by now; it stays.
            LibraryError: If it cannot be written.
        """
        path, state = path_key(picture), read_state(picture)
        others: list[str | None] = []

        def keep(database: sqlite3.Connection) -> None:
            others.clear()
            row = _place(database, path, state)
            # No other program comes between looking and writing.
            if not isinstance(instead_of, EllipsisType):
                there = said.newest_human(database, row.number)
                if there not in (instead_of, caption):
                    others.append(there)
                    return
            said.keep_human(database, row, caption)

        self.database.write(keep)
        if others:
            raise ChangedElsewhereError(picture, others[0], caption)

    def data_version(self) -> int:
        """Return a number that is another one once another program has written.

        Raises:
            LibraryError: If the library cannot be read.
        """
        return self.database.read(
            lambda database: int(database.execute("PRAGMA data_version").fetchone()[0])
        )

    def in_memory(self) -> Library:
        """Return a copy that knows the same and keeps nothing.

        Raises:
            LibraryError: If the library cannot be read.
        """
        copy = Library(Path(":memory:"))
        self.database.copy_to(copy.database)
        return copy

    def keep_all_human(self, captions: Mapping[Path, str]) -> None:
        """Keep what a person says of many pictures, whose files are not read for it.

        Raises:
            LibraryError: If it cannot be written; then none of it is kept.
        """
        seen = {picture: look_at(picture) for picture in captions}

        def keep(database: sqlite3.Connection) -> None:
            for picture, caption in captions.items():
                row = known.find_or_add(database, path_key(picture), seen[picture])
                said.keep_human(database, row, caption)

        self.database.write(keep)

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

    def model_caption(
        self, picture: Path, model: str, beam_width: int | None
    ) -> str | None:
        """Give a model's best caption of a picture as the file now is, if it is kept.

        Args:
            picture: The picture file.
            model: The model's identity.
            beam_width: Captions kept in parallel by a search of that width; `None`
                for the model's own search.

        Raises:
            LibraryError: If the library cannot be read or written.
        """
        self._recognise(picture, opened=False)
        seen = look_at(picture)

        def find(database: sqlite3.Connection) -> str | None:
            row = known.find(database, path_key(picture))
            if row is None or seen is None:
                return None
            return said.machine_caption(database, row, seen, model, beam_width)

        return self.database.read(find)

    def is_model_caption(self, picture: Path, caption: str) -> bool:
        """Tell whether any model has ever said a caption of a picture."""
        return any(one.text == caption for _, one in self._said_by_models(picture))

    def provenance(self, entry: Entry) -> Provenance:
        """Tell where the caption that counts of a picture comes from.

        Without a caption nothing is said.
        """
        by_models = self._said_by_models(entry.picture)
        for model, one in by_models:
            if one.text == entry.caption:
                accepted = None if entry.human is None else True
                return Provenance(model, None, accepted, one.confidence)
        if entry.human is None:
            return Provenance()
        return Provenance(PERSON, edited=True if by_models else None)

    def captions(self, picture: Path) -> list[SaidCaption]:
        """Give all that was ever said of a picture: by people first, then by models.

        Each part has the newest first.

        Raises:
            LibraryError: If the library cannot be read.
        """

        def read(database: sqlite3.Connection) -> list[SaidCaption]:
            row = known.find(database, path_key(picture))
            return said.history(database, row.number) if row else []

        return self.database.read(read)

    def human(self, picture: Path) -> str | None:
        """Give what a person says of a picture, if anything."""
        return next(self.entries([picture])).human

    def entry_of(
        self, picture: Path, model: str, beam_width: int | None = None
    ) -> Entry:
        """Give what a person and one model say of a picture; see `model_caption`."""
        text = self.model_caption(picture, model, beam_width)
        return Entry(picture, text, self.human(picture))

    def entries(self, pictures: Iterable[Path]) -> Iterator[Entry]:
        """Give what is known of pictures, one entry each, in order.

        They are known by their paths; see `recognise`.
        """
        pictures = list(pictures)
        for start in range(0, len(pictures), _AT_ONCE):
            keys = {one: path_key(one) for one in pictures[start : start + _AT_ONCE]}
            rows = self._select(_ENTRIES + "path", list(keys.values()))
            found = {row[1]: _entry(*row) for row in rows}
            for picture, key in keys.items():
                yield replace(found.get(key, _UNKNOWN), picture=picture)

    def entries_of(self, numbers: Iterable[int]) -> list[Entry]:
        """Give what is known of pictures by their numbers in the library, in order.

        Those that lie nowhere known are left out.
        """
        numbers = list(map(int, numbers))
        rows = self._select(_ENTRIES + "path IS NOT NULL AND id", numbers)
        found = {row[0]: _entry(*row) for row in rows}
        return [found[number] for number in numbers if number in found]

    def human_entries(self) -> list[Entry]:
        """Give an entry for each picture that a person says something of.

        Raises:
            LibraryError: If the library cannot be read.
        """
        rows = self.database.read(
            lambda database: database.execute(
                "SELECT DISTINCT picture FROM human_captions ORDER BY picture"
            ).fetchall()
        )
        entries = self.entries_of(number for (number,) in rows)
        return [entry for entry in entries if entry.human is not None]

    def search(
        self,
        words: str,
        pictures: Iterable[Path] | None = None,
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
        keys = {path_key(picture): picture for picture in pictures}
        rows = self._select("SELECT id, path FROM pictures WHERE path", list(keys))
        known = dict(rows)
        found = [keys[known[number]] for number in numbers if number in known]
        unknown = keys.keys() - set(known.values())
        found += search_names(
            words, [one for key, one in keys.items() if key in unknown]
        )
        return list(self.entries(found[:limit]))

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

    def like(
        self,
        picture: str | os.PathLike[str],
        captioner: Captioner,
        words: str | None = None,
        pictures: Iterable[Path] | None = None,
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
        itself = Path(picture).absolute()
        entries = self.entries_of(number for number, _ in found)
        return [entry for entry in entries if entry.picture != itself][:limit]

    def _recognise(self, picture: Path, opened: bool) -> None:
        unclear = self.database.read(
            lambda database: known.must_be_read(database, picture, opened)
        )
        state = read_state(picture) if unclear else None
        if state:
            self.database.note(
                lambda database: known.settle(database, path_key(picture), state)
            )

    def _said_by_models(self, picture: Path) -> list[tuple[str, MachineCaption]]:
        def read(database: sqlite3.Connection) -> list[tuple[str, MachineCaption]]:
            row = known.find(database, path_key(picture))
            return said.said_by_models(database, row.number) if row else []

        return self.database.read(read)

    def _select(
        self, statement: str, values: Sequence[object], *before: object
    ) -> list[tuple[Any, ...]]:
        """Select the rows with any of some values, of the column named at the end."""

        def select(database: sqlite3.Connection) -> list[tuple[Any, ...]]:
            rows = []
            for start in range(0, len(values), _AT_ONCE):
                some = values[start : start + _AT_ONCE]
                marks = ", ".join("?" * len(some))
                found = database.execute(f"{statement} IN ({marks})", (*before, *some))
                rows += found.fetchall()
            return rows

        return self.database.read(select)


def _near(word: str) -> tuple[str, ...]:
    # Late, for it loads a model.
    from imagecap.library.near_words import near_words

    return near_words(word)


def _place(
    database: sqlite3.Connection, path: bytes, state: PictureState | None
) -> known.PictureRow:
    if state is None:
        return known.find_or_add(database, path)
    return known.settle(database, path, state)


def _entry(number: int, path: bytes, machine: object, human: object) -> Entry:
    captions = from_json(machine)
    return Entry(
        path_of(path),
        captions[0].text if captions else None,
        None if human is None else to_text(human),
        number,
        bool(captions and captions[0].unsure),
    )
