"""The features that a run reads, in the form that its architecture wants them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import keras

from imagecap.datasets.datasets import Example
from imagecap.training.features.feature_pickle import Features, extract_features
from imagecap.training.features.grid_store import extract_grid_features, grid_path
from imagecap.training.networks.architectures import ARCHITECTURES
from imagecap.training.networks.encoders import encoder_identity
from imagecap.training.settings import TrainingSettings


def extract_split(
    encoder: keras.Model,
    settings: TrainingSettings,
    examples: Sequence[Example],
    stem: Path,
    report: Callable[[str], None] = lambda _: None,
) -> Features:
    """Extract what the architecture of a run reads: vectors, or grids kept on disk.

    Args:
        encoder: From pixels to features.
        settings: Name the encoder and the architecture.
        examples: The pictures.
        stem: Where the features are kept, without the end of the file name.
        report: Is told in a sentence when those of another encoder are replaced.

    Raises:
        FeaturesError: If a file there cannot be used or written.
    """
    identity = encoder_identity(settings.encoder, encoder)
    if ARCHITECTURES[settings.architecture].reads_grid:
        grids = grid_path(stem)
        return extract_grid_features(encoder, identity, examples, grids, report)
    pickle = stem.with_name(f"{stem.name}.pkl")
    return extract_features(encoder, identity, examples, pickle, report)
