"""The `imagecap language` command: a model learns what captions are like from text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from imagecap.captions.caption_files import read_texts
from imagecap.commands.console import tell
from imagecap.commands.file_path import FILE_PATH
from imagecap.model.bundle import LANGUAGE_MODEL, find_bundle, load_bundle
from imagecap.model.sealing import update_bundle
from imagecap.text.tokenizer import tokenize
from imagecap.training.export.fit_language_model import (
    FEWEST_CAPTIONS,
    LanguageError,
    fit_language_model,
    with_language,
)


@click.command()
@click.argument("model")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=FILE_PATH,
    metavar="FILES...",
)
def language(model: str, files: Sequence[Path]) -> None:
    """Teach MODEL from caption FILES which words follow which.

    Captions of any pictures will do, also of none that are here. They have their say in
    the choice among the captions that the model finds, and against words that it says
    twice. A language model that it has is replaced. Afterwards, measure again how far
    its captions can be trusted: imagecap evaluate --calibrate.
    """
    bundle = load_bundle(find_bundle(model))
    problems: list[str] = []
    captions = read_texts(files, problems)
    for problem in problems:
        tell(f"note: {problem}")
    if len(captions) < FEWEST_CAPTIONS:
        raise LanguageError(
            f"A language model needs at least {FEWEST_CAPTIONS:,} captions; "
            f"{', '.join(map(str, files))} has {len(captions):,}. Name more files."
        )
    learned = fit_language_model(map(tokenize, captions), bundle.vocabulary)
    content = learned.to_bytes()
    manifest = with_language(bundle.manifest, learned, len(captions))
    update_bundle(bundle, manifest, {LANGUAGE_MODEL: content})
    click.echo(
        f"Learned from {len(captions):,} captions: {learned.ngrams:,} n-grams, "
        f"{len(content):,} bytes. Written into {bundle.folder}."
    )
    if manifest.confidence is not None:
        click.echo(
            "Its confidence was measured without: run imagecap evaluate --calibrate."
        )
