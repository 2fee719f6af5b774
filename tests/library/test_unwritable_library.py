"""A library held by another program, or that may not be written."""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from imagecap.library import connection
from imagecap.library.picture_state import read_state
from imagecap.library.store import Library, LibraryError, library_path
from imagecap.model.caption import Caption

SAID = (Caption(("a", "dog"), -1.0, (0.5, 0.5)),)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "dog.jpg"
    path.write_bytes(b"a dog")
    return path


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("connection", "database"):
        monkeypatch.setattr(f"imagecap.library.{module}.WAIT_SECONDS", 0.3)


def test_captions_wait_for_another_program_and_are_kept_then(
    tmp_path: Path, picture: Path
) -> None:
    path, told = tmp_path / "captions.db", []
    with closing(Library(path, told.append)) as library:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            start = time.monotonic()
            library.keep_human(picture, "Rex.")
            for _ in range(3):
                library.keep_model_captions(picture, "m@1", None, SAID)
            assert time.monotonic() - start < 3
            (sentence,) = told
            assert "Another program holds the library of captions" in sentence
            with pytest.raises(LibraryError, match="4 captions could not be kept"):
                library.keep_waiting()
            other.execute("ROLLBACK")
        library.keep_model_captions(picture, "m@2", None, SAID)
        assert library.human(picture) == "Rex."
        assert library.model_caption(picture, "m@1", None) == "A dog."
    assert len(told) == 1


def test_what_waits_until_the_end_is_kept_or_said(
    tmp_path: Path, picture: Path
) -> None:
    path = tmp_path / "captions.db"
    library = Library(path, lambda _: None)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        library.keep_human(picture, "Rex.")
        with pytest.raises(LibraryError, match="1 caption could not be kept"):
            library.close()


def test_a_file_that_may_only_be_read_is_used(
    tmp_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, told = tmp_path / "captions.db", []
    with closing(Library(path)) as library:
        library.keep_human(picture, "Rex.")
        library.keep_model_captions(picture, "m@1", None, SAID)
    content = path.read_bytes()
    with closing(read_only(path, told, monkeypatch)) as library:
        assert library.human(picture) == "Rex."
        assert library.model_caption(picture, "m@1", None) == "A dog."
        library.keep_model_captions(picture, "m@2", None, SAID)
        assert library.model_caption(picture, "m@2", None) == "A dog."
        with pytest.raises(LibraryError, match="cannot be written; check its permis"):
            library.keep_human(picture, "Max.")
        assert library.search("rex")[0].picture == picture
    assert "cannot be written; its captions are used, and new ones are not" in told[0]
    assert path.read_bytes() == content


def read_only(path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch) -> Library:
    """Open a library as where the system refuses; permissions do not bind root."""
    open_database = connection.connect

    def refuse(name: str) -> sqlite3.Connection:
        if "mode=rw" not in name:
            return open_database(name)
        with closing(open_database(":memory:")) as refusing:
            refusing.execute("PRAGMA query_only = ON")
            refusing.execute("CREATE TABLE refused (x)")
        raise AssertionError

    monkeypatch.setattr(connection, "connect", refuse)
    return Library(path, told.append)


@pytest.mark.skipif(sys.platform == "win32", reason="has no limit of file sizes")
@pytest.mark.parametrize("is_damaged", [False, True])
def test_on_a_disk_without_room_captions_are_used(
    tmp_path: Path, picture: Path, is_damaged: bool
) -> None:
    path, told = tmp_path / "captions.db", []
    with closing(Library(path)) as library:
        library.keep_human(picture, "Rex.")
    if is_damaged:
        path.write_bytes(b"damaged header!!" + path.read_bytes()[16:])
    content = path.read_bytes()
    for _ in range(2):
        with no_room(), closing(Library(path, told.append)) as library:
            assert library.human(picture) == "Rex."
            assert library.search("rex")[0].picture == picture
            with pytest.raises(LibraryError, match="and that there is room"):
                library.keep_human(picture, "Max.")
        assert "its captions are used, and new ones are not kept" in told.pop()
        assert path.read_bytes() == content
    with closing(Library(path, told.append)) as library:
        assert library.human(picture) == "Rex."
        assert bool(library.damaged_copy) == is_damaged
    assert len(told) == is_damaged


@contextmanager
def no_room() -> Iterator[None]:
    """Let files be made, but nothing be written into them."""
    import resource

    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


def test_without_a_home_it_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IMAGECAP_LIBRARY")
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    with pytest.raises(LibraryError, match="There is no home folder to keep captions"):
        library_path()


def test_a_library_that_is_deleted_while_it_is_open_begins_anew(
    tmp_path: Path, picture: Path
) -> None:
    path = tmp_path / "captions.db"
    with closing(Library(path)) as library:
        path.unlink()
        library.keep_human(picture, "Rex.")
    with closing(Library(path)) as library:
        assert library.human(picture) == "Rex."


def test_the_content_is_read_before_and_a_pipe_never(tmp_path: Path) -> None:
    import os

    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes here")
    os.mkfifo(tmp_path / "pipe.jpg")
    assert read_state(tmp_path / "pipe.jpg") is None
    assert read_state(tmp_path / "nothing.jpg") is None
    assert read_state(Path("nul\0.jpg")) is None
