"""Captions of others, read from files good and bad."""

import json
from pathlib import Path

import pytest

from imagecap.evaluation.evaluate import EvaluationError
from imagecap.evaluation.results import read_results

IDS = {"a.jpg": 1, "b.jpg": 2}
CAPTIONS = {"a.jpg": "a dog", "b.jpg": "two cats, one hat"}


def read(folder: Path, content: object, name: str = "results.json") -> dict[str, str]:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return read_results(path, IDS, "made-up, dev")


def entries(*pairs: tuple[object, object]) -> list[dict[str, object]]:
    return [{"image_id": key, "caption": caption} for key, caption in pairs]


def test_numbers_and_names_are_known(tmp_path: Path) -> None:
    content = entries((2, CAPTIONS["b.jpg"]), ("a.jpg", CAPTIONS["a.jpg"]))
    assert read(tmp_path, content) == CAPTIONS


def test_csv_is_read(tmp_path: Path) -> None:
    content = 'image,caption\r\nb.jpg,"two cats, one hat"\r\na.jpg,a dog\r\n\r\n'
    assert read(tmp_path, content, "results.CSV") == CAPTIONS


def test_json_lines_are_read(tmp_path: Path) -> None:
    lines = [
        {"file_name": "b.jpg", "text": CAPTIONS["b.jpg"]},
        {"image_id": 1, "caption": CAPTIONS["a.jpg"]},
    ]
    content = "\r\n".join(map(json.dumps, lines)) + "\r\n"
    assert read(tmp_path, content, "results.jsonl") == CAPTIONS
    with pytest.raises(EvaluationError, match=r"Line 2 of .*\.jsonl is not JSON"):
        read(tmp_path, content.replace("1", ""), "results.jsonl")


def test_file_names_may_lack_their_ends_and_numbers_be_text(tmp_path: Path) -> None:
    content = entries(("2", CAPTIONS["b.jpg"]), ("a", CAPTIONS["a.jpg"]))
    assert read(tmp_path, content) == CAPTIONS
    path = tmp_path / "results.json"
    path.write_text(json.dumps(entries(("a", "x"))))
    with pytest.raises(EvaluationError, match="not in dev: a "):
        read_results(path, {"a.jpg": 1, "a.png": 2}, "dev")


def test_half_a_character_is_replaced(tmp_path: Path) -> None:
    content = entries((1, "a dog \ud83d"), (2, "cats"))
    assert read(tmp_path, content)["a.jpg"] == "a dog \ufffd"


def test_an_empty_caption_is_a_caption(tmp_path: Path) -> None:
    assert read(tmp_path, entries((1, ""), (2, "cats")))["a.jpg"] == ""


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (entries((1, "a dog")), r"no caption for pictures of made-up, dev: b\.jpg \(1"),
        (entries((1, "x"), (2, "y"), (7, "z")), r"not in made-up, dev: 7 \(1 in all\)"),
        (entries((1, "x"), ("c.jpg", "y")), r"not in made-up, dev: c\.jpg"),
        (entries((1, "x"), ("a.jpg", "y")), r"more than one caption .*: a\.jpg"),
        (entries((1, "x"), (True, "y")), "Entry 2 .* needs an image_id"),
        (entries((1, None)), "Entry 1 .* needs an image_id"),
        (["a dog"], "Entry 1 .* needs an image_id"),
        ({"annotations": []}, "not a list of captions"),
        ("[" * 100_000, "not JSON"),
        ("not JSON", "not JSON"),
        ("", "not JSON"),
    ],
)
def test_bad_json_is_one_sentence(
    tmp_path: Path, content: object, message: str
) -> None:
    with pytest.raises(EvaluationError, match=message):
        read(tmp_path, content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "must begin with the line image,caption"),
        ("thing,text\na.jpg,a dog\n", "must begin with the line image,caption"),
        ("image,caption\na.jpg,a dog, a cat\n", "Line 2 .* in quotes"),
        ('image,caption\na.jpg,"a dog\n', "Line 2 .* is not CSV"),
    ],
)
def test_bad_csv_is_one_sentence(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(EvaluationError, match=message):
        read(tmp_path, content, "results.csv")


def test_many_names_are_cut_short(tmp_path: Path) -> None:
    content = entries((1, "x"), (2, "y"), *((n, "z") for n in range(10, 30)))
    with pytest.raises(EvaluationError, match=r"10, 11, 12, 13, 14, … \(20 in all\)"):
        read(tmp_path, content)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match=r"missing\.json cannot be read"):
        read_results(tmp_path / "missing.json", IDS, "dev")
    (tmp_path / "latin.json").write_bytes(b'["caf\x81"]')
    with pytest.raises(EvaluationError, match="UTF-8"):
        read_results(tmp_path / "latin.json", IDS, "dev")
