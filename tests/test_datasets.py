import json
import os
import sys
import time
from pathlib import Path

import pytest

from imagecap.training.datasets import (
    Dataset,
    DatasetError,
    join_train,
    limit_captions,
    load_dataset,
)


def made(root: Path, files: dict[str, str | bytes], pictures: str = "") -> Path:
    """Writes a folder; pictures are empty, because reading captions opens none."""
    root.mkdir(parents=True, exist_ok=True)
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


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_names_that_are_no_text_are_taken_all_the_same(tmp_path: Path) -> None:
    for number in range(3):
        stem = os.fsdecode(b"caf\xe9%d" % number)
        made(tmp_path, {f"{stem}.txt": "A dog."}, f"{stem}.jpg")
    made(tmp_path, {}, os.fsdecode(b"th\xe9.jpg"))
    data = load_dataset(tmp_path)
    assert sorted(everything(data)) == [f"caf\\udce9{n}.jpg" for n in range(3)]
    assert all(example.path.exists() for example in data.train)
    assert data.report.problems == ("1 picture had no caption: th\\udce9.jpg.",)


def test_half_a_character_is_replaced(tmp_path: Path) -> None:
    lines = '{"file_name": "a.jpg", "text": "A dog \\ud83d."}\n'
    data = load_dataset(made(tmp_path, {"captions.jsonl": lines}, "a.jpg"))
    assert everything(data) == {"a.jpg": ("A dog \ufffd.",)}


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"There is no folder .*nowhere"):
        load_dataset(tmp_path / "nowhere")


def test_names_that_lead_elsewhere_are_only_missing(tmp_path: Path) -> None:
    rows = "image,caption\n../secret.jpg,Text\n/etc/a.jpg,Text\na.jpg,Text"
    root = made(tmp_path / "data", {"captions.csv": rows}, "images/a.jpg ../secret.jpg")
    data = load_dataset(root)
    assert everything(data) == {"a.jpg": ("Text",)}
    (problem,) = data.report.problems
    assert "../secret.jpg (line 2), /etc/a.jpg (line 3)" in problem


FLICKR30K_HEADER = "image_name| comment_number| comment\n"


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
        {captions: FLICKR30K_HEADER + rows},
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


def test_a_second_copy_of_the_pictures_deeper_down_is_left_alone(
    tmp_path: Path,
) -> None:
    rows = FLICKR30K_HEADER + "".join(f"{n}.jpg| 0| Text {n} .\n" for n in "abc")
    outer, inner = "flickr30k_images", "flickr30k_images/flickr30k_images"
    root = made(
        tmp_path,
        {"results.csv": rows},
        " ".join(f"{folder}/{n}.jpg" for folder in (outer, inner) for n in "abc"),
    )
    data = load_dataset(root)
    assert {example.path.parent for example in data.train} == {root / outer}
    assert data.report.problems == ()


def coco(*numbers: int, folder: str = "") -> str:
    """MS-COCO captions, two for each picture."""
    return json.dumps(
        {
            "info": {"year": 2017},
            "licenses": [],
            "images": [
                {"id": n, "file_name": f"{folder}{n:012}.jpg", "height": 1}
                for n in numbers
            ],
            "annotations": [
                {"id": 9 * n + k, "image_id": n, "caption": f"Caption {k} of {n}.\n"}
                for k in range(2)
                for n in numbers
            ],
        }
    )


@pytest.mark.parametrize("images", ["", "images/"])
def test_coco_with_its_own_splits(tmp_path: Path, images: str) -> None:
    root = made(
        tmp_path,
        {
            "annotations/captions_train2017.json": coco(1, 2, 3),
            "annotations/captions_val2017.json": coco(4),
            "annotations/instances_val2017.json": "[]",
        },
        " ".join(f"{images}train2017/{n:012}.jpg" for n in (1, 2, 3))
        + f" {images}val2017/{4:012}.jpg {images}test2017/{5:012}.jpg",
    )
    data = load_dataset(root)
    assert names(data) == {
        "train": [f"{n:012}.jpg" for n in (1, 2, 3)],
        "dev": [f"{4:012}.jpg"],
        "test": [],
    }
    assert data.dev[0].captions == ("Caption 0 of 4.", "Caption 1 of 4.")
    assert data.dev[0].path == root / f"{images}val2017" / f"{4:012}.jpg"
    assert data.report.problems == ()


