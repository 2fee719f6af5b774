"""The pictures of a gallery: of each a small copy and one to look at."""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from imagecap.files import WriteError, reason, write_file
from imagecap.pictures.reading import PictureError, open_picture

THUMBNAILS = "thumbnails"
"""The folder of the small copies."""
VIEWS = "pictures"
"""The folder of the copies to look at."""

# Pixels of the longer side: sharp on fine screens in the columns of the page, and
# enough to fill a window.
_SIDES = {THUMBNAILS: 480, VIEWS: 1600}
_QUALITY = 82
_OURS = re.compile(r"[0-9a-f]{32}\.jpg")
_AT_ONCE = os.cpu_count() or 1


@dataclass(frozen=True)
class Copied:
    """A picture whose copies are there.

    Attributes:
        file: The name of both copies, each in its folder.
        width: That of the small one, in pixels.
        height: The same.
    """

    file: str
    width: int
    height: int


def copy_pictures(
    names: Mapping[Path, str], site: Path
) -> Iterator[tuple[Path, Copied | PictureError]]:
    """Make the copies of pictures: upright JPEGs, which every browser shows.

    They hold nothing of the pictures' metadata, so that nobody hands on by mistake
    where a photograph was taken. Copies that are there stay, unless the picture has
    changed since.

    Args:
        names: Picture → its name in the gallery.
        site: The folder of the gallery.

    Yields:
        Each picture, in order, with its copies or with why there are none.

    Raises:
        WriteError: If a copy cannot be written.
    """
    for folder in (THUMBNAILS, VIEWS):
        try:
            (site / folder).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WriteError(
                f"The folder {site / folder} cannot be made ({reason(error)}); choose "
                "another place."
            ) from error

    def copy(picture: Path) -> Copied | PictureError:
        try:
            return _copy(picture, names[picture], site)
        except PictureError as error:
            return error

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        copying: dict[Path, Future[Copied | PictureError]] = {}
        try:
            for picture in names:
                copying[picture] = pool.submit(copy, picture)
                if len(copying) > 4 * _AT_ONCE:
                    first = next(iter(copying))
                    yield first, copying.pop(first).result()
            for picture, future in copying.items():
                yield picture, future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def open_to_shrink(picture: Path, side: int) -> Image.Image:
    """Open a picture no larger than it must be to be shrunk; see `shrink`.

    Raises:
        PictureError: If it cannot be read.
    """
    # Of three to four or narrower, the longer side is then as long as it may be.
    return open_picture(picture, at_least=(side * 3 // 4,) * 2)


def shrink(image: Image.Image, side: int) -> bytes:
    """Make a picture smaller, and give it as a JPEG without metadata.

    Args:
        image: An upright RGB picture, which becomes smaller itself.
        side: How wide and high it is at most, in pixels.
    """
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    content = io.BytesIO()
    image.save(content, "JPEG", quality=_QUALITY, progressive=True)
    return content.getvalue()


def is_copy(file: Path, site: Path) -> bool:
    """Tell whether a file is a copy in a gallery, by its place and its name."""
    return bool(_OURS.fullmatch(file.name)) and file.parent.absolute() in (
        site.absolute() / THUMBNAILS,
        site.absolute() / VIEWS,
    )


def remove_other_copies(site: Path, kept: Iterable[str]) -> None:
    """Delete the copies that a gallery has no use for any more.

    Args:
        site: The folder of the gallery.
        kept: The names of those that it shows.

    Raises:
        OSError: If one cannot be deleted.
    """
    names = set(kept)
    for folder in (THUMBNAILS, VIEWS):
        for file in (site / folder).iterdir():
            if _OURS.fullmatch(file.name) and file.name not in names:
                file.unlink()


def _copy(picture: Path, name: str, site: Path) -> Copied:
    file = f"{_key(picture, name)}.jpg"
    thumbnail, view = site / THUMBNAILS / file, site / VIEWS / file
    size = _size(thumbnail)
    if size is None or not view.is_file():
        image = open_to_shrink(picture, _SIDES[VIEWS])
        for path, side in ((view, _SIDES[VIEWS]), (thumbnail, _SIDES[THUMBNAILS])):
            write_file(path, shrink(image, side))
        size = image.size
    return Copied(file, *size)


def _key(picture: Path, name: str) -> str:
    """Name the copies of one state of a file: its bytes and its time of change."""
    try:
        status = picture.stat()
        version = status.st_size, status.st_mtime_ns
    except OSError:
        version = 0, 0
    known = f"{version} {sorted(_SIDES.values())} {_QUALITY} ".encode()
    return hashlib.sha256(known + os.fsencode(name)).hexdigest()[:32]


def _size(thumbnail: Path) -> tuple[int, int] | None:
    try:
        with Image.open(thumbnail) as image:
            return image.size
    except (OSError, ValueError):
        return None
