"""Keras networks as LiteRT networks; for this, Keras must run on TensorFlow."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras

IN_8_BITS = "int8, depthwise convolutions float16"
"""What `convert_to_mixed` is called in manifests and cards."""

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
_MIXED_RECIPE = [
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


def convert_to_float16(network: keras.Model, path: Path) -> None:
    """Write a network with weights in 16 bits, which computes in 32.

    Args:
        network: Any network without loops.
        path: The file, `.tflite`.
    """
    import tensorflow as tf

    network.export(
        path,
        format="litert",
        verbose=False,
        optimizations=[tf.lite.Optimize.DEFAULT],
        target_spec={"supported_types": [tf.float16]},
    )


def convert_to_int8(network: keras.Model, path: Path) -> None:
    """Write a network without depthwise convolutions with weights in 8 bits.

    The converter's own way, since it also quantises the vectors of words, which are a
    third of a decoder.

    Args:
        network: Any network without loops.
        path: The file, `.tflite`.
    """
    import tensorflow as tf

    network.export(
        path,
        format="litert",
        verbose=False,
        optimizations=[tf.lite.Optimize.DEFAULT],
    )


def convert_to_mixed(
    network: keras.Model, path: Path, exact: Sequence[str] = ()
) -> None:
    """Write a network with weights in 8 bits, those of depthwise convolutions in 16.

    Args:
        network: Any network without loops.
        path: The file, `.tflite`.
        exact: Names of networks inside it of which all weights are kept in 16.
    """
    from ai_edge_quantizer import Quantizer

    convert(network, path)
    # Its progress bars cannot all be switched off.
    with contextlib.redirect_stderr(io.StringIO()):
        recipe = [*_MIXED_RECIPE, *map(_in_float16, exact)]
        result = Quantizer(path.read_bytes(), recipe).quantize(
            enable_progress_report=False
        )
    path.write_bytes(result.quantized_model)


def _in_float16(name: str) -> dict[str, Any]:
    # Keras puts a number behind the name of a network that is called again.
    return {
        "regex": f"/{re.escape(name)}(_[0-9]+)?/",
        "operation": "CONV_2D",
        "algorithm_key": "float_casting",
        "op_config": _FLOAT16,
    }


ENCODER_STORAGES: tuple[tuple[str, Callable[[keras.Model, Path], None]], ...] = (
    (IN_8_BITS, convert_to_mixed),
    ("float16", convert_to_float16),
)
"""What an encoder is stored as: the first that computes nearly the same."""