def test_coco_of_two_years_is_read_once(tmp_path: Path) -> None:
    """The photographs of val2014 are, for the most part, in train2017."""
    files = {
        f"annotations/captions_{split}{year}.json": coco(number)
        for year in (2014, 2017)
        for split, number in (("train", 1), ("val", 2))
    }
    root = made(tmp_path, files, f"train2014/{1:012}.jpg val2014/{2:012}.jpg")
    data = load_dataset(root)
    assert len(data.train) == len(data.dev) == 1
    assert data.report.problems == (
        "2 files stayed out, for those of 2014 are used: "
        "captions_train2017.json, captions_val2017.json.",
    )


def karpathy(**pictures: str) -> str:
    """A split file of Karpathy's; by name of the picture, its folder and split."""
    images = []
    for number, (stem, place) in enumerate(pictures.items()):
        folder, split = place.split()
        image = {
            "filename": f"{stem}.jpg",
            "imgid": number,
            "split": split,
            "sentids": [number],
            "sentences": [
                {
                    "tokens": ["a", "text"],
                    "raw": f"Text of {stem}.",
                    "imgid": number,
                    "sentid": number,
                }
            ],
        }
        images.append(image if folder == "-" else {**image, "filepath": folder})
    return json.dumps({"images": images, "dataset": "coco"})


def test_karpathys_splits_decide(tmp_path: Path) -> None:
    content = karpathy(
        a="train2014 train",
        b="val2014 restval",
        c="val2014 val",
        d="val2014 test",
        e="val2014 elsewhere",
    )
    root = made(
        tmp_path,
        {
            "dataset_coco.json": content,
            "annotations/captions_train2014.json": coco(1),
        },
        "train2014/a.jpg val2014/b.jpg val2014/c.jpg val2014/d.jpg val2014/e.jpg",
    )
    for data in (load_dataset(root), load_dataset(root / "dataset_coco.json")):
        assert names(data) == {
            "train": ["a.jpg", "b.jpg"],
            "dev": ["c.jpg"],
            "test": ["d.jpg"],
        }
        assert data.train[1].captions == ("Text of b.",)
        assert data.report.problems == (
            "1 record of dataset_coco.json had an unknown split: 5.",
            "1 picture had no caption: e.jpg.",
        )


@pytest.mark.parametrize("folder", ["Images", "Flicker8k_Dataset", "images/val2014"])
def test_karpathys_splits_with_pictures_in_one_folder(
    tmp_path: Path, folder: str
) -> None:
    root = made(
        tmp_path,
        {"dataset_flickr8k.json": karpathy(a="- train", b="- val", c="- test")},
        " ".join(f"{folder}/{n}.jpg" for n in "abc"),
    )
    assert names(load_dataset(root)) == {
        "train": ["a.jpg"],
        "dev": ["b.jpg"],
        "test": ["c.jpg"],
    }


def test_karpathys_paths_with_all_pictures_in_one_folder(tmp_path: Path) -> None:
    content = karpathy(a="train2014 train", b="val2014 val", c="val2014 test")
    pictures = " ".join(f"images/{n}.jpg" for n in "abc")
    root = made(tmp_path, {"dataset_coco.json": content}, pictures)
    assert len(everything(load_dataset(root))) == 3


def test_which_of_karpathys_files_must_be_said(tmp_path: Path) -> None:
    content = karpathy(a="- train")
    root = made(
        tmp_path,
        {"dataset_coco.json": content, "dataset_flickr8k.json": content},
        "Images/a.jpg",
    )
    with pytest.raises(DatasetError, match=r"--data .*dataset_coco\.json"):
        load_dataset(root)
    assert names(load_dataset(root / "dataset_flickr8k.json"))["train"] == ["a.jpg"]


def test_one_file_of_coco_is_divided_at_random(tmp_path: Path) -> None:
    root = made(
        tmp_path,
        {
            "annotations/captions_train2017.json": coco(99),
            "annotations/captions_val2017.json": coco(*range(20)),
        },
        " ".join(f"val2017/{n:012}.jpg" for n in range(20)),
    )
    data = load_dataset(root / "annotations" / "captions_val2017.json")
    assert [len(part) for part in data.splits.values()] == [16, 2, 2]


