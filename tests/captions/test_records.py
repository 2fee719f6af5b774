"""Records, lists and dictionaries of captions, in JSON and in pickles."""

from __future__ import annotations

import json
import os
import pickle
from pathlib import Path

import pytest

from imagecap import unpickling
from imagecap.captions.caption_files import read_captions, read_with_notes
from imagecap.captions.problems import CaptionFileError
from imagecap.datasets.dataset import load_dataset

SAID = {"a.jpg": "A dog.", "b.jpg": "A cat."}
KINDS: dict[str, object] = {
    "results": [{"image_id": name, "caption": text} for name, text in SAID.items()],
    "blip": [
        {"image": name, "caption": text, "image_id": name[0]}
        for name, text in SAID.items()
    ],
    "lists": [{"path": name, "captions": [text]} for name, text in SAID.items()],
    "texts": SAID,
    "dictionary of lists": {name: [text, "More."] for name, text in SAID.items()},
    "dictionary of lists of records": {
        name: [{"caption": text}, {"caption": "More."}] for name, text in SAID.items()
    },
    "dictionary of records": {
        name: {"caption": text, "width": 3} for name, text in SAID.items()
    },
    "wrapped": {
        "version": 1,
        "data": [{"file_name": name, "text": text} for name, text in SAID.items()],
    },
    "splits": {
        "train": [{"image": "a.jpg", "caption": "A dog."}],
        "val": [{"image": "b.jpg", "caption": "A cat."}],
    },
    "columns": {"image": list(SAID), "caption": list(SAID.values())},
    "pandas": {
        "image": dict(enumerate(SAID)),
        "caption": dict(enumerate(SAID.values())),
    },
    "coco": {
        "info": {"description": "Mine."},
        "images": [{"id": n, "file_name": name} for n, name in enumerate(SAID)],
        "annotations": [
            {"id": 9, "image_id": str(n), "caption": text}
            for n, text in enumerate(SAID.values())
        ],
    },
    "images with captions": {
        "images": [{"file_name": name, "caption": text} for name, text in SAID.items()]
    },
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_json_of_every_kind(tmp_path: Path, kind: str, encoding: str) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(json.dumps(KINDS[kind]).encode(encoding))
    assert read_captions(file) == SAID


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("protocol", range(5))
def test_pickles_of_every_kind(tmp_path: Path, kind: str, protocol: int) -> None:
    file = tmp_path / "a.pkl"
    file.write_bytes(pickle.dumps(KINDS[kind], protocol=protocol))
    assert read_captions(file) == SAID


def test_lists_by_split_are_splits(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text(json.dumps(KINDS["splits"]))
    assert [line.split for line in read_with_notes(file, [])] == ["train", "dev"]


def test_json_lines_under_another_name(tmp_path: Path) -> None:
    records = [{"file_name": name, "prompt": text} for name, text in SAID.items()]
    for name in ("a.json", "a.ndjson"):
        file = tmp_path / name
        file.write_text("".join(json.dumps(one) + "\n" for one in records))
        assert read_captions(file) == SAID


def test_windows_1252_in_json_is_said(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_bytes('{"a.jpg": "Un café."}'.encode("cp1252"))
    problems: list[str] = []
    assert read_captions(file, problems) == {"a.jpg": "Un café."}
    assert problems == ["1 record of a.json read as Windows-1252, not UTF-8: 1."]


def test_the_fields_that_were_found_are_named(tmp_path: Path) -> None:
    record = {"file_name": "a.jpg", "width": 3}
    (tmp_path / "a.json").write_text(json.dumps([record]))
    with pytest.raises(CaptionFileError, match=r"Entry 1 .*; it has file_name, width"):
        read_captions(tmp_path / "a.json")
    (tmp_path / "a.jsonl").write_text(json.dumps(record) + "\n")
    with pytest.raises(CaptionFileError, match=r"has only file_name, width\.$"):
        list(read_with_notes(tmp_path / "a.jsonl", []))


class Harmful:
    def __reduce__(self) -> object:
        return os.mkdir, ("harmed",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (pickle.dumps({"a.jpg": Harmful()}), "it holds STACK_GLOBAL, not only texts"),
        (pickle.dumps({"a.jpg": Harmful()}, protocol=0), "it holds GLOBAL, not only"),
        (pickle.dumps({"a.jpg": "A dog."})[:-5], "is no pickle of captions"),
        (b"\x80\x04]r\xff\xff\xff\x7f.", "it is damaged"),
        (b"", "is no pickle of captions"),
        (b"image,caption\n", "is no pickle of captions"),
        (b"\x80\x04})" + b"\x85" * 1_000_000 + b"Ns.", "it holds names that are none"),
        (pickle.dumps(7), "holds no captions"),
    ],
)
def test_pickles_of_anything_else_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "a.pkl"
    file.write_bytes(content)
    with pytest.raises(CaptionFileError, match=message):
        read_captions(file)
    assert not (tmp_path / "harmed").exists()


def test_a_pickle_of_single_instructions_takes_no_more_than_its_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpickling, "_MOST_INSTRUCTIONS", 1000)
    lists, file = b"\x80\x04(" + b"]" * 50_000 + b"l.", tmp_path / "a.pkl"
    file.write_bytes(lists)
    with pytest.raises(CaptionFileError, match=r"more than 1,000 parts"):
        read_captions(file)
    # Long texts come with the bytes that they take.
    said = {f"{number}.jpg": f"{number} " + "A dog. " * 99 for number in range(2000)}
    file.write_bytes(pickle.dumps(said))
    assert len(read_captions(file)) == 2000


def test_coco_under_a_name_of_its_own_is_found(tmp_path: Path) -> None:
    for name in SAID:
        (tmp_path / name).touch()
    (tmp_path / "settings.json").write_text('{"editor": "dark"}')
    (tmp_path / "my labels.json").write_text(json.dumps(KINDS["coco"]))
    data = load_dataset(tmp_path)
    assert {one.name: one.captions[0] for one in data.of("all")} == SAID
    assert data.report.problems == ()
