"""CSV with a header, read with notes."""

from pathlib import Path

import pytest
from dataset_folders import everything, made

from imagecap.captions.caption_files import read_captions, read_with_notes
from imagecap.captions.problems import CaptionFileError
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


TABLE = 'image{0}caption\na.jpg{0}"A dog{0} wet."\nb.jpg{0}Ein Bär.\n'


@pytest.mark.parametrize("delimiter", ",;\t")
@pytest.mark.parametrize(
    ("encoding", "notes"),
    [
        ("utf-8", []),
        ("utf-8-sig", []),
        ("utf-16", ["captions.csv is not UTF-8 and was read as UTF-16."]),
        ("utf-16-le", ["captions.csv is not UTF-8 and was read as UTF-16."]),
        ("utf-16-be", ["captions.csv is not UTF-8 and was read as UTF-16."]),
        (
            "cp1252",
            ["1 line of captions.csv read as Windows-1252, not UTF-8: 3."],
        ),
    ],
)
def test_separators_and_encodings(
    tmp_path: Path, delimiter: str, encoding: str, notes: list[str]
) -> None:
    content = TABLE.format(delimiter).encode(encoding)
    file = made(tmp_path, {"captions.csv": content}, "a.jpg b.jpg") / "captions.csv"
    data = load_dataset(tmp_path)
    said = {"a.jpg": f"A dog{delimiter} wet.", "b.jpg": "Ein Bär."}
    assert everything(data) == {name: (text,) for name, text in said.items()}
    assert list(data.report.problems) == notes
    problems: list[str] = []
    assert read_captions(file, problems) == said
    assert problems == notes


def test_a_table_of_a_spreadsheet(tmp_path: Path) -> None:
    rows = (
        "sep=;\r\nBild;Image;Caption\r\n1;a.jpg;A dog; wet.;;\r\n2;b.jpg;A cat.;;\r\n"
    )
    (tmp_path / "a.csv").write_text(rows)
    assert read_captions(tmp_path / "a.csv") == {
        "a.jpg": "A dog; wet.",
        "b.jpg": "A cat.",
    }


def test_a_comma_without_quotes_before_other_columns(tmp_path: Path) -> None:
    rows = "file_name,text,license\na.jpg,A dog, wet, runs.,cc0\nb.jpg,A cat.,cc0\n"
    (tmp_path / "a.csv").write_text(rows)
    assert read_captions(tmp_path / "a.csv")["a.jpg"] == "A dog, wet, runs."


def test_quotes_between_tabs_mean_nothing_where_they_do_not_fit(tmp_path: Path) -> None:
    rows = 'image\tcaption\na.jpg\t"Rex" runs.\nb.jpg\tA 6" cat\n'
    (tmp_path / "a.tsv").write_text(rows)
    assert read_captions(tmp_path / "a.tsv") == {
        "a.jpg": '"Rex" runs.',
        "b.jpg": 'A 6" cat',
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a.jpg,A dog.\n", r"has no header but begins with “a\.jpg,A dog\.”\.$"),
        ("width;height\n1;2\n", r"begins with “width;height”\.$"),
        ("", r"it is empty\.$"),
    ],
)
def test_the_header_that_was_found_is_quoted(
    tmp_path: Path, content: str, message: str
) -> None:
    (tmp_path / "a.csv").write_text(content)
    with pytest.raises(CaptionFileError, match=message):
        read_captions(tmp_path / "a.csv")


@pytest.mark.parametrize("delimiter", ["\t", ",", ";", "|", "| "])
@pytest.mark.parametrize("name", ["captions.txt", "captions.tsv"])
def test_a_picture_a_number_and_a_caption_need_no_header(
    tmp_path: Path, delimiter: str, name: str
) -> None:
    file = tmp_path / name
    rows = [
        ("a.jpg", "0", "A dog, black."),
        ("a.jpg", "1", "A pup."),
        ("b.PNG", "0", "A cat."),
    ]
    file.write_text("".join(delimiter.join(row) + "\n" for row in rows))
    problems: list[str] = []
    found = [
        (line.picture, line.caption, line.number)
        for line in read_with_notes(file, problems)
    ]
    assert found == [
        (picture, caption, number)
        for number, (picture, _, caption) in enumerate(rows, start=1)
    ]
    assert problems == [
        f"{name} has no header and was read as picture, number and caption."
    ]
    assert len(read_captions(file)) == 2


def test_a_token_file_of_another_name(tmp_path: Path) -> None:
    content = "a.jpg#zhb#0 一只狗。\nb.jpg#1\tA cat.\nc.jpg#enc#2\tA bird.\n"
    (tmp_path / "captions.txt").write_text(content, encoding="utf-8")
    assert read_captions(tmp_path / "captions.txt") == {
        "a.jpg": "一只狗。",
        "b.jpg": "A cat.",
        "c.jpg": "A bird.",
    }
