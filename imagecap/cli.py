"""The `imagecap` command."""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

import imagecap
from imagecap.console import print_any_character
from imagecap.errors import ImagecapError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagecap.decoding import Caption
    from imagecap.images import PictureError

    _Result = tuple[Path, tuple[Caption, ...] | PictureError]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(imagecap.__version__)
def main() -> None:
    """Describe photographs in one sentence; offline."""
    print_any_character()


@main.command()
@click.argument(
    "images",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path),
    metavar="IMAGE_OR_FOLDER…",
)
@click.option(
    "--model",
    metavar="NAME_OR_PATH",
    help="The model. [default: the one in the settings, else default]",
)
@click.option(
    "--candidates",
    type=click.IntRange(1, 50),
    default=1,
    show_default=True,
    help="Captions for each picture, the best first.",
)
@click.option(
    "--beam",
    type=click.IntRange(1, 50),
    help="Captions kept in parallel by the search. [default: as in the settings, else "
    "the model's]",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the captions into a file: .csv with image,caption, .json with COCO "
    "results, .jsonl with file_name and text, or .pkl with a pickled dictionary.",
)
@click.option("--speak", is_flag=True, help="Read the captions aloud, too.")
@click.option(
    "--save-speech",
    type=click.Path(path_type=Path),
    metavar="FILE.wav",
    help="Save the caption of one picture as speech.",
)
@click.option(
    "--voice",
    metavar="ID",
    help="A voice that “imagecap voices” lists. [default: the one in the settings]",
)
def caption(
    images: tuple[Path, ...],
    model: str | None,
    candidates: int,
    beam: int | None,
    as_json: bool,
    output: Path | None,
    speak: bool,
    save_speech: Path | None,
    voice: str | None,
) -> None:
    """Describe pictures.

    One picture: prints its caption. Several, or a folder: a line each, path, tab,
    caption. Where the model is unsure of a picture, "Possibly:" stands before the
    caption. A picture that cannot be read is named on standard error, the others are
    described all the same, and the exit status is 1.

    With --output the captions are written into a file. They are kept as they come: the
    same command goes on where a former one was stopped.

    What no option says is as in the settings, which the window changes.
    """
    from imagecap.images import pictures_of
    from imagecap.settings import load_settings
    from imagecap.speech import Speaker
    from imagecap.speech.command import read_aloud

    if output and (as_json or speak or save_speech or candidates > 1):
        raise click.UsageError(
            "--output writes one caption a picture and takes no --json, --speak, "
            "--save-speech or --candidates."
        )
    try:
        pictures = pictures_of(images)
    except ImagecapError as error:
        _fail(error)
        sys.exit(1)
    if save_speech and len(pictures) != 1:
        raise click.UsageError("--save-speech takes one picture.")
    settings, problem = load_settings()
    if problem:
        click.echo(f"Note: {problem}", err=True)
    try:
        captioner = imagecap.Captioner.load(model or settings.model)
    except ImagecapError as error:
        _fail(error)
        if not model and settings.model:
            click.echo(
                "The settings name that model; choose another with --model.", err=True
            )
        sys.exit(1)
    if output:
        from imagecap.bulk_command import caption_into_file

        width = beam or settings.beam_width
        sys.exit(0 if caption_into_file(captioner, pictures, width, output) else 1)
    options = settings.speech_options
    if voice is not None:
        options = replace(options, voice=voice)
    failed = False
    described: list[dict[str, object]] = []
    results = captioner.caption_many(pictures, candidates, beam or settings.beam_width)
    if len(pictures) > 1 and (as_json or not sys.stdout.isatty()):
        results = _with_progress(results, len(pictures))
    with closing(Speaker(options)) as speaker:
        for path, result in results:
            if isinstance(result, ImagecapError):
                _fail(result)
                failed = True
                continue
            told = [
                found.hedged_text if settings.hedging else found.text
                for found in result
            ]
            if as_json:
                described.append(_json_object(path, result))
            else:
                for text in told:
                    prefix = f"{path}\t" if len(pictures) > 1 else ""
                    click.echo(f"{prefix}{text}")
            try:
                if save_speech:
                    speaker.save(told[0], save_speech)
                if speak:
                    read_aloud(speaker, told[0])
            except ImagecapError as error:
                _fail(error)
                failed = True
    if as_json:
        click.echo(json.dumps(described, indent=2, ensure_ascii=False))
    sys.exit(1 if failed else 0)


