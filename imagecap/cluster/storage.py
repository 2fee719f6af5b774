"""Files and folders wherever fsspec reaches: on this machine, in S3 and elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imagecap.cluster.errors import ClusterError
from imagecap.files import DISK_FULL, atomic_write

_NEEDED = {
    "s3": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "abfs": "adlfs",
    "az": "adlfs",
}
_NO_CONNECTION = {
    "ClientConnectionError",
    "ConnectTimeoutError",
    "ConnectionError",
    "EndpointConnectionError",
}
_ON_THIS_MACHINE = ("file", "local")


@dataclass(frozen=True)
class Location:
    """A file or a folder, which need not be there.

    Attributes:
        file_system: That of fsspec in which it lies.
        path: What it is called in there.
        address: What it is called by people: a path, or `s3://bucket/photos`.
    """

    file_system: Any
    path: str
    address: str

    @property
    def is_on_this_machine(self) -> bool:
        """Whether it is an ordinary path."""
        return is_local(self.file_system)

    def child(self, name: str) -> Location:
        """Give what lies in this folder under a name, which may lead further down."""
        start, shown = self.path.rstrip("/"), self.address.rstrip("/")
        return Location(self.file_system, f"{start}/{name}", f"{shown}/{name}")

    def read(self) -> bytes:
        """Read a file.

        Raises:
            FileNotFoundError: If it is not there.
            ClusterError: If it cannot be read.
        """
        try:
            with told(self.address, "read"):
                content: bytes = self.file_system.cat_file(self.path)
        except ClusterError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                raise error.__cause__ from error
            raise
        return content

    def write(self, content: bytes) -> None:
        """Write a file, whole or not at all; its folder is made.

        Raises:
            ClusterError: If it cannot be written.
        """
        with told(self.address, "written"):
            if self.is_on_this_machine:
                place = Path(self.path)
                place.parent.mkdir(parents=True, exist_ok=True)
                with atomic_write(place) as file:
                    file.write(content)
            else:
                # Object stores show an object when all of it is there.
                self.file_system.pipe_file(self.path, content)

    def delete(self) -> None:
        """Delete a file; what is not there need not be deleted.

        Raises:
            ClusterError: If it cannot be deleted.
        """
        with told(self.address, "deleted"), suppress(FileNotFoundError):
            self.file_system.rm_file(self.path)

    def names(self) -> list[str]:
        """List what lies in this folder; nothing of one that is not there.

        Raises:
            ClusterError: If it cannot be listed.
        """
        with told(self.address, "listed"):
            try:
                paths = self.file_system.ls(self.path, detail=False)
            except (FileNotFoundError, NotADirectoryError):
                return []
        top = self.path.rstrip("/")
        below = (path.rstrip("/") for path in paths)
        return sorted(path.rpartition("/")[2] for path in below if path != top)


def open_location(address: str) -> Location:
    """Find where an address leads.

    Args:
        address: A path, or an address such as `s3://bucket/photos/`.

    Raises:
        ClusterError: If nothing here knows such addresses.
    """
    try:
        from fsspec import get_filesystem_class
    except ImportError as error:
        raise ClusterError(
            f"{address} needs the packages of the extra “cluster”: "
            "pip install 'imagecap[cluster]'."
        ) from error
    kind = address.partition("://")[0] if "://" in address else "file"
    try:
        # Not `url_to_fs`, for which “::” in a name separates file systems.
        system = get_filesystem_class(kind)
        path = system._strip_protocol(address)
        # Others write there, too, so that what was listed before says nothing.
        file_system = system(
            use_listings_cache=False, **system._get_kwargs_from_urls(address)
        )
    except ImportError as error:
        raise ClusterError(
            f"{address} needs the package {_NEEDED.get(kind, 'for it')}: "
            f"pip install {_NEEDED.get(kind, 'fsspec[full]')}."
        ) from error
    except ValueError as error:
        raise ClusterError(
            f"{address} is no address that is known here ({error}); name a folder, or "
            "s3://BUCKET/FOLDER/."
        ) from error
    if not path:
        raise ClusterError(f"{address} names no place; say {kind}://BUCKET/FOLDER/.")
    return Location(file_system, path, address_of(file_system, path))


def address_of(file_system: Any, path: str) -> str:  # noqa: ANN401 – it has no types
    """Say as people do where a path of a file system leads."""
    if is_local(file_system):
        return path
    address: str = file_system.unstrip_protocol(path)
    return address


def is_local(file_system: Any) -> bool:  # noqa: ANN401
    """Tell whether a file system of fsspec is that of this machine."""
    kinds = file_system.protocol
    return _ON_THIS_MACHINE[0] in ([kinds] if isinstance(kinds, str) else kinds)


@contextmanager
def told(address: str, what: str) -> Iterator[None]:
    """Say in a sentence what goes wrong with a place inside.

    No list of exceptions is complete: each kind of storage has its own.

    Args:
        address: The place.
        what: What is done with it, “read”.

    Raises:
        ClusterError: If anything is raised inside.
    """
    try:
        yield
    except ClusterError:
        raise
    except Exception as error:
        raise ClusterError(
            f"{address} cannot be {what}: {explain_storage(error)}."
        ) from error


def explain_storage(error: Exception) -> str:
    """Say why a place cannot be used, and what to do."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    said = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    if kinds & {"NoCredentialsError", "PartialCredentialsError"}:
        return (
            "there are no credentials; set AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY, or what else your storage asks for"
        )
    if isinstance(error, FileNotFoundError):
        missing = "specified bucket" in said and f" ({said})"
        return f"it is not there{missing or ''}; check the name"
    if isinstance(error, PermissionError):
        return f"that is not allowed ({said}); check the credentials and permissions"
    if kinds & _NO_CONNECTION:
        return f"there is no connection ({said}); check the network and the endpoint"
    if "Invalid bucket name" in said:
        return "no bucket can have that name; check it"
    if isinstance(error, OSError) and error.strerror:
        remedy = "make room there, or" if error.errno in DISK_FULL else "check it, or"
        return f"{error.strerror}; {remedy} name another place"
    return said
