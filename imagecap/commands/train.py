"""The command line of train.py."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from imagecap.commands.console import Stopped
from imagecap.commands.file_path import FILE_PATH
from imagecap.commands.grouped_help import GroupedOption, GroupedProgram
from imagecap.commands.number_in_range import NumberInRange
from imagecap.commands.setting_options import GROUPS, chosen_settings, setting_options
from imagecap.commands.train_adaptation import (
    NOT_BETTER,
    means_corrections,
    open_corrections,
    run_adaptation,
    tell_whether_better,
)
from imagecap.counted import counted
from imagecap.datasets.dataset import Dataset, limit_captions, load_dataset
from imagecap.datasets.joining import load_more
from imagecap.datasets.scenes import write_scenes
from imagecap.interval import Interval
from imagecap.training.adaptation.go_on import adapts
from imagecap.training.export.backend import can_export, export_with_tensorflow
from imagecap.training.export.finish import NOT_BETTER as NAME_NOT_BETTER
from imagecap.training.features.extract import Extract, extract_split
from imagecap.training.run.event_files import EventFiles
from imagecap.training.run.loop import Interrupted
from imagecap.training.run.machines import joined, this_machine
from imagecap.training.run.resolve_settings import (
    choose_settings,
    settings_of_run,
)
from imagecap.training.run.run_config import RunConfig, read_run_config
from imagecap.training.run.run_folder import Run, TrainingError
from imagecap.training.settings import TrainingSettings
from imagecap.training.train_and_export import ensure_start_stays, train_and_export

_MINUTES = Interval(0)
_DATA, _RUN = "Pictures and captions", "The run"


# A backspace tells click to leave lines as they are.
_EXAMPLES = """\b
Examples:
  To see it work, in two minutes, without a download:
    python train.py --dataset scenes
  To teach the model that you use your own photographs and captions:
    python train.py --from default --data my-photos
    python train.py --from default --data corrections
  To train one from the start, with the encoder, and go on after a stop:
    python train.py --data flickr8k --encoder mobilenetv2 --fine-tune
    python train.py --data flickr8k --encoder mobilenetv2 --fine-tune --resume
