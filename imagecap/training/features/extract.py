"""The features that a run reads, in the form that its architecture wants them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np

from imagecap.datasets.dataset import Example
from imagecap.training.features.encode import encode_pictures
from imagecap.training.features.feature_pickle import Features, extract_features
from imagecap.training.features.grid_store import (
    delete_grid_features,
    extract_grid_features,
    grid_path,
)
from imagecap.training.networks.architectures import ARCHITECTURES
from imagecap.training.networks.encoders import encoder_identity
from imagecap.training.settings import TrainingSettings

Extract = Callable[
    [keras.Model, TrainingSettings, Sequence[Example], Path, Callable[[str], None]],
    Features,
]
"""What extracts the features of a split; `extract_split` does on this machine."""


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


@contextmanager
def temporary_features(
    encoder: keras.Model,
    settings: TrainingSettings,
    examples: Sequence[Example],
    stem: Path,
) -> Iterator[Mapping[str, np.ndarray]]:
    """Compute features that the encoder, which still learns, gives for now.

    Grids are kept on the disk for as long as they are used, vectors in memory.

    Args:
        encoder: From pixels to features.
        settings: Name the encoder and the architecture.
        examples: The pictures; those that cannot be read are left out.
        stem: Where grids are kept, without the end of the file name.

    Raises:
        FeaturesError: If a file there cannot be used or written.
    """
    if not ARCHITECTURES[settings.architecture].reads_grid:
        arrays: dict[str, np.ndarray] = {}
        for batch in encode_pictures(encoder, examples):
            arrays.update(batch.arrays)
        yield arrays
        return
    try:
        yield extract_split(encoder, settings, examples, stem).arrays
    finally:
        delete_grid_features(grid_path(stem))
