"""Captions gathered from text files beside pictures."""

from pathlib import Path

from dataset_folders import everything, made

from imagecap.datasets.dataset import load_dataset


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
