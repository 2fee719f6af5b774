from pathlib import Path

from imagecap.datasets.dataset import load_dataset
from imagecap.datasets.joining import join_train, load_more


def captioned(folder: Path, pictures: int) -> Path:
    (folder / "images").mkdir(parents=True)
    lines = ["image,caption"]
    for number in range(pictures):
        (folder / "images" / f"{number}.jpg").touch()
        lines.append(f"{number}.jpg,a dog runs")
    (folder / "captions.csv").write_text("\n".join(lines))
    return folder


def test_another_data_set_joins_train_and_keeps_its_dev(tmp_path: Path) -> None:
    own = load_dataset(captioned(tmp_path / "own", 20))
    more = load_dataset(captioned(tmp_path / "more", 20))
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
    (dev,) = joined.more_dev.values()
    assert [item.path for item in dev] == [item.path for item in more.dev]
    assert {item.name for item in dev} == {f"more/{item.name}" for item in more.dev}


def test_data_sets_of_one_name_stay_apart(tmp_path: Path) -> None:
    own = load_dataset(captioned(tmp_path / "own", 10))
    places = [captioned(tmp_path / place / "same", 10) for place in "ab"]
    joined = load_more(own, places)
    assert joined.more_dev.keys() == {"same", "same-2"}
    assert len({example.name for example in joined.train}) == 24
