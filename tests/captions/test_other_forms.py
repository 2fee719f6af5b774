"""Forms of captions that other programs write, each read as it is meant."""

from __future__ import annotations

import json
import os
import pickle
from pathlib import Path

import pytest
from dataset_folders import everything, made

from imagecap.captions.caption_files import read_captions, read_with_notes
from imagecap.captions.problems import CaptionFileError
from imagecap.captions.sidecar import read_sidecar
from imagecap.datasets.dataset import load_dataset
from imagecap.datasets.errors import DatasetError


def chat(picture: dict[str, object], answer: object) -> dict[str, object]:
    asked = [{"type": "text", "text": "What is it?"}, picture]
    return {
        "id": 7,
        "messages": [
            {"role": "system", "content": "You describe pictures."},
            {"role": "user", "content": asked},
            {"role": "assistant", "content": answer},
        ],
    }


URL = "https://x.org/up/a.jpg"
TEXT = [{"type": "text", "text": "A dog."}]
RECORDS: dict[str, object] = {
    "file name within": {"image": {"file_name": "a.jpg"}, "caption": "A dog."},
    "path within": {"image": {"path": "a.jpg", "width": 3}, "caption": "A dog."},
    "identity beside": {"image": {"id": 3, "filename": "a.jpg"}, "text": "A dog."},
    "address within": {"image_url": {"url": URL, "detail": "low"}, "text": "A dog."},
    "chat": chat({"type": "image_url", "image_url": {"url": URL}}, "A dog."),
    "chat of parts": chat({"type": "image_url", "image_url": {"url": URL}}, TEXT),
    "chat with an address": chat({"type": "input_image", "image_url": URL}, TEXT),
    "chat with a file": chat({"type": "image", "image": "up/a.jpg"}, "A dog."),
    "one language": {"image": "a.jpg", "caption": {"de": "A dog."}},
    "English": {"image": "a.jpg", "caption": {"de": "Ein Hund.", "en": "A dog."}},
    "American": {"image": "a.jpg", "captions": {"en-US": ["A dog."], "fr": ["Non."]}},
    "caption within": {"image": "a.jpg", "caption": {"text": "A dog.", "score": 0.5}},
}


@pytest.mark.parametrize("kind", RECORDS)
@pytest.mark.parametrize("ending", [".json", ".jsonl"])
def test_records_of_every_kind(tmp_path: Path, kind: str, ending: str) -> None:
    made(tmp_path, {f"c{ending}": json.dumps(RECORDS[kind]) + "\n"}, "a.jpg")
    data = load_dataset(tmp_path, needs_train=False)
    assert everything(data) == {"a.jpg": ("A dog.",)}


def test_several_languages_are_told(tmp_path: Path) -> None:
    file = made(tmp_path, {"c.json": json.dumps([RECORDS["English"]])}) / "c.json"
    problems: list[str] = []
    assert read_captions(file, problems) == {"a.jpg": "A dog."}
    (said,) = problems
    assert "had captions in several languages, of which English was read: 1." in said
    file.write_text(json.dumps([{"image": "a", "caption": {"de": "x", "fr": "y"}}]))
    with pytest.raises(CaptionFileError, match="needs an image_id"):
        read_captions(file)


def test_a_conversation_about_two_pictures_names_none(tmp_path: Path) -> None:
    record = chat({"type": "image", "image": "a.jpg"}, "A dog.")
    record["messages"][1]["content"].append({"type": "image", "image": "b.jpg"})  # type: ignore[index]
    data_url = chat({"image_url": {"url": "data:image/png;base64,AAAA"}}, "A dog.")
    file = made(tmp_path, {"c.json": json.dumps([record, data_url])}) / "c.json"
    assert [line.picture for line in read_with_notes(file, [])] == ["7", "7"]


RESULTS = [
    {"image": "a.jpg", "caption": "A dog."},
    {"image": "b.jpg", "text": "A cat."},
]
SAID = {"a.jpg": "A dog.", "b.jpg": "A cat."}
TABLE = {
    "columns": ["id", "image", "caption"],
    "index": [0, 1],
    "data": [[5, "a.jpg", "A dog."], [6, "b.jpg", "A cat."]],
}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(RESULTS),
        json.dumps(RESULTS, indent=2),
        "\n".join(json.dumps(one, indent=2) for one in RESULTS),
        "\n".join(json.dumps(one) for one in RESULTS),
        json.dumps(SAID, indent=2),
        json.dumps(TABLE, indent=1),
    ],
    ids=["array", "array of lines", "in turn", "lines", "names", "table"],
)
@pytest.mark.parametrize("name", ["c.json", "c.jsonl", "c.ndjson"])
def test_json_whatever_its_lines(tmp_path: Path, name: str, text: str) -> None:
    assert read_captions(made(tmp_path, {name: text}) / name) == SAID


def test_a_table_on_one_line(tmp_path: Path) -> None:
    made(tmp_path, {"c.json": json.dumps(TABLE)})
    assert read_captions(tmp_path / "c.json") == SAID


def test_tuples_are_lists(tmp_path: Path) -> None:
    content = {"a.jpg": ("x y", "z"), "b.jpg": ("w",), "c.jpg": ("1", "2", "3", "4")}
    for protocol in range(5):
        made(tmp_path, {"c.pkl": pickle.dumps(content, protocol)})
        found: dict[str, tuple[str, ...]] = {}
        for line in read_with_notes(tmp_path / "c.pkl", []):
            found[line.picture] = (*found.get(line.picture, ()), line.caption)
        assert found == content


