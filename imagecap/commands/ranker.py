"""The `imagecap ranker` command: a model learns to choose among its candidates."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from imagecap.commands.console import tell
from imagecap.commands.file_path import FILE_PATH
from imagecap.commands.number_in_range import NumberInRange
from imagecap.datasets.dataset import load_dataset
from imagecap.datasets.joining import load_more
from imagecap.interval import Interval
from imagecap.model.bundle import DUAL_ENCODER, find_bundle, load_bundle
from imagecap.model.captioner import Captioner
from imagecap.model.dual_encoder import load_dual_encoder
from imagecap.model.language_model import load_language_model
from imagecap.model.sealing import update_bundle
from imagecap.training.export.fit_ranker import (
    FOLDS,
    dev_of,
    fit_ranker,
    gather_choices,
    require_enough,
    with_ranker,
    with_search,
)
from imagecap.training.keras_ready import keras_ready

_KEPT = Interval(1, 100)
_RARITY = Interval(0, 10)


@click.command()
@click.argument("model")
@click.option(
    "--data",
    required=True,
    type=FILE_PATH,
    help="Folder of captioned photographs that the model was trained on.",
)
@click.option(
    "--more-data",
    multiple=True,
    type=FILE_PATH,
    help="A further data set that it was trained on; may come several times.",
)
@click.option(
    "--kept",
    type=NumberInRange(int, _KEPT),
    default=16,
    show_default=True,
    help=f"Captions among which it chooses. [{_KEPT}]",
)
@click.option(
    "--rarity",
    type=NumberInRange(float, _RARITY),
    default=0.1,
    show_default=True,
    help=f"What rare words gain in the search. [{_RARITY}]",
)
def ranker(
    model: str, data: Path, more_data: tuple[Path, ...], kept: int, rarity: float
) -> None:
    """Teach MODEL to choose among the captions that it finds.

    From the pictures of the train splits it learns which captions suit which pictures,
    from those of the dev splits, which it must not have learned from before, what this
    and all else that it knows of a caption counts. Five parts of dev, each chosen for
    by weights that were fitted to the others, tell what that is worth. Afterwards,
    measure again how far its captions can be trusted: imagecap evaluate --calibrate.
    """
    bundle = load_bundle(find_bundle(model))
    dataset = load_more(load_dataset(data), more_data)
    for problem in dataset.report.problems:
        tell(f"note: {problem}")
    known = dev_of(dataset)
    require_enough(sum(map(len, known.values())))
    decoding = with_search(bundle.manifest.decoding, kept, rarity)
    searching = replace(bundle, manifest=replace(bundle.manifest, decoding=decoding))
    captioner = Captioner(searching)
    with keras_ready():
        from imagecap.evaluation.calibration.feature_pass import encode_once
        from imagecap.training.export.fit_dual_encoder import (
            FEWEST_PICTURES,
            DualEncoderFit,
        )

        learning = DualEncoderFit(dataset.train)
        encode_once(captioner, [learning], "Learning from features")
        learned = learning.fit(bundle.vocabulary)
    former = load_dual_encoder(bundle)
    dual_encoder = former if learned is None else learned
    pictures = learning.pictures
    if learned is None:
        record = bundle.manifest.ranker
        pictures = record.train_pictures if record is not None else 0
    language = load_language_model(bundle)
    choices = [
        choice
        for examples in known.values()
        for choice in gather_choices(captioner, examples, dual_encoder, language)
    ]
    fitted = fit_ranker(choices, decoding)
    content = None if dual_encoder is None else dual_encoder.to_bytes()
    manifest = with_ranker(bundle.manifest, fitted, pictures)
    update_bundle(bundle, manifest, {DUAL_ENCODER: content})
    click.echo(
        f"CIDEr of the choice among the same captions: {fitted.before:.1f} before, "
        f"{fitted.after:.1f} now, on {fitted.pictures:,} pictures in {FOLDS} folds. "
        f"Written into {bundle.folder}."
    )
    if learned is None:
        without = (
            "Without a dual encoder" if former is None else "Its dual encoder stays"
        )
        click.echo(
            f"{without}: a new one needs at least {FEWEST_PICTURES:,} pictures to "
            "learn from."
        )
    if manifest.confidence is not None:
        click.echo(
            "Its confidence was measured without: run imagecap evaluate --calibrate."
        )
