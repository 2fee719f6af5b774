"""Token files, read with notes."""

from pathlib import Path

from dataset_folders import everything, made, tokens

from imagecap.datasets.dataset import load_dataset


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


def test_flickr30k_as_published(tmp_path: Path) -> None:
    root = made(
        tmp_path,
        {"results_20130124.token": tokens("a.jpg", "b.jpg", "c.jpg")},
        " ".join(f"flickr30k-images/{n}.jpg" for n in "abc"),
    )
    data = load_dataset(root)
    assert len(everything(data)) == 3
    assert data.report.problems == ()
