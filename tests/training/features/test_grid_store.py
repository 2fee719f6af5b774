import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from PIL import Image
from test_feature_pickle import make_examples

from imagecap.datasets.dataset import Example
from imagecap.training.features.feature_pickle import FeaturesError
from imagecap.training.features.grid_store import (
    delete_grid_features,
    extract_grid_features,
    index_path,
)

GRID = (2, 3, 4)


class CountingEncoder:
    """An encoder of means of pixels, which counts pictures and may be slow."""

    input_shape = (None, 64, 64, 3)
    output_shape = (None, *GRID)

    def __init__(self, seconds: float = 0) -> None:
        self.pictures = 0
        self.seconds = seconds

    def predict_on_batch(self, pixels: np.ndarray) -> np.ndarray:
        self.pictures += len(pixels)
        time.sleep(self.seconds)
        means = pixels.mean(axis=(1, 2, 3)) / 255
        return means[:, None, None, None] + np.arange(24).reshape(GRID) / 64


def check(arrays: Mapping[str, np.ndarray], count: int) -> None:
    """Each picture has its own grid, to the precision of 16 bits."""
    assert set(arrays) == {f"{number:03}.png" for number in range(count)}
    for name in arrays:
        mean = (int(name[:3]) % 256 + 99) / 3 / 255
        found = arrays[name]
        assert found.dtype == np.float32
        np.testing.assert_allclose(
            found, mean + np.arange(24).reshape(GRID) / 64, rtol=1e-3
        )


def test_grids_are_extracted_once_and_stay_on_the_disk(tmp_path: Path) -> None:
    examples = make_examples(tmp_path, 70)
    path = tmp_path / "features" / "made-up-grid.npy"
    encoder = CountingEncoder()
    check(extract_grid_features(encoder, "one", examples[:40], path).arrays, 40)
    check(extract_grid_features(encoder, "one", examples, path).arrays, 70)
    assert encoder.pictures == 70
    check(extract_grid_features(encoder, "one", examples[:5], path).arrays, 5)
    assert encoder.pictures == 70
    # Anyone can read it.
    array = np.load(path, mmap_mode="r")
    assert array.shape == (70, *GRID)
    assert array.dtype == np.float16
    assert path.stat().st_size < 70 * 24 * 2 + 200
    header, *lines = map(json.loads, index_path(path).read_text().splitlines())
    assert header["encoder"] == "one"
    assert list(chain(*lines)) == [
        [example.name, hashlib.sha256(example.path.read_bytes()).hexdigest()]
        for example in examples
    ]
    delete_grid_features(path)
    assert not list(path.parent.iterdir())


def test_another_picture_of_the_same_name_is_extracted(tmp_path: Path) -> None:
    examples = make_examples(tmp_path, 3)
    path = tmp_path / "grid.npy"
    encoder = CountingEncoder()
    extract_grid_features(encoder, "one", examples, path)
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    Image.fromarray(noise).save(examples[1].path)
    for _ in range(2):
        grids = extract_grid_features(encoder, "one", examples, path).arrays
        assert encoder.pictures == 4
        assert grids["001.png"][0, 0, 0] == pytest.approx(noise.mean() / 255, 1e-3)
        assert grids["000.png"][0, 0, 0] == pytest.approx(33 / 255, 1e-3)


def test_a_picture_as_long_as_the_one_before_it_is_extracted(tmp_path: Path) -> None:
    path, picture = tmp_path / "grid.npy", tmp_path / "a.bmp"
    for shade in (0, 255):
        Image.new("RGB", (64, 64), (shade, shade, shade)).save(picture)
        examples = [Example("a.bmp", picture, ("a dog",))]
        grids = extract_grid_features(CountingEncoder(), "one", examples, path).arrays
        assert grids["a.bmp"][0, 0, 0] == pytest.approx(shade / 255, abs=1e-3)


def test_grids_of_a_former_version_are_made_anew(tmp_path: Path) -> None:
    examples = make_examples(tmp_path, 2)
    path = tmp_path / "grid.npy"
    extract_grid_features(CountingEncoder(), "one", examples, path)
    header, *_ = index_path(path).read_text().splitlines()
    rows = json.dumps([["000.png", 99], ["001.png", 98]])
    former = header.replace("features 3", "features 2")
    index_path(path).write_text(f"{former}\n{rows}\n")
    encoder, said = CountingEncoder(), list[str]()
    check(extract_grid_features(encoder, "one", examples, path, said.append).arrays, 2)
    assert encoder.pictures == 2
    assert said == [f"{path} was made by a former version; extracting anew."]


