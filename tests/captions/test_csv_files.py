import json
from pathlib import Path

import pytest
from dataset_folders import everything, made, names, tokens

from imagecap.datasets.dataset import load_dataset
from imagecap.datasets.errors import DatasetError


@pytest.mark.parametrize("captions", ["captions.txt", "captions.csv"])
def test_comma_separated_captions(tmp_path: Path, captions: str) -> None:
    rows = (
        "image,caption\n"
        "a.jpg,A dog runs .\n"
        'a.jpg,"A dog , wet , says ""wuff"" ."\n'
        "b.jpg,A cat, sleeping .\n"
        'c.jpg,"Two lines\nof text ."\n'
    )
    root = made(tmp_path, {captions: rows}, "images/a.jpg images/b.jpg images/c.jpg")
    data = load_dataset(root)
    assert everything(data) == {
        "a.jpg": ("A dog runs .", 'A dog , wet , says "wuff" .'),
        "b.jpg": ("A cat, sleeping .",),
        "c.jpg": ("Two lines\nof text .",),
    }
    assert data.report.problems == ()
    assert [len(part) for part in data.splits.values()] == [1, 1, 1]


def test_a_quote_left_open_swallows_nothing(tmp_path: Path) -> None:
    rows = ["image,caption", 'a.jpg,"A dog', *(f"{n}.jpg,Text {n}" for n in range(30))]
    pictures = " ".join(f"images/{name}.jpg" for name in ["a", *range(30)])
    data = load_dataset(made(tmp_path, {"captions.csv": "\n".join(rows)}, pictures))
    assert len(everything(data)) == 30
    assert data.report.problems == (
        "1 line of captions.csv could not be read: 2.",
        "1 picture had no caption: a.jpg.",
    )


