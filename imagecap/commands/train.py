"""The command line of train.py."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

# TensorFlow reads this when it is imported; its start-up notes help nobody here.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# TensorFlow uses oneDNN by itself on newer Intel processors only, but with it the
# encoder learns up to twice as fast on others, too.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

import click
import keras

from imagecap.commands.console import print_any_character
from imagecap.datasets.datasets import Dataset, limit_captions, load_dataset, load_more
from imagecap.datasets.scenes import write_scenes
from imagecap.errors import ImagecapError
from imagecap.training.export.bundle_export import export_bundle, export_with_tensorflow
from imagecap.training.networks.architectures import ARCHITECTURES
from imagecap.training.networks.encoders import ENCODERS
from imagecap.training.networks.precision import bfloat16_is_slow
from imagecap.training.run.loop import Interrupted
from imagecap.training.run.pipeline import train
from imagecap.training.run.resolve_settings import (
    FINE_TUNE_EPOCHS,
    choose_settings,
    recorded_settings,
)
from imagecap.training.run.run_folder import Run, TrainingError
from imagecap.training.settings import TrainingSettings


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Folder of captioned photographs, or one caption file: Flickr8k, Flickr30k, "
    "MS-COCO, CSV, JSON Lines, text files; dataset/README.md shows each.",
)
@click.option(
    "--more-data",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Learn from the train split of another data set, too; its dev and test stay "
    "out. May be given several times.",
)
@click.option(
    "--dataset",
    type=click.Choice(["scenes"]),
    help="A data set that needs no download: drawn scenes, made on the spot.",
)
@click.option(
    "--name",
    help="Name of the model. [default: DATA-ENCODER, then -attention; or DATA-MODEL]",
)
@click.option(
    "--from",
    "start",
    metavar="NAME_OR_PATH",
    help="Go on from a model: its encoder, its words, its weights; offline.",
)
@click.option(
    "--encoder", type=click.Choice(list(ENCODERS)), help="[default: xception]"
)
@click.option(
    "--encoder-weights",
    type=click.Path(path_type=Path),
    help="Keras weight file for the encoder; without one, it is downloaded.",
)
@click.option(
    "--limit-captions",
    type=click.IntRange(min=1),
    help="Learn from this many captions: pictures chosen at random, with all of "
    "theirs. [default: all]",
)
@click.option(
    "--architecture",
    type=click.Choice(list(ARCHITECTURES)),
    help="How the decoder sees the picture: as a whole, or a part of it for each word. "
    "[default: merge]",
)
@click.option("--minimum-count", type=int, help="Rarer words are not learned.")
@click.option("--embedding", type=int, help="Length of a word vector.")
@click.option("--lstm", type=int, help="Units of the LSTM.")
@click.option("--image", type=int, help="Length of the dense vector of the image.")
@click.option("--hidden", type=int, help="Units of the joint layer; 0: none.")
@click.option("--dropout", type=float, help="Fraction dropped.")
@click.option(
    "--epochs", type=int, help="Most epochs for the decoder; 0: fine-tune at once."
)
@click.option("--batch-size", type=int, help="Captions in a batch.")
@click.option("--learning-rate", type=float, help="Adam's rate for the decoder.")
@click.option("--fine-tune", is_flag=True, help="Then train the encoder too.")
@click.option("--fine-tune-epochs", type=int, help=f"[default: {FINE_TUNE_EPOCHS}]")
@click.option(
    "--encoder-learning-rate",
    type=float,
    help="Adam's rate for the encoder in these; the decoder's is four times that. "
    "[default: 1e-4]",
)
@click.option(
    "--fine-tune-from", metavar="LAYER", help="Leave the encoder before it as it is."
)
@click.option(
    "--teacher",
    metavar="NAME_OR_PATH",
    multiple=True,
    help="Learn what this model predicts, too, while fine-tuning. May be given several "
    "times: then the mean of what they predict.",
)
@click.option(
    "--self-critical-epochs",
    type=int,
    help="Then train the decoder on its own captions, rewarded by CIDEr.",
)
@click.option(
    "--label-smoothing",
    type=click.FloatRange(0, 0.5),
    help="Probability spread over all words. [default: 0]",
)
@click.option(
    "--weight-averaging",
    type=click.FloatRange(0, 1, max_open=True),
    help="Keep a running average of the weights, such as 0.998. [default: 0]",
)
@click.option(
    "--scheduled-sampling",
    type=click.FloatRange(0, 1),
    help="Share of words read from the decoder itself, at the end. [default: 0]",
)
@click.option(
    "--word-vectors",
    type=click.Path(),
    help="Begin with the word vectors of a GloVe text file.",
)
@click.option(
    "--mixed-precision",
    is_flag=True,
    default=None,
    help="Fine-tune in bfloat16 where the machine is not slower so: faster with large "
    "encoders such as Xception.",
)
@click.option("--patience", type=int, help="Epochs without gain before a stage ends.")
@click.option(
    "--beam-width", type=int, help="Width of the beam search that scores dev."
)
@click.option(
    "--consensus-width",
    type=click.IntRange(0, 50),
    help="The model then says what this many captions agree on; 0: the most probable "
    "one of the beam, which is faster. [default: 24]",
)
@click.option("--seed", type=int, help="Same seed, same model.")
@click.option(
    "--save-every", default=3.0, show_default=True, help="Minutes between savings."
)
@click.option("--resume", is_flag=True, help="Go on with an interrupted run.")
def main(
    data: Path | None,
    more_data: tuple[Path, ...],
    dataset: str | None,
    name: str | None,
    encoder_weights: Path | None,
    fine_tune: bool,
    save_every: float,
    resume: bool,
    **choices: Any,  # noqa: ANN401 – the settings, by their names
) -> None:
    """Train a captioning model and put it where the window and `imagecap` find it.

    The features of all pictures are extracted once into features/, the decoder is
    trained on them, and the best model by CIDEr on the dev split becomes the bundle
    models/NAME. The state of the run is in models/NAME-training.

    Start with:  python train.py --dataset scenes
    """
    print_any_character()
    try:
        _run(
            data,
            more_data,
            dataset,
            name,
            encoder_weights,
            {key: value for key, value in choices.items() if value not in (None, ())},
            fine_tune,
            save_every * 60,
            resume,
        )
    except ImagecapError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
    except (Interrupted, KeyboardInterrupt):
        click.echo(
            "Stopped. Nothing finished is lost: run the same command with --resume.",
            err=True,
        )
        sys.exit(130)


def _run(
    data: Path | None,
    more_data: tuple[Path, ...],
    made_up: str | None,
    name: str | None,
    encoder_weights: Path | None,
    choices: dict[str, Any],
    fine_tune: bool,
    save_every: float,
    resume: bool,
) -> None:
    if (data is None) == (made_up is None):
        raise TrainingError("Say what to train on: --data PATH or --dataset scenes.")
    settings = choose_settings(choices, fine_tune, made_up is not None)
    dataset = _scenes(settings.seed) if data is None else load_dataset(data)
    dataset = load_more(dataset, more_data)
    name = name or _default_name(dataset, settings)
    run = Run(Path("models") / f"{name}-training")
    if resume:
        settings = recorded_settings(run, choices)
    folder = Path("models") / name
    with run.exclusive_lock():
        if run.exists and not resume:
            raise TrainingError(
                f"A run named {name} is there already. Go on with it with --resume, or "
                f"choose another --name, or delete {run.folder}."
            )
        if settings.limit_captions:
            dataset = limit_captions(dataset, settings.limit_captions, settings.seed)
        _describe(dataset)
        if settings.mixed_precision and bfloat16_is_slow():
            click.echo("  note: --mixed-precision is left out: bfloat16 is slow here")
            settings = replace(settings, mixed_precision=False)
        trained = train(
            dataset, settings, run, Path("features"), encoder_weights, save_every
        )
        if keras.backend.backend() == "tensorflow":
            click.echo("Exporting the model…")
            for sentence in export_bundle(trained, settings, dataset, folder):
                click.echo(sentence)
    if keras.backend.backend() != "tensorflow":
        sys.exit(export_with_tensorflow(run))
    best = trained.progress.best
    click.echo(
        f"Done: {folder}\n"
        f"  dev: CIDEr {best['CIDEr']:.1f}, BLEU-4 {best['BLEU-4']:.1f}\n"
        f"  record and curves: {run.folder}\n"
        f"Use it:\n"
        f"  imagecap caption --model {name} photo.jpg\n"
        f"  python run_gui.py --model {name}"
    )


def _default_name(dataset: Dataset, settings: TrainingSettings) -> str:
    if settings.start:
        return f"{dataset.name}-{Path(settings.start).name}"
    name = f"{dataset.name}-{settings.encoder}"
    if settings.architecture == TrainingSettings.architecture:
        return name
    return f"{name}-{settings.architecture}"


def _scenes(seed: int) -> Dataset:
    folder = Path("dataset") / "scenes"
    if not folder.exists():
        click.echo(f"Drawing scenes into {folder}…")
        write_scenes(folder, seed=seed)
    return load_dataset(folder)


def _describe(dataset: Dataset) -> None:
    splits = ", ".join(
        f"{name} {len(examples):,}" for name, examples in dataset.splits.items()
    )
    click.echo(f"{dataset.name}: {splits} pictures")
    for problem in dataset.report.problems:
        click.echo(f"  note: {problem}")
