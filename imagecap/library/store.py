"""Captions of many pictures, kept on disk as they come."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import EllipsisType
from typing import TYPE_CHECKING, Any

from imagecap.errors import ImagecapError
from imagecap.files import personal_folder, reason
from imagecap.provenance import PERSON, Provenance

if TYPE_CHECKING:
    from imagecap.model.caption import Caption

VARIABLE = "IMAGECAP_LIBRARY"
_AT_ONCE = 500
# In place of a beam width; part of a primary key, which takes no NULL twice.
_OWN_SEARCH = 0
_WAIT_SECONDS = 10.0
# Pictures are known by the bytes of their paths, since file names need not be text.
_TABLES = """
CREATE TABLE IF NOT EXISTS machine (
    picture BLOB, model TEXT, beam_width INTEGER, bytes INTEGER, modified INTEGER,
    captions TEXT, made REAL, PRIMARY KEY (picture, model, beam_width));
CREATE TABLE IF NOT EXISTS human (picture BLOB PRIMARY KEY, caption TEXT, made REAL);
"""


class LibraryError(ImagecapError):
    """The library cannot be read or written."""


class ChangedElsewhereError(LibraryError):
    """Another window or command has changed a caption meanwhile.

    Attributes:
        human: What a person says of the picture now; `None` for nothing.
    """

    def __init__(self, picture: Path, human: str | None, caption: str | None) -> None:
        now = "taken it back" if human is None else f"written “{human}”, which stays"
        kept = f"; “{caption}” was not kept" if caption else ""
        super().__init__(
            f"Another window has changed the caption of {picture.name} meanwhile and "
            f"{now}{kept}."
        )
        self.human = human


_SAY = (
    "INSERT OR REPLACE INTO human SELECT ?, ?, ? "
    "WHERE ? OR (SELECT caption FROM human WHERE picture = ?) IS ?"
)
_TAKE_BACK = "DELETE FROM human WHERE picture = ? AND (? OR caption IS ?)"
_NEWEST_MACHINE = (
    "SELECT picture, captions, MAX(made) FROM machine "
    "WHERE picture IN ({marks}) GROUP BY picture"
)
_HUMAN = "SELECT picture, caption FROM human WHERE picture IN ({marks})"


def library_path() -> Path:
    """Tell where captions are kept; the file need not be there.

    The environment variable IMAGECAP_LIBRARY says so, else it is in the platform's own
    folder for data.

    Raises:
        LibraryError: If nobody has said where, and there is no home folder.
    """
    if named := os.environ.get(VARIABLE):
        return Path(named)
    folder = personal_folder("data")
    if folder is None:
        raise LibraryError(
            "There is no home folder to keep captions in, so they are not kept; name a "
            f"file for them with {VARIABLE}."
        )
    return folder / "captions.db"


@dataclass(frozen=True)
class Entry:
    """What is known of one picture.

    Attributes:
        picture: The picture file.
        machine: The newest caption by a model; `None` without one.
        human: What a person wrote or chose; `None` without that.
    """

    picture: Path
    machine: str | None = None
    human: str | None = None

    @property
    def caption(self) -> str | None:
        """The caption that counts: a person's before a model's."""
        return self.machine if self.human is None else self.human


class Library:
    """Keeps what models and people say of pictures; the one never replaces the other.

    Each caption is on disk as soon as its method returns, and a program killed at any
    moment leaves the library whole. Safe to use from threads and several programs.

    Args:
        path: The file, made if it is missing. One that is damaged is kept beside
            it under another name and a new one begun.

    Attributes:
        damaged_copy: The damaged file that was set aside, if one was.

    Raises:
        LibraryError: If the file cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damaged_copy: Path | None = None
        # One connection serves one caller at a time.
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._database = _open(path)
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:
                self.damaged_copy = _move_damaged(path)
                self._database = _open(path)
        except (OSError, sqlite3.Error) as error:
            why = reason(error) if isinstance(error, OSError) else error
            raise LibraryError(
                f"The library of captions {path} cannot be opened ({why}); "
                f"captions are not kept. Name another place with {VARIABLE}."
            ) from error

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()

    def in_memory(self) -> Library:
        """Return a copy that knows the same and keeps nothing."""
        copy = Library(Path(":memory:"))
        with self._lock:
            self._database.backup(copy._database)
        return copy

    def keep_model_captions(
        self,
        picture: Path,
        model: str,
        beam_width: int | None,
        captions: Sequence[Caption],
    ) -> None:
        """Keep a model's captions of a picture.

        Args:
            picture: The picture file.
            model: The model's identity, `Bundle.identity`.
            beam_width: Captions kept in parallel by a search of that width; `None`
                for the model's own search.
            captions: The captions, the best first.

        Raises:
            LibraryError: If they cannot be written.
        """
        size, modified = _version(picture)
        texts = [
            [caption.text, caption.probability, caption.confidence]
            for caption in captions
        ]
        self._write(
            "INSERT OR REPLACE INTO machine VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                _key(picture),
                model,
                beam_width or _OWN_SEARCH,
                size,
                modified,
                json.dumps(texts, ensure_ascii=False),
                time.time(),
            ),
        )

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
        anyhow = isinstance(instead_of, EllipsisType)
        known = None if isinstance(instead_of, EllipsisType) else instead_of
        # One statement each: no other program comes between looking and writing.
        if caption is None:
            written = self._write(_TAKE_BACK, (_key(picture), anyhow, known))
        else:
            values = (caption, time.time(), anyhow, _key(picture), known)
            written = self._write(_SAY, (_key(picture), *values))
        if not (anyhow or written) and (found := self.human(picture)) != caption:
            raise ChangedElsewhereError(picture, found, caption)

    def data_version(self) -> int:
        """Return a number that is another one once another program has written.

        Raises:
            LibraryError: If the library cannot be read.
        """
        return int(self._read("PRAGMA data_version", ())[0][0])

    def model_caption(
        self, picture: Path, model: str, beam_width: int | None
    ) -> str | None:
        """Give a model's best caption of a picture as the file now is, if it is kept.

        Args:
            picture: The picture file.
            model: The model's identity.
            beam_width: Captions kept in parallel by a search of that width; `None`
                for the model's own search.
        """
        rows = self._read(
            "SELECT captions, bytes, modified FROM machine "
            "WHERE picture = ? AND model = ? AND beam_width = ?",
            (_key(picture), model, beam_width or _OWN_SEARCH),
        )
        for captions, *version in rows:
            if tuple(version) == _version(picture):
                return str(json.loads(captions)[0][0])
        return None

    def is_model_caption(self, picture: Path, caption: str) -> bool:
        """Tell whether any model has ever said a caption of a picture."""
        return any(text == caption for _, text, _ in self._said_by_models(picture))

    def provenance(self, entry: Entry) -> Provenance:
        """Tell where the caption that counts of a picture comes from.

        Without a caption nothing is said.
        """
        said = self._said_by_models(entry.picture)
        for model, text, confidence in said:
            if text == entry.caption:
                accepted = None if entry.human is None else True
                return Provenance(model, None, accepted, confidence)
        if entry.human is None:
            return Provenance()
        return Provenance(PERSON, edited=True if said else None)

    def _said_by_models(self, picture: Path) -> list[tuple[str, str, float | None]]:
        """Give all that models have said of a picture, the newest first."""
        rows = self._read(
            "SELECT model, captions FROM machine WHERE picture = ? ORDER BY made DESC",
            (_key(picture),),
        )
        # A library of before has no confidence.
        return [
            (model, text, others[0] if others else None)
            for model, captions in rows
            for text, _, *others in json.loads(captions)
        ]

    def human(self, picture: Path) -> str | None:
        """Give what a person says of a picture, if anything."""
        rows = self._read(
            "SELECT caption FROM human WHERE picture = ?", (_key(picture),)
        )
        return str(rows[0][0]) if rows else None

    def entry_of(
        self, picture: Path, model: str, beam_width: int | None = None
    ) -> Entry:
        """Give what a person and one model say of a picture; see `model_caption`."""
        said = self.model_caption(picture, model, beam_width)
        return Entry(picture, said, self.human(picture))

    def entries(self, pictures: Iterable[Path]) -> Iterator[Entry]:
        """Give what is known of pictures, one entry each, in order."""
        pictures = list(pictures)
        for start in range(0, len(pictures), _AT_ONCE):
            some = pictures[start : start + _AT_ONCE]
            keys = [_key(picture) for picture in some]
            marks = ", ".join("?" * len(keys))
            # SQLite takes the captions from the row of the greatest time.
            machine = {
                key: json.loads(captions)[0][0]
                for key, captions, _ in self._read(
                    _NEWEST_MACHINE.format(marks=marks), keys
                )
            }
            human = dict(self._read(_HUMAN.format(marks=marks), keys))
            for picture, key in zip(some, keys, strict=True):
                yield Entry(picture, machine.get(key), human.get(key))

    def human_entries(self) -> list[Entry]:
        """Give an entry for each picture that a person has said something of."""
        rows = self._read("SELECT picture FROM human ORDER BY picture", ())
        return list(self.entries(Path(os.fsdecode(key)) for (key,) in rows))

    def search(self, pictures: Iterable[Path], text: str) -> list[Path]:
        """Find the pictures whose name or caption holds every word of a text.

        Args:
            pictures: Where to look.
            text: Words or their beginnings, in any case and order.
        """
        words = text.casefold().split()
        found = []
        for entry in self.entries(pictures):
            said = (entry.picture.name, entry.machine or "", entry.human or "")
            content = " ".join(said).casefold()
            if all(word in content for word in words):
                found.append(entry.picture)
        return found

    def _write(self, statement: str, values: Sequence[object]) -> int:
        """Change rows; return how many."""
        try:
            with self._lock, self._database:
                return self._database.execute(statement, values).rowcount
        except sqlite3.Error as error:
            raise LibraryError(
                f"The caption could not be kept in {self.path} ({error}); make room "
                "on the disk or check that the file may be written."
            ) from error

    def _read(self, statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        try:
            with self._lock:
                return self._database.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise LibraryError(
                f"The library of captions {self.path} cannot be read ({error})."
            ) from error


def _open(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=_WAIT_SECONDS, check_same_thread=False)
    try:
        # A write-ahead log survives a killed program and is fast without a flush
        # of the disk for each caption.
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.executescript(_TABLES)
    except sqlite3.Error:
        database.close()
        raise
    return database


def _move_damaged(path: Path) -> Path:
    aside = path.with_name(f"{path.name}.damaged-{time.time_ns()}")
    path.rename(aside)
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    return aside


def _key(picture: Path) -> bytes:
    # Not resolved: a link and what it points to are two pictures for their users.
    return os.fsencode(picture.absolute())


def _version(picture: Path) -> tuple[int, int]:
    """Tell one state of a file from another: its bytes and its time of change."""
    try:
        status = picture.stat()
    except OSError:
        return 0, 0
    return status.st_size, status.st_mtime_ns
