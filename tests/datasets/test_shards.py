"""Data sets whose pictures lie in the files of their captions."""

from __future__ import annotations

import io
import json
import sys
import tarfile
from pathlib import Path

import pytest
from dataset_folders import everything, made, names

from imagecap.captions.caption_files import read_captions, read_with_notes
from imagecap.captions.problems import CaptionFileError
from imagecap.datasets.dataset import load_dataset
from imagecap.datasets.errors import DatasetError


def shard(file: Path, **members: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(file, "w") as tar:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content.encode())
            tar.addfile(entry, io.BytesIO(content.encode()))
    return file


def sample(key: str, caption: str) -> dict[str, str]:
    return {f"{key}.jpg": f"picture {key}", f"{key}.txt": caption}


def test_a_shard_is_read_and_unpacked_once(tmp_path: Path) -> None:
    record = json.dumps({"caption": "A bird.", "url": "http://x"})
    members = {
        **sample("000", "A dog.\nA pup.\n"),
        **sample("sub/001", "A cat."),
        **{"002.seg.png": "no picture", "002.jpg": "picture", "002.json": record},
        "003.jpg": "nothing is said",
    }
    file = shard(tmp_path / "shard-0.tar", **members)
    said = {
        "000.jpg": ("A dog.", "A pup."),
        "001.jpg": ("A cat.",),
        "002.jpg": ("A bird.",),
    }
    data = load_dataset(tmp_path)
    assert everything(data) == said
    (cat,) = [one for one in data.of("all") if one.name == "001.jpg"]
    assert cat.path == tmp_path / "shard-0" / "sub" / "001.jpg"
    assert cat.path.read_text() == "picture sub/001"
    assert data.report.problems[0] == (
        f"5 pictures of shard-0.tar were unpacked into {tmp_path / 'shard-0'}."
    )
    assert "1 record of shard-0.tar could not be read: 4." in data.report.problems
    for path in (file, tmp_path):
        again = load_dataset(path)
        assert everything(again) == said
        assert "unpacked" not in " ".join(again.report.problems)


@pytest.mark.parametrize(
    ("member", "content"),
    [
        ("captions.token", "0.jpg#zhb#0\tOne.\nsub/1.jpg#zhb#0\tTwo.\n"),
        ("all.token.txt", "0.jpg#0 One.\n1.jpg#0 Two.\n"),
        ("meta/table.txt", "id;path;text\n1;0.jpg;One.\n2;sub/1.jpg;Two.\n"),
        (
            "captions.jsonl",
            '{"image": "0.jpg", "caption": "One."}\n{"image": "1", "text": "Two."}',
        ),
        ("a.json", '{"0.jpg": ["One."], "sub/1": "Two."}'),
    ],
)
def test_a_caption_file_in_a_shard(tmp_path: Path, member: str, content: str) -> None:
    pictures = {"0.jpg": "picture 0", "sub/1.jpg": "picture 1"}
    others = {"README.md": "Captions.", "._captions.csv": "image,caption\n0.jpg,No.\n"}
    file = shard(tmp_path / "a.tar", **pictures, **others, **{member: content})
    assert everything(load_dataset(tmp_path)) == {
        "0.jpg": ("One.",),
        "1.jpg": ("Two.",),
    }
    assert read_captions(file) == {"0.jpg": "One.", "sub/1.jpg": "Two."}


@pytest.mark.parametrize("ending", ["token", "token.txt", "txt"])
def test_token_files_beside_pictures_in_a_shard(tmp_path: Path, ending: str) -> None:
    members = {
        "0.jpg": "picture",
        f"0.{ending}": "0.jpg#zhb#0\tOne.\n0.jpg#zhb#1\tTwo.\n",
        "1.jpg": "picture",
        f"1.{ending}": "Dog #1 is here.\n",
    }
    shard(tmp_path / "a.tar", **members)
    assert everything(load_dataset(tmp_path)) == {
        "0.jpg": ("One.", "Two."),
        "1.jpg": ("Dog #1 is here.",),
    }


def test_names_of_shards_say_the_split(tmp_path: Path) -> None:
    shard(tmp_path / "train-000000.tar", **sample("0", "One."))
    shard(tmp_path / "train-000001.tar", **sample("0", "Two."))
    shard(tmp_path / "val" / "000000.tar", **sample("1", "Three."))
    assert names(load_dataset(tmp_path)) == {
        "train": ["train-000000/0.jpg", "train-000001/0.jpg"],
        "dev": ["1.jpg"],
        "test": [],
    }


def test_no_entry_leads_out_of_the_folder(tmp_path: Path) -> None:
    members = {
        **sample("../out", "Out."),
        **sample("/out", "Out."),
        **sample("in", "A dog."),
    }
    shard(tmp_path / "data" / "a.tar", **members)
    assert everything(load_dataset(tmp_path / "data")) == {"in.jpg": ("A dog.",)}
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_damaged_shard_is_one_sentence(tmp_path: Path) -> None:
    file = shard(tmp_path / "a.tar", **sample("0", "One."), **sample("1", "Two."))
    whole = file.read_bytes()
    for content in (b"no tar", whole[:515]):
        file.write_bytes(content)
        with pytest.raises(DatasetError, match=r"a\.tar is damaged, it is no whole"):
            load_dataset(tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == ["a.tar"]


def test_parquet_with_the_pictures_in_it(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    for split, count in (("train", 2), ("test", 1)):
        rows = [
            {
                "image": {"bytes": b"picture", "path": "same.png"},
                "caption": [f"{split} {number}.", "More."],
            }
            for number in range(count)
        ]
        file = tmp_path / "data" / f"{split}-00000-of-00001.parquet"
        file.parent.mkdir(exist_ok=True)
        parquet.write_table(pyarrow.Table.from_pylist(rows), file)
    data = load_dataset(tmp_path)
    assert [len(data.of(split)) for split in ("train", "dev", "test")] == [1, 1, 1]
    assert {one.captions for one in data.of("all")} == {
        ("train 0.", "More."),
        ("train 1.", "More."),
        ("test 0.", "More."),
    }
    # A path that one file has once is the name.
    assert {one.path.name for one in data.of("all")} == {
        "000001.png",
        "000002.png",
        "same.png",
    }
    assert {one.path.read_bytes() for one in data.of("all")} == {b"picture"}


def test_parquet_with_names(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    rows = [{"file_name": f"{n}.jpg", "text": f"Text {n}.", "n": n} for n in "ab"]
    file = tmp_path / "metadata.parquet"
    parquet.write_table(pyarrow.Table.from_pylist(rows), file)
    made(tmp_path, {}, "a.jpg b.jpg")
    assert read_captions(file) == {"a.jpg": "Text a.", "b.jpg": "Text b."}
    assert len(everything(load_dataset(tmp_path))) == 2
    parquet.write_table(pyarrow.Table.from_pylist([{"n": 1, "label": "x"}]), file)
    with pytest.raises(CaptionFileError, match=r"none of captions; it has n, label\.$"):
        read_captions(file)
    file.write_bytes(b"PAR1 no more")
    with pytest.raises(CaptionFileError, match="is damaged, it is not Parquet"):
        list(read_with_notes(file, []))


def test_the_package_for_parquet_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    with pytest.raises(CaptionFileError, match=r"pip install 'imagecap\[parquet\]'"):
        read_captions(tmp_path / "a.parquet")
