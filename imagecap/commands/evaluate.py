"""What `imagecap evaluate` does: captions of a split, scored, shown and saved."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import click

from imagecap.datasets.dataset import Dataset, Example, load_dataset, load_more
from imagecap.errors import ImagecapError
from imagecap.evaluation.calibration.calibrate import (
    calibrate,
    check_confidence,
    write_calibration,
)
from imagecap.evaluation.errors.failures import Failures, count_failures
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
from imagecap.files import InUseError, atomic_write, exclusive_lock, reason
from imagecap.model.caption import Caption
from imagecap.model.captioner import Captioner
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
    folder = _make_folder(output, captioner.name, dataset.name, split)
    captions: dict[str, Caption] = {}
    notes = []
    for example, result in _caption(captioner, beam, examples):
        if isinstance(result, ImagecapError):
            notes.append(f"Left out: {result}")
            click.echo(f"Error: {result}", err=True)
        else:
            captions[example.name] = result
    if not captions:
        raise EvaluationError(f"None of the pictures of {split} can be read.")
    subject = Subject(
        captioner.name,
        dataset.name,
        split,
        captioner.beam_settings(1, beam),
        len(captioner.bundle.vocabulary) - len(captioner.bundle.vocabulary.SPECIAL),
        tuple(notes),
    )
    bundle = captioner.bundle.folder.resolve()
    run = bundle.with_name(f"{bundle.name}-training")
    scored = _score(subject, {n: c.text for n, c in captions.items()}, dataset)
    if calibrating and not scored.evaluation.tells_pictures_apart:
        raise EvaluationError(
            f"{split} of {data} cannot calibrate a model: CIDEr is undefined there; "
            "take more photographs, of different things."
        )
    if calibrating:
        calibration = calibrate(
            captioner, captions, scored.evaluation.cider, dataset, scored.examples
        )
        bins, sentences = calibration.bins, calibration.sentences()
    elif scored.evaluation.tells_pictures_apart:
        bins, sentences = check_confidence(captions, scored.evaluation.cider)
    else:
        bins, sentences = [], []
    confidence = confidence_section(bins, sentences) if bins else []
    _write(scored, dataset, folder, run, confidence, captioner.bundle.vocabulary)
    if calibrating:
        write_calibration(
            captioner.bundle, calibration, scored.failures, dataset.name, split
        )
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
    problems: list[str] = []
    captions = read_results(results, ids, f"{dataset.name}, {split}", problems)
    for problem in problems:
        click.echo(f"note: {problem}", err=True)
    folder = _make_folder(output, results.stem, dataset.name, split)
    subject = Subject(results.name, dataset.name, split, None, None, ())
    _write(_score(subject, captions, dataset), dataset, folder, None, [], ())


def _load(
    data: Path, split: str, more_data: Sequence[Path]
) -> tuple[Dataset, Sequence[Example]]:
    dataset = load_more(load_dataset(data, needs_train=False), more_data)
    for problem in dataset.report.problems:
        click.echo(f"note: {problem}", err=True)
    examples = dataset.of(split)
    if not examples:
        raise EvaluationError(
            f"{data} has no pictures in its {split} split; choose another --split."
        )
    return dataset, examples


def _make_folder(output: Path | None, *names: str) -> Path:
    """Make the folder to save in before any work, so that none is lost."""
    folder = output or Path("evaluation") / "-".join(names)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EvaluationError(
            f"The folder {folder} cannot be made ({error.strerror}); choose another "
            "with --output."
        ) from error
    return folder


def _caption(
    captioner: Captioner, beam: int | None, examples: Sequence[Example]
) -> Iterator[tuple[Example, Caption | ImagecapError]]:
    results = captioner.caption_many(
        (example.path for example in examples), beam_width=beam
    )
    results = progress(results, "Captioning", len(examples))
    for example, (_, result) in zip(examples, results, strict=True):
        yield example, result if isinstance(result, ImagecapError) else result[0]


def _score(subject: Subject, captions: Mapping[str, str], dataset: Dataset) -> _Scored:
    """Score captions and print the scores."""
    examples = [
        example for example in dataset.of(subject.split) if example.name in captions
    ]
    references = {example.name: example.captions for example in examples}
    known = [caption for example in dataset.train for caption in example.captions]
    try:
        with run_meteor() as meteor:
            evaluation = evaluate_captions(captions, references, known, meteor)
    except MeteorError as error:
        subject = replace(subject, notes=(*subject.notes, str(error)))
        evaluation = evaluate_captions(captions, references, known, None)
    subject = replace(subject, notes=(*subject.notes, *evaluation.notes))
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
    ids = image_ids([example.name for example in dataset.of(subject.split)])
    description = f"{subject.dataset}, {subject.split}"
    paths = {example.name: example.path for example in scored.examples}
    cider = scored.evaluation.cider
    sections = [
        *confidence,
        *failures_section(scored.failures),
        *(
            worst_section(cider, captions, references, paths, frozenset(vocabulary))
            if scored.evaluation.tells_pictures_apart
            else []
        ),
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
    _save(folder, texts)
    click.echo(f"\nSaved in {folder}: {', '.join(texts)}")


def _json(content: Any) -> str:  # noqa: ANN401 – whatever JSON can hold
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _save(folder: Path, texts: Mapping[str, str]) -> None:
    """Write files of one evaluation, never mixed with those of another."""
    path = folder
    try:
        with exclusive_lock(folder / ".lock"):
            for name, text in texts.items():
                path = folder / name
                with atomic_write(path) as file:
                    file.write(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise EvaluationError(
            f"{path} cannot be written ({reason(error)}); make room there or choose "
            "another folder with --output."
        ) from error
    except InUseError as error:
        raise EvaluationError(
            f"Another program is writing into {folder}; choose another --output."
        ) from error
