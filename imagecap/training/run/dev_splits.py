"""What is scored after each epoch: dev of each data set that is learned from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from imagecap.datasets.dataset import Dataset, choose_examples
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.batches.teacher_forcing import (
    TokenizedExample,
    tokenize_examples,
)

OWN = ""
"""The key of the dev split that belongs to the run's own data set."""

DevSplits = Mapping[str, Sequence[TokenizedExample]]
"""Name of a data set, or `OWN` → what of its dev is scored."""

# Enough to tell epochs apart; all of MS-COCO's dev would take longer than to learn.
_MOST_OF_ANOTHER = 1000


def tokenize_dev(
    dataset: Dataset,
    vocabulary: Vocabulary,
    max_length: int,
    report: Callable[[str], None],
) -> DevSplits:
    """Turn the captions of all dev splits into word numbers.

    Args:
        dataset: Its dev is taken whole, of the others at most 1,000 pictures each.
        vocabulary: Gives the numbers.
        max_length: Words after which a caption is cut off.
        report: Is told in a sentence where pictures are left out.

    Returns:
        The run's own split, and those of the others that have one.
    """
    splits = {OWN: tokenize_examples(dataset.dev, vocabulary, max_length)}
    for name, examples in dataset.more_dev.items():
        chosen = choose_examples(examples, _MOST_OF_ANOTHER)
        if len(chosen) < len(examples):
            report(
                f"{len(chosen):,} of the {len(examples):,} dev pictures of {name} help "
                "to choose the best epoch."
            )
        splits[name] = tokenize_examples(chosen, vocabulary, max_length)
    return {name: split for name, split in splits.items() if split or name == OWN}


def all_of(splits: DevSplits) -> list[TokenizedExample]:
    """Return the examples of all splits together."""
    return [item for split in splits.values() for item in split]


def title_of(name: str) -> str:
    """Return what a split is called in a sentence, by its key in `DevSplits`."""
    return f"dev split of {name}" if name else "dev split"


def tell_single_pictures(splits: DevSplits, report: Callable[[str], None]) -> None:
    """Say which splits are a single picture, for which CIDEr is always zero."""
    for name, split in splits.items():
        if len(split) == 1:
            report(
                f"The {title_of(name)} is one picture, which tells little about which "
                "epoch is best; caption more pictures."
            )
