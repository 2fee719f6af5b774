"""All the devices of a machine, or of several, learn from each batch together."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

import keras
import numpy as np

from imagecap.training.networks.static_shapes import pad_batch

Value = TypeVar("Value")


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
        count = machines()
        where = f" of {count} machines" if count > 1 else ""
        report(f"Each batch is shared by {len(devices)} devices{where}.")


def whole_shares(rows: int) -> int:
    """Return the least number of rows, at least so many, that devices share evenly."""
    # What Keras was told to use is known in the thread alone that told it.
    devices = len(_devices())
    return -(-rows // devices) * devices


def own_rows(rows: int) -> slice:
    """Return which of the rows of a batch the devices of this machine compute.

    Args:
        rows: How many there are, a number that devices share evenly.
    """
    if machines() == 1:
        return slice(rows)
    import jax

    devices = jax.devices()
    own = [number for number, one in enumerate(devices) if one in jax.local_devices()]
    share = rows // len(devices)
    return slice(own[0] * share, (own[-1] + 1) * share)


def own_share(batch: Any) -> Any:  # noqa: ANN401 – arrays in any structure
    """Return what this machine computes of a batch, filled up until all have the same.

    What fills it up is zero, its words are padding.

    Args:
        batch: Arrays in any structure, all with as many rows.
    """

    def share(array: np.ndarray) -> np.ndarray:
        rows = whole_shares(len(array))
        return pad_batch(array, rows)[own_rows(rows)]

    return keras.tree.map_structure(share, batch)


def machines() -> int:
    """Return how many machines learn together."""
    if keras.backend.backend() != "jax":
        return 1
    import jax

    return int(jax.process_count())


def on_any_machine(is_so: bool) -> bool:
    """Tell whether something is so on any machine; all have to ask together."""
    if machines() == 1:
        return is_so
    from jax.experimental import multihost_utils

    return bool(np.any(multihost_utils.process_allgather(np.array(is_so))))


def wait_for_machines() -> None:
    """Wait until all machines wait here."""
    on_any_machine(False)


def from_first_machine(value: Value) -> Value:
    """Return what the first machine gives for a value; all have to ask together.

    Args:
        value: What JSON can hold.
    """
    if machines() == 1:
        return value
    from jax.experimental.multihost_utils import broadcast_one_to_all

    own = json.dumps(value).encode()
    size = int(broadcast_one_to_all(np.array(len(own))))
    content = np.frombuffer(own.ljust(size)[:size], np.uint8)
    told: Value = json.loads(np.asarray(broadcast_one_to_all(content)).tobytes())
    return told


def of_this_machine(network: keras.Model) -> keras.Model:
    """Give a network with the same weights that computes without other machines."""
    if machines() == 1:
        return network
    shared = keras.distribution.distribution()
    keras.distribution.set_distribution(None)
    try:
        own = keras.models.clone_model(network)
        own.set_weights(network.get_weights())
    finally:
        keras.distribution.set_distribution(shared)
    return own


def _devices() -> list[str]:
    if keras.backend.backend() != "jax":
        return ["the only one"]
    return list(keras.distribution.list_devices())
