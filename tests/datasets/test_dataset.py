import time
from pathlib import Path

import pytest
from dataset_folders import ORIGINAL, everything, made, names, tokens
from permissions import as_nobody

from imagecap.datasets.dataset import (
    Dataset,
    limit_captions,
    load_dataset,
)
from imagecap.datasets.errors import DatasetError


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


def test_a_limit_takes_whole_pictures_by_seed(tmp_path: Path) -> None:
    pictures = [f"{number}.jpg" for number in range(40)]
    files = {
        "Flickr8k.token.txt": tokens(*pictures),
        "trainImages.txt": "\n".join(pictures[:30]),
        "devImages.txt": "\n".join(pictures[30:]),
    }
    images = " ".join(f"Images/{name}" for name in pictures)
    whole = load_dataset(made(tmp_path, files, images))
    limited = limit_captions(whole, 21, seed=1)
    assert limited.dev == whole.dev
    assert [len(example.captions) for example in limited.train] == [2] * 11
    assert set(limited.train) < set(whole.train)
    assert limited.train == tuple(sorted(limited.train, key=lambda item: item.name))
    assert limited.report.problems == (
        "11 of 30 train pictures were chosen, with 22 captions.",
    )
    assert limit_captions(whole, 21, seed=1) == limited
    assert limit_captions(whole, 21, seed=2).train != limited.train
    assert set(limited.train) < set(limit_captions(whole, 30, seed=1).train)
    assert limit_captions(whole, 10_000, seed=1).train == whole.train


def test_many_captions_are_read_at_once(tmp_path: Path) -> None:
    pictures = [f"{number}.jpg" for number in range(2000)]
    root = made(
        tmp_path,
        {"Flickr8k.token.txt": "".join(map(tokens, pictures * 9))},
        " ".join(f"Images/{name}" for name in pictures),
    )
    started = time.process_time()
    data = load_dataset(root)
    assert time.process_time() - started < 3
    assert sum(map(len, everything(data).values())) == 36_000


def test_without_a_picture_for_train_all_are_divided(tmp_path: Path) -> None:
    root = generic(tmp_path, list(range(10)))
    (root / "testImages.txt").write_text("".join(f"{n}.jpg\n" for n in range(10)))
    data = load_dataset(root)
    assert [len(part) for part in data.splits.values()] == [8, 1, 1]
    said = "No picture was left for train, so all were divided at random."
    assert data.report.problems == (said,)
    scored = load_dataset(root, needs_train=False)
    assert [len(part) for part in scored.splits.values()] == [0, 0, 10]
    assert scored.report.problems == ()


def test_all_splits_together(tmp_path: Path) -> None:
    data = load_dataset(generic(tmp_path, list(range(10))))
    assert [example.name for example in data.of("all")] == sorted(everything(data))
    assert data.of("dev") == data.dev


@pytest.mark.parametrize("mode", [0o000, 0o444, 0o111])
@pytest.mark.parametrize("forbidden", ["priv", "train", "Images/deep"])
def test_a_forbidden_folder_is_left_out_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forbidden: str, mode: int
) -> None:
    files = {"captions.txt": "image,caption\na.jpg,A boy.\nb.jpg,A dog.\n"}
    root = made(tmp_path / "ev", files, f"Images/a.jpg Images/b.jpg {forbidden}/c.jpg")
    tmp_path.chmod(0o755)
    monkeypatch.chdir(root)
    # Nobody may be barred from Python's own folders, so all is imported before.
    before = everything(load_dataset(Path()))
    (root / forbidden).chmod(mode)
    try:
        with as_nobody():
            data = load_dataset(Path())
    finally:
        (root / forbidden).chmod(0o755)
    assert everything(data) == before
    assert before == {"a.jpg": ("A boy.",), "b.jpg": ("A dog.",)}
    assert data.report.problems == (
        f"1 folder could not be read and stayed out: {forbidden}.",
    )
