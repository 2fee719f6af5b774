"""Features extracted on a cluster into shards, and a training that reads them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest
import ray
from shards import save_pictures, small_picture
from training_runs import QUICK, history, train

from imagecap.cluster.errors import ClusterError
from imagecap.cluster.features import extract_on_ray
from imagecap.datasets.dataset import Example
from imagecap.datasets.scenes import write_scenes
from imagecap.training.features.extract import extract_split
from imagecap.training.networks.encoders import ENCODERS, EncoderType
from imagecap.training.settings import TrainingSettings

_NOBODY = "127.0.0.1:9"


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of a machine of two CPUs."""
    from ray.cluster_utils import Cluster

    cluster = Cluster(
        initialize_head=True,
        head_node_args={
            "num_cpus": 2,
            "object_store_memory": 100 * 2**20,
            "include_dashboard": False,
        },
    )
    yield cluster.address
    ray.shutdown()
    cluster.shutdown()


def tiny_network(_weights: str | None) -> keras.Model:
    pixels = keras.Input((16, 16, 3), name="pixels")
    keras.utils.set_random_seed(0)
    return keras.Model(pixels, keras.layers.Conv2D(6, 4, strides=4)(pixels))


@pytest.fixture
def encoder() -> keras.Model:
    network = tiny_network(None)
    grid = network(keras.layers.Rescaling(1 / 127.5, -1)(network.input))
    return keras.Model(network.input, grid, name="tiny")


@pytest.mark.parametrize("architecture", ["merge", "attention"])
def test_shards_hold_what_this_machine_would_extract(
    tmp_path: Path, cluster: str, encoder: keras.Model, architecture: str
) -> None:
    names = [f"{number}.jpg" for number in range(6)]
    photos = save_pictures(tmp_path / "photos", names)
    (photos / "broken.jpg").write_bytes(b"no picture")
    examples = [Example(one.name, one, ("A dog.",)) for one in photos.iterdir()]
    settings = TrainingSettings(architecture=architecture)
    if architecture == "merge":
        vector = keras.layers.GlobalAveragePooling2D()(encoder.output)
        encoder = keras.Model(encoder.input, vector)

    def extract(address: str, wanted: list[Example]) -> dict[str, np.ndarray]:
        found = extract_on_ray(address, encoder, settings, wanted, stem)
        here = extract_split(encoder, settings, wanted, tmp_path / "here")
        assert found.arrays.keys() == here.arrays.keys()
        assert found.encoder == here.encoder
        assert {one: found.contents[one] for one in found.arrays} == {
            one: here.contents[one] for one in here.arrays
        }
        assert found.unreadable == here.unreadable
        for name, array in here.arrays.items():
            np.testing.assert_allclose(found.arrays[name], array, atol=1e-3)
        return dict(found.arrays)

    stem = tmp_path / "there"
    before = extract(cluster, examples)
    assert len(before) == len(names)
    # Nothing is left to do for a cluster.
    assert extract(_NOBODY, examples[1:]).keys() <= before.keys()
    (photos / "2.jpg").write_bytes(small_picture(20))
    with pytest.raises(ClusterError, match="cannot be used at"):
        extract(_NOBODY, examples)
    after = extract(cluster, examples)
    changed = [name for name in before if not np.array_equal(before[name], after[name])]
    assert changed == ["2.jpg"]
    (shard,) = tmp_path.glob("there-*/*.arrow")
    shard.write_bytes(shard.read_bytes()[:-9])
    with pytest.raises(ClusterError, match=r"is damaged \(.*; delete it, and start"):
        extract(cluster, examples)
    shard.unlink()
    assert extract(cluster, examples).keys() == after.keys()


def test_training_reads_the_shards(
    tmp_path: Path, cluster: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = EncoderType(16, lambda pixels: pixels / 255, tiny_network)
    monkeypatch.setitem(ENCODERS, "mobilenetv2", tiny)
    weights = tmp_path / "tiny.weights.h5"
    tiny_network(None).save_weights(weights)
    write_scenes(tmp_path / "few", train=16, dev=4, test=4)
    given = ["--data", "few", "--encoder", "mobilenetv2", "--encoder-weights", weights]
    on_ray = [*given, *QUICK, "--engine", "ray", "--address"]
    train(tmp_path, *on_ray, cluster, "--epochs", 1)
    assert list(tmp_path.glob("features/few-mobilenetv2-*/*.arrow"))
    assert not list(tmp_path.glob("features/*.pkl"))
    train(tmp_path, *on_ray, _NOBODY, "--resume", "--epochs", 2)
    assert len(history(tmp_path, "few-mobilenetv2")) == 2


def test_what_no_cluster_does_is_said(
    tmp_path: Path, encoder: keras.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "--address needs --engine ray" in train(
        tmp_path, "--dataset", "scenes", "--address", _NOBODY, status=2
    )
    (example,) = (
        Example(one.name, one, ("A dog.",))
        for one in save_pictures(tmp_path / "photos", ["1.jpg"]).iterdir()
    )
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(ClusterError, match="leave out KERAS_BACKEND until"):
        extract_on_ray(None, encoder, TrainingSettings(), [example], tmp_path / "there")
