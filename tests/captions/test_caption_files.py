"""Captions in the files of other programs, written and read."""

from __future__ import annotations

import csv
import json
import os
import pickle
from pathlib import Path

import pytest

from imagecap.captions.caption_files import read_captions, write_captions
from imagecap.captions.formats import READERS
from imagecap.captions.problems import CaptionFileError
from imagecap.files import WriteError

SAID = ['A dog, "Rex", runs.', "Ein Mädchen\tlacht.", "=1+1"]


@pytest.fixture
def captions(tmp_path: Path) -> list[tuple[Path, str]]:
    names = ["dog 1.jpg", "sub/girl.png", "c.jpg"]
    return [
        (tmp_path / name, caption) for name, caption in zip(names, SAID, strict=True)
    ]


@pytest.mark.parametrize("ending", [".csv", ".json", ".jsonl", ".CSV"])
def test_what_is_written_is_read_again(
    captions: list[tuple[Path, str]], tmp_path: Path, ending: str
) -> None:
    file = tmp_path / f"captions{ending}"
    write_captions(captions, file)
    assert read_captions(file) == {
        "dog 1.jpg": SAID[0],
        "sub/girl.png": SAID[1],
        "c.jpg": SAID[2],
    }


def test_each_form_is_the_one_that_others_read(
    captions: list[tuple[Path, str]], tmp_path: Path
) -> None:
    for ending in (".csv", ".json", ".jsonl", ".pkl"):
        write_captions(captions, tmp_path / f"c{ending}")
    with (tmp_path / "c.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file)) == ["image", "caption"]
    assert json.loads((tmp_path / "c.json").read_text())[0] == {
        "image_id": "dog 1.jpg",
        "caption": SAID[0],
    }
    lines = (tmp_path / "c.jsonl").read_text().splitlines()
    assert json.loads(lines[1]) == {"file_name": "sub/girl.png", "text": SAID[1]}


def test_a_pickle_needs_nothing_but_python(
    captions: list[tuple[Path, str]], tmp_path: Path
) -> None:
    file = tmp_path / "c.pkl"
    write_captions(captions, file)

    class Plain(pickle.Unpickler):
        def find_class(self, module: str, name: str) -> object:
            raise AssertionError(f"{module}.{name} is asked for.")

    with file.open("rb") as opened:
        loaded = Plain(opened).load()
    assert loaded["c.jpg"] == ["=1+1"]


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CaptionFileError, match=r"must end in one of \.csv"):
        write_captions([], tmp_path / "captions.xls")
    with pytest.raises(
        CaptionFileError, match=r"captions\.xls is no caption file known"
    ):
        read_captions(tmp_path / "captions.xls")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"thing;text\nx;y\n", r"a\.csv must begin with the line image,cap"),
        ("a.csv", b'image,caption\n"x,y\n', r"Line 2 of .*a\.csv is not CSV"),
        ("a.csv", b"image,caption\nx\n", r"Line 2 of .*a\.csv needs a picture and a c"),
        ("a.json", b"{", r"a\.json is damaged, it is not JSON"),
        ("a.json", b'{"image_id": 1}', r"a\.json holds no captions: it is not a list"),
        (
            "a.json",
            b'[{"image_id": "x", "caption": 3}]',
            r"Entry 1 of .*a\.json needs an image_id",
        ),
        ("a.jsonl", b'{"file_name": "x"}\n', r"Line 1 of .*a\.jsonl needs an image_id"),
        ("a.jsonl", b"[1]\n", r"Line 1 of .*a\.jsonl needs an image_id"),
        ("a.csv", b"\xff\xfe\x00", r"Line 1 of .*a\.csv is not text in UTF-8"),
    ],
)
def test_a_file_that_holds_no_captions_is_one_sentence(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CaptionFileError, match=message):
        read_captions(tmp_path / name)


def test_a_place_that_cannot_be_written_loses_nothing(
    captions: list[tuple[Path, str]], tmp_path: Path
) -> None:
    with pytest.raises(WriteError, match="cannot be written"):
        write_captions(captions, tmp_path / "missing" / "c.csv")


@pytest.mark.parametrize("ending", READERS)
def test_a_pipe_is_one_sentence(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"pipe{ending}"
    os.mkfifo(file)
    with pytest.raises(CaptionFileError, match=r"cannot be read .*no ordinary file"):
        read_captions(file)
