import time
from pathlib import Path

import pytest

from imagecap.training.datasets import Dataset, DatasetError, load_dataset


def made(root: Path, files: dict[str, str | bytes], pictures: str = "") -> Path:
    """Writes a folder; pictures are empty, because reading captions opens none."""
    root.mkdir(exist_ok=True)
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    for name in pictures.split():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def names(data: Dataset) -> dict[str, list[str]]:
    return {
        split: [example.name for example in examples]
        for split, examples in data.splits.items()
    }


def everything(data: Dataset) -> dict[str, tuple[str, ...]]:
    return {
        example.name: example.captions
        for examples in data.splits.values()
        for example in examples
    }


def tokens(*pictures: str) -> str:
    return "".join(
        f"{name}#{index}\tCaption {index} of {name} .\n"
        for name in pictures
        for index in range(2)
    )


ORIGINAL = {
    "Flickr8k.token.txt": tokens("a.jpg", "b.jpg", "c.jpg"),
    "Flickr_8k.trainImages.txt": "b.jpg\n",
    "Flickr_8k.devImages.txt": "a.jpg\n",
    "Flickr_8k.testImages.txt": "c.jpg\n",
}


@pytest.mark.parametrize(
    "pictures", ["Flicker8k_Dataset", "Flickr8k_Dataset", "Images"]
)
@pytest.mark.parametrize("texts", ["", "Flickr8k_text/"])
def test_flickr8k_as_published(tmp_path: Path, texts: str, pictures: str) -> None:
    root = made(
        tmp_path / "Flickr 8k!",
        {texts + name: content for name, content in ORIGINAL.items()},
        f"{pictures}/a.jpg {pictures}/b.jpg {pictures}/c.jpg",
    )
    data = load_dataset(root)
    assert names(data) == {"train": ["b.jpg"], "dev": ["a.jpg"], "test": ["c.jpg"]}
    assert data.name == "flickr-8k"
    assert data.report.problems == ()
    (example,) = data.train
    assert example.path == root / pictures / "b.jpg"
    assert example.captions == ("Caption 0 of b.jpg .", "Caption 1 of b.jpg .")


def test_archives_each_unpacked_into_a_folder_of_its_own(tmp_path: Path) -> None:
    root = made(
        tmp_path,
        {"Flickr8k_text/" + name: content for name, content in ORIGINAL.items()},
        " ".join(f"Flickr8k_Dataset/Flicker8k_Dataset/{n}.jpg" for n in "abc")
        + " __MACOSX/Images/other.jpg Flickr8k_Dataset/Flicker8k_Dataset/._a.jpg",
    )
    data = load_dataset(root)
    assert names(data) == {"train": ["b.jpg"], "dev": ["a.jpg"], "test": ["c.jpg"]}
    assert data.report.problems == ()


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


def listed(tmp_path: Path, **lists: str) -> Dataset:
    """A data set of ten pictures, 0.jpg to 9.jpg, with the lists given."""
    files = {"Flickr8k.token.txt": tokens(*(f"{n}.jpg" for n in range(10)))}
    for split, numbers in lists.items():
        content = "".join(f"{number}.jpg\n" for number in numbers)
        files[f"Flickr_8k.{split}Images.txt"] = content
    pictures = " ".join(f"Images/{n}.jpg" for n in range(10))
    return load_dataset(made(tmp_path / "data", files, pictures))


def test_pictures_in_no_list_stay_out(tmp_path: Path) -> None:
    data = listed(tmp_path, train="01234", dev="56", test="7")
    assert len(everything(data)) == 8
    assert data.report.problems == (
        "2 pictures stood in no list and stayed out: 8.jpg, 9.jpg.",
    )


def test_no_picture_is_in_two_splits(tmp_path: Path) -> None:
    data = listed(tmp_path, train="01234", dev="4567", test="0789")
    assert names(data)["dev"] == ["5.jpg", "6.jpg", "7.jpg"]
    assert names(data)["test"] == ["8.jpg", "9.jpg"]
    assert data.report.problems == (
        "1 picture of the dev list stayed in an earlier list: 4.jpg.",
        "2 pictures of the test list stayed in an earlier list: 0.jpg, 7.jpg.",
    )


def test_without_a_dev_list_dev_comes_from_train(tmp_path: Path) -> None:
    data = listed(tmp_path, train="01234567", test="89")
    (dev,) = names(data)["dev"]
    assert len(data.train) == 7
    assert names(data)["test"] == ["8.jpg", "9.jpg"]
    assert data.report.problems == (f"1 picture became dev for want of a list: {dev}.",)


def test_without_a_test_list_there_is_no_test(tmp_path: Path) -> None:
    data = listed(tmp_path, train="01234567", dev="89")
    assert data.test == ()
    assert data.report.problems == ()


