"""What the ways of training that are timed against each other learn from."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from imagecap.datasets.dataset import load_dataset
from imagecap.text.tokenizer import tokenize
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.batches.teacher_forcing import (
    TokenizedExample,
    tokenize_examples,
)
from imagecap.training.features.feature_pickle import load_features
from imagecap.training.features.grid_store import GridFeatures, index_path
from imagecap.training.networks.architectures import decoder_config
from imagecap.training.networks.decoder import DecoderConfig
from imagecap.training.settings import DecoderSettings, TrainingSettings


@dataclass(frozen=True)
class Material:
    """What both ways learn from: all photographs, and the chosen ones to be timed.

    `longest` is the length of the longest caption, boundary tokens included.
    """

    name: str
    examples: list[TokenizedExample]
    chosen: list[TokenizedExample]
    features: Mapping[str, np.ndarray]
    longest: int
    settings: TrainingSettings
    sizes: DecoderConfig


def load_material(options: argparse.Namespace) -> Material:
    """Read what a benchmark's options name; the same for all ways of training.

    Args:
        options: `data`, `features`, `minimum_count`, `fraction` and `seed`.
    """
    dataset = load_dataset(options.data)
    features = _load_features(options.features)
    # The sizes of this field's tutorials: 256 everywhere, or 512 and batches of 64.
    if isinstance(features, GridFeatures):
        decoder = DecoderSettings(lstm=512, hidden=512, batch_size=64)
    else:
        decoder = DecoderSettings(hidden=256)
    settings = TrainingSettings(
        minimum_count=options.minimum_count, seed=options.seed, decoder=decoder
    )
    vocabulary = Vocabulary.from_captions(
        (map(tokenize, example.captions) for example in dataset.train),
        settings.minimum_count,
    )
    examples = [
        item
        for item in tokenize_examples(dataset.train, vocabulary, settings.max_length)
        if item.example.name in features
    ]
    count = max(1, round(options.fraction * len(examples)))
    generator = np.random.default_rng(options.seed)
    chosen = sorted(generator.permutation(len(examples))[:count].tolist())
    feature_shape = features[examples[0].example.name].shape
    return Material(
        dataset.name,
        examples,
        [examples[number] for number in chosen],
        features,
        max(len(caption) for item in examples for caption in item.captions),
        settings,
        decoder_config(settings, len(vocabulary), *feature_shape),
    )


def _load_features(path: Path) -> Mapping[str, np.ndarray]:
    if path.suffix != ".npy":
        return load_features(path).arrays
    lines = index_path(path).read_text(encoding="utf-8").splitlines()
    pictures = chain.from_iterable(json.loads(line) for line in lines[1:])
    return GridFeatures(path, {name: row for row, (name, _) in enumerate(pictures)})
