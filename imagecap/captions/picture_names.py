"""Pictures found by what caption files call them."""

from __future__ import annotations

import os
import posixpath
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from imagecap.captions.ambiguous_names import choose_pictures, drop_shared
from imagecap.captions.cells import escape_name
from imagecap.captions.problems import note
from imagecap.pictures.folders import can_be_listed, is_picture_name


def pictures_below(folder: Path, problems: list[str]) -> list[str]:
    """Give the picture files below a folder, at any depth, as paths from it with `/`.

    They are listed from the directories alone: no file is opened or asked for its
    size. Hidden folders and `__MACOSX` are left out; links are followed.

    Args:
        folder: The folder.
        problems: Takes a sentence about the folders below it that cannot be read.

    Raises:
        OSError: If the folder itself cannot be listed.
    """
    unread: list[str] = []
    pictures = []
    for directory, files in _walk(folder, unread):
        below = Path(directory).relative_to(folder).as_posix()
        prefix = "" if below == "." else below + "/"
        for name in files:
            if is_picture_name(name) and not name.startswith("."):
                pictures.append(prefix + name)
    note(problems, "folder", unread, "could not be read and stayed out")
    return pictures


class PictureNames:
    """Pictures, and how they are found by what others call them.

    A name is looked for as it is, then in the other Unicode form, in other letters'
    case, without its ending or with another one, and by the number in names of MS-COCO.
    What is found first counts.

    Args:
        pictures: The pictures, as paths from a folder, with `/`.
    """

    def __init__(self, pictures: Iterable[str]) -> None:
        self._pictures = list(pictures)
        # For each way to write a name: the file name so → the pictures of that name.
        self._known: dict[_Spelling, dict[str, list[str]]] = {}

    def __iter__(self) -> Iterator[str]:
        """Give the pictures."""
        return iter(self._pictures)

    def find(self, reference: str) -> list[str]:
        """Give the pictures that a name or a path can mean, by its longest end."""
        found = self._candidates(reference) or self._by_end(reference)
        return [picture for _, picture in found]

    def locate(
        self,
        references: Iterable[str],
        source: str,
        beside: str,
        must_be_beside: bool = False,
    ) -> tuple[dict[str, str], list[str]]:
        """Find the pictures that a caption file names.

        Where a path fits pictures in several folders, the one is meant in the folder
        from which most of the paths lead to pictures. Of equally good folders, the
        caption file's own comes first, then the one nearest to the top. Where nothing
        is found that way (the paths are those of another computer), the longest end of
        each path decides. A name without a folder decides nothing: of pictures in
        several folders, only the one beside the file is meant, or the one whose folder
        holds the copies of all others. What begins with `../` leads from the file.

        Args:
            references: The pictures as they are written there.
            source: The name of the caption file.
            beside: The folder in which it lies, relative to this one: "" or "train/".
            must_be_beside: Whether paths are meant from that folder and no other.

        Returns:
            Reference → picture, for those that are there; the references that could
            mean several.

        Raises:
            CaptionFileError: Two folders are equally good, and nothing is clear.
        """
        possible = {
            reference: self._from(reference, beside)
            or self._candidates(reference, beside if must_be_beside else None)
            for reference in references
        }
        if not any(possible.values()) and not must_be_beside:
            possible = drop_shared(
                {reference: self._by_end(reference) for reference in possible}
            )
        return choose_pictures(possible, source, beside)

    def _from(self, reference: str, beside: str) -> list[tuple[str, str]]:
        """Give the pictures to which a path leads up, as in `../images/a.jpg`."""
        path = reference.strip().replace("\\", "/")
        if not path.startswith("../"):
            return []
        inside = posixpath.normpath(f"{beside}{path}")
        return [] if inside.startswith("../") else self._candidates(inside, "")

    def _candidates(
        self, reference: str, folder: str | None = None
    ) -> list[tuple[str, str]]:
        """Give the pictures at this relative path, each with the folder before it.

        Args:
            reference: The path.
            folder: The folder from which it must be; `None` for any.
        """
        for spelling in _SPELLINGS:
            known = self._index(spelling)
            for path in _forms(reference):
                written = spelling(path)
                found = [
                    (_start(picture, path), picture)
                    for picture in known.get(written.rpartition("/")[2], ())
                    if f"/{spelling(picture)}".endswith(f"/{written}")
                    and folder in (None, _start(picture, path))
                ]
                if found:
                    return found
        return []

    def _by_end(self, reference: str) -> list[tuple[str, str]]:
        """Give the pictures that have the longest end of this path."""
        plain = reference.replace("\\", "/")
        parts = PurePosixPath(_path_of_address(plain) or plain).parts
        for first in range(1, len(parts)):
            if found := self._candidates("/".join(parts[first:])):
                return found
        return []

    def _index(self, spelling: _Spelling) -> dict[str, list[str]]:
        if spelling not in self._known:
            known = self._known[spelling] = {}
            for picture in self._pictures:
                name = spelling(picture.rpartition("/")[2])
                known.setdefault(name, []).append(picture)
        return self._known[spelling]


