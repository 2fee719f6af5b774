"""Folders listed without holding all that is in them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from imagecap.cluster.storage import Location, address_of, told
from imagecap.pictures.folders import is_hidden

# S3's and Azure's, Google's; then times of others.
_VERSIONS = ("ETag", "etag", "md5Hash", "LastModified", "mtime", "updated", "modified")


class Found(NamedTuple):
    """What lies in a folder.

    Attributes:
        address: Where it lies, as `Location.address`.
        is_folder: Whether it is a folder itself.
        is_closed: Whether it is one that cannot be listed.
        version: What tells this content of a file from another one: its size and time,
            or what the storage gives for it; `None` where nothing tells.
    """

    address: str
    is_folder: bool
    is_closed: bool = False
    version: str | None = None


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


def version_of(status: os.stat_result) -> str:
    """Tell the content of a file of this machine from another one, by size and time."""
    return f"{status.st_size}-{status.st_mtime_ns}"


def _told_version(entry: Mapping[str, Any]) -> str | None:
    """Take what a storage says of a file: its ETag, or whatever stands for that."""
    told = [entry[name] for name in _VERSIONS if entry.get(name)]
    return str(told[0]).strip('"') if told else None


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
                yield Found(entry.path, False, version=version_of(entry.stat()))
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
                address = address_of(s3, f"{bucket}/{one['Key']}")
                yield Found(address, False, version=_told_version(one))
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
        is_folder = entry["type"] == "directory"
        version = _told_version(entry)
        found = Found(address_of(system, path), is_folder, version=version)
        if is_deep and found.is_folder:
            yield from _elsewhere(Location(system, path, found.address), True)
        else:
            yield found
