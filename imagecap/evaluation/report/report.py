"""One HTML page about an evaluation, complete in itself."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from xml.etree.ElementTree import Element

from imagecap.evaluation.evaluate import Evaluation
from imagecap.evaluation.report.page import card, data_address, table
from imagecap.evaluation.report.summary import Subject, caption_rows, rules, score_rows
from imagecap.html import document, element

_SHOWN = 6


def write_report(
    subject: Subject,
    evaluation: Evaluation,
    captions: Mapping[str, str],
    references: Mapping[str, Sequence[str]],
    paths: Mapping[str, Path],
    run: Path | None,
    more: Sequence[Element] = (),
) -> str:
    """Write the page: scores, how they were computed, curves, examples.

    Args:
        subject: What was evaluated.
        evaluation: What was measured.
        captions: Picture name → its caption.
        references: Picture name → what people wrote.
        paths: Picture name → its file.
        run: The folder of the training run, if there may be one.
        more: What else there is to show, at the end.
    """
    title = subject.title(len(evaluation.cider))
    body = element(
        "body",
        element("h1", title),
        *(element("p", note) for note in subject.notes),
        element("h2", "Scores"),
        table(["score", "value", "95 % interval"], score_rows(evaluation)),
        element("h2", "How they were computed"),
        element("ul", *(element("li", rule) for rule in rules(evaluation))),
        element("h2", "Captions"),
        table([], caption_rows(subject, evaluation)),
        *_curves(run),
    )
    cider = evaluation.cider if evaluation.tells_pictures_apart else {}
    for heading, names in _chosen(cider).items() if cider else ():
        cards = (
            card(paths[name], captions[name], references[name], evaluation.cider[name])
            for name in names
        )
        body.append(element("h2", f"{heading} by CIDEr of the picture alone"))
        body.append(element("div", *cards, **{"class": "pictures"}))
    body.extend(more)
    style = (
        files("imagecap.evaluation.report").joinpath("report.css").read_text("utf-8")
    )
    return document(title, body, element("style", style))


def _curves(run: Path | None) -> list[Element]:
    """Show the record of the training run, where it is still there."""
    if run is None:
        return []
    try:
        history = (run / "history.csv").read_text(encoding="utf-8")
        curves = (run / "curves.png").read_bytes()
        header, *rows = csv.reader(io.StringIO(history), strict=True)
    except (OSError, ValueError, csv.Error):
        return []
    picture = element(
        "img",
        src=data_address("png", curves),
        alt="Losses and scores of each epoch; the table has the same figures.",
        **{"class": "curves"},
    )
    epochs = element("div", table(header, rows), **{"class": "wide"})
    return [
        element("h2", "Training"),
        element("div", picture, **{"class": "wide"}),
        element("details", element("summary", "Each epoch"), epochs),
    ]


def _chosen(cider: Mapping[str, float]) -> dict[str, list[str]]:
    """Choose the best, median and worst pictures; of three or more none twice."""
    ordered = sorted(cider, key=lambda name: (-cider[name], name))
    count = max(1, min(_SHOWN, len(ordered) // 3))
    middle = (len(ordered) - count) // 2
    return {
        "Best pictures": ordered[:count],
        "Median pictures": ordered[middle : middle + count],
        "Worst pictures": ordered[-count:],
    }
