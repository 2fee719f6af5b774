"""The `imagecap evaluate` command: captions of a split, scored, shown and saved."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import click
import numpy as np

from imagecap.commands.console import tell_error
from imagecap.commands.evaluation_folder import make_folder, save_texts
from imagecap.datasets.dataset import Dataset, Example, load_dataset, load_more
from imagecap.errors import ImagecapError
from imagecap.evaluation.calibration.calibrate import (
    calibrate,
    check_confidence,
    judge_captions,
    write_calibration,
)
from imagecap.evaluation.calibration.feature_pass import encode_once
from imagecap.evaluation.calibration.out_of_distribution import SubspaceFit
from imagecap.evaluation.errors.failures import count_failures
from imagecap.evaluation.evaluate import Evaluation, EvaluationError, evaluate_captions
from imagecap.evaluation.metrics.meteor import MeteorError, run_meteor
from imagecap.evaluation.report.coco import coco_annotations, coco_results, image_ids
from imagecap.evaluation.report.report import write_report
from imagecap.evaluation.report.summary import Subject, to_json, to_table
from imagecap.evaluation.report.trust_sections import (
    confidence_section,
    failures_section,
    worst_section,
)
from imagecap.evaluation.results import read_results
from imagecap.model.caption import Caption
from imagecap.model.captioner import Captioner, Described
from imagecap.model.confidence import pooled
from imagecap.model.measured import Bin, Failures, SplitName
from imagecap.progress import progress


@dataclass(frozen=True)
class _Scored:
    """Captions with all that was measured of them."""

    subject: Subject
    captions: Mapping[str, str]
    examples: Sequence[Example]
    references: Mapping[str, Sequence[str]]
    evaluation: Evaluation
    failures: Failures


@click.command()
@click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path),
    help="Folder of captioned photographs, as train.py reads it.",
)
@click.option(
    "--more-data",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Another data set of which the model has learned the train split; may come "
    "several times.",
)
@click.option(
    "--split",
    type=click.Choice(["train", "dev", "test"]),
    default="dev",
    show_default=True,
    help="The pictures to caption.",
)
@click.option("--model", metavar="NAME_OR_PATH", help="The model. [default: default]")
@click.option(
    "--beam",
    type=click.IntRange(1, 50),
    help="Captions kept in parallel by the search. [default: the model's]",
)
@click.option(
    "--results",
    type=click.Path(path_type=Path),
    help="Score the captions in this file instead of a model's: COCO results JSON "
    "(image_id a number or a file name), JSON Lines of the same, or CSV with the "
    "header image,caption.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Where to save. [default: evaluation/MODEL-DATA-SPLIT]",
)
@click.option(
    "--calibrate",
    "calibrating",
    is_flag=True,
    help="Measure how often captions are right by how probable they are, and write "
    "that into the model: it then says of a caption whether it is unsure.",
)
def evaluate(
    data: Path,
    more_data: tuple[Path, ...],
    split: str,
    model: str | None,
    beam: int | None,
    results: Path | None,
    output: Path | None,
    calibrating: bool,
) -> int:
    """Score a model's captions against what people wrote.

    Prints BLEU, METEOR, ROUGE-L and CIDEr with 95 % confidence intervals. Saves them
    as scores.json, the captions as COCO results with the annotations to score them by,
    and report.html. A picture that cannot be read is left out and named, and the exit
    status is 1.
    """
    if results is not None and (model or beam):
        raise click.UsageError("--results has captions already; leave out the model.")
    if calibrating and (results is not None or beam or split == "train"):
        raise click.UsageError(
            "--calibrate needs a model, its own beam and pictures that it has not "
            "learned from; leave out --results and --beam, and choose dev or test."
        )
    if results is not None:
        evaluate_results(results, data, split, output, more_data)
        return 0
    complete = evaluate_model(model, beam, data, split, output, more_data, calibrating)
    return 0 if complete else 1


def evaluate_model(
    model: str | None,
    beam: int | None,
    data: Path,
    split: str,
    output: Path | None,
    more_data: Sequence[Path] = (),
    calibrating: bool = False,
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

    Returns:
        Whether every picture could be read.

    Raises:
        ImagecapError: If something is wrong that a person can mend.
    """
    captioner = Captioner.load(model)
    dataset, examples = _load(data, split, more_data)
    folder = make_folder(output, captioner.name, dataset.name, split)
    captions: dict[str, Caption] = {}
    vectors = []
    notes = []
    for example, result in _describe(captioner, beam, examples):
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
        captioner.decoding(1, beam),
        len(captioner.bundle.vocabulary) - len(captioner.bundle.vocabulary.SPECIAL),
        tuple(notes),
    )
    bundle = captioner.bundle.folder.resolve()
    run = bundle.with_name(f"{bundle.name}-training")
    scored = _score(subject, {n: c.text for n, c in captions.items()}, dataset)
    if calibrating:
        right = judge_captions([scored.evaluation.cider[name] for name in captions])
        usual = SubspaceFit(dataset.train)
        encode_once(captioner, [usual], "Learning what is usual")
        calibration = calibrate(
            list(captions.values()),
            right,
            np.stack(vectors),
            usual.fit(),
            captioner.bundle.manifest.decoding.search.length_penalty,
            SplitName(dataset.name, split),
            scored.failures,
        )
        bins: Sequence[Bin] = calibration.confidence.measured.bins
        sentences = calibration.sentences()
    else:
        bins, sentences = check_confidence(captions, scored.evaluation.cider)
    confidence = confidence_section(bins, sentences) if bins else []
    _write(scored, dataset, folder, run, confidence, captioner.bundle.vocabulary)
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
) -> None:
    """Score captions of any origin; see `read_results`.

    Args:
        results: The file with the captions.
        data: The data set.
        split: The split.
        output: Where to save; by default a folder named after all of this.
        more_data: Other data sets whose train split the captions may repeat, too.

    Raises:
        ImagecapError: If something is wrong that a person can mend.
    """
    dataset, examples = _load(data, split, more_data)
    ids = image_ids([example.name for example in examples])
    captions = read_results(results, ids, f"{dataset.name}, {split}")
    folder = make_folder(output, results.stem, dataset.name, split)
    subject = Subject(results.name, dataset.name, split, None, None, ())
    _write(_score(subject, captions, dataset), dataset, folder, None, [], ())


