"""train.py going on: with a finished model, and with an interrupted run."""

import json
import shutil
import signal
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from training_runs import QUICK, best_weights, history, start, train

from imagecap import Captioner
from imagecap.commands.train_adaptation import NOT_BETTER
from imagecap.datasets.dataset import load_dataset
from imagecap.datasets.scenes import write_scenes
from imagecap.model.bundle import (
    DUAL_ENCODER,
    LANGUAGE_MODEL,
    MEMORY,
    WORD_DETECTOR,
    load_bundle,
)
from imagecap.model.corrected_words import Correction
from imagecap.model.dual_encoder import DualEncoder
from imagecap.model.manifest import SplitSize, WordDetectorRecord
from imagecap.model.memory import Memory
from imagecap.model.sealing import seal_bundle
from imagecap.model.word_detector import WordDetector
from imagecap.training.export.fit_language_model import (
    fit_language_model,
    with_language,
)
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
        status=NOT_BETTER,
    )
    # Of one picture nobody can tell.
    assert "first stays the model to use" in printed
    assert "imagecap caption --model own-first-not-better" in printed
    assert not (tmp_path / "models" / "own-first").exists()
    rows = history(tmp_path, "own-first")
    assert [row["stage"] for row in rows][:2] == ["start", "decoder"]
    # One picture is left for dev, on which CIDEr says nothing; then the loss decides.
    assert "The dev split is one picture" in printed
    assert {row["CIDEr"] for row in rows} == {"0.0"}
    losses = [float(row["dev loss"]) for row in rows]
    assert min(losses) < losses[0]

    before = Captioner.load(tmp_path / "models" / "first").bundle.vocabulary
    captioner = Captioner.load(tmp_path / "models" / "own-first-not-better")
    assert captioner.bundle.vocabulary.words[: len(before)] == before.words
    assert captioner.bundle.vocabulary.words[len(before) :] == ("zebra",)
    assert "zebra" in captioner.caption(pictures[0]).words
    card = (captioner.bundle.folder / "README.md").read_text()
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
        status=NOT_BETTER,
    )
    assert broken.path.name in printed
    rows = history(tmp_path, "second")
    assert [row["stage"] for row in rows] == ["start", "fine-tune"]
    text = (tmp_path / "models" / "second-training" / "config.json").read_text()
    settings = json.loads(text)["settings"]
    assert settings["fine_tune"]["encoder_learning_rate"] == 1e-4
    assert settings["fine_tune"]["learning_rate"] == 4e-4


def test_what_has_learned_nothing_says_so_and_keeps_what_was_there(
    tmp_path: Path, data: Path, trained_scenes: Path
) -> None:
    first = tmp_path / "models" / "first"
    shutil.copytree(trained_scenes / "models" / "scenes-small", first)
    bundle = load_bundle(first)
    dimensions = bundle.manifest.encoder.feature_shape[-1]
    one = np.ones(1, np.float32)
    rounded = np.ones((dimensions, 1), np.int8)
    detector = WordDetector(np.array([4], np.int32), rounded, one, one, one)
    (first / WORD_DETECTOR).write_bytes(detector.to_bytes())
    record = WordDetectorRecord(1, 2000)
    size = len(bundle.vocabulary)
    language = fit_language_model([bundle.vocabulary.words[4:]], bundle.vocabulary)
    (first / LANGUAGE_MODEL).write_bytes(language.to_bytes())
    maps = [np.ones(shape) for shape in [(dimensions, 3), 3, (size, 3), 3]]
    (first / DUAL_ENCODER).write_bytes(DualEncoder.of_maps(*maps).to_bytes())
    said = Correction(np.ones(1, np.float32), [["a", "circle"]])
    memory = Memory.of_corrections([said], bundle.vocabulary)
    (first / MEMORY).write_bytes(memory.to_bytes())
    manifest = with_language(bundle.manifest, language, 1)
    remembers = SplitSize(1, 1)
    seal_bundle(first, replace(manifest, word_detector=record, memory=remembers))
    own = shutil.copytree(data, tmp_path / "own")
    captions = own / "captions.txt"
    captions.write_text(captions.read_text().replace("circle", "disc", 4))
    printed = train(
        tmp_path,
        *("--data", own, "--from", "first", "--name", "second", "--epochs", 1),
        *("--learning-rate", 1),
        status=NOT_BETTER,
    )
    assert "nothing was learned" in printed
    assert "Its word detector and its confidence stay." in printed
    second = load_bundle(tmp_path / "models" / "second-not-better")
    assert second.manifest.word_detector == record
    content = (second.folder / WORD_DETECTOR).read_bytes()
    assert content == (first / WORD_DETECTOR).read_bytes()
    # Whoever is given it is told whose words are in it.
    assert (second.folder / MEMORY).read_bytes() == (first / MEMORY).read_bytes()
    assert second.manifest.memory == remembers
    # What knows words knows the new ones, too.
    assert "disc" in second.vocabulary
    found = Captioner(second).candidates(next((own / "Images").iterdir()), 3)
    assert all(one.similarity is not None for one in found)


