"""A training from data to a bundle, and whether that is better than what it began with.

What `train.py` and Python share.
"""

from __future__ import annotations

from pathlib import Path

from imagecap.datasets.dataset import Dataset, choose_examples
from imagecap.evaluation.comparison import Comparison, compare_models
from imagecap.model.bundle import find_bundle, load_bundle
from imagecap.model.captioner import Captioner
from imagecap.model.sealing import rename_bundle
from imagecap.training.export.backend import can_export
from imagecap.training.export.bundle_export import export_bundle
from imagecap.training.export.finish import ensure_writable, not_better
from imagecap.training.features.extract import Extract, extract_split
from imagecap.training.networks.precision import bfloat16_is_slow
from imagecap.training.run.pipeline import TrainedModel, train
from imagecap.training.run.run_folder import Run, TrainingError
from imagecap.training.settings import TrainingSettings

_MOST_OF_DEV = 1000


def train_and_export(
    dataset: Dataset,
    settings: TrainingSettings,
    run: Run,
    features_folder: Path,
    encoder_weights: Path | None,
    save_every: float,
    folder: Path,
    extract: Extract = extract_split,
) -> TrainedModel:
    """Do all of a training, or what is left of it, and write the bundle.

    Where Keras computes with something that cannot export, there is none yet.

    Args:
        dataset: Pictures and captions; needs a train and a dev split.
        settings: What to do.
        run: Where state and record are kept; this program alone is at work there.
        features_folder: Where feature pickles are kept.
        encoder_weights: A weight file for the encoder, or `None` to download it.
        save_every: Seconds between two savings of the state.
        folder: The bundle's place. That of a model that went on from another one is
            beside it until they are compared; see `not_better`.
        extract: Extracts features.

    Raises:
        ImagecapError: If something is wrong that a person can mend.
        Interrupted: On Ctrl-C or SIGTERM, after saving.
    """
    if can_export():
        ensure_writable(folder)
    if settings.fine_tune.mixed_precision and bfloat16_is_slow():
        run.report("  note: --mixed-precision is left out: bfloat16 is slow here")
        settings = settings.with_values({"fine_tune.mixed_precision": False})
    if settings.start and load_bundle(find_bundle(settings.start)).manifest.experts:
        run.report(
            f"  note: what is learned so leaves the experts of {settings.start} "
            "behind; with no option of training but --from they stay"
        )
    trained = train(
        dataset, settings, run, features_folder, encoder_weights, save_every, extract
    )
    if can_export():
        run.report("Exporting the model…")
        place = not_better(folder) if settings.start else folder
        for sentence in export_bundle(trained, settings, dataset, place):
            run.report(sentence)
    return trained


def ensure_start_stays(start: str, folder: Path) -> None:
    """Refuse a place for a new model where the one is that it goes on from.

    That one stays until a person chooses the new one, and after that, as the way back.

    Args:
        start: The name or the folder of the model to go on from.
        folder: The place of the new one; if it is not better, it is beside it.

    Raises:
        TrainingError: If either is the place of the former.
    """
    former = find_bundle(start)
    for place in (folder, not_better(folder)):
        if place.exists() and place.samefile(former):
            raise TrainingError(
                f"The new model would take the place of {former}, which it goes on "
                "from: give it another name."
            )


def place_if_better(
    settings: TrainingSettings, dataset: Dataset, folder: Path
) -> Comparison:
    """Compare a model with the one that training began with; place it if it is better.

    Both caption dev, that of other data sets, too, as they are used.

    Args:
        settings: Name the model that training began with.
        dataset: What was trained on.
        folder: The place of the new model; it lies beside it, see `not_better`.
    """
    start, new = (
        load_bundle(find_bundle(one)) for one in (settings.start, not_better(folder))
    )
    dev = [dataset.dev, *dataset.more_dev.values()]
    comparison = compare_models(
        Captioner(start),
        Captioner(new),
        [example for split in dev for example in choose_examples(split, _MOST_OF_DEV)],
    )
    if comparison.is_better:
        rename_bundle(new, folder)
    return comparison
