"""One pass over pictures for all who learn from their features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from imagecap.datasets.dataset import Example
from imagecap.errors import ImagecapError
from imagecap.model.captioner import Captioner
from imagecap.model.picture_encoder import PictureEncoder
from imagecap.progress import progress


class FeatureConsumer(Protocol):
    """Learns from the features of pictures, one after the other."""

    @property
    def examples(self) -> Sequence[Example]:
        """The pictures that it asks for."""

    def add(self, example: Example, features: np.ndarray) -> None:
        """Take the features of a picture that could be read, `[...]`, float32."""


def encode_once(
    encoder: Captioner | PictureEncoder,
    consumers: Sequence[FeatureConsumer],
    task: str,
) -> None:
    """Encode each picture that any of them asks for, once; shows progress.

    Args:
        encoder: Computes the features.
        consumers: Who asks for them.
        task: What the progress bar says.
    """
    wanted = [{example.name for example in one.examples} for one in consumers]
    every = {e.name: e for one in consumers for e in one.examples}
    results = encoder.encode_many(example.path for example in every.values())
    results = progress(results, task, len(every))
    for example, (_, features) in zip(every.values(), results, strict=True):
        if isinstance(features, ImagecapError):
            continue
        for consumer, names in zip(consumers, wanted, strict=True):
            if example.name in names:
                consumer.add(example, features)
