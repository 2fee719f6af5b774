"""What tests of pages know of the library behind them."""

from pathlib import Path

from imagecap.library.store import Library

HOST = "127.0.0.1:8000"
NAMES = ("dog.png", "sub/cat.png", "sub/bird <b>&.png")


def number(library: Library, picture: Path) -> int:
    """The number of a picture in the library."""
    found = next(library.entries([picture])).number
    assert found is not None
    return found
