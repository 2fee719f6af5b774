"""What was measured, in words: as a table, and as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

import imagecap
from imagecap.counted import counted
from imagecap.evaluation.errors.sense import Sense, SenseRate
from imagecap.evaluation.evaluate import Evaluation, Lengths
from imagecap.evaluation.metrics.bootstrap import RESAMPLES, SEED
from imagecap.model.decoding import Decoding
from imagecap.model.measured import Failures

_RULES = (
    "Words as in the Penn Treebank, lower case, without punctuation and boundary "
    "tokens; all references; times 100.",
    "BLEU is that of the whole split, with weights 1/n and the closest reference "
    "length; ROUGE-L and CIDEr are means over pictures.",
    "CIDEr is CIDEr-D, as in coco-caption and most papers, with the rarity of words "
    "among the references of these pictures.",
    f"Intervals: 95 %, bootstrap over pictures, {RESAMPLES:,} resamples, seed {SEED}.",
)
_METEOR_RULE = (
    "METEOR is METEOR 1.5, that of coco-caption and papers, of the whole split."
)


@dataclass(frozen=True)
class Subject:
    """What was evaluated, and on what.

    Attributes:
        name: The model or the file whose captions they are.
        dataset: The data set's name.
        split: The split.
        search: How captions were searched for; `None` for captions from a file.
        vocabulary_size: Words the model knows; `None` for captions from a file.
        notes: Sentences about what is missing, such as pictures that cannot be read.
    """

    name: str
    dataset: str
    split: str
    search: Decoding | None
    vocabulary_size: int | None
    notes: tuple[str, ...]

    def title(self, pictures: int) -> str:
        """Return all of it in one line."""
        search = f", {self.search}" if self.search else ""
        return (
            f"{self.name} on {self.dataset}, {self.split}: "
            f"{counted(pictures, 'picture')}{search}"
        )


def rules(evaluation: Evaluation) -> list[str]:
    """Return how the scores were computed, in sentences."""
    return [*_RULES, *([_METEOR_RULE] if "METEOR" in evaluation.scores else [])]


def score_rows(evaluation: Evaluation) -> list[tuple[str, str, str]]:
    """Return name, value and interval of each score as they are shown."""
    return [
        (name, f"{score.value:.1f}", f"{score.low:.1f} – {score.high:.1f}")
        for name, score in evaluation.scores.items()
    ]


def caption_rows(subject: Subject, evaluation: Evaluation) -> list[tuple[str, str]]:
    """Describe the captions: what and how much, as they are shown."""
    known, seen = subject.vocabulary_size, evaluation.seen
    rows = [
        ("distinct captions", f"{evaluation.distinct_captions:,}"),
        (
            "vocabulary used",
            counted(evaluation.words, "word") + (f" of {known:,}" if known else ""),
        ),
        ("words in a caption", _describe(evaluation.lengths)),
        ("words in a reference", _describe(evaluation.reference_lengths)),
    ]
    if seen is not None:
        rows.append(("captions seen word for word in train", f"{100 * seen:.1f} %"))
    return rows


def sense_rows(sense: Sense) -> list[tuple[str, str, str]]:
    """Compare how far captions and references make sense, as it is shown."""

    def row(name: str, model: int, people: int) -> tuple[str, str, str]:
        return (
            name,
            f"{100 * model / sense.model.captions:.1f} %",
            f"{100 * people / sense.people.captions:.1f} %",
        )

    def interval(rate: SenseRate) -> str:
        share, low, high = 100 * rate.share, 100 * rate.low, 100 * rate.high
        return f"{share:.1f} % ({low:.1f} – {high:.1f})"

    kinds = [
        row(f"… {kind}", count, sense.people.kinds[kind])
        for kind, count in sense.model.kinds.items()
    ]
    return [
        ("no reader would write", interval(sense.model), interval(sense.people)),
        *kinds,
        row("a content word twice", sense.model.repeated, sense.people.repeated),
    ]


def sense_rule(sense: Sense) -> str:
    """Return how sense was measured, in a sentence."""
    return (
        f"What no reader would write is judged by {sense.learned:,} captions of other "
        "pictures; people: all references. Some of what it finds makes sense, and much "
        "that does not it overlooks."
    )


def to_table(
    subject: Subject, evaluation: Evaluation, sense: Sense | None = None
) -> str:
    """Write scores and captions as Markdown tables."""
    of_sense = []
    if sense is not None:
        of_sense = [
            "| sense | captions | people |",
            "|---|---|---|",
            *(f"| {' | '.join(row)} |" for row in sense_rows(sense)),
            "",
        ]
    scores = score_rows(evaluation)
    captions = caption_rows(subject, evaluation)
    return "\n".join(
        [
            subject.title(len(evaluation.cider)),
            "",
            "| score | value | 95 % interval |",
            "|---|---|---|",
            *(f"| {' | '.join(row)} |" for row in scores),
            "",
            "| captions | |",
            "|---|---|",
            *(f"| {' | '.join(row)} |" for row in captions),
            "",
            *of_sense,
            *rules(evaluation),
            *([sense_rule(sense)] if sense is not None else []),
            *subject.notes,
        ]
    )


def to_scores_json(
    subject: Subject,
    evaluation: Evaluation,
    failures: Failures,
    sense: Sense | None = None,
) -> str:
    """Write all figures, unrounded, with how they were computed."""
    content = {
        **asdict(subject),
        "imagecap": imagecap.__version__,
        "pictures": len(evaluation.cider),
        "scores": {name: asdict(score) for name, score in evaluation.scores.items()},
        "distinct_captions": evaluation.distinct_captions,
        "words": evaluation.words,
        "lengths": asdict(evaluation.lengths),
        "reference_lengths": asdict(evaluation.reference_lengths),
        "seen": evaluation.seen,
        "failures": asdict(failures),
        "sense": None if sense is None else asdict(sense),
        "rules": rules(evaluation),
        "cider": evaluation.cider if evaluation.tells_pictures_apart else {},
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _describe(lengths: Lengths) -> str:
    return (
        f"{lengths.mean:.1f} ± {lengths.deviation:.1f} "
        f"({lengths.shortest:,} to {lengths.longest:,})"
    )
