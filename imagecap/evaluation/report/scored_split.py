"""One split with its captions, scored and described, and the files made of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from imagecap.datasets.dataset import Dataset, Example
from imagecap.evaluation.errors.failures import count_failures
from imagecap.evaluation.errors.sense import (
    CaptionStatistics,
    Sense,
    measure_sense,
)
from imagecap.evaluation.evaluate import Evaluation, evaluate_captions
from imagecap.evaluation.metrics.meteor import MeteorError, run_meteor
from imagecap.evaluation.report.coco import coco_annotations, coco_results, image_ids
from imagecap.evaluation.report.report import write_report
from imagecap.evaluation.report.summary import Subject, to_scores_json
from imagecap.evaluation.report.trust_sections import (
    failures_section,
    sense_section,
    worst_section,
)
from imagecap.model.measured import Failures
from imagecap.text.tokenizer import tokenize

FEWEST_CAPTIONS = 5_000
"""From fewer, nobody can tell what never stands together in captions."""


@dataclass(frozen=True)
class ScoredSplit:
    """Captions of a split with all that was measured of them.

    Attributes:
        subject: What was evaluated.
        captions: Picture name → caption.
        examples: Their pictures.
        references: Picture name → what people wrote.
        evaluation: The scores.
        failures: What the captions get wrong.
        sense: How far they make sense; `None` with too few captions to tell.
    """

    subject: Subject
    captions: Mapping[str, str]
    examples: Sequence[Example]
    references: Mapping[str, Sequence[str]]
    evaluation: Evaluation
    failures: Failures
    sense: Sense | None


def score_split(
    subject: Subject,
    captions: Mapping[str, str],
    dataset: Dataset,
    sense_from: Sequence[str] = (),
) -> ScoredSplit:
    """Score the captions of a split.

    Args:
        subject: What is evaluated; what was left out is added to its notes.
        captions: Picture name → caption, of those that could be captioned.
        dataset: The data set.
        sense_from: Captions of other pictures, to learn from them what makes sense; by
            default those of train, unless these are evaluated.
    """
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
    failures = count_failures(captions, references)
    if not sense_from and subject.split in ("dev", "test"):
        sense_from = known
    sense = None
    if len(sense_from) >= FEWEST_CAPTIONS:
        statistics = CaptionStatistics(map(tokenize, sense_from))
        sense = measure_sense(statistics, captions, references)
    return ScoredSplit(
        subject, captions, examples, references, evaluation, failures, sense
    )


def evaluation_files(
    scored: ScoredSplit,
    dataset: Dataset,
    run: Path | None,
    confidence: Sequence[Element],
    vocabulary: Iterable[str],
) -> dict[str, str]:
    """Make the files of an evaluation.

    Args:
        scored: The captions and their scores.
        dataset: The data set.
        run: The folder of the model's training run, for its curves.
        confidence: The report's section on how far captions can be trusted.
        vocabulary: The words that the model knows.

    Returns:
        File name → content: scores, captions and references as COCO has them, report.
    """
    subject, captions, references = scored.subject, scored.captions, scored.references
    # The numbers are those of the whole split, whatever could not be read.
    ids = image_ids([example.name for example in dataset.of(subject.split)])
    description = f"{subject.dataset}, {subject.split}"
    paths = {example.name: example.path for example in scored.examples}
    cider = scored.evaluation.cider
    sections = [
        *confidence,
        *failures_section(scored.failures),
        *(sense_section(scored.sense, captions) if scored.sense else []),
        *(
            worst_section(cider, captions, references, paths, frozenset(vocabulary))
            if scored.evaluation.tells_pictures_apart
            else []
        ),
    ]
    report = write_report(
        subject, scored.evaluation, captions, references, paths, run, sections
    )
    return {
        "scores.json": to_scores_json(
            subject, scored.evaluation, scored.failures, scored.sense
        ),
        "results.json": _json(coco_results(captions, ids)),
        "annotations.json": _json(coco_annotations(references, ids, description)),
        "report.html": report,
    }


def _json(content: Any) -> str:  # noqa: ANN401 – whatever JSON can hold
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"
