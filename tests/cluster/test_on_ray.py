"""Captions and features by two machines of one CPU each, one of which is lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import keras
import numpy as np
import pytest
from botocore.client import BaseClient
from buckets import BUCKET
from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends
from shards import rows_in, save_pictures, shards_in, small_picture
from training_runs import QUICK, history, train

import imagecap
from imagecap.cluster.describing import Work, caption_worker
from imagecap.cluster.errors import ClusterError
from imagecap.cluster.features import extract_on_ray
from imagecap.cluster.manifest import RunManifest
from imagecap.cluster.on_ray import OnRay, _Tries
from imagecap.cluster.run import Tally, caption_into_shards, prepare
from imagecap.datasets.dataset import Example
from imagecap.datasets.scenes import write_scenes
from imagecap.model.bundle import Bundle, load_bundle
from imagecap.training.features.extract import extract_split
from imagecap.training.networks.encoders import ENCODERS, EncoderType
from imagecap.training.settings import TrainingSettings

if TYPE_CHECKING:
    from ray.cluster_utils import Cluster

PICTURES = 2000
PHOTOS = f"s3://{BUCKET}/photos"
_BROKEN = 100
_FOLDERS = 4
_NOBODY = "127.0.0.1:9"


@pytest.fixture(scope="module")
def bucket(s3: BaseClient) -> BaseClient:
    """The photographs, of which every hundredth is broken."""

    # Into its store itself, which takes a hundredth of the time.
    store = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    for number in range(PICTURES):
        content = b"broken" if number % _BROKEN == 0 else small_picture(number)
        key = f"photos/{number % _FOLDERS}/{number:04}.jpg"
        store.put_object(BUCKET, key, content)
    return s3


@pytest.fixture(scope="module")
def cluster(bucket: BaseClient) -> Iterator[Cluster]:
    """Two machines of one CPU each; they inherit the way to S3."""
    cluster = start_cluster(3)
    yield cluster
    cluster.shutdown()


def start_cluster(attempts: int) -> Cluster:
    """Start it; Ray gives up after 30 s, in which a busy computer may not be ready."""
    from ray.cluster_utils import Cluster

    small = {"num_cpus": 1, "object_store_memory": 100 * 2**20}
    cluster = Cluster()
    try:
        cluster.add_node(**small, include_dashboard=False)
        cluster.add_node(**small)
    except Exception:
        cluster.shutdown()
        if attempts == 1:
            raise
        return start_cluster(attempts - 1)
    return cluster


@pytest.fixture(scope="module")
def bundle(untrained_bundle: Path) -> Bundle:
    return load_bundle(untrained_bundle)


def work_for(bundle: Bundle, output: str, retries: bool = False) -> Work:
    return Work(output, "m" * 64, "parquet", 1, retries)


def run(
    cluster: Cluster, bundle: Bundle, work: Work, seen: threading.Event | None = None
) -> Tally:
    """Caption the bucket, 125 pictures in a part; tell when the first part is done."""
    manifest = RunManifest([PHOTOS], "m@1", "m", 1, "parquet")
    worker = caption_worker(bundle, work)
    with (
        prepare(work.output, manifest) as prepared,
        OnRay(worker, work.output, 125, cluster.address) as engine,
    ):
        return caption_into_shards(
            prepared,
            work,
            engine,
            lambda total, done: None,
            lambda pictures: seen and seen.set(),
        )


def test_a_lost_machine_costs_no_picture_and_none_comes_twice(
    cluster: Cluster, bundle: Bundle
) -> None:
    work = work_for(bundle, f"s3://{BUCKET}/captions")
    begun = threading.Event()
    other = next(iter(cluster.worker_nodes))

    def lose() -> None:
        begun.wait(300)
        cluster.remove_node(other, allow_graceful=False)

    losing = threading.Thread(target=lose)
    losing.start()
    tally = run(cluster, bundle, work, begun)
    losing.join()
    assert tally == Tally(PICTURES - PICTURES // _BROKEN, PICTURES // _BROKEN, 16, 0)
    rows = rows_in(work.output)
    assert len(rows) == PICTURES
    assert sum(row.error is None for row in rows.values()) == tally.done


def test_the_run_goes_on_with_what_is_not_done_or_has_failed(
    cluster: Cluster, bundle: Bundle, bucket: BaseClient
) -> None:
    output = f"s3://{BUCKET}/captions"
    before = shards_in(output)
    gone = sorted(before)[0]
    bucket.delete_object(Bucket=BUCKET, Key=f"captions/{gone}")
    for key in ("photos/0/added.jpg", "photos/0/0000.jpg"):
        bucket.put_object(Bucket=BUCKET, Key=key, Body=small_picture(len(key)))
    tally = run(cluster, bundle, work_for(bundle, output, retries=True))
    assert (tally.shards, tally.failed) == (17, PICTURES // _BROKEN - 1)
    rows = rows_in(output)
    assert len(rows) == PICTURES + 1
    assert rows[f"{PHOTOS}/0/0000.jpg"].caption
    good = {row.path: row for some in before.values() for row in some if row.caption}
    assert good.items() <= rows.items()


def test_actors_that_die_of_loading_are_not_begun_for_ever() -> None:
    tries = _Tries()
    assert [tries.load("one") for _ in range(4)] == [True, True, True, False]
    # Where one can, the others are begun again.
    tries.loaded()
    assert tries.load("one")


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
    tmp_path: Path, cluster: Cluster, encoder: keras.Model, architecture: str
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
    before = extract(cluster.address, examples)
    assert len(before) == len(names)
    # Nothing is left to do for a cluster.
    assert extract(_NOBODY, examples[1:]).keys() <= before.keys()
    (photos / "2.jpg").write_bytes(small_picture(20))
    with pytest.raises(ClusterError, match="cannot be used at"):
        extract(_NOBODY, examples)
    after = extract(cluster.address, examples)
    changed = [name for name in before if not np.array_equal(before[name], after[name])]
    assert changed == ["2.jpg"]
    (shard,) = tmp_path.glob("there-*/*.arrow")
    shard.write_bytes(shard.read_bytes()[:-9])
    with pytest.raises(ClusterError, match=r"is damaged \(.*; delete it, and start"):
        extract(cluster.address, examples)


def test_training_reads_the_shards(
    tmp_path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = EncoderType(16, lambda pixels: pixels / 255, tiny_network)
    monkeypatch.setitem(ENCODERS, "mobilenetv2", tiny)
    weights = tmp_path / "tiny.weights.h5"
    tiny_network(None).save_weights(weights)
    write_scenes(tmp_path / "few", train=16, dev=4, test=4)
    given = ["--data", "few", "--encoder", "mobilenetv2", "--encoder-weights", weights]
    on_ray = [*given, *QUICK, "--engine", "ray", "--address"]
    train(tmp_path, *on_ray, cluster.address, "--epochs", 1)
    assert list(tmp_path.glob("features/few-mobilenetv2-*/*.arrow"))
    assert not list(tmp_path.glob("features/*.pkl"))
    assert len(history(tmp_path, "few-mobilenetv2")) == 1


def test_what_no_cluster_does_is_said(
    tmp_path: Path, encoder: keras.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "--address needs --engine ray" in train(
        tmp_path, "--dataset", "scenes", "--address", _NOBODY, status=2
    )
    assert "not pretrained, so no features are extracted" in train(
        tmp_path, "--dataset", "scenes", "--engine", "ray", status=1
    )
    (example,) = (
        Example(one.name, one, ("A dog.",))
        for one in save_pictures(tmp_path / "photos", ["1.jpg"]).iterdir()
    )
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(ClusterError, match="leave out KERAS_BACKEND until"):
        extract_on_ray(None, encoder, TrainingSettings(), [example], tmp_path / "there")


def test_what_is_wrong_with_the_cluster_is_said(
    cluster: Cluster, bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ray._private import utils

    def connect(address: str, output: str = "s3://x/y") -> None:
        worker = caption_worker(bundle, work_for(bundle, output))
        OnRay(worker, output, 125, address)

    with pytest.raises(ClusterError, match=r"Ray cannot be used at 127\.0\.0\.1:9"):
        connect(_NOBODY)
    with pytest.raises(ClusterError, match=r"does not see /nowhere; name a folder t"):
        connect(cluster.address, "/nowhere")
    with monkeypatch.context() as other:
        other.setattr(imagecap, "__version__", "99.0")
        with pytest.raises(ClusterError, match=r"has imagecap 0\.\d.*, not 99\.0; in"):
            connect(cluster.address)
    monkeypatch.setattr(utils, "compute_version_info", lambda: ("2.0", "3.8.1", "x"))
    with pytest.raises(ClusterError, match=r"Python: 3\.8\.1; name a cluster that r"):
        connect(cluster.address)
