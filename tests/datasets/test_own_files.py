"""Folders whose captions lie in files of any format and any name."""

import pickle
from pathlib import Path

import pytest
from dataset_folders import everything, made

from imagecap.captions.formats import READERS
from imagecap.datasets import shards
from imagecap.datasets.dataset import load_dataset

CONTENTS: dict[str, str | bytes] = {
    ".csv": "image,caption\na.jpg,A boy.\nb.jpg,A dog.\n",
    ".tsv": "a.jpg\t0\tA boy.\nb.jpg\t0\tA dog.\n",
    ".txt": "name;file_name;text\n1;a.jpg;A boy.\n2;b.jpg;A dog.\n",
    ".token": "a.jpg#zhb#0\tA boy.\nb.jpg#zhb#0\tA dog.\n",
    ".token.txt": "a.jpg#0 A boy.\nb.jpg#0 A dog.\n",
    ".jsonl": '{"url": "http://x.org/i/a.jpg?s=1", "alt": "A boy."}\n'
    '{"url": "http://x.org/i/b.jpg", "alt": "A dog."}\n',
    ".ndjson": '{"image": "a.jpg", "text": "A boy."}\n{"image": "b", "text": "A dog."}',
    ".json": '{"a.jpg": "A boy.", "b.jpg": ["A dog."]}',
    ".pkl": pickle.dumps({"a.jpg": "A boy.", "b.jpg": ["A dog."]}),
    ".pickle": pickle.dumps(
        [{"image": "a", "caption": "A boy."}] * 1
        + [{"image": "b", "caption": "A dog."}]
    ),
}


@pytest.mark.parametrize("ending", CONTENTS)
@pytest.mark.parametrize("stem", ["captions", "texts/mine", "Captions of 2024"])
def test_a_folder_whose_one_caption_file_is_of_any_format(
    tmp_path: Path, ending: str, stem: str
) -> None:
    made(tmp_path, {stem + ending: CONTENTS[ending]}, "deep/er/a.jpg deep/er/b.jpg")
    data = load_dataset(tmp_path)
    assert everything(data) == {"a.jpg": ("A boy.",), "b.jpg": ("A dog.",)}


def test_contents_are_of_all_formats_that_hold_no_pictures() -> None:
    assert CONTENTS.keys() == READERS.keys() - set(shards.ENDINGS)


def test_a_file_beside_a_picture_that_cannot_be_read_refuses_nothing(
    tmp_path: Path,
) -> None:
    made(tmp_path, {"a.txt": "A boy.", "c.txt/x": ""}, "a.jpg b.jpg c.jpg")
    (tmp_path / "b.txt").symlink_to("gone.txt")
    data = load_dataset(tmp_path)
    assert everything(data) == {"a.jpg": ("A boy.",)}
    said = "2 text files could not be read: b.txt, c.txt."
    assert said in data.report.problems