def keys_of_pictures(ids: Mapping[str, int]) -> Callable[..., str | None]:
    """Tell which picture a key in results means.

    Args:
        ids: Picture name → its number.

    Returns:
        What takes keys, the best first, and gives the first picture that is clear, by
        its name, its number or what else `PictureNames` finds alone.
    """
    numbers = {str(number): name for name, number in ids.items()}
    names = PictureNames(ids)

    def find(*keys: str | None) -> str | None:
        for key in filter(None, keys):
            if key in ids:
                return key
            if key in numbers:
                return numbers[key]
            if len(found := names.find(key)) == 1:
                return found[0]
        return None

    return find


_Spelling = Callable[[str], str]


def _as_written(path: str) -> str:
    return path


def _composed(path: str) -> str:
    return unicodedata.normalize("NFC", path)


def _in_any_case(path: str) -> str:
    return _composed(_composed(path).casefold())


def _without_ending(path: str) -> str:
    path = _in_any_case(path)
    return path.rpartition(".")[0] if is_picture_name(path) else path


def _by_number(path: str) -> str:
    """Write MS-COCO's names as results call them: the number alone."""
    folder, slash, name = _without_ending(path).rpartition("/")
    number = re.fullmatch(r"(?:coco_\w+_)?0*(\d+)", name)
    return folder + slash + (number[1] if number else name)


_SPELLINGS = (_as_written, _composed, _in_any_case, _without_ending, _by_number)


def _forms(reference: str) -> list[str]:
    """Give the ways to read a path that another program or a person has written."""
    plain = reference.replace("\\", "/")
    # Hand-made files have spaces around names, and file names may begin with one.
    forms = [reference, escape_name(reference), plain, plain.strip(), unquote(plain)]
    forms += filter(None, [_path_of_address(plain)])
    return list(dict.fromkeys(form.removeprefix("./").lstrip("/") for form in forms))


def _path_of_address(reference: str) -> str | None:
    """Give the path in “https://…/dog.jpg?size=2”; `None` of what is no address."""
    if not re.match(r"\s*[a-z][a-z0-9+.-]+://", reference, re.IGNORECASE):
        return None
    try:
        return unquote(urlsplit(reference.strip()).path)
    except ValueError:
        return None


def _start(picture: str, path: str) -> str:
    """Give the folder from which a path leads to a picture: "" or "images/"."""
    parts = picture.split("/")
    before = parts[: len(parts) - path.count("/") - 1]
    return "".join(f"{part}/" for part in before)


def _walk(folder: Path, unread: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Give every folder with its file names; links that lead round in a circle end."""
    seen: set[Path] = set()

    def fail(error: OSError) -> None:
        raise error

    def is_open(place: Path) -> bool:
        if can_be_listed(place):
            return True
        unread.append(place.relative_to(folder).as_posix())
        return False

    for directory, below, files in os.walk(folder, onerror=fail, followlinks=True):
        real = Path(directory).resolve()
        if real in seen:
            below.clear()
            continue
        seen.add(real)
        shown = sorted(name for name in below if name[0] not in "._")
        below[:] = [name for name in shown if is_open(Path(directory, name))]
        yield directory, files
