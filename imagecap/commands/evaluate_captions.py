"""Captions of a split, by a model or from a file, scored, printed and saved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import click
import numpy as np

from imagecap.captions.caption_files import read_texts
from imagecap.commands.console import tell, tell_error
from imagecap.commands.evaluation_folder import make_folder, save_texts
from imagecap.datasets.dataset import Dataset, Example, load_dataset
from imagecap.datasets.joining import load_more
from imagecap.errors import ImagecapError
from imagecap.evaluation.calibration.calibrate import (
    calibrate,
    check_confidence,
    judge_captions,
    require_enough,
    write_calibration,
)
from imagecap.evaluation.calibration.feature_pass import encode_once
from imagecap.evaluation.calibration.out_of_distribution import SubspaceFit
from imagecap.evaluation.evaluate import EvaluationError
from imagecap.evaluation.examples import describe_examples
from imagecap.evaluation.report.coco import image_ids
from imagecap.evaluation.report.scored_split import (
    ScoredSplit,
    evaluation_files,
    score_split,
)
from imagecap.evaluation.report.summary import Subject, to_table
from imagecap.evaluation.report.trust_sections import confidence_section
from imagecap.evaluation.results import read_results
from imagecap.model.bundle import MEMORY
from imagecap.model.caption import Caption
from imagecap.model.captioner import Captioner
from imagecap.model.confidence import OutOfDistribution, load_confidence, pooled
from imagecap.model.measured import Bin, SplitName


def evaluate_model(
    model: str | None,
    beam: int | None,
    data: Path,
    split: str,
    output: Path | None,
    more_data: Sequence[Path] = (),
    calibrating: bool = False,
    sense_from: Sequence[Path] = (),
) -> bool:
    """Caption a split with a model, as its users would, and score the captions.

    Args:
        model: The model's name or folder; `None` is the one that comes with imagecap.
        beam: Width of the beam search; the model's own by default.
        data: The data set.
        split: The split.
        output: Where to save; by default a folder named after all of this.
        more_data: Other data sets whose train split the model has learned, too.
        calibrating: Measure the model's confidence on these captions, and write it and
            what they get wrong into the model. The beam must be the model's own, and
            the split not the one learned from.
        sense_from: Files with captions of other pictures; see `score_split`.

    Returns:
        Whether every picture could be read.

    Raises:
        ImagecapError: If something is wrong that a person can mend.
    """
    captioner = Captioner.load(model)
    dataset, examples = load_split(data, split, more_data)
    sensible = _read_texts(sense_from)
    if calibrating:
        require_enough(len(examples))
    folder = make_folder(output, captioner.name, dataset.name, split)
    captions: dict[str, Caption] = {}
    vectors = []
    notes = []
    described = describe_examples(captioner, examples, "Captioning", beam_width=beam)
    for example, result in described:
        if isinstance(result, ImagecapError):
            notes.append(f"Left out: {result}")
            tell_error(result)
        else:
            captions[example.name] = result.captions[0]
            if calibrating:
                vectors.append(pooled(result.features[np.newaxis])[0])
    if not captions:
        raise EvaluationError(f"None of the pictures of {split} can be read.")
    subject = Subject(
        captioner.name,
        dataset.name,
        split,
        captioner.bundle.manifest.decoding.for_captions(1, beam),
        len(captioner.bundle.vocabulary) - len(captioner.bundle.vocabulary.SPECIAL),
        tuple(notes),
    )
    bundle = captioner.bundle.folder.resolve()
    run = bundle.with_name(f"{bundle.name}-training")
    texts = {name: caption.text for name, caption in captions.items()}
    scored = _score(subject, texts, dataset, sensible)
    if calibrating and not scored.evaluation.tells_pictures_apart:
        raise EvaluationError(
            f"{split} of {data} cannot calibrate a model: CIDEr is undefined there; "
            "take more photographs, of different things."
        )
    if calibrating:
        right = judge_captions([scored.evaluation.cider[name] for name in captions])
        calibration = calibrate(
            list(captions.values()),
            right,
            np.stack(vectors),
            _find_usual(captioner, dataset),
            captioner.bundle.manifest.decoding.search.length_penalty,
            SplitName(dataset.name, split),
            scored.failures,
        )
        bins: Sequence[Bin] = calibration.confidence.measured.bins
        sentences = calibration.sentences()
    elif scored.evaluation.tells_pictures_apart:
        bins, sentences = check_confidence(captions, scored.evaluation.cider)
    else:
        bins, sentences = [], []
    confidence = confidence_section(bins, sentences) if bins else []
    words = captioner.bundle.vocabulary
    _save(folder, evaluation_files(scored, dataset, run, confidence, words))
    if calibrating:
        write_calibration(captioner.bundle, calibration)
        click.echo("\n".join([*sentences, f"Written into {captioner.bundle.folder}."]))
    return not notes


def evaluate_results(
    results: Path,
    data: Path,
    split: str,
    output: Path | None,
    more_data: Sequence[Path] = (),
    sense_from: Sequence[Path] = (),
) -> None:
    """Score captions of any origin; see `read_results`.

    Args:
        results: The file with the captions.
        data: The data set.
        split: The split.
        output: Where to save; by default a folder named after all of this.
        more_data: Other data sets whose train split the captions may repeat, too.
        sense_from: Files with captions of other pictures; see `score_split`.

    Raises:
        ImagecapError: If something is wrong that a person can mend.
    """
    dataset, examples = load_split(data, split, more_data)
    ids = image_ids([example.name for example in examples])
    sensible = _read_texts(sense_from)
    problems: list[str] = []
    captions = read_results(results, ids, f"{dataset.name}, {split}", problems)
    _note(problems)
    folder = make_folder(output, results.stem, dataset.name, split)
    subject = Subject(results.name, dataset.name, split, None, None, ())
    scored = _score(subject, captions, dataset, sensible)
    _save(folder, evaluation_files(scored, dataset, None, [], ()))


def load_split(
    data: Path, split: str, more_data: Sequence[Path]
) -> tuple[Dataset, Sequence[Example]]:
    """Read a data set and choose the examples of a split; tell what was odd.

    Raises:
        ImagecapError: If it cannot be read, or the split is empty.
    """
    dataset = load_more(load_dataset(data, needs_train=False), more_data)
    _note(dataset.report.problems)
    examples = dataset.of(split)
    if not examples:
        raise EvaluationError(
            f"{data} has no pictures in its {split} split; choose another --split."
        )
    return dataset, examples


def _find_usual(captioner: Captioner, dataset: Dataset) -> OutOfDistribution | None:
    """Learn what is usual; what a model remembers is told by what was, which stays."""
    if MEMORY in captioner.bundle.manifest.files:
        known = load_confidence(captioner.bundle)
        return None if known is None else known.out_of_distribution
    usual = SubspaceFit(dataset.train_parts)
    encode_once(captioner, [usual], "Learning what is usual")
    return usual.fit()


def _read_texts(files: Sequence[Path]) -> list[str]:
    problems: list[str] = []
    texts = read_texts(files, problems)
    _note(problems)
    return texts


def _note(problems: Iterable[str]) -> None:
    for problem in problems:
        tell(f"note: {problem}")


def _score(
    subject: Subject,
    captions: Mapping[str, str],
    dataset: Dataset,
    sense_from: Sequence[str],
) -> ScoredSplit:
    """Score captions and print the scores."""
    scored = score_split(subject, captions, dataset, sense_from)
    # First of all, so that it is seen even where nothing can be saved.
    click.echo(to_table(scored.subject, scored.evaluation, scored.sense))
    return scored


def _save(folder: Path, texts: Mapping[str, str]) -> None:
    save_texts(folder, texts)
    click.echo(f"\nSaved in {folder}: {', '.join(texts)}")
