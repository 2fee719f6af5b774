"""What any caller reads, every caller reads: one table of columns and formats."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from dataset_folders import everything, made

from imagecap.captions.caption_files import read_captions
from imagecap.captions.formats import READERS
from imagecap.captions.problems import CaptionFileError
from imagecap.datasets.dataset import load_dataset
from imagecap.datasets.errors import DatasetError
from imagecap.evaluation.evaluate import EvaluationError
from imagecap.evaluation.results import read_results

IDS = {"a.jpg": 1, "b.jpg": 2}
SAID = {"a.jpg": "One", "b.jpg": "Two"}
COCO = {
    "images": [{"id": 2, "file_name": "b.jpg"}, {"id": 1, "file_name": "a.jpg"}],
    "annotations": [
        {"id": 7, "image_id": 1, "caption": "One"},
        {"id": 8, "image_id": 2, "caption": "Two"},
    ],
    "comment": "Not a caption.",
}
KARPATHY = {
    "images": [
        {"filename": name, "split": split, "sentences": [{"raw": SAID[name]}]}
        for name, split in (("a.jpg", "train"), ("b.jpg", "val"))
    ]
}
RESULTS = [{"image_id": name, "caption": caption} for name, caption in SAID.items()]
FILES = {
    "captions.csv": "image,caption\na.jpg,One\nb.jpg,Two\n",
    "headed.csv": "File_Name, Caption\na.jpg,One\nb.jpg,Two\n",
    "wide.csv": "id,caption,image\n1,One,a.jpg\n2,Two,b.jpg\n",
    "results.csv": "image_name| comment_number| comment\na.jpg|0|One\nb.jpg|0|Two\n",
    "captions.txt": "image,caption\na.jpg,One\nb.jpg,Two\n",
    "captions.token": "a.jpg#0\tOne\nb.jpg#0\tTwo\n",
    "flickr.token.txt": "a.jpg#0\tOne\nb.jpg#0\tTwo\n",
    "captions.jsonl": "".join(json.dumps(result) + "\n" for result in RESULTS),
    "results.json": json.dumps(RESULTS),
    "results.txt": "\ufeff " + json.dumps(RESULTS),
    "results": json.dumps(RESULTS),
    "captions.json": json.dumps(COCO),
    "dataset.json": json.dumps(KARPATHY),
}


@pytest.mark.parametrize("name", FILES)
def test_every_reader_reads_every_format(tmp_path: Path, name: str) -> None:
    file = made(tmp_path, {name: FILES[name]}, "a.jpg b.jpg") / name
    assert read_captions(file) == SAID
    assert read_results(file, IDS, "test") == SAID
    data = load_dataset(file)
    assert everything(data) == {name: (text,) for name, text in SAID.items()}
    assert data.report.problems == ()


def test_numbers_are_names_where_there_are_no_others(tmp_path: Path) -> None:
    rows = "image_id,caption\n2,Two\n1,One\n"
    file = made(tmp_path, {"results.csv": rows}) / "results.csv"
    assert read_results(file, IDS, "test") == SAID
    assert read_captions(file) == {"2": "Two", "1": "One"}


def test_a_number_decides_where_the_name_is_unknown(tmp_path: Path) -> None:
    entries = [
        {"image_id": 2, "file_name": "val/b.jpg", "caption": "Two"},
        {"image_id": 70, "file_name": "a.jpg", "caption": "One"},
    ]
    file = made(tmp_path, {"results.json": json.dumps(entries)}) / "results.json"
    assert read_results(file, IDS, "test") == SAID


def test_commas_without_quotes_are_part_of_the_caption(tmp_path: Path) -> None:
    """The window takes them; results that are scored must be beyond doubt."""
    rows = "image,caption\na.jpg,A dog, a cat\n"
    file = made(tmp_path, {"captions.csv": rows}) / "captions.csv"
    assert read_captions(file) == {"a.jpg": "A dog, a cat"}
    with pytest.raises(EvaluationError, match=r"Line 2 .* in quotes"):
        read_results(file, IDS, "test")
    beyond = "caption,image\nA dog,a.jpg,b.jpg,c.jpg\n"
    file.write_text(beyond)
    assert read_captions(file) == {"a.jpg": "A dog"}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.token", "a.jpg One\n", r"Line 1 of .*a\.token needs a picture with #0"),
        ("a.csv", "image_name|comment\na\n", r"Line 2 of .*a\.csv needs a picture and"),
        (
            "a.json",
            json.dumps({**COCO, "images": COCO["images"] * 2}),
            r"Entry 3 of .*a\.json of the list “images” is no picture or comes twice\.",
        ),
        (
            "a.json",
            json.dumps({"images": [], "annotations": RESULTS}),
            r"Entry 1 of .*a\.json names a picture that the file does not list\.",
        ),
        (
            "a.json",
            json.dumps({"images": [{**KARPATHY["images"][0], "split": "x"}]}),
            r"Entry 1 of .*a\.json has a split that is not known here, x\.",
        ),
    ],
)
def test_strict_readers_name_the_place(
    tmp_path: Path, name: str, content: str, message: str
) -> None:
    file = made(tmp_path, {name: content}) / name
    with pytest.raises(CaptionFileError, match=message):
        read_captions(file)
    with pytest.raises(EvaluationError, match=message):
        read_results(file, IDS, "test")


def test_every_ending_is_named_where_none_fits(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"PK")
    with pytest.raises(CaptionFileError, match=", ".join(READERS)):
        read_captions(tmp_path / "a.xlsx")


@pytest.mark.parametrize("name", ["mine.csv", "mine.jsonl", "mine.token"])
def test_one_file_alone_gives_the_captions(tmp_path: Path, name: str) -> None:
    contents = {
        "mine.csv": "image,caption\na.jpg,One\n",
        "mine.jsonl": '{"file_name": "a.jpg", "text": "One"}\n',
        "mine.token": "a.jpg#0\tOne\n",
    }
    files = {name: contents[name], "captions.csv": "image,caption\na.jpg,Other\n"}
    root = made(tmp_path / "My photographs", files, "pictures/a.jpg")
    data = load_dataset(root / name)
    assert everything(data) == {"a.jpg": ("One",)}
    assert data.name == "my-photographs"


def test_a_file_of_an_unknown_kind_is_an_error(tmp_path: Path) -> None:
    root = made(tmp_path, {"captions.xlsx": "?"}, "a.jpg")
    with pytest.raises(DatasetError, match=r"captions\.xlsx is no caption file known"):
        load_dataset(root / "captions.xlsx")