@main.command()
@click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path),
    help="Folder of captioned photographs, as train.py reads it.",
)
@click.option(
    "--more-data",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Another data set of which the model has learned the train split; may come "
    "several times.",
)
@click.option(
    "--split",
    type=click.Choice(["train", "dev", "test"]),
    default="dev",
    show_default=True,
    help="The pictures to caption.",
)
@click.option("--model", metavar="NAME_OR_PATH", help="The model. [default: default]")
@click.option(
    "--beam",
    type=click.IntRange(1, 50),
    help="Captions kept in parallel by the search. [default: the model's]",
)
@click.option(
    "--results",
    type=click.Path(path_type=Path),
    help="Score the captions in this file instead of a model's: COCO results JSON "
    "(image_id a number or a file name), JSON Lines of the same, or CSV with the "
    "header image,caption.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Where to save. [default: evaluation/MODEL-DATA-SPLIT]",
)
@click.option(
    "--calibrate",
    is_flag=True,
    help="Measure how often captions are right by how probable they are, and write "
    "that into the model: it then says of a caption whether it is unsure.",
)
def evaluate(
    data: Path,
    more_data: tuple[Path, ...],
    split: str,
    model: str | None,
    beam: int | None,
    results: Path | None,
    output: Path | None,
    calibrate: bool,
) -> None:
    """Score a model's captions against what people wrote.

    Prints BLEU, METEOR, ROUGE-L and CIDEr with 95 % confidence intervals. Saves them
    as scores.json, the captions as COCO results with the annotations to score them by,
    and report.html. A picture that cannot be read is left out and named, and the exit
    status is 1.
    """
    from imagecap.evaluation.command import evaluate_model, evaluate_results

    if results is not None and (model or beam):
        raise click.UsageError("--results has captions already; leave out the model.")
    if calibrate and (results is not None or beam or split == "train"):
        raise click.UsageError(
            "--calibrate needs a model, its own beam and pictures that it has not "
            "learned from; leave out --results and --beam, and choose dev or test."
        )
    complete = True
    try:
        if results is not None:
            evaluate_results(results, data, split, output, more_data)
        else:
            complete = evaluate_model(
                model, beam, data, split, output, more_data, calibrate
            )
    except ImagecapError as error:
        _fail(error)
        sys.exit(1)
    sys.exit(0 if complete else 1)


@main.command()
@click.argument("image", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="PICTURE",
    help="The picture to write: .png, .jpg or .webp.",
)
@click.option("--model", metavar="NAME_OR_PATH", help="The model. [default: default]")
def attend(image: Path, output: Path, model: str | None) -> None:
    """Draw where a model looked for each word.

    Prints the caption of the picture and writes a drawing with a panel for each word:
    the picture, bright where the model looked. The model must have attention.
    """
    from imagecap.attention_panels import AttentionError, draw_attention, save_attention
    from imagecap.images import open_picture

    try:
        captioner = imagecap.Captioner.load(model)
        picture = open_picture(image)
        found = captioner.caption(picture)
        if found.attention is None:
            raise AttentionError(
                f"The model {captioner.name} has no attention, so nobody knows where "
                "it looked. Choose one that has with --model, or train one with "
                "“python train.py --architecture attention --data FOLDER”."
            )
        save_attention(draw_attention(picture, found), output, image)
    except ImagecapError as error:
        _fail(error)
        sys.exit(1)
    click.echo(found.text)


@main.command()
def voices() -> None:
    """List the voices of this machine.

    A line each, the English ones first: id, tab, language, tab, name.
    """
    from imagecap.speech.command import print_voices

    try:
        print_voices()
    except ImagecapError as error:
        _fail(error)
        sys.exit(1)


@main.command()
@click.argument("images", nargs=-1, type=click.Path(path_type=Path))
@click.option("--model", metavar="NAME_OR_PATH", help="The model. [default: default]")
def gui(images: tuple[Path, ...], model: str | None) -> None:
    """Open the window, with pictures and folders if any are named."""
    arguments = list(map(str, images))
    if model:
        arguments += ["--model", model]
    # Installed, the window is a part of this package; in the source code it lies
    # beside it.
    inside = importlib.util.find_spec("imagecap.gui")
    window = importlib.import_module("imagecap.gui.app" if inside else "gui.app")
    sys.exit(window.main(arguments))


@main.group()
def dataset() -> None:
    """Data sets to learn from."""


@dataset.command()
@click.argument("name", type=click.Choice(["flickr8k", "coco2017"]))
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path),
    help="Where to put it. [default: dataset/NAME]",
)
def download(name: str, folder: Path | None) -> None:
    """Download a data set, verify and unpack it.

    flickr8k takes 1 GB, coco2017 20 GB; unpacking needs as much again for a while.
    Broken off, it goes on where it ended when it is called again.
    """
    from imagecap.published_data import PUBLISHED, download_dataset

    folder = folder or Path("dataset") / name
    try:
        new = download_dataset(PUBLISHED[name], folder)
    except ImagecapError as error:
        _fail(error)
        sys.exit(1)
    except KeyboardInterrupt:
        click.echo("Stopped. Run the same command again to go on.", err=True)
        sys.exit(130)
    click.echo(f"{'Done' if new else 'It is there already'}: {folder}")
    click.echo(f"Train on it:  python train.py --data {folder}")


def _with_progress(results: Iterator[_Result], total: int) -> Iterator[_Result]:
    """Show progress with the time left where the error stream is a terminal."""
    from tqdm import tqdm

    yield from tqdm(results, total=total, unit="img", disable=None, leave=False)


def _json_object(path: Path, captions: tuple[Caption, ...]) -> dict[str, object]:
    return {
        "path": str(path),
        "caption": captions[0].text,
        "probability": captions[0].probability,
        "confidence": captions[0].confidence,
        "unsure": captions[0].unsure,
        "candidates": [
            {"caption": found.text, "probability": found.probability}
            for found in captions
        ],
    }


def _fail(error: ImagecapError) -> None:
    click.echo(f"Error: {error}", err=True)
