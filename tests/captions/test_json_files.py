import json
from pathlib import Path

import pytest
from dataset_folders import everything, made, names

from imagecap.captions.caption_files import read_captions
from imagecap.captions.problems import CaptionFileError
from imagecap.datasets.dataset import load_dataset
from imagecap.datasets.errors import DatasetError


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


@pytest.mark.parametrize("split", [[], {}, ["train"], 1, 0.5, True])
def test_a_split_that_is_no_text_is_one_that_is_not_known(
    tmp_path: Path, split: object
) -> None:
    content = json.loads(karpathy(a="- train"))
    content["images"][0]["split"] = split
    (tmp_path / "captions.json").write_text(json.dumps(content))
    with pytest.raises(CaptionFileError, match=r"Entry 1 .* has a split that is not"):
        read_captions(tmp_path / "captions.json")
