"""Going on with few pictures, from a data set to a bundle in its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from imagecap.datasets.dataset import Dataset, Example
from imagecap.evaluation.comparison import Comparison
from imagecap.model.bundle import Bundle, find_bundle, load_bundle
from imagecap.training.adaptation.adapt import MOST_PICTURES, adapt
from imagecap.training.adaptation.adapted_bundle import ADAPTATION, save_adaptation
from imagecap.training.export.backend import can_export
from imagecap.training.export.finish import not_better
from imagecap.training.settings import TrainingSettings

# With any other option a person says how to train, and that is done.
_CHOICES = {"start", "minimum_count", "seed", "limit_captions"}


class GoneOn(NamedTuple):
    """What came of going on.

    Attributes:
        start: The name of the model that it began with.
        comparison: That model against the new one, on pictures that the new one had
            not learned from.
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
    named = load_bundle(find_bundle(settings.start))
    named, start = without_data(named, dataset.name)
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
    return GoneOn(start.name, learned.comparison, folder)


def without_data(named: Bundle, data: str) -> tuple[Bundle, Bundle]:
    """Return the model without what has these captions by heart.

    Args:
        named: The model.
        data: The name of the data set.

    Returns:
        It without an expert that learned from it, and the model to begin with: the same
        one, or that which it went on from.
    """
    experts = tuple(one for one in named.manifest.experts or () if one.data != data)
    named = replace(named, manifest=replace(named.manifest, experts=experts or None))
    training = named.manifest.training
    if training.best.stage == ADAPTATION and training.data.name == data:
        return named, load_bundle(find_bundle(training.settings["start"]))
    return named, named
