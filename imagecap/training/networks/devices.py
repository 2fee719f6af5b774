"""All the devices of a machine learn from each batch together."""

from __future__ import annotations

from collections.abc import Callable

import keras


def use_all_devices(report: Callable[[str], None]) -> None:
    """Let each device compute its share of every batch, where there are several.

    All of them hold the same weights, and take the same step by the mean of what they
    found (data parallelism; see `keras.distribution.DataParallel`). Only JAX can here.

    Args:
        report: Is told in a sentence how many there are.
    """
    devices = _devices()
    if len(devices) > 1:
        keras.distribution.set_distribution(
            keras.distribution.DataParallel(devices=devices, auto_shard_dataset=False)
        )
        report(f"Each batch is shared by {len(devices)} devices.")


def whole_shares(rows: int) -> int:
    """Return the least number of rows, at least so many, that devices share evenly."""
    # What Keras was told to use is known in the thread alone that told it.
    devices = len(_devices())
    return -(-rows // devices) * devices


def _devices() -> list[str]:
    if keras.backend.backend() != "jax":
        return ["the only one"]
    return list(keras.distribution.list_devices())
