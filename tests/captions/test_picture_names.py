import os
import sys
from pathlib import Path

import pytest
from dataset_folders import ORIGINAL, everything, made, names

from imagecap.captions.caption_files import read_captions_of
from imagecap.captions.picture_names import PictureNames
from imagecap.datasets.dataset import load_dataset
from imagecap.datasets.errors import DatasetError


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


def test_names_that_lead_elsewhere_are_only_missing(tmp_path: Path) -> None:
    rows = "image,caption\n../secret.jpg,Text\n/etc/a.jpg,Text\na.jpg,Text"
    root = made(tmp_path / "data", {"captions.csv": rows}, "images/a.jpg ../secret.jpg")
    data = load_dataset(root)
    assert everything(data) == {"a.jpg": ("Text",)}
    (problem,) = data.report.problems
    assert "../secret.jpg (line 2), /etc/a.jpg (line 3)" in problem


def test_a_second_copy_of_the_pictures_deeper_down_is_left_alone(
    tmp_path: Path,
) -> None:
    rows = "image_name| comment_number| comment\n" + "".join(
        f"{n}.jpg| 0| Text {n} .\n" for n in "abc"
    )
    outer, inner = "flickr30k_images", "flickr30k_images/flickr30k_images"
    root = made(
        tmp_path,
        {"results.csv": rows},
        " ".join(f"{folder}/{n}.jpg" for folder in (outer, inner) for n in "abc"),
    )
    data = load_dataset(root)
    assert {example.path.parent for example in data.train} == {root / outer}
    assert data.report.problems == ()


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


@pytest.mark.parametrize(
    ("written", "file"),
    [
        ("a.jpg", "A.JPG"),
        ("Caf\u00e9.jpg", "Cafe\u0301.jpg"),
        ("STRASSE.jpg", "straße.jpg"),
        ("a", "a.jpg"),
        ("a.png", "a.jpg"),
        ("1.5 m", "1.5 m.jpg"),
        (r"C:\photos\mine\a.jpg", "mine/a.jpg"),
        ("/home/x/Mine/A.png", "mine/a.jpg"),
        ("./a.jpg", "a.jpg"),
        (r"odd\name.jpg", r"odd\name.jpg"),
        ("https://x.org/up/a%20b.jpg?size=2#top", "a b.jpg"),
        ("file:///home/x/mine/a.jpg", "mine/a.jpg"),
        ("http://x.org/A.JPG", "a.jpg"),
        ("a%20b.jpg", "a b.jpg"),
        ("100%.jpg", "100%.jpg"),
        ("9", "000000000009.jpg"),
        ("581929", "COCO_val2014_000000581929.jpg"),
        ("a%20b.jpg", "a%20b.jpg"),
        ("http://[/a.jpg", "a.jpg"),
    ],
)
def test_a_name_written_otherwise_is_found(written: str, file: str) -> None:
    names = PictureNames(["other/b.jpg", f"images/{file}"])
    assert names.locate([written], "c.csv", "") == ({written: f"images/{file}"}, [])


def test_the_name_that_fits_best_counts() -> None:
    names = PictureNames(["a.jpg", "A.jpg", "a.png", "A.JPG", "b.JPG", "b.png"])
    found, unclear = names.locate(["A.jpg", "a.png", "b.jpg", "a", "b"], "c.csv", "")
    assert found == {"A.jpg": "A.jpg", "a.png": "a.png", "b.jpg": "b.JPG"}
    assert unclear == ["a", "b"]


def test_what_is_ambiguous_is_skipped_and_told(tmp_path: Path) -> None:
    rows = "image,caption\na,Which?\nb.jpg,B\n"
    root = made(tmp_path, {"captions.csv": rows}, "a.jpg a.png b.jpg")
    data = load_dataset(root)
    assert everything(data) == {"b.jpg": ("B",)}
    assert data.report.problems == (
        "1 name of captions.csv could mean several pictures and stayed out: a.",
        "2 pictures had no caption: a.jpg, a.png.",
    )


def test_pictures_in_several_folders_are_found_where_each_is_alone(
    tmp_path: Path,
) -> None:
    rows = "image,caption\na.jpg,A\nb.jpg,B\n"
    root = made(tmp_path, {"captions.csv": rows}, "one/a.jpg two/b.jpg")
    assert everything(load_dataset(root)) == {"a.jpg": ("A",), "b.jpg": ("B",)}


def test_paths_of_another_computer_are_told_apart_by_their_ends() -> None:
    names = PictureNames(["in/x/1.jpg", "in/y/1.jpg", "in/z/2.jpg"])
    written = ["/mnt/p/x/1.jpg", "/mnt/p/y/1.jpg", "/mnt/p/z/2.jpg"]
    found, unclear = names.locate(written, "c.csv", "")
    assert list(found.values()) == ["in/x/1.jpg", "in/y/1.jpg", "in/z/2.jpg"]
    assert unclear == []
    # By the file name alone, two folders of theirs would be one of ours.
    assert PictureNames(["1.jpg"]).locate(written[:2], "c.csv", "") == ({}, [])


def test_captions_are_imported_by_their_folders(tmp_path: Path) -> None:
    pictures = [tmp_path / name for name in ("x/1.jpg", "y/1.jpg", "y/2.JPG", "z.jpg")]
    file = tmp_path / "captions.csv"
    rows = "image,caption\nx/1.jpg,A cake.\ny/1.jpg,A ball.\ny/2.jpg,A bat.\n1.jpg,?\n"
    file.write_text(rows)
    problems: list[str] = []
    found = read_captions_of(pictures, file, problems)
    said = {picture: line.caption for picture, line in found.items()}
    assert said == dict(zip(pictures, ["A cake.", "A ball.", "A bat."], strict=False))
    assert problems == ["1 name of captions.csv could mean several pictures: 1.jpg."]
    # Beside the pictures, it is clear which are meant.
    (tmp_path / "y").mkdir()
    file = file.rename(tmp_path / "y" / "captions.csv")
    file.write_text("image,caption\n1.jpg,A ball.\n")
    assert list(read_captions_of(pictures, file, [])) == [pictures[1]]


def test_names_in_lists_of_splits_are_found_as_all_names_are(tmp_path: Path) -> None:
    rows = "image,caption\n" + "".join(f"{n}.jpg,Text\n" for n in "abcd")
    files = {"captions.csv": rows, "trainImages.txt": "A\nimages/b.jpg\n"}
    files |= {"devImages.txt": "c.png\n", "testImages.txt": "d.JPG"}
    data = load_dataset(made(tmp_path, files, "images/a.jpg images/b.JPG c.jpg d.jpg"))
    assert names(data) == {
        "train": ["a.jpg", "b.JPG"],
        "dev": ["c.jpg"],
        "test": ["d.jpg"],
    }
