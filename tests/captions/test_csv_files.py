"""CSV with a header, read with notes."""

from pathlib import Path

import pytest
from dataset_folders import everything, made

from imagecap.datasets.dataset import load_dataset


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


def test_image_folder_with_metadata_as_csv(tmp_path: Path) -> None:
    rows = "file_name,text\na.jpg,One\n"
    data = load_dataset(made(tmp_path, {"metadata.csv": rows}, "a.jpg"))
    assert everything(data) == {"a.jpg": ("One",)}
