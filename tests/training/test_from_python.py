"""Training from Python."""

import subprocess
import sys
from pathlib import Path

import pytest

from imagecap.datasets.scenes import write_scenes
from imagecap.training import train_captioner
from imagecap.training.run.run_folder import TrainingError

SMALL = {
    "encoder": "small",
    "minimum_count": 1,
    "decoder.embedding": 16,
    "decoder.lstm": 16,
    "decoder.image": 16,
    "decoder.hidden": 16,
    "fine_tune.epochs": 2,
    "search.beam_width": 1,
}


def test_a_folder_becomes_a_captioner_and_its_scores(tmp_path: Path) -> None:
    write_scenes(tmp_path / "few", train=16, dev=4, test=2)
    said: list[str] = []
    trained = train_captioner(
        tmp_path / "few", tmp_path / "models" / "mine", SMALL, report=said.append
    )
    assert len(trained.history) == 2
    best = max(trained.history, key=lambda row: (row["CIDEr"], -row["dev loss"]))
    assert trained.scores["CIDEr"] == best["CIDEr"]
    assert "fine-tune ended: all its epochs are done." in said
    picture = next((tmp_path / "few" / "Images").iterdir())
    assert isinstance(trained.captioner.caption(picture).text, str)
    assert (trained.record / "curves.png").is_file()
    # The same call goes on; with more to do it does that only.
    again = train_captioner(
        tmp_path / "few",
        tmp_path / "models" / "mine",
        {**SMALL, "fine_tune.epochs": 3},
        report=said.append,
    )
    assert len(again.history) == 3
    assert again.history[:2] == trained.history


def test_what_is_wrong_is_an_error_of_ours(tmp_path: Path) -> None:
    write_scenes(tmp_path / "few", train=4, dev=2, test=2)
    with pytest.raises(TrainingError, match="no word of the train captions"):
        train_captioner(
            tmp_path / "few", tmp_path / "m", {**SMALL, "minimum_count": 10**6}
        )


def test_going_on_with_few_pictures_is_compared_with_what_was_there(
    tmp_path: Path, untrained_bundle: Path
) -> None:
    write_scenes(tmp_path / "few", train=18, dev=2, test=2)
    place, said = tmp_path / "models" / "mine", list[str]()
    start = {"start": str(untrained_bundle)}
    trained = train_captioner(tmp_path / "few", place, start, report=said.append)
    assert trained.comparison is not None
    assert trained.comparison.is_better
    assert trained.comparison.pictures == 20
    assert trained.captioner.bundle.folder == place
    assert trained.record is None
    assert any(sentence.startswith("New words: ") for sentence in said)
    # With a choice of how to train it is compared, too, and kept apart if not better.
    chosen = {**start, "decoder.epochs": 1, "decoder.learning_rate": 1e-9}
    other = tmp_path / "models" / "other"
    again = train_captioner(tmp_path / "few", other, chosen, report=said.append)
    assert again.comparison is not None
    assert not again.comparison.is_better
    assert again.captioner.bundle.folder.name == "other-not-better"
    assert not other.exists()


def test_without_what_training_needs_a_sentence_says_what_to_install() -> None:
    code = (
        "import importlib.util as found\n"
        "find = found.find_spec\n"
        "found.find_spec = lambda n, *more: None if n == 'keras' else find(n, *more)\n"
        "from imagecap.errors import ImagecapError\n"
        "try:\n"
        "    from imagecap.training import train_captioner\n"
        "except ImagecapError as error:\n"
        "    print(error)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert "pip install 'imagecap[train]'" in ran.stdout
    assert ran.stderr == ""
