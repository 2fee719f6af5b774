"""Going on with few pictures, from a data set to a bundle in its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from imagecap.datasets.dataset import Dataset, Example
from imagecap.evaluation.comparison import Comparison
from imagecap.model.bundle import find_bundle, load_bundle
from imagecap.training.adaptation.adapt import MOST_PICTURES, adapt
from imagecap.training.adaptation.adapted_bundle import save_adaptation
from imagecap.training.adaptation.beginning import begin_without
from imagecap.training.export.backend import can_export
from imagecap.training.export.finish import ensure_writable, not_better
from imagecap.training.settings import TrainingSettings

# With any other option a person says how to train, and that is done.
_CHOICES = {"start", "minimum_count", "seed", "limit_captions"}


class GoneOn(NamedTuple):
    """What came of going on.

    Attributes:
        start: The name of the model that was asked for, which stays as it is.
        comparison: What the new one began with against it, on pictures that it had not
            learned from.
        folder: Where the new one is.
    """

    start: str
    comparison: Comparison
    folder: Path


def adapts(choices: Mapping[str, Any], dataset: Dataset) -> bool:
    """Tell whether a run goes on with a model as it ships.

    Args:
        choices: The settings that were chosen, by their paths.
        dataset: What is learned from.
    """
    pictures = len(dataset.train) + len(dataset.dev)
    few = pictures < MOST_PICTURES and not dataset.more_dev
    return (
        bool(choices.get("start"))
        and choices.keys() <= _CHOICES
        and few
        and can_export()
    )


def examples_of(dataset: Dataset) -> list[Example]:
    """Return what going on learns from: a split for choosing is made of it itself."""
    return sorted((*dataset.train, *dataset.dev), key=lambda one: one.name)


def go_on(
    dataset: Dataset,
    settings: TrainingSettings,
    folder: Path,
    report: Callable[[str], None],
    step_done: Callable[[], object] = lambda: None,
) -> GoneOn:
    """Go on with a model, and put the new one into its place if it is better.

    Args:
        dataset: Its train and dev are learned from.
        settings: Name the model, the seed and which words are learned.
        folder: That place; a model that is not better is put beside it, see
            `not_better`.
        report: Is told in sentences what is odd and what is new.
        step_done: Is called after each of `count_steps`.

    Raises:
        ImagecapError: If something is wrong that a person can mend.
    """
    ensure_writable(folder)
    named, start, sentences = begin_without(
        load_bundle(find_bundle(settings.start)), dataset.name
    )
    for sentence in sentences:
        report(sentence)
    learned = adapt(
        start,
        examples_of(dataset),
        settings.minimum_count,
        settings.seed,
        report,
        step_done,
    )
    if not learned.comparison.is_better:
        folder = not_better(folder)
    for sentence in save_adaptation(learned, start, dataset.name, folder, named):
        report(sentence)
    step_done()
    return GoneOn(named.name, learned.comparison, folder)