def test_odd_records_of_json_are_counted(tmp_path: Path) -> None:
    content = {
        "images": [
            {"id": 1, "file_name": "a.jpg"},
            {"id": 1, "file_name": "b.jpg"},
            {"id": [2], "file_name": "c.jpg"},
            "no picture",
        ],
        "annotations": [
            {"image_id": 1, "caption": "A dog."},
            {"image_id": 7, "caption": "A cat."},
            {"image_id": 1, "caption": None},
            {"image_id": 1},
            {"image_id": 1, "caption": "  "},
            3,
        ],
    }
    root = made(tmp_path, {"own.json": json.dumps(content)}, "a.jpg")
    data = load_dataset(root / "own.json")
    assert everything(data) == {"a.jpg": ("A dog.",)}
    assert data.report.problems == (
        "3 image records of own.json could not be read or came twice: 2, 3, 4.",
        "3 records of own.json could not be read: 3, 4, 6.",
        "1 record of own.json named a picture that it does not list: 2.",
        "1 record of own.json had no caption: 5.",
    )


@pytest.mark.parametrize(
    "content",
    [
        coco(1)[:-30],
        "",
        "[" * 100_000,
        b"\xff\xfe{",
        b"\x00" * 100,
    ],
)
def test_damaged_json_is_named(tmp_path: Path, content: str | bytes) -> None:
    file = "annotations/captions_train2014.json"
    root = made(tmp_path, {file: content}, "train2014/a.jpg")
    with pytest.raises(DatasetError, match=r"captions_train2014\.json is damaged"):
        load_dataset(root)


@pytest.mark.parametrize("content", ["[]", "3", '{"images": {}}', '{"captions": []}'])
def test_json_of_another_kind_is_named(tmp_path: Path, content: str) -> None:
    root = made(tmp_path, {"dataset_flickr8k.json": content}, "a.jpg")
    with pytest.raises(DatasetError, match=r"dataset_flickr8k\.json holds no captions"):
        load_dataset(root)


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


def test_pictures_of_one_name_in_two_folders_are_kept_apart(tmp_path: Path) -> None:
    rows = "image,caption\ncats/1.jpg,A cat\ndogs/1.jpg,A dog\ndogs\\2.jpg,A pup\n"
    root = made(
        tmp_path,
        {"captions.csv": rows},
        "images/cats/1.jpg images/dogs/1.jpg images/dogs/2.jpg",
    )
    data = load_dataset(root)
    assert everything(data) == {
        "images/cats/1.jpg": ("A cat",),
        "images/dogs/1.jpg": ("A dog",),
        "2.jpg": ("A pup",),
    }
    assert data.report.problems == ()
    paths = [example.path for split in data.splits.values() for example in split]
    assert all(path.is_file() for path in paths)
    assert len(set(paths)) == 3


def test_names_that_fit_two_folders_equally_are_an_error(tmp_path: Path) -> None:
    rows = "image,caption\n1.jpg,An animal\n"
    root = made(tmp_path, {"captions.csv": rows}, "cats/1.jpg dogs/1.jpg")
    with pytest.raises(DatasetError, match=r"lie in cats/ and in dogs/ as well"):
        load_dataset(root)


def test_paths_of_another_computer_are_found_by_file_name(tmp_path: Path) -> None:
    rows = "image,caption\n/content/drive/a.jpg,One\n/content/drive/b.jpg,Two\n"
    root = made(tmp_path, {"captions.csv": rows}, "images/a.jpg images/b.jpg")
    assert everything(load_dataset(root)) == {"a.jpg": ("One",), "b.jpg": ("Two",)}


def test_linked_folders_are_followed_but_never_in_circles(tmp_path: Path) -> None:
    disk = made(tmp_path / "disk", {}, "a.jpg")
    root = made(tmp_path / "data", {"captions.csv": "image,caption\na.jpg,One\n"})
    (root / "images").symlink_to(disk)
    (disk / "round").symlink_to(root)
    assert everything(load_dataset(root)) == {"a.jpg": ("One",)}


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


def test_another_data_set_joins_train_alone(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "more").mkdir()
    pictures = [f"{number}.jpg" for number in range(20)]
    text = tokens(*pictures)
    images = " ".join(f"Images/{name}" for name in pictures)
    own = load_dataset(made(tmp_path / "own", {"Flickr8k.token.txt": text}, images))
    more = load_dataset(made(tmp_path / "more", {"Flickr8k.token.txt": text}, images))
    joined = join_train(own, more)
    assert joined.name == "own-more"
    assert (joined.dev, joined.test) == (own.dev, own.test)
    # Pictures of the same name stay apart.
    names = [example.name for example in joined.train]
    assert names == sorted({*names})
    assert set(own.train) < set(joined.train)
    added = set(joined.train) - set(own.train)
    assert {example.path for example in added} == {item.path for item in more.train}
    assert joined.report.problems == ("16 pictures of more were added to train.",)
