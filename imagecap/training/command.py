"""The command line of train.py."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

# TensorFlow reads this when it is imported; its start-up notes help nobody here.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# TensorFlow uses oneDNN by itself on newer Intel processors only, but with it the
# encoder learns up to twice as fast on others, too.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

import click
import keras

from imagecap.bundle import find_bundle, load_bundle
from imagecap.errors import ImagecapError
from imagecap.training.architectures import ARCHITECTURES
from imagecap.training.datasets import Dataset, limit_captions, load_dataset
from imagecap.training.encoders import ENCODERS
from imagecap.training.export import export_bundle
from imagecap.training.fit import Interrupted
from imagecap.training.pipeline import train
from imagecap.training.run import Run, TrainingError
from imagecap.training.scenes import write_scenes
from imagecap.training.settings import TrainingSettings

_FINE_TUNE_EPOCHS = 8
# What an architecture needs other than the merge decoder, for which the settings are.
_ARCHITECTURE_SETTINGS: dict[str, dict[str, Any]] = {
    "merge": {},
    "attention": {"lstm": 512, "hidden": 512, "batch_size": 64, "epochs": 10},
}
# The small encoder learns from nothing but these scenes: one stage, equal rates.
_SCENES = {
    "encoder": "small",
    "minimum_count": 1,
    "embedding": 64,
    "lstm": 128,
    "image": 128,
    "hidden": 256,
    "dropout": 0.1,
    "picture_batch_size": 10,
    "fine_tune_epochs": 14,
    "fine_tune_learning_rate": 3e-3,
    "encoder_learning_rate": 3e-3,
    "largest_zoom": 1.0,
    "patience": 16,
}
_SIZES = ("embedding", "lstm", "image", "hidden")
# A person's own pictures are few, and so are the words that occur often in them.
_GOING_ON = {"minimum_count": 2, "batch_size": 16, "learning_rate": 5e-4, "epochs": 8}


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Folder of captioned photographs, or one caption file: Flickr8k, Flickr30k, "
    "MS-COCO, CSV, JSON Lines, text files; dataset/README.md shows each.",
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
@click.option("--epochs", type=int, help="Most epochs for the decoder.")
@click.option("--batch-size", type=int, help="Captions in a batch.")
@click.option("--learning-rate", type=float, help="Adam's rate for the decoder.")
@click.option("--fine-tune", is_flag=True, help="Then train the encoder too.")
@click.option("--fine-tune-epochs", type=int, help=f"[default: {_FINE_TUNE_EPOCHS}]")
@click.option(
    "--fine-tune-from", metavar="LAYER", help="Leave the encoder before it as it is."
)
@click.option(
    "--self-critical-epochs",
    type=int,
    help="Then train the decoder on its own captions, rewarded by CIDEr.",
)
@click.option("--patience", type=int, help="Epochs without gain before a stage ends.")
@click.option("--beam-width", type=int, help="Width of the beam search.")
@click.option("--seed", type=int, help="Same seed, same model.")
@click.option(
    "--save-every", default=3.0, show_default=True, help="Minutes between savings."
)
@click.option("--resume", is_flag=True, help="Go on with an interrupted run.")
def main(
    data: Path | None,
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
    try:
        _run(
            data,
            dataset,
            name,
            encoder_weights,
            {key: value for key, value in choices.items() if value is not None},
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
    architecture = choices.get("architecture", TrainingSettings.architecture)
    defaults = {
        **_ARCHITECTURE_SETTINGS[architecture],
        **(_SCENES if made_up else {}),
        **(_settings_to_go_on(choices) if "start" in choices else {}),
    }
    encoder = {**defaults, **choices}.get("encoder", TrainingSettings.encoder)
    if fine_tune or not ENCODERS[encoder].pretrained:
        defaults.setdefault("fine_tune_epochs", _FINE_TUNE_EPOCHS)
    if fine_tune:
        choices.setdefault("fine_tune_epochs", defaults["fine_tune_epochs"])
    settings = TrainingSettings(**{**defaults, **choices})
    dataset = _scenes(settings.seed) if data is None else load_dataset(data)
    name = name or _default_name(dataset, settings)
    run = Run(Path("models") / f"{name}-training")
    if resume:
        settings = _recorded_settings(run, choices)
    elif run.exists:
        raise TrainingError(
            f"A run named {name} is there already. Go on with it with --resume, or "
            f"choose another --name, or delete {run.folder}."
        )
    if settings.limit_captions:
        dataset = limit_captions(dataset, settings.limit_captions, settings.seed)
    _describe(dataset)
    trained = train(
        dataset, settings, run, Path("features"), encoder_weights, save_every
    )
    if keras.backend.backend() != "tensorflow":
        _export_with_tensorflow(run)
        return
    click.echo("Exporting the model…")
    folder = Path("models") / name
    export_bundle(trained, settings, _data_facts(dataset), folder)
    best = trained.progress.best
    click.echo(
        f"Done: {folder}\n"
        f"  dev: CIDEr {best['CIDEr']:.1f}, BLEU-4 {best['BLEU-4']:.1f}\n"
        f"  record and curves: {run.folder}\n"
        f"Use it:\n"
        f"  imagecap caption --model {name} photo.jpg\n"
        f"  python run_gui.py --model {name}"
    )


def _export_with_tensorflow(run: Run) -> None:
    """Go on with the finished run under TensorFlow, which alone writes LiteRT files."""
    if importlib.util.find_spec("tensorflow") is None:
        raise TrainingError(
            f"The model is trained, and its weights are in {run.folder}. Only "
            "TensorFlow can export it: install tensorflow, here or where you take that "
            "folder, and run the same command with --resume and without KERAS_BACKEND."
        )
    command = [sys.executable, *sys.orig_argv[1:]]
    resume = () if "--resume" in command else ("--resume",)
    status = subprocess.run(  # noqa: S603 - the very command of the user
        [*command, *resume],
        env={**os.environ, "KERAS_BACKEND": "tensorflow"},
        check=False,
    ).returncode
    if status:
        sys.exit(status)


def _settings_to_go_on(choices: dict[str, Any]) -> dict[str, Any]:
    """Take from a model what may not change, and what suits a few new pictures."""
    manifest = load_bundle(find_bundle(choices["start"])).manifest
    recorded = manifest["training"]["settings"]
    fixed = {
        key: recorded[key]
        for key in ("encoder", "architecture", *_SIZES)
        if key in recorded
    }
    wrong = [key for key in fixed if choices.get(key, fixed[key]) != fixed[key]]
    if wrong:
        raise TrainingError(
            f"The model {choices['start']} has another {', '.join(wrong)}; leave out "
            f"{', '.join(f'--{key}' for key in wrong)}."
        )
    return {**fixed, **_GOING_ON}


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


def _recorded_settings(run: Run, choices: dict[str, Any]) -> TrainingSettings:
    """Take the settings of the run; only what lengthens it may change."""
    if not run.exists:
        raise TrainingError(
            f"There is no run to go on with in {run.folder}. Start it without --resume."
        )
    names = {field.name for field in fields(TrainingSettings)}
    recorded = TrainingSettings(
        **{key: value for key, value in run.settings().items() if key in names}
    )
    changeable = {"epochs", "fine_tune_epochs", "self_critical_epochs", "patience"}
    changed = {key for key, value in choices.items() if value != getattr(recorded, key)}
    if changed - changeable:
        wrong = ", ".join(
            f"--{key.replace('_', '-')}" for key in sorted(changed - changeable)
        )
        raise TrainingError(
            f"The run in {run.folder} was started with other values of {wrong}. Leave "
            "them out, or choose another --name."
        )
    return replace(recorded, **{key: choices[key] for key in changed})


def _describe(dataset: Dataset) -> None:
    splits = ", ".join(
        f"{name} {len(examples):,}" for name, examples in dataset.splits.items()
    )
    click.echo(f"{dataset.name}: {splits} pictures")
    for problem in dataset.report.problems:
        click.echo(f"  note: {problem}")


def _data_facts(dataset: Dataset) -> dict[str, Any]:
    return {
        "name": dataset.name,
        "splits": {
            name: {
                "pictures": len(examples),
                "captions": sum(len(example.captions) for example in examples),
            }
            for name, examples in dataset.splits.items()
        },
    }
