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
