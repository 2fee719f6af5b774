"""Examples of a data set: what a model says of them, and what people wrote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imagecap.datasets.dataset import Example
from imagecap.model.captioner import Captioner
from imagecap.model.describer import Described
from imagecap.pictures.reading import PictureError
from imagecap.progress import progress
from imagecap.text.tokenizer import tokenize


def describe_examples(
    captioner: Captioner,
    examples: Sequence[Example],
    task: str,
    count: int = 1,
    beam_width: int | None = None,
) -> Iterator[tuple[Example, Described | PictureError]]:
    """Describe pictures as a user would, and show how far it is.

    Args:
        captioner: The model.
        examples: The pictures.
        task: What the progress bar says.
        count: How many captions each shall have.
        beam_width: Captions kept in parallel by the search; the model's own by default.

    Yields:
        Each with its captions and features, or with why it has none.
    """
    paths = (example.path for example in examples)
    results = captioner.describe_many(paths, count, beam_width)
    results = progress(results, task, len(examples))
    for example, (_, result) in zip(examples, results, strict=True):
        yield example, result


def references_of(examples: Sequence[Example]) -> dict[str, list[list[str]]]:
    """Return the words of what people wrote: picture name → captions."""
    return {
        example.name: [tokenize(caption) for caption in example.captions]
        for example in examples
    }
