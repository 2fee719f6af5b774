"""Damaged libraries, closed well or left by a killed program."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import strategies as st

from benchmarks.campaign.attempts import Outcome, attempt_each
from benchmarks.campaign.edits import damages
from benchmarks.campaign.part import Part
from benchmarks.campaign.tally import Tally, try_each
from imagecap.library.errors import LibraryError
from imagecap.library.sqlite_pages import read_rows
from imagecap.library.store import Library
from imagecap.model.caption import Caption

Damage = Callable[[bytes], bytes]
_PICTURES = 300
_OF_ONE_LAYOUT = 50
_HUMAN = re.compile(rb"What person \d+ wrote\.")
# Such a caption goes on in other pages.
_AT_LENGTH = "At length, person {} wrote" + " of a dog" * 1400
# Of SQLite's files.
_PAGE = 4096
_LOG_HEADER, _LOG_FRAME = 32, 24 + _PAGE


def run(part: Part) -> Tally:
    """Open libraries: what people wrote is there as far as it can be reached.

    How they lie on their pages depends on their folder's name, so that others are made
    now and then.
    """
    tally = Tally()
    for start in range(0, part.count, _OF_ONE_LAYOUT):
        count = min(_OF_ONE_LAYOUT, part.count - start)
        some = replace(part, count=count, seed=part.seed + start)
        tally.include(_damage(some))
    return tally


def _damage(part: Part) -> Tally:
    with TemporaryDirectory() as temporary:
        pictures = _make_libraries(Path(temporary))
        whole = [
            path
            for path in sorted(Path(temporary).glob("*/captions.db*"))
            if path.stat().st_size and not path.name.endswith("-shm")
        ]
        # Not their contents, which Hypothesis would keep, and every fork inherit.
        cases = st.tuples(st.sampled_from(whole), damages() | st.just(_emptied))
        reachable: dict[Path, set[str]] = {}

        def put(case: tuple[Path, Damage], folder: Path) -> str:
            path, damage = case
            content = damage(path.read_bytes())
            reachable[folder] = _reachable(path, content, pictures)
            shutil.copytree(path.parent, folder, dirs_exist_ok=True)
            (folder / path.name).write_bytes(content)
            return f"{path.parent.name}/{path.name}"

        def try_all(folders: list[Path]) -> list[Outcome]:
            return attempt_each(
                [partial(_open, one, pictures, reachable[one]) for one in folders]
            )

        return try_each(cases, put, try_all, part)


def _emptied(_: bytes) -> bytes:
    return b""


def _make_libraries(folder: Path) -> list[Path]:
    """Make one that was closed, and one whose program was killed; give the pictures."""
    pictures = [folder / f"{number}.jpg" for number in range(_PICTURES)]
    said = [Caption(("a", "dog"), -1.0, (0.5, 0.5))]
    for picture in pictures:
        picture.write_bytes(picture.name.encode())

    def fill(path: Path) -> Library:
        library = Library(path)
        for number, picture in enumerate(pictures):
            library.keep_model_captions(picture, "m@1", None, said)
            if not number % 5:
                library.keep_human(picture, _words(number))
        return library

    fill(folder / "closed" / "captions.db").close()
    child = os.fork()
    if not child:
        fill(folder / "killed" / "captions.db")
        os._exit(0)
    os.waitpid(child, 0)
    return pictures


def _words(number: int) -> str:
    if number % 50:
        return f"What person {number} wrote."
    return _AT_LENGTH.format(number)


def _open(folder: Path, pictures: list[Path], reachable: set[str]) -> None:
    with TemporaryDirectory() as temporary:
        # What was wrong stays as it was.
        shutil.copytree(folder, temporary, dirs_exist_ok=True)
        try:
            _check(Path(temporary, "captions.db"), pictures, reachable)
        except LibraryError as refusal:
            assert not reachable, f"{len(reachable)} lost: {refusal}"
            raise


def _check(path: Path, pictures: list[Path], reachable: set[str]) -> None:
    with closing(Library(path)) as library:
        lost = reachable - _written(library, pictures)
        some = [words[:30] for words in sorted(lost)[:3]]
        assert not lost, f"{len(lost)} of {len(reachable)} lost: {some}"
        library.keep_human(pictures[1], "Written later.")
        assert library.human(pictures[1]) == "Written later.", (
            "nothing is kept any more"
        )


def _written(library: Library, pictures: list[Path]) -> set[str]:
    return {entry.human for entry in library.entries(pictures) if entry.human}


def _reachable(path: Path, content: bytes, pictures: list[Path]) -> set[str]:
    """Return what people wrote that a damaged file does not take away.

    That is what stands on whole pages, and in what is whole of the log from its
    beginning; what comes after damage there, SQLite does not trust.

    Args:
        path: The whole file, the others of its library beside it.
        content: The damaged content.
        pictures: Those of the library.
    """
    original = path.read_bytes()
    if path.name.endswith("-wal"):
        frames = max(0, _same(original, content) - _LOG_HEADER) // _LOG_FRAME
        original = original[: _LOG_HEADER + frames * _LOG_FRAME] if frames else b""
    else:
        log = path.with_name(f"{path.name}-wal")
        # What was moved out of the log before stands here alone.
        logged = log.read_bytes() if log.exists() else b""
        found, whole = _HUMAN.findall(_valid_frames(logged)), bytearray(len(original))
        for at in range(0, len(original), _PAGE):
            if (page := original[at : at + _PAGE]) == content[at : at + _PAGE]:
                found += _HUMAN.findall(page)
                whole[at : at + _PAGE] = page
        return {one.decode() for one in found} | _at_length(bytes(whole), logged)
    with TemporaryDirectory() as temporary:
        copy = Path(temporary, "library")
        shutil.copytree(path.parent, copy)
        (copy / path.name).write_bytes(original)
        with closing(Library(copy / "captions.db")) as library:
            return _written(library, pictures)


def _at_length(database: bytes, log: bytes) -> set[str]:
    """Return the long captions of people whose own rows are whole."""
    known = {_words(number) for number in range(0, _PICTURES, 50)}
    rows = (values for _, values in read_rows(database, log) if len(values) == 7)
    return known & {values[4] for values in rows if isinstance(values[4], str)}


def _valid_frames(log: bytes) -> bytes:
    """Return the frames of a log that are not left over from before it began anew."""
    frames = (
        log[at : at + _LOG_FRAME] for at in range(_LOG_HEADER, len(log), _LOG_FRAME)
    )
    return b"".join(one for one in frames if one[8:16] == log[16:24])


def _same(one: bytes, other: bytes) -> int:
    """Return how many bytes both have in common from the first on."""
    length = min(len(one), len(other))
    first, second = (np.frombuffer(each, np.uint8, length) for each in (one, other))
    differing = np.flatnonzero(first != second)
    return int(differing[0]) if len(differing) else length