def test_grids_of_other_weights_are_replaced(tmp_path: Path) -> None:
    examples = make_examples(tmp_path, 3)
    path = tmp_path / "grid.npy"
    encoder = CountingEncoder()
    extract_grid_features(encoder, "one", examples, path)
    said: list[str] = []
    again = extract_grid_features(encoder, "two", examples, path, said.append)
    check(again.arrays, 3)
    assert said == [f"{path} was made with other encoder weights; extracting anew."]
    assert encoder.pictures == 6
    assert np.load(path).shape == (3, *GRID)


def test_an_unreadable_picture_is_named_and_stops_nothing(tmp_path: Path) -> None:
    examples = make_examples(tmp_path, 3)
    examples[2].path.write_bytes(b"\x89PNG broken")
    path = tmp_path / "grid.npy"
    features = extract_grid_features(CountingEncoder(), "one", examples, path)
    check(features.arrays, 2)
    (sentence,) = features.unreadable
    assert "002.png" in sentence
    none = extract_grid_features(
        CountingEncoder(), "one", examples[2:], tmp_path / "none.npy"
    )
    assert len(none.arrays) == 0


def test_a_killed_extraction_goes_on_where_it_was(tmp_path: Path) -> None:
    examples = make_examples(tmp_path, 320)
    path = tmp_path / "grid.npy"
    program = (
        "import sys; from pathlib import Path\n"
        f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from test_grid_store import *\n"
        f"examples = make_examples(Path({str(tmp_path)!r}), 320)\n"
        "encoder = CountingEncoder(seconds=0.5)\n"
        f"extract_grid_features(encoder, 'one', examples, Path({str(path)!r}))\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program], stderr=subprocess.DEVNULL, env=os.environ
    )
    index = index_path(path)
    while not index.exists() or index.read_bytes().count(b"\n") < 4:
        assert child.poll() is None
        time.sleep(0.02)
    child.send_signal(signal.SIGKILL)
    child.wait()
    finished = (index.read_bytes().count(b"\n") - 1) * 16
    assert 48 <= finished < 320

    # What a kill in the middle of a batch leaves behind.
    with path.open("ab") as file:
        file.write(b"half a grid")
    with index.open("ab") as file:
        file.write(b'[["half a na')
    encoder = CountingEncoder()
    check(extract_grid_features(encoder, "one", examples, path).arrays, 320)
    assert encoder.pictures == 320 - finished
    assert np.load(path).shape == (320, *GRID)


def test_a_shortened_array_is_made_whole(tmp_path: Path) -> None:
    examples = make_examples(tmp_path, 70)
    path = tmp_path / "grid.npy"
    extract_grid_features(CountingEncoder(), "one", examples, path)
    os.truncate(path, path.stat().st_size - 1)
    encoder = CountingEncoder()
    check(extract_grid_features(encoder, "one", examples, path).arrays, 70)
    assert encoder.pictures == 6
    path.write_bytes(b"nonsense")
    check(extract_grid_features(encoder, "one", examples, path).arrays, 70)
    assert encoder.pictures == 76


@pytest.mark.parametrize("content", [b"no index", b"[1]\n", b'{"format": "other"}\n'])
def test_foreign_files_are_refused_and_left_alone(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "grid.npy"
    path.write_bytes(b"precious")
    with pytest.raises(FeaturesError, match=r"has no index grid\.jsonl.*Move it away"):
        extract_grid_features(CountingEncoder(), "one", [], path)
    index_path(path).write_bytes(content)
    with pytest.raises(FeaturesError, match=r"grid\.jsonl is not an index"):
        extract_grid_features(CountingEncoder(), "one", [], path)
    assert path.read_bytes() == b"precious"
    assert index_path(path).read_bytes() == content


def test_two_runs_do_not_write_the_same_grids(tmp_path: Path) -> None:
    path = tmp_path / "grid.npy"
    with (
        FileLock(tmp_path / "grid.lock"),
        pytest.raises(FeaturesError, match="Another run is extracting"),
    ):
        extract_grid_features(CountingEncoder(), "one", [], path)


def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(FeaturesError, match=r"could not be written.*start again"):
        extract_grid_features(CountingEncoder(), "one", [], Path("/dev/full/x.npy"))
