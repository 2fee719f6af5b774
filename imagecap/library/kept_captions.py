"""What models and people say of the pictures of a library, kept and given."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import EllipsisType
from typing import TYPE_CHECKING

from imagecap.library import captions_table as said
from imagecap.library import pictures as known
from imagecap.library.entry import Entry, SaidCaption
from imagecap.library.errors import ChangedElsewhereError
from imagecap.library.facts import Facts, keep_facts, read_facts
from imagecap.library.kept_rows import MachineCaption, from_json, to_text
from imagecap.library.opened import AT_ONCE, OpenedLibrary
from imagecap.library.picture_state import (
    PictureState,
    look_at,
    path_key,
    path_of,
    read_state,
)
from imagecap.library.word_index import human_caption
from imagecap.provenance import PERSON, Provenance

if TYPE_CHECKING:
    from imagecap.model.caption import Caption

_UNKNOWN = Entry(Path())
_ENTRIES = """
    SELECT id, path,
        (SELECT captions FROM machine_captions WHERE picture = id
            ORDER BY sequence DESC LIMIT 1),
        (SELECT caption FROM human_captions WHERE picture = id
            ORDER BY sequence DESC LIMIT 1),
        (SELECT kind FROM human_captions WHERE picture = id
            ORDER BY sequence DESC LIMIT 1)
    FROM pictures WHERE """


class KeptCaptions(OpenedLibrary):
    """The captions of a library; one of a model never replaces one of a person."""

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
        captions: Sequence[Caption | MachineCaption],
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
        others: list[tuple[str | None, bool]] = []

        def keep(database: sqlite3.Connection) -> None:
            others.clear()
            row = _place(database, path, state)
            # No other program comes between looking and writing.
            if not isinstance(instead_of, EllipsisType):
                there = human_caption(database, row.number)
                if there not in (instead_of, caption):
                    others.append((there, said.has_human(database, row.number)))
                    return
            said.keep_human(database, row, caption)

        self.database.write(keep)
        if others:
            there, was_written = others[0]
            raise ChangedElsewhereError(picture, there, caption, was_written)

    def keep_all_human(
        self,
        captions: Mapping[Path, str | None],
        instead_of: Mapping[Path, str | None] | None = None,
    ) -> dict[Path, str | None]:
        """Keep what a person says of many pictures, whose files are not read for it.

        Args:
            captions: What the person says of each; `None` takes it back.
            instead_of: What the person knows to be there of each; without it whatever
                is there is replaced.

        Returns:
            What stays instead, of pictures of which something else is said by now.

        Raises:
            LibraryError: If it cannot be written; then none of it is kept.
        """
        seen = {picture: look_at(picture) for picture in captions}
        others: dict[Path, str | None] = {}

        def keep(database: sqlite3.Connection) -> None:
            others.clear()
            for picture, caption in captions.items():
                row = known.find_or_add(database, path_key(picture), seen[picture])
                there = human_caption(database, row.number) if instead_of else None
                if instead_of and there not in (instead_of[picture], caption):
                    others[picture] = there
                else:
                    said.keep_human(database, row, caption)

        self.database.write(keep)
        return others

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

    def captions(self, picture: str | os.PathLike[str]) -> list[SaidCaption]:
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
        for start in range(0, len(pictures), AT_ONCE):
            keys = {one: path_key(one) for one in pictures[start : start + AT_ONCE]}
            rows = self._select(_ENTRIES + "path", list(keys.values()))
            found = {row[1]: _entry(*row) for row in rows}
            for picture, key in keys.items():
                yield replace(found.get(key, _UNKNOWN), picture=picture)

    def entries_of(self, numbers: Iterable[int]) -> list[Entry]:
        """Give what is known of pictures by their numbers in the library, in order.

        Those that lie nowhere known are left out.
        """
        numbers = list(map(int, numbers))
        rows = self._select(_ENTRIES + "typeof(path) = 'blob' AND id", numbers)
        found = {row[0]: _entry(*row) for row in rows}
        return [found[number] for number in numbers if number in found]

    def human_entries(self) -> list[Entry]:
        """Give an entry for each picture that a person says something of.

        Raises:
            LibraryError: If the library cannot be read.
        """
        rows = self.database.read(
            lambda database: database.execute(
                "SELECT DISTINCT picture FROM human_captions "
                "WHERE typeof(picture) = 'integer' ORDER BY picture"
            ).fetchall()
        )
        entries = self.entries_of(number for (number,) in rows)
        return [entry for entry in entries if entry.human is not None]

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


def _place(
    database: sqlite3.Connection, path: bytes, state: PictureState | None
) -> known.PictureRow:
    if state is None:
        return known.find_or_add(database, path)
    return known.settle(database, path, state)


def _entry(
    number: int, path: bytes, machine: object, human: object, kind: object
) -> Entry:
    captions = from_json(machine)
    return Entry(
        path_of(path),
        captions[0].text if captions else None,
        None if human is None else to_text(human),
        number,
        bool(captions and captions[0].unsure),
        captions[0].confidence if captions else None,
        None if kind is None else to_text(kind),
    )
