"""What was measured of a model, in the words of its card."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from imagecap.evaluation.errors.failures import Failures, Tally
from imagecap.evaluation.metrics.reliability import (
    RIGHT,
    Bin,
    expected_calibration_error,
)
from imagecap.model.confidence import LIKENESS, SCORE

_CONFIDENCE = "Confidence"
_FAILURES = "What it gets wrong"
_EVIDENCE = {
    SCORE: "the score by which the beam search ranks captions",
    LIKENESS: "what the word detector expects the caption to have in common with what "
    "people would write",
}
# The sections go before this one.
_NEXT = "## Limits"


def write_measured(card: str, confidence: Mapping[str, Any], failures: Failures) -> str:
    """Put what was measured into a model card, in place of what was there of it.

    Args:
        card: The card, in Markdown.
        confidence: The section `confidence` of the manifest.
        failures: What the captions get wrong.
    """
    for heading in (_CONFIDENCE, _FAILURES):
        card = re.sub(rf"^## {heading}\n.*?(?=^## |\Z)", "", card, flags=re.M | re.S)
    sections = (
        f"## {_CONFIDENCE}\n\n{confidence_text(confidence)}\n\n"
        f"## {_FAILURES}\n\n{failures_text(failures, confidence['data'])}\n\n"
    )
    before, limits, after = card.partition(_NEXT)
    return f"{before.rstrip()}\n\n{sections}{limits}{after}".rstrip() + "\n"


def confidence_text(confidence: Mapping[str, Any]) -> str:
    """Describe a model's confidence in Markdown, with the reliability as a table."""
    data = confidence["data"]
    rows = "\n".join(
        f"| {one['low']:.1f} – {one['high']:.1f} | {one['captions']:,} | "
        f"{one['confidence']:.2f} | {one['right']:.2f} |"
        for one in confidence["bins"]
    )
    odd = "The model does not tell odd pictures."
    if confidence["farthest"] is not None:
        odd = (
            "Of a picture that is unlike those learned from, such as a page of text or "
            "noise, the model is unsure whatever the caption; this also befalls "
            f"{_percent(confidence['odd'])} of the photographs of {data['split']}."
        )
    return f"""The confidence of a caption is {confidence["meaning"]}; such captions count \
as right. It comes from {_EVIDENCE[confidence["evidence"]]}, by a logistic map fitted on \
the {confidence["pictures"]:,} pictures of {data["name"]}, {data["split"]}. The \
figures are cross-validated: each caption was judged by a map fitted without it.

| confidence | captions | mean confidence | right |
|---|---|---|---|
{rows}

Expected calibration error {confidence["error"]:.3f}. A right caption has more confidence \
than a wrong one in {_percent(confidence["discrimination"])} of all pairs.

Below a confidence of {confidence["threshold"]:.2f} the model is unsure and says \
“Possibly: …”. {odd} Together it is unsure of {_percent(confidence["doubted"])} of these \
captions, of which {_percent(confidence["doubted_right"])} are right; of the others \
{_percent(confidence["trusted_right"])} are. On other kinds of photographs the figures \
may be others."""


def confidence_sentences(
    bins: Sequence[Bin],
    odd: float,
    doubted: float,
    doubted_right: float,
    trusted_right: float,
) -> str:
    """Say how true a model's confidence is.

    Args:
        bins: Confidence against what was right.
        odd: The share of pictures unlike those learned from, without a confidence.
        doubted: The share of captions of which the model is unsure.
        doubted_right: The share of those that was right.
        trusted_right: The share of the others that was right.
    """
    return (
        f"A caption counts as right from a CIDEr of {RIGHT:g}. Expected calibration "
        f"error {expected_calibration_error(bins):.3f}. The model is unsure of "
        f"{_percent(doubted)} of the captions, of which {_percent(doubted_right)} are "
        f"right; of the others {_percent(trusted_right)} are. {_percent(odd)} of the "
        "pictures are unlike those it has learned from, and it is unsure of these "
        "whatever it says."
    )


def failures_text(failures: Failures, data: Mapping[str, str]) -> str:
    """Describe in Markdown what captions get wrong."""
    rows = "\n".join(
        f"| {kind} | {_row(tally)} | {_row(failures.people[kind])} |"
        for kind, tally in failures.model.items()
    )
    return f"""Counted by word lists over the {failures.pictures:,} captions of \
{data["name"]}, {data["split"]}. *Contradicted*: a caption says it, and all references \
that speak of such a thing say another. *Alone*: no reference speaks of such a thing. The \
columns of people are a reference of each picture by the same rule against the others.

| | said | contradicted | alone | people: said | contradicted | alone |
|---|---|---|---|---|---|---|
{rows}

{gender_text(failures)} {repetition_text(failures)}"""


def gender_text(failures: Failures) -> str:
    """Tell in a sentence which genders are confused."""
    return (
        "Where all references that name a gender speak of women or girls, "
        f"{_part(failures.women_called_men, failures.women_gendered)} of the "
        f"{failures.women_gendered:,} captions that name one speak of men or boys; the "
        f"other way round {_part(failures.men_called_women, failures.men_gendered)} of "
        f"{failures.men_gendered:,}."
    )


def repetition_text(failures: Failures) -> str:
    """Tell in a sentence how often captions repeat themselves."""
    return (
        f"{failures.repeated:,} of {failures.pictures:,} captions repeat themselves "
        "(“a man and a man”)."
    )


def _row(tally: Tally) -> str:
    return (
        f"{tally.said:,} | {_part(tally.contradicted, tally.said)} | "
        f"{_part(tally.alone, tally.said)}"
    )


def _part(count: int, whole: int) -> str:
    return f"{count:,} ({_percent(count / whole)})" if whole else "0"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
