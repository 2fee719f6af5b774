"""The sections of the report page about confidence, failures and their causes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element

from imagecap.counted import counted
from imagecap.evaluation.errors.causes import CAUSES, find_causes
from imagecap.evaluation.errors.sense import KINDS, Sense
from imagecap.evaluation.report.page import card, table
from imagecap.evaluation.report.summary import sense_rows, sense_rule
from imagecap.html import element
from imagecap.model.measured import Bin, Failures, Tally
from imagecap.model.model_card import gender_text, repetition_text

_WORST = 50
_SIDE = 320
_MARGIN = 40


def confidence_section(bins: Sequence[Bin], sentences: Sequence[str]) -> list[Element]:
    """Show how true a model's confidence is.

    Args:
        bins: Confidence against what was right.
        sentences: What to say about it.
    """
    rows = [
        (
            f"{one.low:.1f} – {one.high:.1f}",
            f"{one.captions:,}",
            f"{one.confidence:.2f}",
            f"{one.right:.2f}",
        )
        for one in bins
    ]
    return [
        element("h2", "Confidence"),
        *(element("p", sentence) for sentence in sentences),
        _diagram(bins),
        table(["confidence", "captions", "mean confidence", "right"], rows),
    ]


def failures_section(failures: Failures) -> list[Element]:
    """Show what captions say against what people wrote."""
    rows = [
        (kind, *_cells(tally), *_cells(failures.people[kind]))
        for kind, tally in failures.model.items()
    ]
    header = ["", "said", "contradicted", "alone"]
    return [
        element("h2", "What captions get wrong"),
        element(
            "p",
            "Counted by word lists. Contradicted: all references that speak of such a "
            "thing say another. Alone: no reference speaks of such a thing. People: a "
            "reference of each picture by the same rule against the others.",
        ),
        element(
            "div",
            table([*header, *(f"people: {name}" for name in header[1:])], rows),
            **{"class": "wide"},
        ),
        element("p", f"{gender_text(failures)} {repetition_text(failures)}"),
    ]


def sense_section(sense: Sense, captions: Mapping[str, str]) -> list[Element]:
    """Show how many captions no reader would write, and which.

    Args:
        sense: What was measured.
        captions: Picture name → its caption.
    """
    rows = [
        (captions[name], "; ".join(why))
        for name, why in sorted(sense.suspicions.items())
    ]
    return [
        element("h2", "Sense"),
        element("p", sense_rule(sense)),
        element("ul", *(element("li", f"{k}: {rule}") for k, rule in KINDS.items())),
        table(["", "captions", "people"], sense_rows(sense)),
        element(
            "details",
            element("summary", f"The {len(rows):,} suspect captions"),
            element("div", table(["caption", "why"], rows), **{"class": "wide"}),
        ),
    ]


def worst_section(
    cider: Mapping[str, float],
    captions: Mapping[str, str],
    references: Mapping[str, Sequence[str]],
    paths: Mapping[str, Path],
    vocabulary: Collection[str],
) -> list[Element]:
    """Show the worst captions, sorted by why they fail.

    Args:
        cider: Picture name → CIDEr of its caption alone, times 100.
        captions: Picture name → its caption.
        references: Picture name → what people wrote.
        paths: Picture name → its file.
        vocabulary: The words the model can say; none if that is not known.
    """
    worst = sorted(cider, key=lambda name: (cider[name], name))[:_WORST]
    causes = find_causes(worst, captions, references, vocabulary)
    groups = {
        cause: [name for name in worst if causes[name][0] == cause] for cause in CAUSES
    }
    rows = [
        (
            cause,
            rule,
            f"{len(groups[cause]):,}",
            f"{sum(cause in found for found in causes.values()):,}",
            mending,
        )
        for cause, (rule, mending) in CAUSES.items()
        if any(cause in found for found in causes.values())
    ]
    section = [
        element("h2", f"The {counted(len(worst), 'worst caption')}, by cause"),
        element(
            "p",
            "Worst by CIDEr of the picture alone. Causes are found by rules that look "
            "at the words of captions and references; each picture is shown under the "
            "first cause that fits.",
        ),
        element(
            "div",
            table(["cause", "rule", "shown", "fits", "what would mend it"], rows),
            **{"class": "wide"},
        ),
    ]
    for cause, names in groups.items():
        if names:
            cards = (
                card(paths[name], captions[name], references[name], cider[name])
                for name in names
            )
            section += [
                element("h3", f"{cause.capitalize()} ({len(names):,})"),
                element("p", CAUSES[cause][1]),
                element("div", *cards, **{"class": "pictures"}),
            ]
    return section


def _diagram(bins: Sequence[Bin]) -> Element:
    """Draw confidence to the right, the share that was right upwards, as SVG."""
    size = _SIDE + 2 * _MARGIN

    def across(share: float) -> str:
        return f"{_MARGIN + _SIDE * share:.1f}"

    def up(share: float) -> str:
        return f"{_MARGIN + _SIDE * (1 - share):.1f}"

    captions = sum(one.captions for one in bins)
    axes = [
        element(
            "rect",
            x=across(0),
            y=up(1),
            width=f"{_SIDE}",
            height=f"{_SIDE}",
            fill="none",
            stroke="#888",
        ),
        element(
            "line",
            x1=across(0),
            y1=up(0),
            x2=across(1),
            y2=up(1),
            stroke="#888",
            **{"stroke-dasharray": "4 4"},
        ),
        _label("confidence", f"{size / 2}", f"{size - 8}"),
        _label("right", f"{size / 2}", f"{_MARGIN - 26}"),
    ]
    for share in (0.0, 0.5, 1.0):
        axes.append(_label(f"{share:g}", across(share), f"{size - _MARGIN + 18}"))
        axes.append(_label(f"{share:g}", f"{_MARGIN - 18}", up(share)))
    bars = [
        element(
            "rect",
            element(
                "title", f"{counted(one.captions, 'caption')}, {one.right:.2f} right"
            ),
            x=across(one.low + 0.01),
            y=up(one.right),
            width=f"{_SIDE * 0.08:.1f}",
            height=f"{_SIDE * one.right:.1f}",
            fill="#3b6fb6",
            opacity=f"{0.35 + 0.65 * one.captions / captions:.2f}",
        )
        for one in bins
    ]
    points = [
        element(
            "circle", cx=across(one.confidence), cy=up(one.right), r="4", fill="#c03a2b"
        )
        for one in bins
    ]
    return element(
        "svg",
        *axes,
        *bars,
        *points,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {size} {size}",
        width=f"{size}",
        role="img",
        **{"aria-label": "Reliability diagram; the table has the same figures."},
    )


def _label(text: str, x: str, y: str) -> Element:
    return element(
        "text",
        text,
        x=x,
        y=y,
        fill="currentColor",
        **{"text-anchor": "middle", "font-size": "13"},
    )


def _cells(tally: Tally) -> tuple[str, str, str]:
    return f"{tally.said:,}", f"{tally.contradicted:,}", f"{tally.alone:,}"
