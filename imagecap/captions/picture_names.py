"""Pictures found by what caption files call them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from imagecap.captions.problems import CaptionFileError
from imagecap.pictures.folders import is_picture_name


class PictureFiles:
    """The picture files below a folder, at any depth.

    They are listed once, from the directories alone: no file is opened or asked for
    its size. Hidden folders and `__MACOSX` are left out; links are followed.

    Args:
        folder: The folder.

    Raises:
        OSError: If it, or a folder in it, cannot be listed.
    """

    def __init__(self, folder: Path) -> None:
        # File name → the folders that hold one of that name: "" or "images/".
        self._folders: dict[str, list[str]] = {}
        for directory, files in _walk(folder):
            below = Path(directory).relative_to(folder).as_posix()
            prefix = "" if below == "." else below + "/"
            for name in files:
                if is_picture_name(name) and not name.startswith("."):
                    self._folders.setdefault(name, []).append(prefix)

    def __iter__(self) -> Iterator[str]:
        """Give the pictures, relative to the folder, with `/`."""
        for name, folders in self._folders.items():
            for prefix in folders:
                yield prefix + name

    def locate(
        self, references: Iterable[str], source: str, beside: str, must_be_beside: bool
    ) -> dict[str, str]:
        """Find the pictures that a caption file names.

        All are looked for from one folder, the one from which most of them are found,
        so that pictures of the same name in two folders are never taken for each
        other. Of equally good ones, the caption file's own folder comes first, then
        the one nearest to the top. Where nothing is found that way (the paths are
        those of another computer), the file names alone decide, if no two are alike.

        Args:
            references: The pictures as they are written there.
            source: The name of the caption file.
            beside: The folder in which it lies, relative to this one: "" or "train/".
            must_be_beside: Whether paths are meant from that folder and no other.

        Returns:
            Reference → path relative to the folder, for those that are there.

        Raises:
            CaptionFileError: Two folders are equally good.
        """
        written = {reference: self._path(reference) for reference in references}
        found = self._from_best_folder(written, source, beside, must_be_beside)
        if not found and not must_be_beside:
            plain = {key: path.rpartition("/")[2] for key, path in written.items()}
            if len(set(plain.values())) == len(plain):
                found = self._from_best_folder(plain, source, beside, False)
        return found

    def _path(self, reference: str) -> str:
        path = reference.replace("\\", "/").removeprefix("./")
        # Hand-made files have spaces around names, and file names may begin with one.
        return path if path.rpartition("/")[2] in self._folders else path.strip()

    def _from_best_folder(
        self, written: dict[str, str], source: str, beside: str, must_be_beside: bool
    ) -> dict[str, str]:
        starts = {reference: self._starts(path) for reference, path in written.items()}
        counts = Counter(
            start
            for possible in starts.values()
            for start in possible
            if start == beside or not must_be_beside
        )
        if not counts:
            return {}

        def merit(start: str) -> tuple[int, bool, int]:
            return counts[start], start == beside, -start.count("/")

        best = max(counts, key=merit)
        rivals = sorted(start for start in counts if merit(start) == merit(best))
        if len(rivals) > 1:
            raise CaptionFileError(
                f"The pictures that {source} names lie in {rivals[0]} and in "
                f"{rivals[1]} as well; write the folder before each name, as in "
                f"{rivals[0]}picture.jpg, or move one of the folders away."
            )
        return {
            reference: best + path
            for reference, path in written.items()
            if best in starts[reference]
        }

    def _starts(self, path: str) -> list[str]:
        """Give the folders from which there is a picture at this relative path."""
        head, slash, name = path.rpartition("/")
        end = head + slash
        return [
            folder[: len(folder) - len(end)]
            for folder in self._folders.get(name, ())
            if f"/{folder}".endswith(f"/{end}")
        ]


def by_file_name(captions: Mapping[str, str]) -> dict[str, str]:
    """Give captions by the file names of their pictures alone.

    Args:
        captions: Picture as a caption file names it → its caption. Of two pictures of
            one name, the latter counts.
    """
    return {
        name.replace("\\", "/").rpartition("/")[2]: caption
        for name, caption in captions.items()
    }


def keys_of_pictures(ids: Mapping[str, int]) -> dict[str, str]:
    """Give the picture that each key in results means.

    Args:
        ids: Picture name → its number.

    Returns:
        Its name, its number, its name without the end where no two are alike → the
        name. Names win over numbers, and these over names without ends.
    """
    stems = Counter(PurePosixPath(name).stem for name in ids)
    return {
        **{stem: name for name in ids if stems[stem := PurePosixPath(name).stem] == 1},
        **{str(number): name for name, number in ids.items()},
        **{name: name for name in ids},
    }


def _walk(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Give every folder with its file names; links that lead round in a circle end."""
    seen: set[Path] = set()

    def fail(error: OSError) -> None:
        raise error

    for directory, below, files in os.walk(folder, onerror=fail, followlinks=True):
        real = Path(directory).resolve()
        if real in seen:
            below.clear()
            continue
        seen.add(real)
        below[:] = sorted(name for name in below if name[0] not in "._")
        yield directory, files
