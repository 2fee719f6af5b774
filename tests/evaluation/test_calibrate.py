"""`imagecap evaluate --calibrate`, and the models that it changes."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imagecap import Captioner
from imagecap.datasets.dataset import load_dataset
from imagecap.evaluation.calibration.calibrate import (
    CalibrationError,
    write_calibration,
)
from imagecap.evaluation.calibration.dev_split import calibrate_on_dev
from imagecap.model.bundle import MEMORY, WORD_DETECTOR, load_bundle
from imagecap.model.confidence import OUT_OF_DISTRIBUTION
from imagecap.model.corrected_words import Correction
from imagecap.model.manifest import SplitSize
from imagecap.model.measured import ConfidenceRecord, SplitName
from imagecap.model.memory import Memory
from imagecap.model.sealing import update_bundle
from imagecap.model.word_detector import WordDetector

TRAIN, DEV = 320, 120


@pytest.fixture
def model(untrained_bundle: Path, tmp_path: Path) -> Path:
    """A model that may be changed."""
    return Path(shutil.copytree(untrained_bundle, tmp_path / "models" / "small"))


def write_data(folder: Path, model: Path, train: int, dev: int) -> Path:
    """Make a data set in which the model is right about every other picture of dev."""
    (folder / "Images").mkdir(parents=True)
    generator = np.random.default_rng(0)
    names = [f"{number:03}.png" for number in range(train + dev)]
    for name in names:
        pixels = generator.integers(0, 256, (8, 8, 3), np.uint8)
        picture = Image.fromarray(pixels).resize((64, 64))
        picture.save(folder / "Images" / name)
    captioner = Captioner.load(model)
    lines = ["image,caption", *(f"{name},Something else." for name in names[:train])]
    for number, name in enumerate(names[train:]):
        text = captioner.caption(folder / "Images" / name).text
        lines.append(f"{name},{text if number % 2 else f'Nothing of it {number}.'}")
    (folder / "captions.csv").write_text("\n".join(lines))
    for split, chosen in (("train", names[:train]), ("dev", names[train:])):
        (folder / f"{split}Images.txt").write_text("\n".join(chosen))
    return folder


def evaluate(*arguments: object, status: int = 0) -> tuple[str, str]:
    # Importing a module that is None there fails, as where training is not installed.
    program = (
        "import sys; sys.modules.update(dict.fromkeys("
        "('tensorflow', 'keras', 'jax', 'pycocoevalcap')));"
        "from imagecap.commands.main import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "evaluate", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout, done.stderr


def calibrate(model: Path, data: Path) -> ConfidenceRecord:
    """Calibrate a model on dev without looking for odd pictures."""
    captioner = Captioner.load(model)
    calibration = calibrate_on_dev(captioner, load_dataset(data), None)
    write_calibration(captioner.bundle, calibration)
    return confidence_of(model)


def confidence_of(model: Path) -> ConfidenceRecord:
    confidence = load_bundle(model).manifest.confidence
    assert confidence is not None
    return confidence


def test_a_model_learns_how_far_it_can_be_trusted(model: Path, tmp_path: Path) -> None:
    data = write_data(tmp_path / "made-up", model, TRAIN, DEV)
    before = load_bundle(model)
    arguments = ("--model", model, "--data", data, "-o", tmp_path / "out")
    printed, _ = evaluate(*arguments, "--calibrate")
    assert f"Written into {model}." in printed

    bundle = load_bundle(model)
    bundle.verify(*bundle.manifest.files)
    confidence = confidence_of(model)
    measured = confidence.measured
    assert measured.data == SplitName("made-up", "dev")
    assert measured.pictures == DEV
    assert measured.right == 0.5
    assert measured.out_of_distribution == pytest.approx(0.075)
    assert bundle.manifest.scores == before.manifest.scores
    card = (model / "README.md").read_text()
    assert f"Expected calibration error {measured.error:.3f}" in card
    assert (
        card.index("## Confidence")
        < card.index("## What it gets")
        < card.index("## Limits")
    )
    page = (tmp_path / "out" / "report.html").read_text()
    assert "<svg" in page
    assert "Cross-validated" in page
    scores = json.loads((tmp_path / "out" / "scores.json").read_text())
    assert scores["failures"]["pictures"] == DEV

    # What was written is what serving says.
    captioner = Captioner.load(model)
    paths = [example.path for example in load_dataset(data).dev]
    captions = [captions[0] for _, captions in captioner.caption_many(paths)]
    odd = [caption.confidence is None for caption in captions]
    assert sum(odd) == 0.075 * DEV
    for caption in captions:
        doubted = caption.confidence is None or (
            caption.confidence < confidence.threshold
        )
        assert caption.unsure == doubted

    # Once more changes nothing, and without --calibrate the model stays as it is.
    manifest = (model / "manifest.json").read_bytes()
    evaluate(*arguments, "--calibrate")
    assert (model / "README.md").read_text() == card
    assert (model / "manifest.json").read_bytes() == manifest
    evaluate(*arguments)
    assert (model / "manifest.json").read_bytes() == manifest
    page = (tmp_path / "out" / "report.html").read_text()
    assert "What the model says of its captions" in page


def test_with_a_word_detector_the_confidence_comes_from_it(
    model: Path, tmp_path: Path
) -> None:
    data = write_data(tmp_path / "made-up", model, 20, DEV)
    assert calibrate(model, data).evidence == "score"
    bundle = load_bundle(model)
    words = np.arange(4, len(bundle.vocabulary), dtype=np.int32)
    weights = np.random.default_rng(0).normal(
        size=(bundle.feature_shape[-1], len(words))
    )
    none = np.zeros(len(words))
    detector = WordDetector.of_map(words, weights, none, none)
    update_bundle(bundle, bundle.manifest, {WORD_DETECTOR: detector.to_bytes()})

    confidence = calibrate(model, data)
    assert confidence.evidence == "expected_cider"
    card = (model / "README.md").read_text()
    assert "what the word detector expects the caption to have in common" in card
    captioner = Captioner.load(model)
    paths = [example.path for example in load_dataset(data).dev]
    for _, (caption, *_) in captioner.caption_many(paths):
        value = confidence.slope * caption.expected_cider + confidence.intercept
        assert caption.confidence == pytest.approx(1 / (1 + np.exp(-value)))
    # A narrower beam is judged in the same way.
    assert captioner.caption(paths[0], beam_width=2).confidence is not None


def test_few_pictures_to_learn_from_leave_odd_pictures_alone(
    model: Path, tmp_path: Path
) -> None:
    data = write_data(tmp_path / "made-up", model, 20, DEV)
    evaluate(*("--model", model, "--data", data, "-o", tmp_path / "out", "--calibrate"))
    assert not (model / OUT_OF_DISTRIBUTION).exists()
    assert confidence_of(model).out_of_distribution is None
    assert "does not tell odd pictures" in (model / "README.md").read_text()
    assert Captioner.load(model).caption(data / "Images/000.png").confidence is not None


def make_format_1(model: Path) -> None:
    """Give a model the manifest that it would have had in the first format."""
    manifest = json.loads((model / "manifest.json").read_text())
    search, scores = manifest["decoding"]["search"], manifest["scores"]
    del search["word_bias"]
    exponent = manifest["decoding"]["ranker"]["vote_exponent"]
    manifest["decoding"] = {**search, "consensus": exponent}
    manifest["scores"] = {"split": "dev", "how": scores["how"], **scores["values"]}
    for name in ("ensemble", "word_detector", "failures", "notes"):
        del manifest[name]
    data = manifest["training"]["data"]
    del manifest["training"]["recipe"], manifest["training"]["minimum_count"]
    del data["scope"], data["description"]
    confidence = manifest["confidence"]
    farthest = confidence.pop("out_of_distribution")["farthest"]
    measured = confidence.pop("measured")
    measured["odd"] = measured.pop("out_of_distribution")
    manifest["confidence"] = {**confidence, **measured, "farthest": farthest}
    files = manifest["files"]
    files["familiarity.npy"] = files.pop(OUT_OF_DISTRIBUTION)
    (model / OUT_OF_DISTRIBUTION).rename(model / "familiarity.npy")
    manifest["format"] = 1
    (model / "manifest.json").write_text(json.dumps(manifest))


def test_a_model_of_the_first_format_is_calibrated_anew(
    model: Path, tmp_path: Path
) -> None:
    data = write_data(tmp_path / "made-up", model, TRAIN, DEV)
    arguments = ("--model", model, "--data", data, "-o", tmp_path / "out")
    evaluate(*arguments, "--calibrate")
    before, confidence = load_bundle(model), confidence_of(model)
    picture = data / "Images/400.png"
    caption = Captioner.load(model).caption(picture)
    make_format_1(model)
    assert Captioner.load(model).caption(picture) == caption
    evaluate(*arguments, "--calibrate")
    assert json.loads((model / "manifest.json").read_text())["format"] == 2
    assert confidence_of(model) == confidence
    assert load_bundle(model).manifest.files.keys() == before.manifest.files.keys()
    assert Captioner.load(model).caption(picture) == caption


def test_pictures_of_other_data_sets_are_usual_too(model: Path, tmp_path: Path) -> None:
    data = write_data(tmp_path / "few", model, 20, DEV)
    more = write_data(tmp_path / "many", model, TRAIN, 1)
    arguments = ("--model", model, "--data", data, "-o", tmp_path / "out")
    evaluate(*arguments, "--more-data", more, "--calibrate")
    assert (model / OUT_OF_DISTRIBUTION).exists()

    # What a model remembers is told by what was usual when it learned it.
    bundle = load_bundle(model)
    first = np.array([4], np.int32)
    map_of_nothing = np.zeros((bundle.feature_shape[-1], 1)), *np.zeros((2, 1))
    memory = Memory.of_corrections(
        [Correction(np.ones(1), [["dog"]])], bundle.vocabulary
    )
    files = {
        WORD_DETECTOR: WordDetector.of_map(first, *map_of_nothing).to_bytes(),
        MEMORY: memory.to_bytes(),
    }
    usual = (model / OUT_OF_DISTRIBUTION).read_bytes()
    update_bundle(bundle, replace(bundle.manifest, memory=SplitSize(1, 1)), files)
    evaluate(*arguments, "--calibrate")
    assert (model / OUT_OF_DISTRIBUTION).read_bytes() == usual
    assert confidence_of(model).out_of_distribution is not None


def test_a_model_of_few_pictures_stays_without_confidence(
    model: Path, tmp_path: Path
) -> None:
    data = write_data(tmp_path / "made-up", model, 5, 99)
    manifest = (model / "manifest.json").read_bytes()
    with pytest.raises(CalibrationError, match="there are 99"):
        calibrate(model, data)
    _, errors = evaluate(
        *("--model", model, "--data", data, "-o", tmp_path / "out", "--calibrate"),
        status=1,
    )
    assert "at least 100" in errors
    assert (model / "manifest.json").read_bytes() == manifest


def test_captions_that_are_all_wrong_calibrate_nothing(
    model: Path, tmp_path: Path
) -> None:
    data = write_data(tmp_path / "made-up", model, 5, DEV)
    lines = (data / "captions.csv").read_text().splitlines()
    names = [line.split(",")[0] for line in lines[1:]]
    lines = ["image,caption", *(f"{name},Nothing of it {name}." for name in names)]
    (data / "captions.csv").write_text("\n".join(lines))
    with pytest.raises(CalibrationError, match="all 120 are wrong"):
        calibrate(model, data)


@pytest.mark.parametrize(
    "arguments",
    [("--beam", "2"), ("--split", "train"), ("--results", "a.json")],
    ids=lambda pair: pair[0],
)
def test_what_would_calibrate_wrongly_is_refused(
    tmp_path: Path, arguments: tuple[str, str]
) -> None:
    _, errors = evaluate("--data", tmp_path, "--calibrate", *arguments, status=2)
    assert "--calibrate needs a model, its own beam" in errors
