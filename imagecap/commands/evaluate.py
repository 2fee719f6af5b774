"""The `imagecap evaluate` command: captions of a split, scored, shown and saved."""

from __future__ import annotations

from pathlib import Path

import click

from imagecap.commands.compare import print_comparison
from imagecap.commands.evaluate_captions import (
    evaluate_model,
    evaluate_results,
    load_split,
)
from imagecap.commands.file_path import FILE_PATH
from imagecap.commands.number_in_range import BEAM_WIDTHS, NumberInRange


@click.command()
@click.option(
    "--data",
    required=True,
    type=FILE_PATH,
    help="Folder of captioned photographs, as train.py reads it.",
)
@click.option(
    "--more-data",
    multiple=True,
    type=FILE_PATH,
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
    type=NumberInRange(int, BEAM_WIDTHS),
    help=f"Captions kept in parallel by the search. [{BEAM_WIDTHS}; default: the "
    "model's]",
)
@click.option(
    "--results",
    type=FILE_PATH,
    help="Score the captions in this file instead of a model's: CSV with the header "
    "image,caption, COCO results JSON (image_id a number or a file name), or any other "
    "caption file that train.py reads.",
)
@click.option(
    "-o",
    "--output",
    type=FILE_PATH,
    metavar="FOLDER",
    help="Where to save. [default: evaluation/MODEL-DATA-SPLIT]",
)
@click.option(
    "--sense-from",
    multiple=True,
    type=FILE_PATH,
    metavar="FILE",
    help="A file with captions of other pictures, from which is learned what makes "
    "sense; may come several times. [default: the train split]",
)
@click.option(
    "--compare",
    nargs=2,
    metavar="FIRST SECOND",
    help="Tell which of two models, or files of captions, is better, and whether that "
    "is more than chance; nothing is saved.",
)
@click.option(
    "--calibrate",
    "calibrating",
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
    sense_from: tuple[Path, ...],
    compare: tuple[str, str] | None,
    calibrating: bool,
) -> int:
    """Score a model's captions against what people wrote.

    Prints BLEU, ROUGE-L and CIDEr with 95 % confidence intervals, and METEOR where Java
    and pycocoevalcap are there; and how many captions no reader would write, beside
    those of people. Saves them as scores.json, the captions as COCO results
    with the annotations to score them by, and report.html. A picture that cannot be
    read is left out and named, and the exit status is 1.
    """
    if compare:
        if model or beam or results is not None or output is not None or calibrating:
            raise click.UsageError(
                "--compare names what is scored and saves nothing; leave out --model, "
                "--beam, --results, --output and --calibrate."
            )
        dataset, examples = load_split(data, split, more_data)
        title = f"{dataset.name}, {split}"
        return 0 if print_comparison(*compare, examples, title) else 1
    if results is not None and (model or beam):
        raise click.UsageError("--results has captions already; leave out the model.")
    if calibrating and (results is not None or beam or split in ("train", "all")):
        raise click.UsageError(
            "--calibrate needs a model, its own beam and pictures that it has not "
            "learned from; leave out --results and --beam, and choose dev or test."
        )
    if results is not None:
        evaluate_results(results, data, split, output, more_data, sense_from)
        return 0
    complete = evaluate_model(
        model, beam, data, split, output, more_data, calibrating, sense_from
    )
    return 0 if complete else 1
