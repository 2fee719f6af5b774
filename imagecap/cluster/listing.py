"""Folders listed without holding all that is in them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from imagecap.cluster.storage import Location, address_of, told
from imagecap.pictures.folders import is_hidden


class Found(NamedTuple):
    """What lies in a folder.

    Attributes:
        address: Where it lies, as `Location.address`.
        is_folder: Whether it is a folder itself.
        is_closed: Whether it is one that cannot be listed.
    """

    address: str
    is_folder: bool
    is_closed: bool = False


def list_folder(folder: Location, is_deep: bool) -> Iterator[Found]:
    """List a folder, always in the same order; hidden files are left out.

    Args:
        folder: The folder.
        is_deep: Whether the files of all its sub-folders are meant, instead of these.

    Raises:
        ClusterError: If it cannot be listed or is not there.
    """
    with told(folder.address, "listed"):
        if folder.is_on_this_machine:
            parents = map(os.stat, Path(folder.path).parents)
            above = {(status.st_dev, status.st_ino) for status in parents}
            yield from _on_this_machine(folder.path, is_deep, above)
        elif hasattr(folder.file_system, "call_s3"):
            yield from _in_s3(folder, is_deep)
        else:
            yield from _elsewhere(folder, is_deep)


def _on_this_machine(
    folder: str, is_deep: bool, above: set[tuple[int, int]]
) -> Iterator[Found]:
    status = os.stat(folder)  # noqa: PTH116 – of many files, paths are slow
    here = (status.st_dev, status.st_ino)
    # A link may lead back up.
    if here in above:
        return
    with os.scandir(folder) as entries:
        shown = [entry for entry in entries if not is_hidden(entry.name)]
    for entry in sorted(shown, key=lambda one: one.name):
        if not entry.is_dir():
            # A pipe would be waited for.
            if entry.is_file():
                yield Found(entry.path, False)
        elif is_deep:
            try:
                yield from _on_this_machine(entry.path, True, above | {here})
            except OSError:
                yield Found(entry.path, True, is_closed=True)
        else:
            yield Found(entry.path, True)


def _in_s3(folder: Location, is_deep: bool) -> Iterator[Found]:
    """List a prefix page by page: `ls` and `find` of s3fs hold all that is in it."""
    s3 = folder.file_system
    bucket, _, key = folder.path.partition("/")
    prefix = f"{key.rstrip('/')}/" if key else ""
    wanted = {"Bucket": bucket, "Prefix": prefix}
    if not is_deep:
        wanted["Delimiter"] = "/"
    is_there = False
    while True:
        page: dict[str, Any] = s3.call_s3("list_objects_v2", **wanted)
        for one in page.get("CommonPrefixes", ()):
            is_there = True
            if not is_hidden(one["Prefix"][len(prefix) : -1]):
                address = address_of(s3, f"{bucket}/{one['Prefix'].rstrip('/')}")
                yield Found(address, True)
        for one in page.get("Contents", ()):
            is_there = True
            below = one["Key"][len(prefix) :]
            if below and not any(map(is_hidden, below.split("/"))):
                yield Found(address_of(s3, f"{bucket}/{one['Key']}"), False)
        if not page.get("IsTruncated"):
            break
        wanted["ContinuationToken"] = page["NextContinuationToken"]
    if not is_there:
        raise FileNotFoundError(folder.address)


def _elsewhere(folder: Location, is_deep: bool) -> Iterator[Found]:
    system, top = folder.file_system, folder.path.rstrip("/")
    for entry in sorted(system.ls(folder.path), key=lambda one: str(one["name"])):
        path = entry["name"].rstrip("/")
        if path == top or is_hidden(path.rpartition("/")[2]):
            continue
        found = Found(address_of(system, path), entry["type"] == "directory")
        if is_deep and found.is_folder:
            yield from _elsewhere(Location(system, path, found.address), True)
        else:
            yield found