def test_records_within_themselves_are_one_sentence(tmp_path: Path) -> None:
    record: dict[str, object] = {"image": "a.jpg"}
    record["captions"] = [record]
    file = made(tmp_path, {"c.pkl": pickle.dumps([record])}) / "c.pkl"
    with pytest.raises(CaptionFileError, match="records within records"):
        read_captions(file)


class Harmful:
    def __reduce__(self) -> object:
        return os.mkdir, ("harmed",)


@pytest.mark.parametrize("name", ["c.pkl", "captions.pkl", "c.pickle"])
def test_a_refused_pickle_in_a_folder_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    made(tmp_path / "data", {name: pickle.dumps({"a.jpg": Harmful()})}, "a.jpg")
    with pytest.raises(DatasetError, match=rf"{name} .*could run code"):
        load_dataset(tmp_path / "data")
    assert not (tmp_path / "harmed").exists()


FIELDS = {"caption": "A dog.", "url": URL, "key": "000000001", "status": "success"}


@pytest.mark.parametrize("name", ["a.json", "a.jpg.json", "A.JSON"])
def test_json_beside_a_picture(tmp_path: Path, name: str) -> None:
    made(tmp_path, {name: json.dumps(FIELDS)}, "a.jpg")
    assert read_sidecar(tmp_path / name) == "A dog."
    data = load_dataset(tmp_path, needs_train=False)
    assert everything(data) == {"a.jpg": ("A dog.",)}
    assert data.report.problems == ()


def test_json_beside_pictures_may_say_more_or_nothing(tmp_path: Path) -> None:
    several = {"captions": ["One.", "Two.\0"], "split": "test"}
    files = {
        "a.json": json.dumps(several),
        # As Google Photos gives pictures out.
        "b.jpg.json": json.dumps({"title": "b.jpg", "description": ""}),
        "c.json": "{",
        "d.txt": "A cat.",
        "d.json": json.dumps(FIELDS),
    }
    made(tmp_path, dict(files), "a.jpg b.jpg c.jpg d.jpg")
    data = load_dataset(tmp_path, needs_train=False)
    assert everything(data) == {"a.jpg": ("One.", "Two."), "d.jpg": ("A cat.",)}
    assert [one.name for one in data.test] == ["a.jpg"]


def test_a_bare_name_in_two_folders_is_skipped_and_told(tmp_path: Path) -> None:
    rows = "image,caption\n1.jpg,A\n2.jpg,B\n"
    pictures = "a/1.jpg b/1.jpg b/2.jpg"
    made(tmp_path / "top", {"captions.csv": rows}, pictures)
    data = load_dataset(tmp_path / "top", needs_train=False)
    assert everything(data) == {"2.jpg": ("B",)}
    said = (
        "1 name of captions.csv could mean several pictures and stayed out: 1.jpg.",
        "1 picture had no caption: 1.jpg.",
    )
    assert data.report.problems[:2] == said
    # In the folder of the pictures, the file says which are meant.
    made(tmp_path / "beside", {"b/captions.csv": rows}, pictures)
    data = load_dataset(tmp_path / "beside", needs_train=False)
    assert everything(data) == {"1.jpg": ("A",), "2.jpg": ("B",)}
    assert {one.path.parent.name for one in data.of("all")} == {"b"}


def test_a_file_may_name_pictures_beside_its_folder(tmp_path: Path) -> None:
    rows = "image,caption\n../a.jpg,A\n..\\images\\b.jpg,B\n../../secret.jpg,No\n"
    root = made(tmp_path / "data", {"sub/t.csv": rows}, "a.jpg images/b.jpg old/a.jpg")
    made(tmp_path, {}, "secret.jpg")
    for path in (root / "sub" / "t.csv", root):
        data = load_dataset(path, needs_train=False)
        assert everything(data) == {"a.jpg": ("A",), "b.jpg": ("B",)}
        assert {str(one.path.relative_to(root)) for one in data.of("all")} == {
            "a.jpg",
            "images/b.jpg",
        }
        assert "../../secret.jpg (line 4)" in " ".join(data.report.problems)


@pytest.mark.parametrize("name", ["x.tar.gz", "x.zip", "x.tgz"])
def test_archives_are_to_be_unpacked(tmp_path: Path, name: str) -> None:
    made(tmp_path, {name: b"packed"})
    said = rf"holds no pictures; .* Archives are not read; unpack what is there: {name}"
    with pytest.raises(DatasetError, match=said):
        load_dataset(tmp_path)
    with pytest.raises(DatasetError, match="is an archive; unpack it"):
        load_dataset(tmp_path / name)
    made(tmp_path, {}, "a.jpg")
    with pytest.raises(DatasetError, match=rf"holds no captions; .*: {name}"):
        load_dataset(tmp_path)


def test_a_path_in_parquet_is_the_name_where_it_is_alone(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    paths = ["up/dog.jpg", "two.png", "TWO.png", None, "../a:b.jpg", "000003.png", "n"]
    rows = [
        {"image": {"bytes": b"picture", "path": path}, "caption": f"{number}."}
        for number, path in enumerate(paths, start=1)
    ]
    parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "t.parquet")
    data = load_dataset(tmp_path, needs_train=False)
    assert {name: text for name, (text,) in everything(data).items()} == {
        "dog.jpg": "1.",
        "000002.png": "2.",
        "0000003.png": "3.",
        "000004.jpg": "4.",
        "000005.jpg": "5.",
        "000003.png": "6.",
        "000007.jpg": "7.",
    }
