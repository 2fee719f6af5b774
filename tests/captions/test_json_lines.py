"""JSON Lines, read with notes."""

import json
from pathlib import Path

import pytest
from dataset_folders import everything, made, names

from imagecap.datasets.dataset import load_dataset


def test_half_a_character_is_replaced(tmp_path: Path) -> None:
    lines = '{"file_name": "a.jpg", "text": "A dog \\ud83d."}\n'
    data = load_dataset(made(tmp_path, {"captions.jsonl": lines}, "a.jpg"))
    assert everything(data) == {"a.jpg": ("A dog \ufffd.",)}


def jsonl(*rows: tuple[str, str], field: str = "text") -> str:
    return "".join(
        json.dumps({"file_name": name, field: caption}) + "\n" for name, caption in rows
    )


@pytest.mark.parametrize("field", ["text", "caption"])
def test_image_folder(tmp_path: Path, field: str) -> None:
    rows = jsonl(("a.jpg", "One"), ("b/a.jpg", "Zwei Bäume"), field=field)
    odd = "\nno json\n[1]\n" + json.dumps({"file_name": "a.jpg"}) + "\n"
    deep = "[" * 100_000
    root = made(tmp_path, {"metadata.jsonl": rows + odd + deep}, "a.jpg b/a.jpg")
    data = load_dataset(root)
    assert everything(data) == {"a.jpg": ("One",), "b/a.jpg": ("Zwei Bäume",)}
    assert data.report.problems == (
        "1 line of metadata.jsonl held nothing: 3.",
        "4 lines of metadata.jsonl could not be read: 4, 5, 6, 7.",
    )


@pytest.mark.parametrize("top", ["", "data/"])
@pytest.mark.parametrize("dev", ["validation", "val", "dev"])
def test_image_folder_with_splits(tmp_path: Path, top: str, dev: str) -> None:
    """Each split numbers its pictures anew, and one of them is not there."""
    folders = {"train": "012", dev: "01", "test": "0"}
    files = {
        f"{top}{folder}/metadata.jsonl": jsonl(*((f"{n}.jpg", folder) for n in "012"))
        for folder in folders
    }
    pictures = " ".join(
        f"{top}{folder}/{n}.jpg" for folder, there in folders.items() for n in there
    )
    data = load_dataset(made(tmp_path, files, pictures))
    assert names(data) == {
        "train": ["2.jpg", f"{top}train/0.jpg", f"{top}train/1.jpg"],
        "dev": [f"{top}{dev}/0.jpg", f"{top}{dev}/1.jpg"],
        "test": [f"{top}test/0.jpg"],
    }
    for split, folder in zip(data.splits, folders, strict=True):
        for example in data.splits[split]:
            assert example.path.parent.name == folder
            assert example.captions == (folder,)
    missing = "pictures had captions (2 in all) but no file: 1.jpg (line 2), 2.jpg"
    assert f"2 {missing} (line 3)." in data.report.problems
