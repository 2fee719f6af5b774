"""The last of a bundle: what is learned from its features, its seal, its place."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from imagecap.counted import counted
from imagecap.datasets.dataset import Dataset
from imagecap.evaluation.calibration.calibrate import CalibrationError
from imagecap.evaluation.calibration.dev_split import calibrate_on_dev
from imagecap.evaluation.calibration.feature_pass import FeatureConsumer, encode_once
from imagecap.evaluation.calibration.out_of_distribution import SubspaceFit
from imagecap.model.bundle import (
    DUAL_ENCODER,
    LANGUAGE_MODEL,
    MEMORY,
    WORD_DETECTOR,
    Bundle,
    load_bundle,
)
from imagecap.model.captioner import Captioner
from imagecap.model.confidence import OutOfDistribution, load_confidence
from imagecap.model.language_model import load_language_model
from imagecap.model.manifest import Manifest, WordDetectorRecord
from imagecap.model.measured import ConfidenceRecord
from imagecap.model.picture_encoder import PictureEncoder
from imagecap.model.sealing import new_folder, place_bundle, record_files, seal_bundle
from imagecap.model.word_detector import WordDetector, load_word_detector
from imagecap.text.tokenizer import tokenize
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.export.backend import writing_model
from imagecap.training.export.fit_language_model import (
    FEWEST_CAPTIONS,
    fit_language_model,
    with_language,
)
from imagecap.training.export.fit_word_detector import FEWEST_PICTURES, WordDetectorFit

NOT_BETTER = "-not-better"
"""The end of the name of a model that is not known to be better."""


class TrainSplit:
    """What is learned from the features of a train split, in one pass over it.

    Args:
        bundle: The model; only its encoder needs to be there.
        dataset: What it was trained on.
        others: Who wants the features, too.
        former: The model that training began with. If its features have the same
            shape, what cannot be learned from so few pictures is taken from it.
    """

    def __init__(
        self,
        bundle: Bundle,
        dataset: Dataset,
        *others: FeatureConsumer,
        former: Bundle | None = None,
    ) -> None:
        detector = confidence = None
        if former is not None and former.feature_shape == bundle.feature_shape:
            detector, confidence = load_word_detector(former), load_confidence(former)
        known = None if confidence is None else confidence.out_of_distribution
        words = WordDetectorFit(dataset.train, detector, known)
        usual = SubspaceFit(dataset.train_parts)
        encoder = PictureEncoder(bundle)
        encode_once(encoder, [words, usual, *others], "Learning from features")
        self.pictures = words.pictures
        self.word_detector: WordDetector | None = words.fit(bundle.vocabulary)
        self.out_of_distribution: OutOfDistribution | None = usual.fit() or known
        self.former_confidence: ConfidenceRecord | None = None
        self.former_out_of_distribution = known
        if former is not None and confidence is not None:
            self.former_confidence = former.manifest.confidence


def not_better(folder: Path) -> Path:
    """Return where a model is kept that is not known to be better."""
    return folder.with_name(f"{folder.name}{NOT_BETTER}")


@contextmanager
def unfinished_bundle(folder: Path) -> Iterator[Path]:
    """Give an empty folder to make a bundle in; afterwards it is gone.

    So is the folder around it, if it was made for a bundle that did not come about.

    Args:
        folder: The place that the bundle is made for.
    """
    new = new_folder(folder)
    parent_is_new = not new.parent.exists()
    shutil.rmtree(new, ignore_errors=True)
    try:
        new.mkdir(parents=True)
        yield new
    finally:
        shutil.rmtree(new, ignore_errors=True)
        if parent_is_new:
            # Where the bundle lies there now, the folder stays.
            with suppress(OSError):
                new.parent.rmdir()


def ensure_writable(folder: Path) -> None:
    """Make sure that a bundle can be written, before hours of learning are in vain.

    Args:
        folder: Its place; where one that is not better would be is looked at, too.

    Raises:
        ExportError: If it cannot.
    """
    for place in (folder, not_better(folder)):
        with (
            writing_model(place, "Nothing was learned yet", "start again"),
            unfinished_bundle(place),
        ):
            pass


def finish_bundle(
    unfinished: Bundle,
    dataset: Dataset | None,
    train: TrainSplit | None,
    folder: Path,
    former: Bundle | None = None,
) -> list[str]:
    """Add what is learned last to a bundle, seal it and put it in its place.

    That are word detector, language model and confidence.

    Args:
        unfinished: Holds networks and vocabulary, in a folder beside its place.
        dataset: What it was trained on; without it, nothing is added.
        train: What was learned from the train split of that.
        folder: Its place; a bundle already there is replaced.
        former: The model that it comes from; a language model of that stays, since
            a person's own photographs have too few captions for another one.

    Returns:
        What was done, in sentences.

    Raises:
        ImagecapError: If a picture or the bundle cannot be read.
        OSError: If the disk refuses to take the bundle.
    """
    manifest, done = unfinished.manifest, []
    if dataset is not None and train is not None:
        manifest, sentence = _add_word_detector(unfinished, train)
        done.append(sentence)
        added = _add_language_model(
            replace(unfinished, manifest=manifest), dataset, former
        )
        if added is not None:
            manifest, sentence = added
            done.append(sentence)
        manifest, sentence = _calibrate(
            replace(unfinished, manifest=manifest), dataset, train
        )
        done.append(sentence)
    done += _left_behind(former) if former else ()
    seal_bundle(unfinished.folder, manifest)
    load_bundle(unfinished.folder)
    place_bundle(unfinished.folder, folder)
    return done


def _left_behind(former: Bundle) -> list[str]:
    """Say what of a model is no part of one that is made of its networks anew.

    Args:
        former: The model.
    """
    said, files = [], former.manifest.files
    if former.manifest.ensemble is not None:
        said.append(
            f"The second model that {former.name} joins is not part of the new one."
        )
    if former.manifest.experts:
        said.append(
            f"The experts of {former.name} are not part of the new model: they read "
            "the features of its own encoder."
        )
    if MEMORY in files:
        said.append(
            f"The pictures that {former.name} remembers are not remembered by the new "
            "model."
        )
    if DUAL_ENCODER in files:
        said.append(
            f"How {former.name} chooses among its captions suits its own networks "
            "only: imagecap ranker teaches the new model to."
        )
    return said


def as_bundle(folder: Path, manifest: Manifest, vocabulary: Vocabulary) -> Bundle:
    """Return the bundle that a folder without a manifest will be.

    Raises:
        OSError: If one of its files cannot be read.
    """
    return Bundle(folder, record_files(folder, manifest), vocabulary)


def _add_word_detector(bundle: Bundle, train: TrainSplit) -> tuple[Manifest, str]:
    detector = train.word_detector
    if detector is None:
        return bundle.manifest, (
            "Without a word detector: that needs at least "
            f"{FEWEST_PICTURES:,} pictures."
        )
    (bundle.folder / WORD_DETECTOR).write_bytes(detector.to_bytes())
    words = len(detector.numbers)
    record = WordDetectorRecord(words, train.pictures)
    return (
        replace(bundle.manifest, word_detector=record),
        f"Learned to tell {counted(words, 'word')} from pictures.",
    )


def _add_language_model(
    bundle: Bundle, dataset: Dataset, former: Bundle | None
) -> tuple[Manifest, str] | None:
    """Take over the language model of the former model, or learn one; or neither."""
    kept = former and load_language_model(former)
    if former and kept and former.manifest.language_model:
        new = len(bundle.vocabulary) - len(kept.families)
        language = kept.with_words(np.full(new, Vocabulary.UNKNOWN))
        count = former.manifest.language_model.captions
        sentence = f"The language model of {former.name} stays."
    else:
        captions = [c for example in dataset.train for c in example.captions]
        count = len(captions)
        if count < FEWEST_CAPTIONS:
            return None
        language = fit_language_model(map(tokenize, captions), bundle.vocabulary)
        sentence = f"Learned from {count:,} captions which words follow which."
    (bundle.folder / LANGUAGE_MODEL).write_bytes(language.to_bytes())
    return with_language(bundle.manifest, language, count), sentence


def _calibrate(
    bundle: Bundle, dataset: Dataset, train: TrainSplit
) -> tuple[Manifest, str]:
    captioner = Captioner(as_bundle(bundle.folder, bundle.manifest, bundle.vocabulary))
    try:
        calibration = calibrate_on_dev(captioner, dataset, train.out_of_distribution)
    except CalibrationError as error:
        if (former := train.former_confidence) is None:
            return bundle.manifest, f"Without confidence: {error}"
        return _keep_confidence(bundle, former, train.former_out_of_distribution), (
            f"Its confidence stays as it was measured before: {error}"
        )
    for name, content in calibration.files().items():
        (bundle.folder / name).write_bytes(content)
    doubted = 100 * calibration.confidence.measured.doubted
    return (
        calibration.in_manifest(bundle.manifest),
        f"Calibrated: the model is unsure of {doubted:.0f} % of the dev pictures.",
    )


def _keep_confidence(
    bundle: Bundle, record: ConfidenceRecord, usual: OutOfDistribution | None
) -> Manifest:
    if usual is not None and record.out_of_distribution is not None:
        file = record.out_of_distribution.file
        (bundle.folder / file).write_bytes(usual.to_bytes())
    return replace(bundle.manifest, confidence=record)
