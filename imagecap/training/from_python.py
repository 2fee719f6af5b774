"""Training from Python: a folder in, a captioner and its scores out."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from imagecap.datasets.dataset import load_dataset
from imagecap.datasets.joining import load_more
from imagecap.evaluation.comparison import Comparison
from imagecap.model.captioner import Captioner
from imagecap.training.adaptation.go_on import adapts, go_on
from imagecap.training.export.backend import can_export, only_tensorflow_exports
from imagecap.training.export.finish import not_better
from imagecap.training.keras_ready import keras_ready
from imagecap.training.run.resolve_settings import choose_settings
from imagecap.training.run.run_config import RunConfig
from imagecap.training.run.run_folder import Run
from imagecap.training.train_and_export import (
    ensure_start_stays,
    place_if_better,
    train_and_export,
)

_SAVE_EVERY_SECONDS = 180.0


class Training(NamedTuple):
    """What a training ends with.

    Attributes:
        captioner: The finished model, as the window and the command line use it. One
            that went on from another and is not better lies in `FOLDER-not-better`.
        scores: On the dev split with the search of training, times 100, by their names;
            where few pictures were learned from, on all of them by cross-validation.
        history: One row for each epoch: losses, scores, learning rate, seconds; none
            where few pictures were learned from.
        record: The folder of the run: settings, history, curves; `None` there.
        comparison: The model that it went on from against it; `None` for one from the
            start.
    """

    captioner: Captioner
    scores: Mapping[str, float]
    history: Sequence[Mapping[str, Any]]
    record: Path | None
    comparison: Comparison | None


@keras_ready()
def train_captioner(
    data: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    settings: Mapping[str, Any] | None = None,
    more_data: Sequence[str | os.PathLike[str]] = (),
    report: Callable[[str], None] = print,
) -> Training:
    """Train a captioning model; go on with it where a former call was interrupted.

    It is what `train.py` does: see docs/training.md. In a notebook the progress has
    bars, too.

    Args:
        data: Captioned photographs in any layout that `train.py` reads.
        folder: Where the model is put; the run is recorded in `FOLDER-training`, and
            features are kept in `features` beside them.
        settings: What to do, by the paths of `imagecap.training.settings.SETTINGS`,
            such as `{"encoder": "mobilenetv2", "decoder.epochs": 3}`; the rest is what
            suits these.
        more_data: Further data sets to learn from.
        report: Is told, a sentence at a time, how it goes.

    Raises:
        ImagecapError: If something is wrong that a person can mend.
        Interrupted: On Ctrl-C or SIGTERM, after saving.

    Example:
        >>> trained = train_captioner("my_photos", "models/mine")  # doctest: +SKIP
        >>> trained.captioner.caption("photo.jpg").text  # doctest: +SKIP
    """
    choices, place = dict(settings or {}), Path(folder)
    more = tuple(Path(one) for one in more_data)
    chosen = choose_settings(choices, fine_tune=False, scenes=False)
    if chosen.start:
        ensure_start_stays(chosen.start, place)
    dataset = load_more(load_dataset(Path(data)), more)
    for problem in dataset.report.problems:
        report(problem)
    if adapts(choices, dataset):
        gone = go_on(dataset, chosen, place, report)
        captioner = Captioner.load(gone.folder)
        scores = {"CIDEr": gone.comparison.after}
        return Training(captioner, scores, (), None, gone.comparison)
    config = RunConfig(Path(data), more)
    run = Run(place.with_name(f"{place.name}-training"), report, config)
    with run.exclusive_lock():
        trained = train_and_export(
            dataset,
            chosen,
            run,
            place.parent / "features",
            None,
            _SAVE_EVERY_SECONDS,
            place,
        )
    if not can_export():
        raise only_tensorflow_exports(run, "call this again there,")
    comparison = place_if_better(chosen, dataset, place) if chosen.start else None
    if comparison and not comparison.is_better:
        place = not_better(place)
    progress = trained.progress
    return Training(
        Captioner.load(place),
        progress.best_scores,
        progress.history,
        run.folder,
        comparison,
    )
