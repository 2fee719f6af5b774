"""train.py going on: with a finished model, and with an interrupted run."""

import json
import shutil
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from training_runs import QUICK, best_weights, history, start, train

from imagecap import Captioner
from imagecap.datasets.dataset import load_dataset
from imagecap.datasets.scenes import write_scenes
from imagecap.training.run.resolve_settings import choose_settings
from imagecap.training.run.run_folder import TrainingError


def test_a_model_may_go_on_with_pictures_of_another_size(
    tmp_path: Path, untrained_attention_bundle: Path
) -> None:
    folder = shutil.copytree(untrained_attention_bundle, tmp_path / "large")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["training"]["settings"]["encoder"] = "xception13_224"
    (folder / "manifest.json").write_text(json.dumps(manifest))
    choices = {"start": str(folder), "encoder": "xception13_192"}
    assert choose_settings(choices, False, False).encoder == "xception13_192"
    with pytest.raises(TrainingError, match="has another encoder; leave out --enc"):
        choose_settings({**choices, "encoder": "mobilenetv2"}, False, False)


def test_a_model_goes_on_with_other_pictures_and_their_words(
    tmp_path: Path, data: Path, trained_scenes: Path
) -> None:
    first = trained_scenes / "models" / "scenes-small"
    shutil.copytree(first, tmp_path / "models" / "first")
    own = tmp_path / "own"
    (own / "images").mkdir(parents=True)
    pictures = sorted((data / "Images").iterdir())[:12]
    for picture in pictures:
        shutil.copyfile(picture, own / "images" / picture.name)
    lines = [f"{picture.name},a zebra is above a red circle" for picture in pictures]
    text = "\n".join(["image,caption", *lines])
    (own / "captions.csv").write_text(text, encoding="utf-8")

    wrong = train(tmp_path, "--data", own, "--from", "first", "--lstm", 8, status=1)
    assert "The model first has another lstm; leave out --lstm." in wrong
    printed = train(
        tmp_path,
        *("--data", own, "--from", "first", "--epochs", 40, "--dropout", 0),
        *("--learning-rate", 0.02),
    )
    assert "imagecap caption --model own-first" in printed
    rows = history(tmp_path, "own-first")
    assert [row["stage"] for row in rows][:2] == ["start", "decoder"]
    # One picture is left for dev, on which CIDEr says nothing; then the loss decides.
    assert {row["CIDEr"] for row in rows} == {"0.0"}
    losses = [float(row["dev loss"]) for row in rows]
    assert min(losses) < losses[0]

    before = Captioner.load(tmp_path / "models" / "first").bundle.vocabulary
    captioner = Captioner.load(tmp_path / "models" / "own-first")
    assert captioner.bundle.vocabulary.words[: len(before)] == before.words
    assert captioner.bundle.vocabulary.words[len(before) :] == ("zebra",)
    assert "zebra" in captioner.caption(pictures[0]).words
    card = (tmp_path / "models" / "own-first" / "README.md").read_text()
    assert "It went on from the model first." in card


def test_fine_tuning_at_once_leaves_out_what_cannot_be_read(
    tmp_path: Path, data: Path, trained_scenes: Path
) -> None:
    first = trained_scenes / "models" / "scenes-small"
    shutil.copytree(first, tmp_path / "models" / "first")
    damaged = tmp_path / "damaged"
    shutil.copytree(data, damaged)
    (broken, *_) = load_dataset(damaged).train
    broken.path.write_bytes(broken.path.read_bytes()[:40])
    printed = train(
        tmp_path,
        *("--data", damaged, "--from", "first", "--name", "second", "--epochs", 0),
        *("--fine-tune", "--fine-tune-epochs", 1, "--encoder-learning-rate", 1e-4),
    )
    assert broken.path.name in printed
    rows = history(tmp_path, "second")
    assert [row["stage"] for row in rows] == ["start", "fine-tune"]
    text = (tmp_path / "models" / "second-training" / "settings.json").read_text()
    settings = json.loads(text)
    assert settings["fine_tune"]["encoder_learning_rate"] == 1e-4
    assert settings["fine_tune"]["learning_rate"] == 4e-4


INTERRUPTED = [
    *("--encoder", "small", *QUICK, "--fine-tune-epochs", 3, "--save-every", 0),
    *("--name", "run", "--weight-averaging", 0.9, "--label-smoothing", 0.1),
]


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Path:
    """Where a run went through without an interruption."""
    folder = tmp_path_factory.mktemp("unbroken")
    train(folder, "--data", data, *INTERRUPTED)
    return folder


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_run_ends_as_an_unbroken_one(
    tmp_path: Path, data: Path, unbroken: Path, how: signal.Signals
) -> None:
    process = start(tmp_path, "--data", data, *INTERRUPTED)
    state = tmp_path / "models" / "run-training" / "state.npz"
    while not state.exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    process.send_signal(how)
    _, errors = process.communicate()
    assert process.returncode == (-how if how == signal.SIGKILL else 130)
    assert "Traceback" not in errors
    assert not (tmp_path / "models" / "run").exists()
    train(tmp_path, "--data", data, *INTERRUPTED, "--resume")

    columns = ("epoch", "train loss", "dev loss", "BLEU-1", "CIDEr")
    for ours, theirs in zip(
        history(tmp_path, "run"), history(unbroken, "run"), strict=True
    ):
        for column in columns:
            assert float(ours[column]) == pytest.approx(float(theirs[column]), 1e-4)
    weights = best_weights(unbroken, "run")
    for name, array in best_weights(tmp_path, "run").items():
        np.testing.assert_allclose(array, weights[name], rtol=1e-4, atol=1e-5)


def test_a_limit_of_captions_is_recorded_and_resumed(
    tmp_path: Path, data: Path
) -> None:
    per_picture = len(load_dataset(data).train[0].captions)
    given = ["--data", data, "--encoder", "small", *QUICK, "--name", "run"]
    write_scenes(tmp_path / "more", train=6, dev=2, test=2)
    given += ["--more-data", tmp_path / "more"]
    limit = ["--limit-captions", 10 * per_picture]
    first = train(tmp_path, *given, *limit, "--fine-tune-epochs", 1)
    assert "few-more: train 10, dev 8, test 8 pictures" in first
    assert "6 pictures of more were added to train." in first
    assert "10 of 54 train pictures were chosen" in first
    resumed = train(tmp_path, *given, "--resume", "--fine-tune-epochs", 2)
    assert "few-more: train 10, dev 8, test 8 pictures" in resumed
    other = train(tmp_path, *given, "--limit-captions", 5, "--resume", status=1)
    assert "was started with other values of --limit-captions" in other