def test_what_another_data_set_loses_keeps_the_model_that_training_began_with(
    tmp_path: Path, trained_scenes: Path
) -> None:
    first = trained_scenes / "models" / "scenes-small"
    shutil.copytree(first, tmp_path / "models" / "first")
    write_scenes(tmp_path / "more", train=1, dev=8, test=1)
    write_scenes(tmp_path / "own", train=16, dev=4, test=1, seed=1)
    captions = tmp_path / "own" / "captions.txt"
    names = dict.fromkeys(
        line.partition(",")[0] for line in captions.read_text().splitlines()[1:]
    )
    lines = [f"{name},a zebra sleeps" for name in names]
    captions.write_text("\n".join(["image,caption", *lines]))
    train(
        tmp_path,
        *("--data", tmp_path / "own", "--more-data", tmp_path / "more"),
        *("--from", "first", "--name", "run", "--epochs", 3, "--dropout", 0),
        *("--learning-rate", 0.02, "--fine-tune-epochs", 0),
        status=NOT_BETTER,
    )
    start, *epochs = history(tmp_path, "run")
    # By its own dev, of which CIDEr is zero whatever is said, another would be kept.
    assert {row["CIDEr"] for row in (start, *epochs)} == {"0.0"}
    assert all(float(row["dev loss"]) < float(start["dev loss"]) for row in epochs)
    assert all(float(row["CIDEr more"]) < float(start["CIDEr more"]) for row in epochs)
    manifest = load_bundle(tmp_path / "models" / "run-not-better").manifest
    assert manifest.training.best.stage == "start"
    assert manifest.scores.values["CIDEr"] == 0
    assert manifest.scores.values["CIDEr more"] == float(start["CIDEr more"])


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
    for epoch, row in enumerate(history(tmp_path, "run"), start=1):
        assert row["epoch"] == f"{epoch}"
        own, other = float(row["CIDEr"]), float(row["CIDEr more"])
        assert float(row["mean CIDEr"]) == pytest.approx((own + other) / 2, abs=1e-4)
    assert epoch == 2
    manifest = load_bundle(tmp_path / "models" / "run").manifest
    assert {"CIDEr", "CIDEr more", "mean CIDEr"} < manifest.scores.values.keys()
    assert "the mean of all chose the epoch" in manifest.scores.how
    other = train(tmp_path, *given, "--limit-captions", 5, "--resume", status=1)
    assert "was started with other values of --limit-captions" in other


def test_a_run_does_not_go_on_after_its_captions_changed(tmp_path: Path) -> None:
    for name, dev in (("own", 4), ("more", 3)):
        write_scenes(tmp_path / name, train=8, dev=dev, test=2)
    given = ["--data", tmp_path / "own", "--more-data", tmp_path / "more"]
    given += ["--encoder", "small", *QUICK, "--name", "run"]
    train(tmp_path, *given, "--fine-tune-epochs", 1)
    state = tmp_path / "models" / "run-training" / "state.npz"
    before = state.read_bytes()
    given += ["--fine-tune-epochs", 2, "--resume"]
    for name, split in (("own", "train"), ("own", "dev"), ("more", "dev")):
        example = load_dataset(tmp_path / name).splits[split][0]
        file = tmp_path / name / "captions.txt"
        was = file.read_text()
        file.write_text(was.replace(example.captions[0], "a tiger sleeps", 1))
        printed = train(tmp_path, *given, status=1)
        assert "the captions changed since it began" in printed
        file.write_text(was)
    assert "captions changed since" in train(tmp_path, *given[:2], *given[4:], status=1)
    assert state.read_bytes() == before
    # Where the pictures lie does not matter.
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "own").rename(tmp_path / "elsewhere" / "own")
    given[1] = tmp_path / "elsewhere" / "own"
    train(tmp_path, *given)
    assert len(history(tmp_path, "run")) == 2
