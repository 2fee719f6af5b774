"""Fitting the word detector of a finished model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from imagecap.datasets.dataset import Example, choose_examples
from imagecap.errors import ImagecapError
from imagecap.model.bundle import update_bundle
from imagecap.model.captioner import Captioner
from imagecap.model.rankers import word_weights
from imagecap.model.word_detector import WORD_DETECTOR, WordDetector, mean_features
from imagecap.progress import progress
from imagecap.text.tokenizer import tokenize
from imagecap.text.vocabulary import Vocabulary

FEWEST_PICTURES = 2000
"""From so many `default` gains a point on dev; from half of them it gained nothing."""

_MOST_PICTURES = 20_000
# Words that a smaller share of captions has are left out; they would make the file four
# times as large, and hardly count.
_LEAST_SHARE = 1e-3
_RIDGE = 0.1


def learn_words(folder: Path, examples: Sequence[Example]) -> str:
    """Teach a model to tell which words people use of a picture; shows progress.

    Args:
        folder: The bundle; replaced by one that has a word detector, and no confidence
            until it is calibrated.
        examples: The pictures that it was trained on. Of more than 20,000 so many,
            chosen at random, are learned from.

    Returns:
        What was done, in a sentence.

    Raises:
        ImagecapError: If the bundle cannot be read or written.
    """
    captioner = Captioner.load(folder)
    chosen = choose_examples(examples, _MOST_PICTURES)
    pooled, captions = [], []
    if len(chosen) >= FEWEST_PICTURES:
        results = captioner.encode_many(example.path for example in chosen)
        results = progress(results, "Learning words", len(chosen))
        for example, (_, features) in zip(chosen, results, strict=True):
            if not isinstance(features, ImagecapError):
                pooled.append(mean_features(features[np.newaxis])[0])
                captions.append([tokenize(caption) for caption in example.captions])
    if len(pooled) < FEWEST_PICTURES:
        return (
            "Without a word detector: that needs at least "
            f"{FEWEST_PICTURES:,} pictures."
        )
    bundle = captioner.bundle
    detector = fit_word_detector(np.stack(pooled), captions, bundle.vocabulary)
    update_bundle(bundle, {"confidence": None}, {WORD_DETECTOR: detector.to_bytes()})
    return f"Learned to tell {len(detector.numbers):,} words from pictures."


def fit_word_detector(
    features: np.ndarray,
    captions: Sequence[Sequence[Sequence[str]]],
    vocabulary: Vocabulary,
) -> WordDetector:
    """Fit a word detector by ridge regression.

    Source: Hoerl and Kennard 1970, "Ridge regression: biased estimation for
    nonorthogonal problems".

    Args:
        features: Of N pictures, `[N, P]`, float32; see `mean_features`.
        captions: For each picture its captions, each as its words.
        vocabulary: The words of the model.
    """
    words = _frequent_words(captions, vocabulary)
    columns = {word: column for column, word in enumerate(words)}
    weights = np.zeros((len(captions), len(words)), np.float32)
    for row, group in zip(weights, captions, strict=True):
        for caption in group:
            for word, weight in word_weights(caption, vocabulary).items():
                if word in columns:
                    row[columns[word]] += weight / len(group)
    mean = features.mean(axis=0, dtype=np.float64)
    offsets = features - mean
    usual = weights.mean(axis=0, dtype=np.float64)
    ridge = _RIDGE * np.eye(features.shape[1])
    solution = np.linalg.solve(offsets.T @ offsets + ridge, offsets.T @ weights)
    numbers = np.array(vocabulary.encode(words), np.int32)
    return WordDetector.of_map(numbers, solution, usual - mean @ solution, usual)


def _frequent_words(
    captions: Sequence[Sequence[Sequence[str]]], vocabulary: Vocabulary
) -> list[str]:
    counts = Counter(
        word for group in captions for caption in group for word in set(caption)
    )
    fewest = _LEAST_SHARE * sum(map(len, captions))
    known = vocabulary.words[len(Vocabulary.SPECIAL) :]
    return [word for word in known if counts[word] >= max(fewest, 1)]