def test_without_a_train_list_train_is_the_rest(tmp_path: Path) -> None:
    data = listed(tmp_path, dev="0", test="12")
    assert len(data.train) == 7
    (problem,) = data.report.problems
    assert problem.startswith("7 pictures stood in no list and became train: 3.jpg,")


def test_unknown_names_in_a_list_and_an_empty_list(tmp_path: Path) -> None:
    data = listed(tmp_path, train="012345678", dev="9x", test="")
    assert names(data)["dev"] == ["9.jpg"]
    assert data.report.problems == (
        "1 list was empty: Flickr_8k.testImages.txt.",
        "1 picture of the dev list had no caption or file: x.jpg.",
    )


def generic(root: Path, numbers: list[int]) -> Path:
    rows = [f"{number}.jpg,Text {number}" for number in numbers]
    pictures = " ".join(f"images/{number}.jpg" for number in numbers)
    return made(root, {"captions.csv": "\n".join(["image,caption", *rows])}, pictures)


def test_a_split_by_chance_is_even_repeatable_and_blind_to_order(
    tmp_path: Path,
) -> None:
    numbers = list(range(100))
    first = load_dataset(generic(tmp_path / "first", numbers))
    second = load_dataset(generic(tmp_path / "second", numbers[::-1]))
    assert [len(part) for part in first.splits.values()] == [80, 10, 10]
    assert len(everything(first)) == 100
    assert names(first) == names(second)
    assert names(load_dataset(tmp_path / "first", seed=1)) != names(first)
    smaller = load_dataset(tmp_path / "first", dev_fraction=0.05)
    assert [len(part) for part in smaller.splits.values()] == [90, 5, 5]


@pytest.mark.parametrize(
    ("count", "sizes"), [(1, [1, 0, 0]), (2, [1, 1, 0]), (3, [1, 1, 1]), (4, [2, 1, 1])]
)
def test_tiny_sets_are_divided_too(
    tmp_path: Path, count: int, sizes: list[int]
) -> None:
    data = load_dataset(generic(tmp_path, list(range(count))))
    assert [len(part) for part in data.splits.values()] == sizes


def test_a_name_given_is_made_fit_for_a_file(tmp_path: Path) -> None:
    root = generic(tmp_path, [1])
    assert load_dataset(root, name="My own: photos/2024").name == "my-own-photos-2024"
    assert load_dataset(root, name="...").name == "dataset"


@pytest.mark.parametrize(
    ("files", "pictures", "message"),
    [
        ({}, "Images/a.jpg", r"holds no captions; put one of Flickr8k\.token\.txt"),
        (
            {"captions.txt": "image,caption\n"},
            "",
            r"no pictures; put them into .*Images",
        ),
        (
            {"captions.txt": ""},
            "Images/a.jpg",
            r"captions\.txt must begin with the line",
        ),
        (
            {"captions.csv": "a.jpg,A dog ."},
            "Images/a.jpg",
            r"captions\.csv must begin",
        ),
        ({"Flickr8k.token.txt": ""}, "Images/a.jpg", "no picture to train on"),
        (
            {"captions.csv": "image,caption\nb.jpg,A dog ."},
            "images/a.jpg",
            r"no picture to train on\. 1 picture had captions .* b\.jpg \(line 2\)",
        ),
        (
            ORIGINAL | {"Flickr_8k.trainImages.txt": "z.jpg"},
            "Images/a.jpg Images/b.jpg Images/c.jpg",
            r"no picture to train on\. 1 picture of the train list .* z\.jpg",
        ),
    ],
)
def test_what_is_no_data_set_is_a_clear_error(
    tmp_path: Path, files: dict[str, str | bytes], pictures: str, message: str
) -> None:
    with pytest.raises(DatasetError, match=message):
        load_dataset(made(tmp_path, files, pictures))


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"There is no folder .*nowhere"):
        load_dataset(tmp_path / "nowhere")


def test_names_that_lead_elsewhere_are_only_missing(tmp_path: Path) -> None:
    rows = "image,caption\n../secret.jpg,Text\nimages/a.jpg,Text\na.jpg,Text"
    root = made(tmp_path / "data", {"captions.csv": rows}, "images/a.jpg ../secret.jpg")
    data = load_dataset(root)
    assert everything(data) == {"a.jpg": ("Text",)}
    (problem,) = data.report.problems
    assert "../secret.jpg (line 2), images/a.jpg (line 3)" in problem


def test_many_captions_are_read_at_once(tmp_path: Path) -> None:
    pictures = [f"{number}.jpg" for number in range(2000)]
    root = made(
        tmp_path,
        {"Flickr8k.token.txt": "".join(map(tokens, pictures * 9))},
        " ".join(f"Images/{name}" for name in pictures),
    )
    started = time.perf_counter()
    data = load_dataset(root)
    assert time.perf_counter() - started < 3
    assert sum(map(len, everything(data).values())) == 36_000
