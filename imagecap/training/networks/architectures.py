"""The architectures of decoders by their names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import keras

from imagecap.training.networks.attention_decoder import build_attention_decoder
from imagecap.training.networks.decoder import Decoder, DecoderConfig
from imagecap.training.networks.merge_decoder import build_merge_decoder
from imagecap.training.settings import TrainingSettings


@dataclass(frozen=True)
class Architecture:
    """One kind of decoder.

    Attributes:
        build: Builds it.
        reads_grid: Whether it reads the encoder's grid rather than one vector.
    """

    build: Callable[[DecoderConfig], Decoder]
    reads_grid: bool


ARCHITECTURES = {
    "merge": Architecture(
        build_merge_decoder,
        reads_grid=False,
    ),
    "attention": Architecture(
        build_attention_decoder,
        reads_grid=True,
    ),
}


def decoder_config(
    settings: TrainingSettings, words: int, *features: int
) -> DecoderConfig:
    """Return the sizes of the decoder for a vocabulary and an encoder.

    Args:
        settings: Those of the run.
        words: Number of words, the special ones included.
        *features: Shape of the encoder's output for one picture: its length, or rows,
            columns and channels.
    """
    *grid, length = features
    chosen = settings.decoder
    return DecoderConfig(
        words,
        length,
        chosen.embedding,
        chosen.lstm,
        chosen.image,
        chosen.hidden,
        chosen.dropout,
        tuple(grid),
        settings.temperature,
    )


def build_decoder(
    settings: TrainingSettings, words: int, encoder: keras.Model
) -> Decoder:
    """Build the decoder of a run.

    Args:
        settings: Say which, and how large.
        words: Number of words, the special ones included.
        encoder: Gives the features that it reads.
    """
    config = decoder_config(settings, words, *encoder.output_shape[1:])
    return ARCHITECTURES[settings.architecture].build(config)
