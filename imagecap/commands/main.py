"""The `imagecap` command."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path

import click

import imagecap
from imagecap.commands.caption import caption
from imagecap.commands.console import print_any_character, tell_error
from imagecap.errors import ImagecapError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(imagecap.__version__)
def main() -> None:
    """Describe photographs in one sentence; offline."""
    print_any_character()


main.add_command(caption)


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
    type=click.Choice(["train", "dev", "test", "all"]),
    default="dev",
    show_default=True,
    help="The pictures to caption; all are those of every split together.",
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
    help="Score the captions in this file instead of a model's: CSV with the header "
    "image,caption, COCO results JSON (image_id a number or a file name), or any other "
    "caption file that train.py reads.",
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
    from imagecap.commands.evaluate import evaluate_model, evaluate_results

    if results is not None and (model or beam):
        raise click.UsageError("--results has captions already; leave out the model.")
    if calibrate and (results is not None or beam or split in ("train", "all")):
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
        tell_error(error)
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
    from imagecap.model.attention_overlay import (
        AttentionError,
        draw_attention,
        save_attention,
    )
    from imagecap.pictures.reading import open_picture

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
        tell_error(error)
        sys.exit(1)
    click.echo(found.text)


@main.command()
@click.argument("first")
@click.argument("second")
@click.argument("name")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Captioned photographs that both have learned from, as train.py reads them.",
)
@click.option(
    "--more-data",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Another such data set; may come several times.",
)
def join(
    first: str, second: str, name: str, data: Path | None, more_data: tuple[Path, ...]
) -> None:
    """Make a model NAME of two; SECOND may know fewer words, but no others.

    Both predict each word, and the mean of their probabilities counts. With --data,
    SECOND counts less in pictures of which it knows less than FIRST; that is learned
    from 2,000 captioned photographs. From all of them the new model learns to tell
    which words people use of a picture. It is put into models/NAME; calibrate it with
    `imagecap evaluate --calibrate`.
    """
    if more_data and data is None:
        raise click.UsageError("--more-data needs --data.")
    from imagecap.model.bundle import find_bundle, load_bundle

    if importlib.util.find_spec("keras") is None:
        click.echo(
            "Error: Joining needs Keras: pip install 'imagecap[train]'.", err=True
        )
        sys.exit(1)
    from imagecap.datasets.dataset import load_dataset, load_more
    from imagecap.training.export.ensemble import join_models
    from imagecap.training.export.fit_word_detector import learn_words

    folder = Path("models") / name
    try:
        models = [load_bundle(find_bundle(one)) for one in (first, second)]
        examples = load_more(load_dataset(data), more_data).train if data else ()
        join_models(models[0], models[1], folder, examples)
        if examples:
            click.echo(learn_words(folder, examples))
    except ImagecapError as error:
        tell_error(error)
        sys.exit(1)
    click.echo(f"Written into {folder}.")


@main.command()
def voices() -> None:
    """List the voices of this machine.

    A line each, the English ones first: id, tab, language, tab, name.
    """
    from imagecap.commands.speech import print_voices

    try:
        print_voices()
    except ImagecapError as error:
        tell_error(error)
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
    from imagecap.datasets.published_data import PUBLISHED, download_dataset

    folder = folder or Path("dataset") / name
    try:
        new = download_dataset(PUBLISHED[name], folder)
    except ImagecapError as error:
        tell_error(error)
        sys.exit(1)
    except KeyboardInterrupt:
        click.echo("Stopped. Run the same command again to go on.", err=True)
        sys.exit(130)
    click.echo(f"{'Done' if new else 'It is there already'}: {folder}")
    click.echo(f"Train on it:  python train.py --data {folder}")