def _load(
    data: Path, split: str, more_data: Sequence[Path]
) -> tuple[Dataset, Sequence[Example]]:
    dataset = load_more(load_dataset(data), more_data)
    for problem in dataset.report.problems:
        click.echo(f"note: {problem}", err=True)
    examples = dataset.splits[split]
    if not examples:
        raise EvaluationError(
            f"{data} has no pictures in its {split} split; choose another --split."
        )
    return dataset, examples


def _describe(
    captioner: Captioner, beam: int | None, examples: Sequence[Example]
) -> Iterator[tuple[Example, Described | ImagecapError]]:
    results = captioner.describe_many(
        (example.path for example in examples), beam_width=beam
    )
    results = progress(results, "Captioning", len(examples))
    for example, (_, result) in zip(examples, results, strict=True):
        yield example, result


def _score(subject: Subject, captions: Mapping[str, str], dataset: Dataset) -> _Scored:
    """Score captions and print the scores."""
    examples = [
        example for example in dataset.splits[subject.split] if example.name in captions
    ]
    references = {example.name: example.captions for example in examples}
    known = [caption for example in dataset.train for caption in example.captions]
    try:
        with run_meteor() as meteor:
            evaluation = evaluate_captions(captions, references, known, meteor)
    except MeteorError as error:
        subject = replace(subject, notes=(*subject.notes, str(error)))
        evaluation = evaluate_captions(captions, references, known, None)
    # First of all, so that it is seen even where nothing can be saved.
    click.echo(to_table(subject, evaluation))
    failures = count_failures(captions, references)
    return _Scored(subject, captions, examples, references, evaluation, failures)


def _write(
    scored: _Scored,
    dataset: Dataset,
    folder: Path,
    run: Path | None,
    confidence: Sequence[Element],
    vocabulary: Iterable[str],
) -> None:
    subject, captions, references = scored.subject, scored.captions, scored.references
    # The numbers are those of the whole split, whatever could not be read.
    ids = image_ids([example.name for example in dataset.splits[subject.split]])
    description = f"{subject.dataset}, {subject.split}"
    paths = {example.name: example.path for example in scored.examples}
    cider = scored.evaluation.cider
    sections = [
        *confidence,
        *failures_section(scored.failures),
        *worst_section(cider, captions, references, paths, frozenset(vocabulary)),
    ]
    report = write_report(
        subject, scored.evaluation, captions, references, paths, run, sections
    )
    texts = {
        "scores.json": to_json(subject, scored.evaluation, scored.failures),
        "results.json": _json(coco_results(captions, ids)),
        "annotations.json": _json(coco_annotations(references, ids, description)),
        "report.html": report,
    }
    save_texts(folder, texts)
    click.echo(f"\nSaved in {folder}: {', '.join(texts)}")


def _json(content: Any) -> str:  # noqa: ANN401 – whatever JSON can hold
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"