"""


@click.command(cls=GroupedProgram, epilog=_EXAMPLES)
@click.option(
    "--data",
    cls=GroupedOption,
    group=_DATA,
    type=FILE_PATH,
    help="Folder of captioned photographs, or one caption file: Flickr8k, Flickr30k, "
    "MS-COCO, CSV, JSON Lines, text files; dataset/README.md shows each. Or the word "
    "corrections: the captions that people wrote in the window.",
)
@click.option(
    "--more-data",
    cls=GroupedOption,
    group=_DATA,
    type=FILE_PATH,
    multiple=True,
    help="Learn from the train split of another data set, too; its dev has a say, too, "
    "in which epoch is kept, and its test stays out. May be given several times.",
)
@click.option(
    "--dataset",
    cls=GroupedOption,
    group=_DATA,
    type=click.Choice(["scenes"]),
    help="A data set that needs no download: drawn scenes, made on the spot.",
)
@click.option(
    "--name",
    cls=GroupedOption,
    group=_RUN,
    help="Name of the model. [default: DATA-ENCODER, then -attention; or DATA-MODEL]",
)
@setting_options
@click.option(
    "--fine-tune",
    cls=GroupedOption,
    group=GROUPS["fine_tune"],
    is_flag=True,
    help="Then train the encoder too.",
)
@click.option(
    "--encoder-weights",
    cls=GroupedOption,
    group=GROUPS[""],
    type=FILE_PATH,
    help="Keras weight file for the encoder; without one, it is downloaded.",
)
@click.option(
    "--engine",
    cls=GroupedOption,
    group=_RUN,
    type=click.Choice(["ray"]),
    help="Extract features on a Ray cluster, into shards that training reads as it "
    "needs them. [default: on this machine]",
)
@click.option(
    "--address",
    cls=GroupedOption,
    group=_RUN,
    metavar="HOST:PORT",
    help="With --engine ray, the cluster. [default: RAY_ADDRESS, else one of this "
    "machine alone]",
)
@click.option(
    "--save-every",
    cls=GroupedOption,
    group=_RUN,
    type=NumberInRange(float, _MINUTES),
    default=3.0,
    help=f"Minutes between savings. [{_MINUTES}; default: 3]",
)
@click.option(
    "--tensorboard",
    cls=GroupedOption,
    group=_RUN,
    is_flag=True,
    help="Write the record as event files for TensorBoard, too, into the run's folder.",
)
@click.option(
    "--resume",
    cls=GroupedOption,
    group=_RUN,
    is_flag=True,
    help="Go on with an interrupted run.",
)
@click.option(
    "--config",
    cls=GroupedOption,
    group=_RUN,
    type=FILE_PATH,
    metavar="FILE",
    help="Take what no other option says from this file: config.json of a run's "
    "folder makes that run again.",
)
@click.option("--json", "as_json", is_flag=True, hidden=True)
def main(
    data: Path | None,
    more_data: tuple[Path, ...],
    dataset: str | None,
    name: str | None,
    encoder_weights: Path | None,
    fine_tune: bool,
    engine: str | None,
    address: str | None,
    save_every: float,
    tensorboard: bool,
    resume: bool,
    as_json: bool,
    config: Path | None,
    **choices: Any,  # noqa: ANN401 – what the options of the settings say
) -> int:
    """Train a captioning model and put it where the window and `imagecap` find it.

    The features of all pictures are extracted once into features/, the decoder is
    trained on them, and the best model by CIDEr on the dev split becomes the bundle
    models/NAME. The state of the run is in models/NAME-training.
    """
    if address and not engine:
        raise click.UsageError("--address needs --engine ray.")
    extract = _on_ray(address) if engine else extract_split
    try:
        given = RunConfig(
            data, more_data, dataset or "", encoder_weights, chosen_settings(choices)
        )
        if config is not None:
            given = read_run_config(config).overlaid_by(given)
        seconds = save_every * 60
        return _run(
            given, name, fine_tune, seconds, tensorboard, resume, as_json, extract
        )
    except (Interrupted, KeyboardInterrupt) as stop:
        raise Stopped(
            "Nothing finished is lost: run the same command with --resume."
        ) from stop


def _run(
    config: RunConfig,
    name: str | None,
    fine_tune: bool,
    save_every: float,
    tensorboard: bool,
    resume: bool,
    as_json: bool,
    extract: Extract,
) -> int:
    if (config.data is None) == (not config.dataset):
        raise TrainingError("Say what to train on: --data PATH or --dataset scenes.")
    choices = dict(config.choices)
    settings = choose_settings(choices, fine_tune, bool(config.dataset))
    dataset = load_more(_load(config.data, settings), config.more_data)
    name = name or _default_name(dataset, settings)
    machine = this_machine()
    record = Path("models") / f"{name}-training"
    events = _event_files(record / "events") if tensorboard else None
    run = Run(record, tqdm.write, config, events)
    if resume:
        if fine_tune:
            choices = {"fine_tune.epochs": settings.fine_tune.epochs, **choices}
        settings = settings_of_run(run, choices)
    folder = Path("models") / name
    if settings.start:
        ensure_start_stays(settings.start, folder)
    if not (fine_tune or resume) and adapts(choices, dataset):
        dataset = _limit(dataset, settings)
        if not as_json:
            _describe(dataset)
        if extract is not extract_split:
            raise TrainingError(
                "So few pictures are learned on this machine alone: leave out --engine."
            )
        if machine.count > 1:
            raise TrainingError(
                "So few pictures are learned on one machine alone: name no others."
            )
        try:
            return run_adaptation(dataset, settings, folder, as_json)
        except (Interrupted, KeyboardInterrupt) as stop:
            raise Stopped(
                "Nothing was changed: the same command starts it anew."
            ) from stop
    with run.exclusive_lock() if machine.is_first else nullcontext():
        if run.has_state and not resume:
            raise TrainingError(
                f"A run named {name} is there already. Go on with it with --resume, or "
                f"choose another --name, or delete {run.folder}."
            )
        dataset = _limit(dataset, settings)
        if machine.is_first:
            _describe(dataset)
        else:
            click.echo("The first machine tells how it goes, and keeps the model.")
        with joined(machine, run) as joined_run:
            trained = train_and_export(
                dataset,
                settings,
                joined_run,
                Path("features"),
                config.encoder_weights,
                save_every,
                folder,
                extract,
            )
    if not machine.is_first:
        return 0
    if not can_export():
        sys.exit(export_with_tensorflow(run))
    if settings.start and not tell_whether_better(settings, dataset, folder):
        return NOT_BETTER
    best = trained.progress.best
    click.echo(
        f"Done: {folder}\n"
        f"  dev: CIDEr {best['CIDEr']:.1f}, BLEU-4 {best['BLEU-4']:.1f}\n"
        f"  record and curves: {run.folder}\n"
        f"Use it:\n"
        f"  imagecap caption --model {name} photo.jpg\n"
        f"  python run_gui.py --model {name}"
    )
    return 0


def _on_ray(address: str | None) -> Extract:
    from imagecap.cluster.features import extract_on_ray

    return partial(extract_on_ray, address)


def _load(data: Path | None, settings: TrainingSettings) -> Dataset:
    if data is None:
        return _scenes(settings.seed)
    return open_corrections() if means_corrections(data) else load_dataset(data)


def _limit(dataset: Dataset, settings: TrainingSettings) -> Dataset:
    if not settings.limit_captions:
        return dataset
    return limit_captions(dataset, settings.limit_captions, settings.seed)


def _event_files(folder: Path) -> EventFiles:
    try:
        return EventFiles(folder)
    except ModuleNotFoundError as error:
        raise TrainingError(
            "Event files are written by TensorFlow, which is not installed here: leave "
            "out --tensorboard or install it."
        ) from error


def _default_name(dataset: Dataset, settings: TrainingSettings) -> str:
    if settings.start:
        return _name_after(Path(settings.start).absolute().name, dataset.name)
    name = f"{dataset.name}-{settings.encoder}"
    if settings.architecture == TrainingSettings().architecture:
        return name
    return f"{name}-{settings.architecture}"


def _name_after(start: str, data: str) -> str:
    """Name a model after the one that it goes on from; the next one has a number."""
    start = start.removesuffix(NAME_NOT_BETTER)
    if not start.startswith(f"{data}-"):
        return f"{data}-{start}"
    stem, _, number = start.rpartition("-")
    if number.isdecimal() and number.isascii():
        return f"{stem}-{int(number) + 1}"
    return f"{start}-2"


def _scenes(seed: int) -> Dataset:
    folder = Path("dataset") / "scenes"
    if not folder.exists():
        click.echo(f"Drawing scenes into {folder}…")
        write_scenes(folder, seed=seed)
    return load_dataset(folder)


def _describe(dataset: Dataset) -> None:
    *others, last = dataset.splits
    splits = [f"{name} {len(dataset.of(name)):,}" for name in others]
    splits.append(f"{last} {counted(len(dataset.of(last)), 'picture')}")
    click.echo(f"{dataset.name}: {', '.join(splits)}")
    for problem in dataset.report.problems:
        click.echo(f"  note: {problem}")
