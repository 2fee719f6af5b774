"""Two models, or files of captions, compared on the same pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from imagecap.commands.console import tell, tell_error
from imagecap.datasets.dataset import Example
from imagecap.errors import ImagecapError
from imagecap.evaluation.comparison import (
    Comparison,
    caption_examples,
    compare_captions,
)
from imagecap.evaluation.evaluate import EvaluationError
from imagecap.evaluation.examples import references_of
from imagecap.evaluation.report.coco import image_ids
from imagecap.evaluation.results import read_results
from imagecap.model.captioner import Captioner
from imagecap.text.tokenizer import tokenize


def print_comparison(
    first: str, second: str, examples: Sequence[Example], title: str
) -> bool:
    """Print the CIDEr of two captions of each picture, and what they differ by.

    Args:
        first: A model's name or folder, or a file of captions.
        second: The same.
        examples: The pictures; those that one of the two has no caption of are left
            out.
        title: What they are, for the output.

    Returns:
        Whether every picture could be read.

    Raises:
        ImagecapError: If something is wrong that a person can mend.
    """
    said = [_captions(one, examples, title) for one in (first, second)]
    common = [one for one in examples if all(one.name in texts for texts in said)]
    if len(common) < 2:
        raise EvaluationError(
            f"Of {title} {len(common)} pictures have a caption by both {first} and "
            f"{second}; to compare them takes at least 2."
        )
    before, after = (
        {example.name: tokenize(texts[example.name]) for example in common}
        for texts in said
    )
    found = compare_captions(before, after, references_of(common))
    click.echo(
        f"{title}: {found.pictures:,} pictures\n\n"
        "| | CIDEr |\n|---|---|\n"
        f"| {first} | {found.before:.1f} |\n| {second} | {found.after:.1f} |\n\n"
        f"{verdict(first, second, found)}"
    )
    return len(common) == len(examples)


def verdict(first: str, second: str, found: Comparison) -> str:
    """Say in a sentence which one is better, if that is more than chance."""
    interval = f"(95 % {found.low:+.1f} to {found.high:+.1f}, paired bootstrap)"
    if found.is_better or found.is_worse:
        word = "better" if found.is_better else "worse"
        return f"{second} is {word} than {first} by {abs(found.gain):.1f} {interval}."
    return (
        f"No difference that is more than chance: {second} has {found.gain:+.1f} "
        f"{interval}."
    )


def _captions(name: str, examples: Sequence[Example], title: str) -> Mapping[str, str]:
    path = Path(name)
    if path.is_file():
        problems: list[str] = []
        ids = image_ids([example.name for example in examples])
        captions = read_results(path, ids, title, problems)
        for problem in problems:
            tell(f"note: {problem}")
        return captions
    found = {}
    for example, result in caption_examples(Captioner.load(name), examples):
        if isinstance(result, ImagecapError):
            tell_error(result)
        else:
            found[example.name] = result[0].text
    return found
