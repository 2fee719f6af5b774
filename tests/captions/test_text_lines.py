"""Texts in every encoding, beside pictures and in caption files."""

from __future__ import annotations

import codecs
import json
import pickle
from pathlib import Path

import pytest
from dataset_folders import everything, made

from imagecap.captions.caption_files import read_captions, read_texts, read_with_notes
from imagecap.captions.problems import CaptionFileError
from imagecap.captions.sidecar import read_sidecar
from imagecap.datasets.dataset import load_dataset

ENCODINGS = {
    "utf-32": "UTF-32",
    "utf-32-le": "UTF-32",
    "utf-32-be": "UTF-32",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("text", ["Café", "Un chien 🐶 court.\nUn café."])
def test_a_text_beside_a_picture_in_wide_characters(
    tmp_path: Path, encoding: str, text: str
) -> None:
    made(tmp_path, {"a.txt": text.encode(encoding)}, "a.jpg")
    assert read_sidecar(tmp_path / "a.txt") == text.splitlines()[0]
    data = load_dataset(tmp_path, needs_train=False)
    assert everything(data) == {"a.jpg": tuple(text.splitlines())}
    said = f"1 text file read as {ENCODINGS[encoding]}: a.txt."
    assert said in data.report.problems


def test_the_mark_of_the_other_order_is_known(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(codecs.BOM_UTF32_BE + "狗在跑".encode("utf-32-be"))
    assert read_sidecar(file) == "狗在跑"


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".json", ".txt"])
def test_caption_files_in_wide_characters(
    tmp_path: Path, encoding: str, ending: str
) -> None:
    record = {"image": "a.jpg", "caption": "Un café."}
    text = "image,caption\na.jpg,Un café.\n"
    if ending.startswith(".json"):
        text = json.dumps(record, ensure_ascii=False) + "\n"
    file = tmp_path / f"captions{ending}"
    file.write_bytes(text.encode(encoding))
    problems: list[str] = []
    assert read_captions(file, problems) == {"a.jpg": "Un café."}
    said = f"captions{ending} is not UTF-8 and was read as {ENCODINGS[encoding]}."
    assert problems == [said]


@pytest.mark.parametrize(
    "content",
    [
        "image,caption\na.jpg,A dog.\n".encode("utf-32")[:-2],
        "image,caption\na.jpg,A dog.\n".encode("utf-16")[:-1],
        "image,caption\na.jpg,A\1dog.\n".encode("utf-32-le"),
    ],
    ids=["half a character", "half a character of two", "no mark and no text"],
)
def test_what_is_full_of_zeros_is_refused(tmp_path: Path, content: bytes) -> None:
    made(tmp_path, {"captions.csv": content, "a.txt": content}, "a.jpg")
    with pytest.raises(CaptionFileError, match="is not text in UTF-8"):
        list(read_with_notes(tmp_path / "captions.csv", []))
    with pytest.raises(CaptionFileError, match="is not text in UTF-8"):
        read_texts([tmp_path / "captions.csv"], [])
    assert read_sidecar(tmp_path / "a.txt") is None


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("c.csv", b"image,caption\na.jpg,A d\0og.\nb.jpg,A cat.\n"),
        ("c.csv", b"image,caption\na.jpg,A dog.\nb.jpg,A cat.\n" + b"\0" * 5000),
        ("c.txt", b"a.jpg#0\tA \0dog.\nb.jpg#0\tA cat.\n"),
        ("c.json", b'[{"image": "a.jpg", "caption": "A d\\u0000og."}]'),
        ("c.jsonl", b'{"image": "a.jpg", "caption": "A d\\u0000og."}'),
        ("c.pkl", pickle.dumps({"a.jpg": "A d\0og."})),
    ],
    ids=["csv", "a hole", "token", "json", "jsonl", "pickle"],
)
def test_nul_is_removed_and_told(tmp_path: Path, name: str, content: bytes) -> None:
    file = made(tmp_path, {name: content}) / name
    problems: list[str] = []
    captions = read_captions(file, problems)
    assert captions["a.jpg"] == "A dog."
    assert any("held NUL characters, which were removed" in one for one in problems)


def test_nul_beside_a_picture_is_removed_and_told(tmp_path: Path) -> None:
    made(tmp_path, {"a.txt": b"A dog\0 runs fast.\n"}, "a.jpg")
    assert read_sidecar(tmp_path / "a.txt") == "A dog runs fast."
    data = load_dataset(tmp_path, needs_train=False)
    assert everything(data) == {"a.jpg": ("A dog runs fast.",)}
    said = "1 text file held NUL characters, which were removed: a.txt."
    assert said in data.report.problems