def test_windows_line_ends_and_byte_order_mark(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbfimage,caption\r\na.jpg,A dog .\r\nb.jpg,A cat .\r\n"
    root = made(tmp_path, {"captions.csv": content}, "images/a.jpg images/b.jpg")
    data = load_dataset(root)
    assert everything(data) == {"a.jpg": ("A dog .",), "b.jpg": ("A cat .",)}
    assert data.report.problems == ()


def test_everything_odd_is_reported_with_its_lines(tmp_path: Path) -> None:
    content = (
        "a.jpg#0\tA dog .\n"
        "\n"
        "a.jpg#1\t  \n"
        "no tab and no number\n"
        "b.jpg#0\tA caf\xe9 .\n"
        "2258277193_586949ec62.jpg.1#0\tsome people .\n"
        "gone.jpg#0\tOne .\n"
        "gone.jpg#1\tTwo .\n"
        "a.jpg#2\tA dog .\n"
        "b.jpg\tno number .\n"
    ).encode("latin-1")
    root = made(
        tmp_path,
        {"Flickr8k.token.txt": content},
        "Images/a.jpg Images/b.jpg Images/c.jpg",
    )
    data = load_dataset(root)
    assert everything(data) == {"a.jpg": ("A dog .", "A dog ."), "b.jpg": ("A café .",)}
    assert data.report.problems == (
        "1 line of Flickr8k.token.txt held nothing: 2.",
        "1 line of Flickr8k.token.txt read as Windows-1252, not UTF-8: 5.",
        "2 lines of Flickr8k.token.txt could not be read: 4, 10.",
        "1 line of Flickr8k.token.txt had no caption: 3.",
        "1 line of Flickr8k.token.txt repeated a caption and stayed: 9.",
        "2 pictures had captions (3 in all) but no file: "
        "2258277193_586949ec62.jpg.1 (line 6), gone.jpg (line 7).",
        "1 picture had no caption: c.jpg.",
    )


def test_long_reports_are_cut_but_counted(tmp_path: Path) -> None:
    content = "a.jpg#0\tA dog .\n" + "broken\n" * 1234
    root = made(tmp_path, {"Flickr8k.token.txt": content}, "Images/a.jpg")
    (problem,) = load_dataset(root).report.problems
    assert problem == (
        "1,234 lines of Flickr8k.token.txt could not be read: "
        "2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 1,224 more."
    )


def test_half_a_character_is_replaced(tmp_path: Path) -> None:
    lines = '{"file_name": "a.jpg", "text": "A dog \\ud83d."}\n'
    data = load_dataset(made(tmp_path, {"captions.jsonl": lines}, "a.jpg"))
    assert everything(data) == {"a.jpg": ("A dog \ufffd.",)}


@pytest.mark.parametrize(
    "pictures",
    [
        "flickr30k_images",
        "flickr30k-images",
        "flickr30k_images/flickr30k_images",
    ],
)
@pytest.mark.parametrize("captions", ["results.csv", "flickr30k_images/results.csv"])
def test_flickr30k_from_kaggle(tmp_path: Path, captions: str, pictures: str) -> None:
    rows = (
        "image_name| comment_number| comment\n"
        '1.jpg| 0| Two young guys , "shaggy" hair .\n'
        "1.jpg| 1| A | between words .\n"
        "2199200615.jpg| 3| A dog runs .\n"
        "2199200615.jpg| 4   A dog runs across the grass .\n"
        "broken\n"
        "3.jpg| 0|\n"
        "3.jpg| 1| A man .\n"
    )
    root = made(
        tmp_path,
        {captions: rows},
        " ".join(f"{pictures}/{n}.jpg" for n in (1, 2199200615, 3)),
    )
    data = load_dataset(root)
    assert everything(data) == {
        "1.jpg": ('Two young guys , "shaggy" hair .', "A | between words ."),
        "2199200615.jpg": ("A dog runs .", "A dog runs across the grass ."),
        "3.jpg": ("A man .",),
    }
    assert data.report.problems == (
        "1 line of results.csv could not be read: 6.",
        "1 line of results.csv lacked a | and was read without it: 5.",
        "1 line of results.csv had no caption: 7.",
    )


def test_flickr30k_as_published(tmp_path: Path) -> None:
    root = made(
        tmp_path,
        {"results_20130124.token": tokens("a.jpg", "b.jpg", "c.jpg")},
        " ".join(f"flickr30k-images/{n}.jpg" for n in "abc"),
    )
    data = load_dataset(root)
    assert len(everything(data)) == 3
    assert data.report.problems == ()


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


def test_image_folder_with_metadata_as_csv(tmp_path: Path) -> None:
    rows = "file_name,text\na.jpg,One\n"
    data = load_dataset(made(tmp_path, {"metadata.csv": rows}, "a.jpg"))
    assert everything(data) == {"a.jpg": ("One",)}


def test_a_text_file_beside_each_picture(tmp_path: Path) -> None:
    root = made(
        tmp_path,
        {
            "cats/1.txt": "\ufeffA cat.\r\n\r\n  A tabby. \r\n",
            "dogs/1.txt": "A dog.\nA dog.",
            "2.txt": " \n",
            "notes.txt": "These are my photographs.",
        },
        "cats/1.jpg dogs/1.PNG 2.jpg 3.jpg",
    )
    data = load_dataset(root)
    assert everything(data) == {
        "1.jpg": ("A cat.", "A tabby."),
        "1.PNG": ("A dog.", "A dog."),
    }
    assert data.report.problems == (
        "1 line of the text files had no caption: 2.txt.",
        "1 line of the text files repeated a caption and stayed: dogs/1.txt line 2.",
    )


@pytest.mark.parametrize("name", ["mine.csv", "mine.jsonl", "mine.token"])
def test_one_file_alone_gives_the_captions(tmp_path: Path, name: str) -> None:
    contents = {
        "mine.csv": "image,caption\na.jpg,One\n",
        "mine.jsonl": jsonl(("a.jpg", "One")),
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
