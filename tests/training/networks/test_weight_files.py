"""Weights kept in 8 bits come back nearly as they were."""

from pathlib import Path

import keras
import numpy as np
import pytest

from imagecap.training.networks.weight_files import load_weights, save_weights


def network(seed: int) -> keras.Model:
    keras.utils.set_random_seed(seed)
    pixels = keras.Input((16, 16, 3))
    grid = keras.layers.Conv2D(32, 3)(pixels)
    grid = keras.layers.DepthwiseConv2D(3)(grid)
    grid = keras.layers.BatchNormalization()(grid)
    vector = keras.layers.GlobalAveragePooling2D()(grid)
    inner = keras.Sequential([keras.Input((32,)), keras.layers.Dense(5000)])
    return keras.Model(pixels, inner(vector))


def test_weights_come_back_within_a_step_of_their_channel(tmp_path: Path) -> None:
    saved, loaded = network(0), network(1)
    for weight in saved.weights:
        if weight.ndim == 1:
            weight.assign(np.linspace(1, 2, weight.shape[0]))
    path, whole = tmp_path / "net.weights.h5", tmp_path / "whole.weights.h5"
    save_weights(saved, path)
    saved.save_weights(whole)
    load_weights(loaded, path)
    for before, after in zip(saved.get_weights(), loaded.get_weights(), strict=True):
        if before.ndim == 1:
            np.testing.assert_array_equal(after, before)
            continue
        if before.size < 100_000:
            np.testing.assert_array_equal(after, before.astype(np.float16))
            continue
        step = np.abs(before).max(axis=0) / 127
        assert (np.abs(after - before) <= step * 0.5001).all()
        assert not np.array_equal(after, before)
    assert path.stat().st_size < 0.4 * whole.stat().st_size


def test_rows_of_zeros_stay_zeros(tmp_path: Path) -> None:
    saved, loaded = network(0), network(1)
    saved.set_weights([np.zeros_like(weight) for weight in saved.get_weights()])
    save_weights(saved, tmp_path / "net.weights.h5")
    load_weights(loaded, tmp_path / "net.weights.h5")
    assert not any(weight.any() for weight in loaded.get_weights())


def test_what_keras_saved_is_loaded_too(tmp_path: Path) -> None:
    saved, loaded = network(0), network(1)
    saved.save_weights(tmp_path / "net.weights.h5")
    load_weights(loaded, tmp_path / "net.weights.h5")
    for before, after in zip(saved.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(after, before)


def test_a_damaged_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "net.weights.h5"
    save_weights(network(0), path)
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(OSError, match="truncated"):
        load_weights(network(1), path)
