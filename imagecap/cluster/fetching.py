"""The pictures of a part, fetched some together while others are captioned."""

from __future__ import annotations

import tarfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import IO, TypeVar

from imagecap.captions.parquet_files import pictures_in
from imagecap.captions.problems import CaptionFileError
from imagecap.cluster.storage import Location, explain_storage, open_location
from imagecap.cluster.units import is_container
from imagecap.files import check_ordinary, reason
from imagecap.pictures.content import PictureContent
from imagecap.pictures.folders import is_picture_name

LARGEST = 256 * 2**20
"""The most bytes of a picture that are fetched: it has to fit into memory."""
_AT_ONCE = 16
# Of a container, which is read from its beginning to its end.
_BLOCK = 8 * 2**20
# What S3 says where no picture can be fetched any more.
_NO_ACCESS = frozenset(
    {
        "ExpiredToken",
        "InvalidAccessKeyId",
        "InvalidToken",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
    }
)


@dataclass(frozen=True)
class Missing:
    """A picture that cannot be fetched.

    Attributes:
        name: What it is called.
        reason: Why, in a sentence.
    """

    name: str
    reason: str


Fetched = PictureContent | Missing
_Item = TypeVar("_Item")


def fetch(addresses: Sequence[str]) -> Iterator[Fetched]:
    """Fetch pictures, some ahead of those that are asked for.

    What is not there, forbidden, damaged or too large is told of; it ends nothing.

    Args:
        addresses: Pictures, and files that hold pictures.

    Raises:
        Exception: Whatever the storage raises where it cannot be reached any more.
    """
    for batch in _one_ahead(_batches(addresses)):
        yield from batch


def _one_ahead(items: Iterator[_Item]) -> Iterator[_Item]:
    with ThreadPoolExecutor(1) as reader:
        following = reader.submit(next, items, None)
        while (item := following.result()) is not None:
            following = reader.submit(next, items, None)
            yield item


def _batches(addresses: Sequence[str]) -> Iterator[list[Fetched]]:
    for is_packed, some in groupby(addresses, is_container):
        if is_packed:
            for address in some:
                yield from _grouped(_unpack(open_location(address)))
        else:
            for batch in _grouped(some):
                yield _fetch_together([open_location(one) for one in batch])


def _grouped(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    remaining = iter(items)
    while batch := list(islice(remaining, _AT_ONCE)):
        yield batch


def _fetch_together(places: Sequence[Location]) -> list[Fetched]:
    fetched: list[Fetched] = []
    for _, some in groupby(places, lambda place: id(place.file_system)):
        wanted = list(some)
        paths = [place.path for place in wanted]
        if wanted[0].is_on_this_machine:
            contents: Iterable[object] = map(_read_file, paths)
        else:
            # One byte more than is allowed shows what is too large.
            contents = wanted[0].file_system.cat_ranges(
                paths, [0] * len(paths), [LARGEST + 1] * len(paths), on_error="return"
            )
        fetched += map(_judge, wanted, contents)
    return fetched


def _read_file(path: str) -> bytes | Exception:
    try:
        check_ordinary(Path(path))
        with Path(path).open("rb") as file:
            return file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        return error


def _judge(place: Location, content: object) -> Fetched:
    name = place.address
    if isinstance(content, bytes):
        return _limited(name, content)
    if not isinstance(content, OSError | ValueError):
        raise content if isinstance(content, Exception) else TypeError(type(content))
    if isinstance(content, ConnectionError | TimeoutError):
        raise content
    code = _code(content)
    if code in _NO_ACCESS:
        raise content
    if code == "InvalidRange":
        # Of an object that holds nothing, nothing can be asked for.
        return PictureContent(name, b"")
    if isinstance(content, FileNotFoundError):
        return Missing(name, f"{name} is not there any more.")
    if place.is_on_this_machine and isinstance(content, OSError):
        return Missing(name, f"{name} cannot be read: {reason(content)}.")
    return Missing(name, f"{name} cannot be read: {explain_storage(content)}.")


def _code(error: Exception) -> str | None:
    response = getattr(error.__cause__, "response", None)
    found = response.get("Error", {}) if isinstance(response, dict) else {}
    return str(found.get("Code")) if found else None


def _limited(name: str, content: bytes) -> Fetched:
    return PictureContent(name, content) if len(content) <= LARGEST else _large(name)


def _large(name: str) -> Missing:
    return Missing(
        name,
        f"{name} has more than {LARGEST // 2**20} MB, which is too large for a "
        "picture; make it smaller.",
    )


def _unpack(container: Location) -> Iterator[Fetched]:
    """Give the pictures in a file; what is wrong with the file is told of it itself."""
    name = container.address
    unpack = _of_parquet if name.lower().endswith(".parquet") else _of_tar
    is_empty = True
    try:
        if container.is_on_this_machine:
            check_ordinary(Path(container.path))
        with container.file_system.open(container.path, block_size=_BLOCK) as file:
            for one in unpack(name, file):
                is_empty = False
                yield one
    except CaptionFileError as error:
        yield Missing(name, str(error))
    except (tarfile.TarError, EOFError) as error:
        yield Missing(name, f"{name} is damaged, it is no whole tar file ({error}).")
    except (OSError, ValueError) as error:
        yield _judge(container, error)
    else:
        if is_empty:
            yield Missing(name, f"{name} holds no pictures; name another file.")


def _of_parquet(name: str, file: IO[bytes]) -> Iterator[Fetched]:
    for inner, content in pictures_in(name, file):
        yield _limited(f"{name}/{inner}", content)


def _of_tar(name: str, file: IO[bytes]) -> Iterator[Fetched]:
    seen: set[str] = set()
    # Compressed ones, too, and never back.
    with tarfile.open(fileobj=file, mode="r|*") as packed:
        for member in packed:
            inner = member.name.removeprefix("./")
            if not member.isreg() or not is_picture_name(inner) or inner in seen:
                continue
            seen.add(inner)
            if member.size > LARGEST:
                yield _large(f"{name}/{inner}")
            elif opened := packed.extractfile(member):
                yield PictureContent(f"{name}/{inner}", opened.read())
