"""The one table of columns: what is understood, wherever it stands."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from imagecap.captions.caption_files import read_captions, read_with_notes
from imagecap.captions.columns import (
    CAPTION_COLUMNS,
    CONVERSATION_COLUMNS,
    ERROR_COLUMNS,
    ID_COLUMNS,
    IMAGE_ID_COLUMNS,
    PICTURE_COLUMNS,
    PROVENANCE_COLUMNS,
    SPLIT_COLUMNS,
    SPLIT_NAMES,
    URL_COLUMNS,
    Line,
    Provenance,
    read_columns,
)

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "caption-files.md"
PICTURES = (*PICTURE_COLUMNS, *URL_COLUMNS, *IMAGE_ID_COLUMNS, *ID_COLUMNS)


def lines(file: Path, content: str) -> list[Line]:
    file.write_text(content)
    return list(read_with_notes(file, []))


@pytest.mark.parametrize("picture", PICTURES)
def test_every_name_of_the_picture_is_known(tmp_path: Path, picture: str) -> None:
    file = tmp_path / "a.csv"
    file.write_text(f"license,caption,{picture}\ncc0,A dog.,a.jpg\n")
    assert read_captions(file) == {"a.jpg": "A dog."}
    file = tmp_path / "a.jsonl"
    file.write_text(json.dumps({"text": "A dog.", picture: "a.jpg"}) + "\n")
    assert read_captions(file) == {"a.jpg": "A dog."}


@pytest.mark.parametrize("caption", CAPTION_COLUMNS)
def test_every_name_of_the_caption_is_known(tmp_path: Path, caption: str) -> None:
    for name in (caption, f"{caption}s", f"{caption}1", caption.upper()):
        file = tmp_path / "a.csv"
        file.write_text(f"file_name,{name},number\na.jpg,A dog.,7\n")
        assert read_captions(file) == {"a.jpg": "A dog."}


@pytest.mark.parametrize("name", ["File Name", "file-name", "fileName", "FILE_NAME "])
def test_how_a_name_is_written_makes_no_difference(tmp_path: Path, name: str) -> None:
    file = tmp_path / "a.csv"
    file.write_text(f"{name},Caption\na.jpg,A dog.\n")
    assert read_captions(file) == {"a.jpg": "A dog."}


def test_several_captions_of_a_picture(tmp_path: Path) -> None:
    numbered = "image,caption_1,caption_2,caption_3\na.jpg,One,Two,\n"
    assert [one.caption for one in lines(tmp_path / "a.csv", numbered)] == [
        "One",
        "Two",
    ]
    listed = """raw,filename\n"[""One"", ""Two""]",a.jpg\n"['A ""dog"".']",b.jpg\n"""
    assert [tuple(one[:2]) for one in lines(tmp_path / "a.csv", listed)] == [
        ("a.jpg", "One"),
        ("a.jpg", "Two"),
        ("b.jpg", 'A "dog".'),
    ]
    records = {"image": "a.jpg", "sentences": [{"raw": "One"}, {"text": "Two"}, "3"]}
    assert [one.caption for one in read_columns(records, 1)] == ["One", "Two", "3"]
    # One caption may well look like a list.
    alone = 'image,caption\na.jpg,"[""One""]"\n'
    assert lines(tmp_path / "a.csv", alone)[0].caption == '["One"]'


def test_the_first_column_with_a_caption_counts() -> None:
    record = {"image": "a.jpg", "title": "IMG_1", "description": "", "alt": "A dog."}
    assert [one.caption for one in read_columns(record, 1)] == ["A dog."]
    assert read_columns({"image": "a.jpg", "caption": ""}, 1)[0].caption == ""
    assert read_columns({"image": "a.jpg", "caption": None}, 1) == []
    assert read_columns({"image": "", "caption": "A dog."}, 1) == []
    assert read_columns({"image": "a.jpg", "captions": []}, 1)[0].caption == ""


def test_a_number_of_the_line_is_no_image_id() -> None:
    (line,) = read_columns({"id": 7, "image": "a.jpg", "caption": "A dog."}, 1)
    assert (line.picture, line.image_id) == ("a.jpg", None)


def test_an_address_stands_behind_a_name_and_before_a_number() -> None:
    address = {"image_url": "https://x.org/a.jpg", "caption": "A dog."}
    for more, picture in (
        ({}, "https://x.org/a.jpg"),
        ({"file_name": "b.jpg"}, "b.jpg"),
        ({"image_id": 7}, "https://x.org/a.jpg"),
        ({"id": 7}, "https://x.org/a.jpg"),
        ({"key": "000007"}, "000007"),
    ):
        (line,) = read_columns(address | more, 1)
        assert line.picture == picture


def talk(speaker: str, said: str, *turns: tuple[str, object]) -> list[object]:
    return [{speaker: who, said: what} for who, what in turns]


@pytest.mark.parametrize(
    "record",
    [
        {
            "id": "1",
            "image": "a.jpg",
            "conversations": talk(
                *("from", "value"),
                ("human", "<image>\nWhat is it?"),
                ("gpt", "A dog."),
                ("human", "Is it black?"),
                ("gpt", "No."),
            ),
        },
        {
            "images": ["a.jpg"],
            "messages": talk(
                *("role", "content"),
                ("system", "Be short."),
                ("user", "<image>What is it?"),
                ("assistant", [{"type": "text", "text": "A dog."}]),
            ),
        },
    ],
)
@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_the_first_answer_of_a_conversation_is_the_caption(
    tmp_path: Path, record: dict[str, object], name: str
) -> None:
    file = tmp_path / name
    file.write_text(json.dumps([record] if name == "a.json" else record) + "\n")
    assert read_captions(file) == {"a.jpg": "A dog."}


def test_a_conversation_without_an_answer_is_no_caption() -> None:
    for turns in ([], [{"from": "human", "value": "What?"}], "gpt", [["gpt"]], [{}]):
        assert read_columns({"image": "a.jpg", "conversations": turns}, 1) == []
    several = {"images": ["a.jpg", "b.jpg"], "caption": "Which?"}
    assert read_columns(several, 1) == []


def test_lists_of_pictures_and_captions(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text(json.dumps({"images": ["a.jpg", "b.jpg"], "captions": ["A", "B"]}))
    assert read_captions(file) == {"a.jpg": "A", "b.jpg": "B"}


@pytest.mark.parametrize("column", SPLIT_COLUMNS)
@pytest.mark.parametrize("name", SPLIT_NAMES)
def test_a_column_may_name_the_split(tmp_path: Path, column: str, name: str) -> None:
    content = f"image,caption,{column}\na.jpg,A dog., {name.title()}\n"
    assert lines(tmp_path / "a.csv", content)[0].split == SPLIT_NAMES[name]


def test_an_unknown_split_is_told_and_loses_nothing(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("image,caption,split\na.jpg,A dog.,gold\nb.jpg,A cat.,\n")
    problems: list[str] = []
    assert [line.split for line in read_with_notes(file, problems)] == [None, None]
    said = "1 line of a.csv had a split that is none of train, dev and test: 2."
    assert problems == [said]
    problems.clear()
    assert len(read_captions(file, problems)) == 2
    assert problems == [said]


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_provenance_is_read(tmp_path: Path, name: str) -> None:
    said = {"by": "default@1", "edited": False, "accepted": True, "confidence": 0.5}
    row = {"image": "a.jpg", "caption": "A dog.", **said}
    content = json.dumps(row) + "\n"
    if name == "a.csv":
        values = ",".join(map(str, row.values()))
        content = f"{','.join(row)}\n{values}\nb.jpg,A cat.,,maybe,,7\n"
    first, *others = lines(tmp_path / name, content)
    assert first.provenance == Provenance("default@1", False, True, 0.5)
    assert all(other.provenance == Provenance() for other in others)


def test_the_document_lists_the_table() -> None:
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", DOCUMENT.read_text("utf-8"), re.M)
    told = {what: re.findall(r"`([^`]+)`", names) for what, names in rows}
    assert told["the picture"] == list(PICTURE_COLUMNS)
    assert told["its address; the end of it is the name"] == list(URL_COLUMNS)
    assert told["a conversation, whose first answer is the caption"] == list(
        CONVERSATION_COLUMNS
    )
    assert told["its number in COCO, or its name"] == list(IMAGE_ID_COLUMNS)
    assert told["the picture, where nothing above is there"] == list(ID_COLUMNS)
    assert told["the caption"] == list(CAPTION_COLUMNS)
    assert told["the split"] == list(SPLIT_COLUMNS)
    assert told["where the caption comes from"] == list(PROVENANCE_COLUMNS)
    assert told["why there is no caption"] == list(ERROR_COLUMNS)
    for split in ("train", "dev", "test"):
        names = [name for name, ours in SPLIT_NAMES.items() if ours == split]
        assert told[split] == names
