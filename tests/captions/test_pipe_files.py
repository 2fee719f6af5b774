"""Flickr30k's table with | between the cells."""

from pathlib import Path

import pytest
from dataset_folders import everything, made

from imagecap.datasets.dataset import load_dataset


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


def test_quotes_round_cells_are_no_part_of_them(tmp_path: Path) -> None:
    rows = (
        "image|caption\n"
        '1.jpg|"A ""boy"" jumps."\n'
        '"2.jpg"|"A dog | a cat."\n'
        "3.jpg|A man's hat.\n"
    )
    data = load_dataset(made(tmp_path, {"results.csv": rows}, "1.jpg 2.jpg 3.jpg"))
    assert everything(data) == {
        "1.jpg": ('A "boy" jumps.',),
        "2.jpg": ("A dog | a cat.",),
        "3.jpg": ("A man's hat.",),
    }
    assert data.report.problems == ()


def test_the_header_may_be_in_quotes(tmp_path: Path) -> None:
    rows = '"image"|"caption"\n"1.jpg"|"A boy."\n"2.jpg"|"A dog."\n'
    data = load_dataset(made(tmp_path, {"results.csv": rows}, "1.jpg 2.jpg"))
    assert everything(data) == {"1.jpg": ("A boy.",), "2.jpg": ("A dog.",)}


def test_quotes_round_words_anywhere_in_the_file_mean_nothing(tmp_path: Path) -> None:
    rows = 'image|caption\n1.jpg|"Stop"\n2.jpg|"Go" says a "sign"\n'
    data = load_dataset(made(tmp_path, {"results.csv": rows}, "1.jpg 2.jpg"))
    assert everything(data) == {"1.jpg": ('"Stop"',), "2.jpg": ('"Go" says a "sign"',)}
