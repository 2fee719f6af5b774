"""Where the library lies, above all where a person says so."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from imagecap.library.place import VARIABLE, library_path
from imagecap.library.store import Library, LibraryError
from imagecap.library.write_ahead_log import log_of

_PICTURE = Path("/photographs/dog.jpg")


@pytest.mark.parametrize("ending", ["jpg", "png", "pdf", "txt", "zip"])
def test_a_file_of_another_kind_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    file = tmp_path / f"mine.{ending}"
    if ending in ("jpg", "png", "pdf"):
        Image.effect_noise((300, 200), 90).convert("RGB").save(file)
    else:
        file.write_bytes(b"PK\x03\x04 a text of 5 lines" * 300)
    content = file.read_bytes()
    monkeypatch.setenv(VARIABLE, str(file))
    with pytest.raises(LibraryError) as told:
        Library.open()
    assert str(told.value) == (
        f"{file} is no library of captions and stays as it is; name another file with "
        "IMAGECAP_LIBRARY."
    )
    assert [one.read_bytes() for one in tmp_path.iterdir()] == [content]


@pytest.mark.parametrize("named", [".", "/", "folder", "folder/.."])
def test_a_folder_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(VARIABLE, named)
    with pytest.raises(LibraryError, match=r"is a folder; name a file with IMAGECAP"):
        Library.open()
    assert list(tmp_path.iterdir()) == [tmp_path / "folder"]


@pytest.mark.parametrize("named", ["pipe", "/dev/null", "/dev/zero", "file/x.db"])
def test_what_is_no_file_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(VARIABLE, named)
    with pytest.raises(LibraryError, match=r"cannot be opened \(.+IMAGECAP_LIBRARY\.$"):
        Library.open()


@pytest.mark.parametrize("left", ["no header", "zeros", "log", "cut", "byte", ""])
def test_a_damaged_library_is_none_of_another_kind(
    library_file: Path, left: str
) -> None:
    library = Library.open()
    library.keep_human(_PICTURE, "A dog.")
    log = log_of(library_file).read_bytes()
    library.close()
    content = library_file.read_bytes()
    library_file.write_bytes(
        {
            "no header": b"damaged header!!" + content[16:],
            "zeros": bytes(len(content)),
            "log": b"damaged everywhere, " * 900,
            "cut": content[:10],
            "byte": b"S",
            "": b"",
        }[left]
    )
    if left == "log":
        log_of(library_file).write_bytes(log)
    with closing(Library.open()) as mended:
        expected = "A dog." if left in ("no header", "log") else None
        assert mended.human(_PICTURE) == expected
        mended.keep_human(_PICTURE, "It goes on.")
    with closing(Library.open()) as mended:
        assert mended.human(_PICTURE) == "It goes on."


def test_the_platforms_own_place_is_mended_whatever_stands_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setattr("platformdirs.user_data_path", lambda *_, **__: tmp_path)
    (tmp_path / "captions.db").write_bytes(b"nothing of a library" * 200)
    with closing(Library.open()) as library:
        assert library.damaged_copy


@pytest.mark.parametrize("named", ["file:x.db", "x?mode=memory", "x.db#1", ":memory"])
def test_an_odd_name_is_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(VARIABLE, named)
    with closing(Library.open()) as library:
        library.keep_human(_PICTURE, "A dog.")
    assert (tmp_path / named).is_file()
    with closing(Library.open()) as library:
        assert library.human(_PICTURE) == "A dog."


def test_a_tilde_that_no_shell_has_read_stands_for_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv(VARIABLE, "~/captions.db")
    assert library_path() == tmp_path / "captions.db"
