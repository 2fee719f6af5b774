"""One HTML page about an evaluation, complete in itself."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from xml.etree.ElementTree import Element, tostring

from imagecap.evaluation.evaluate import Evaluation
from imagecap.evaluation.page import card as _card
from imagecap.evaluation.page import data_address as _data_address
from imagecap.evaluation.page import element as _element
from imagecap.evaluation.page import table as _table
from imagecap.evaluation.summary import Subject, caption_rows, rules, score_rows

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
    body = _element(
        "body",
        _element("h1", title),
        *(_element("p", note) for note in subject.notes),
        _element("h2", "Scores"),
        _table(["score", "value", "95 % interval"], score_rows(evaluation)),
        _element("h2", "How they were computed"),
        _element("ul", *(_element("li", rule) for rule in rules(evaluation))),
        _element("h2", "Captions"),
        _table(["captions", ""], caption_rows(subject, evaluation)),
        *_curves(run),
    )
    for heading, names in _chosen(evaluation.cider).items():
        cards = (
            _card(paths[name], captions[name], references[name], evaluation.cider[name])
            for name in names
        )
        body.append(_element("h2", f"{heading} by CIDEr of the picture alone"))
        body.append(_element("div", *cards, **{"class": "pictures"}))
    body.extend(more)
    style = files("imagecap.evaluation").joinpath("report.css").read_text("utf-8")
    head = _element(
        "head",
        _element("meta", charset="utf-8"),
        _element(
            "meta", name="viewport", content="width=device-width, initial-scale=1"
        ),
        _element("title", title),
        _element("style", style),
    )
    page = tostring(
        _element("html", head, body, lang="en"), encoding="unicode", method="html"
    )
    return f"<!DOCTYPE html>\n{page}\n"


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
    picture = _element(
        "img",
        src=_data_address("png", curves),
        alt="Losses and scores of each epoch; the table has the same figures.",
        **{"class": "curves"},
    )
    table = _element("div", _table(header, rows), **{"class": "wide"})
    return [
        _element("h2", "Training"),
        picture,
        _element("details", _element("summary", "Each epoch"), table),
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
