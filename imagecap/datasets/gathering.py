"""Captions gathered from their files, each with the picture that it belongs to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from imagecap.captions.caption_files import read_with_notes
from imagecap.captions.columns import Line
from imagecap.captions.formats import find_reader
from imagecap.captions.picture_names import PictureNames
from imagecap.captions.problems import note
from imagecap.captions.sidecar import read_sidecars
from imagecap.datasets.layouts import Source
from imagecap.text.tokenizer import whole_characters


@dataclass(frozen=True)
class GatheredCaptions:
    """The captions of a data set.

    Attributes:
        of_picture: Picture, as a path relative to the data set's folder → captions.
        splits: Split → the pictures in it; empty where the files tell nothing of it.
        pictures: Picture as the files write it → picture.
        together: Picture → another one, in whose split it must be.
    """

    of_picture: dict[str, list[str]] = field(default_factory=dict)
    splits: dict[str, set[str]] = field(default_factory=dict)
    pictures: dict[str, str] = field(default_factory=dict)
    together: dict[str, str] = field(default_factory=dict)


def gather_captions(
    folder: Path, sources: Sequence[Source], files: PictureNames, problems: list[str]
) -> GatheredCaptions:
    """Read all captions of a data set.

    Args:
        folder: The data set's folder.
        sources: Its caption files; without one, a text file lies beside each picture.
        files: The pictures below the folder.
        problems: Takes sentences about what is odd.

    Raises:
        CaptionFileError: A file is damaged, or it is not clear which pictures it means.
        OSError: A file cannot be read.
    """
    captions = GatheredCaptions()
    for source in sources:
        lines = _Lines(read_with_notes(source.file, problems), source.split)
        beside = source.folder.relative_to(folder).as_posix()
        found, unclear = files.locate(
            lines.captions,
            source.file.name,
            "" if beside == "." else beside + "/",
            source.names_pictures_there,
        )
        unit = find_reader(source.file).unit
        known = [*found, *unclear]
        lines.report(unit, source.file.name, known, problems)
        what = f"of {source.file.name} could mean several pictures and stayed out"
        note(problems, "name", unclear, what)
        _add(captions, lines, found)
    if not sources:
        sidecars = read_sidecars(folder, sorted(files), problems)
        captions.together.update(sidecars.shared)
        lines = _Lines(sidecars.lines, None)
        found = {picture: picture for picture in lines.captions}
        lines.report("line", "the text files", found, problems)
        _add(captions, lines, found)
    _report_pictures_without(captions, files, problems)
    return captions


class _Lines:
    """The lines of one file, gathered by picture, with the numbers of the odd ones."""

    def __init__(self, lines: Iterable[Line], split: str | None) -> None:
        self.captions: dict[str, list[str]] = {}
        self.splits: dict[str, set[str]] = {}
        self._first: dict[str, int | str] = {}
        self._empty: list[int | str] = []
        self._repeated: list[tuple[str, int | str]] = []
        for line in lines:
            caption = whole_characters(line.caption).strip()
            known = self.captions.get(line.picture)
            if known is None:
                known = self.captions[line.picture] = []
                self._first[line.picture] = line.number
            if not caption:
                self._empty.append(line.number)
                continue
            if caption in known:
                self._repeated.append((line.picture, line.number))
            known.append(caption)
            if line.split or split:
                self.splits.setdefault(line.split or split or "", set()).add(
                    line.picture
                )

    def report(
        self, unit: str, source: str, found: Collection[str], problems: list[str]
    ) -> None:
        note(problems, unit, self._empty, f"of {source} had no caption")
        # Two people may well write the same, and every reference counts in a score.
        repeated = [number for picture, number in self._repeated if picture in found]
        note(problems, unit, repeated, f"of {source} repeated a caption and stayed")
        missing = self.captions.keys() - set(found)
        count = sum(len(self.captions[picture]) for picture in missing)
        where = [
            f"{picture.strip()} ({unit} {self._first[picture]})" for picture in missing
        ]
        note(problems, "picture", where, f"had captions ({count:,} in all) but no file")


def _add(captions: GatheredCaptions, lines: _Lines, found: dict[str, str]) -> None:
    for written, picture in found.items():
        captions.pictures[written] = picture
        if lines.captions[written]:
            captions.of_picture.setdefault(picture, []).extend(lines.captions[written])
    for split, pictures in lines.splits.items():
        captions.splits.setdefault(split, set()).update(
            found[written] for written in pictures if written in found
        )


def _report_pictures_without(
    captions: GatheredCaptions, files: PictureNames, problems: list[str]
) -> None:
    """Note pictures without captions, in folders where others have some."""
    folders = {picture.rpartition("/")[0] for picture in captions.of_picture}
    without = [
        picture.rpartition("/")[2]
        for picture in files
        if picture not in captions.of_picture and picture.rpartition("/")[0] in folders
    ]
    note(problems, "picture", without, "had no caption")
