"""What train.py does with few pictures: it goes on with a model as it ships."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from imagecap.datasets.dataset import Dataset
from imagecap.evaluation.comparison import Comparison
from imagecap.library.store import Library
from imagecap.model.bundle import find_bundle
from imagecap.progress import progress_bar
from imagecap.training.adaptation.adapt import count_steps
from imagecap.training.adaptation.corrections import CORRECTIONS, load_corrections
from imagecap.training.adaptation.go_on import examples_of, go_on
from imagecap.training.export.finish import not_better
from imagecap.training.settings import TrainingSettings
from imagecap.training.train_and_export import place_if_better

NOT_BETTER = 3
"""The exit status where the new model is not better than the one it went on from."""


def means_corrections(data: Path | None) -> bool:
    """Tell whether the library's corrections are meant, not a folder of that name."""
    return data == Path(CORRECTIONS) and not data.exists()


def open_corrections() -> Dataset:
    """Read what people wrote in the library; see `load_corrections`."""
    with closing(Library.open()) as library:
        return load_corrections(library)


def run_adaptation(
    dataset: Dataset, settings: TrainingSettings, folder: Path, as_json: bool
) -> int:
    """Go on with a model, and tell whether that made it better.

    Args:
        dataset: Its train and dev are learned from.
        settings: Name the model, the seed and which words are learned.
        folder: Where the new model is put if it is better; else beside it.
        as_json: Whether what is printed is read by a program.

    Returns:
        The exit status: 0 if it is better, else `NOT_BETTER`.
    """
    teller = _Teller(count_steps(examples_of(dataset)), as_json)
    gone = go_on(dataset, settings, folder, teller.say, teller.step_done)
    is_better = gone.comparison.is_better
    teller.end(verdict(gone.comparison, gone.start), is_better, gone.folder)
    return 0 if is_better else NOT_BETTER


def tell_whether_better(
    settings: TrainingSettings, dataset: Dataset, folder: Path
) -> bool:
    """Tell whether a model is better than the one that training began with.

    See `place_if_better`.
    """
    comparison = place_if_better(settings, dataset, folder)
    click.echo(verdict(comparison, find_bundle(settings.start).name))
    if not comparison.is_better:
        _tell_where(not_better(folder))
    return comparison.is_better


def verdict(comparison: Comparison, start: str) -> str:
    """Say whether a new model is better than the one it went on from.

    Args:
        comparison: Of the two.
        start: The name of the old one.
    """
    measured = f"CIDEr {comparison.before:.1f} before, {comparison.after:.1f} after"
    pictures = f"on {comparison.pictures:,} pictures that it had not learned from"
    gain = f"{comparison.gain:+.1f}"
    interval = f"95 % {comparison.low:+.1f} to {comparison.high:+.1f}"
    stays = f"{start} stays the model to use"
    if comparison.is_worse:
        return (
            f"Worse by {-comparison.gain:.1f} ({interval}): {measured}, {pictures}; "
            f"{stays}."
        )
    if not comparison.is_better:
        return (
            f"No difference beyond chance, {gain} ({interval}): {measured}, "
            f"{pictures}; {stays}. More captions help."
        )
    if comparison.low > 0:
        return f"Better by {comparison.gain:.1f} ({interval}): {measured}, {pictures}."
    in_common = comparison.in_common
    if in_common is not None and in_common.low > 0:
        better = (
            f"Better by {in_common}: so much more of the words of what people wrote is "
            "in the captions that it finds"
        )
    else:
        better = f"Better: it says {comparison.new_words}"
    return f"{better}, {pictures}. {measured}, {gain} ({interval})."


def _tell_where(folder: Path) -> None:
    click.echo(
        f"What was learned is kept in {folder}, to be looked at: imagecap caption "
        f"--model {folder.name} photo.jpg"
    )


@dataclass
class _Teller:
    """Tells a person, or a program, how far it is and what came of it."""

    steps: int
    as_json: bool

    def __post_init__(self) -> None:
        self._began = time.monotonic()
        self._done = 0
        self._bar = progress_bar("Learning", self.steps, "step")

    def say(self, sentence: str) -> None:
        """Tell a sentence."""
        if self.as_json:
            self._print({"note": sentence})
        else:
            self._bar.write(sentence)

    def step_done(self) -> None:
        """Tell that a step is done, and how long the others may take."""
        self._done += 1
        self._bar.update()
        if self.as_json:
            each = (time.monotonic() - self._began) / self._done
            left = round(each * (self.steps - self._done))
            self._print({"done": self._done / self.steps, "seconds_left": left})

    def end(self, sentence: str, is_better: bool, folder: Path) -> None:
        """Tell what came of it."""
        self._bar.close()
        if self.as_json:
            where = str(folder.resolve())
            self._print({"end": sentence, "better": is_better, "model": where})
            return
        click.echo(sentence)
        name = folder.name
        if is_better:
            click.echo(
                f"Done: {folder}\n"
                f"Use it:\n"
                f"  imagecap caption --model {name} photo.jpg\n"
                f"  python run_gui.py --model {name}"
            )
        else:
            _tell_where(folder)

    def _print(self, content: Mapping[str, Any]) -> None:
        click.echo(json.dumps(content, ensure_ascii=False))
