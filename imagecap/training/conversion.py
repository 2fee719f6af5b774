"""Keras networks as LiteRT networks; for this, Keras must run on TensorFlow."""

from __future__ import annotations

import contextlib
import io
import tempfile
from pathlib import Path

import keras

ENCODER_STORAGE = "int8, depthwise convolutions float16"
DECODER_STORAGE = "int8"

# In the words of the AI Edge Quantizer. Weights in 8 bits, a scale for each channel;
# LiteRT brings what they are multiplied with to 8 bits as it comes.
_INT8 = {
    "weight_tensor_config": {
        "num_bits": 8,
        "symmetric": True,
        "granularity": "CHANNELWISE",
    },
    "compute_precision": "INTEGER",
    "explicit_dequantize": False,
}
# Depthwise convolutions have few weights, and LiteRT is slow with them in 8 bits.
_FLOAT16 = {
    "weight_tensor_config": {"num_bits": 16, "dtype": "FLOAT"},
    "compute_precision": "FLOAT",
    "explicit_dequantize": True,
}
_ENCODER_RECIPE = [
    {
        "regex": ".*",
        "operation": "*",
        "algorithm_key": "min_max_uniform_quantize",
        "op_config": _INT8,
    },
    {
        "regex": ".*",
        "operation": "DEPTHWISE_CONV_2D",
        "algorithm_key": "float_casting",
        "op_config": _FLOAT16,
    },
]


def convert(network: keras.Model, path: Path) -> None:
    """Write a network that computes the same in float32.

    Args:
        network: Any network without loops.
        path: The file, `.tflite`.
    """
    network.export(path, format="litert", verbose=False)


def convert_encoder(encoder: keras.Model, path: Path) -> None:
    """Write an encoder stored as `ENCODER_STORAGE` says.

    Args:
        encoder: From pixels to features.
        path: The file, `.tflite`.
    """
    from ai_edge_quantizer import Quantizer

    with tempfile.TemporaryDirectory() as temporary:
        whole = Path(temporary) / "whole.tflite"
        convert(encoder, whole)
        # Its progress bars cannot all be switched off.
        with contextlib.redirect_stderr(io.StringIO()):
            result = Quantizer(str(whole), _ENCODER_RECIPE).quantize(
                enable_progress_report=False
            )
        path.write_bytes(result.quantized_model)


def convert_decoder(decoder: keras.Model, path: Path) -> None:
    """Write a network of a decoder stored as `DECODER_STORAGE` says.

    The converter's own way, since it also quantises the vectors of words, which are a
    third of a decoder.

    Args:
        decoder: The start or the step of a decoder.
        path: The file, `.tflite`.
    """
    import tensorflow as tf

    decoder.export(
        path,
        format="litert",
        verbose=False,
        optimizations=[tf.lite.Optimize.DEFAULT],
    )
