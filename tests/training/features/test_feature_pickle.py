import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest
from filelock import FileLock
from PIL import Image

from imagecap.datasets.dataset import Example
from imagecap.training.features.feature_pickle import (
    Features,
    FeaturesError,
    extract_features,
    load_features,
    write_features,
)
from imagecap.training.networks.encoders import build_encoder, encoder_identity


class CountingEncoder:
    """An encoder that counts the pictures it is shown and may be slow."""

    def __init__(self, seconds: float = 0) -> None:
        keras.utils.set_random_seed(0)
        self.model = build_encoder("small")
        self.identity = encoder_identity("small", self.model)
        self.input_shape = self.model.input_shape
        self.output_shape = self.model.output_shape
        self.pictures = 0
        self.seconds = seconds

    def predict_on_batch(self, pixels: np.ndarray) -> np.ndarray:
        self.pictures += len(pixels)
        time.sleep(self.seconds)
        return np.asarray(self.model.predict_on_batch(pixels))


def make_examples(folder: Path, count: int) -> list[Example]:
    examples = []
    for number in range(count):
        path = folder / f"{number:03}.png"
        if not path.exists():
            Image.new("RGB", (64, 64), (number % 256, 0, 99)).save(path)
        examples.append(Example(path.name, path, ("a dog",)))
    return examples


def test_features_are_extracted_once(tmp_path: Path) -> None:
    examples = make_examples(tmp_path, 70)
    path = tmp_path / "features" / "made-up-small.pkl"
    encoder = CountingEncoder()
    first = extract_features(encoder, encoder.identity, examples[:40], path)
    assert encoder.pictures == 40
    assert set(first.arrays) == {example.name for example in examples[:40]}
    second = extract_features(encoder, encoder.identity, examples, path)
    assert encoder.pictures == 70
    for name, array in first.arrays.items():
        np.testing.assert_array_equal(second.arrays[name], array)
    pixels = np.asarray(Image.open(examples[5].path), np.float32)[np.newaxis]
    np.testing.assert_allclose(
        second.arrays[examples[5].name],
        np.asarray(encoder.model(pixels))[0],
        rtol=1e-4,
        atol=1e-6,
    )
    assert {file.name for file in path.parent.iterdir()} == {
        path.name,
        f"{path.name}.lock",
    }


def test_another_picture_of_the_same_name_is_extracted(tmp_path: Path) -> None:
    examples = make_examples(tmp_path, 3)
    path = tmp_path / "made-up-small.pkl"
    encoder = CountingEncoder()
    before = extract_features(encoder, encoder.identity, examples, path).arrays
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    Image.fromarray(noise).save(examples[1].path)
    after = extract_features(encoder, encoder.identity, examples, path).arrays
    assert encoder.pictures == 4
    changed = [name for name in before if (before[name] != after[name]).any()]
    assert changed == ["001.png"]
    # The other pictures of the file stay when only some are asked for.
    extract_features(encoder, encoder.identity, examples[:1], path)
    extract_features(encoder, encoder.identity, examples, path)
    assert encoder.pictures == 4


def test_a_picture_as_long_as_the_one_before_it_is_extracted(tmp_path: Path) -> None:
    path, picture, encoder = tmp_path / "a.pkl", tmp_path / "a.bmp", CountingEncoder()
    examples, found = [Example("a.bmp", picture, ("a dog",))], []
    for shade in (0, 255):
        Image.new("RGB", (64, 64), (shade, shade, shade)).save(picture)
        features = extract_features(encoder, encoder.identity, examples, path)
        found.append(features.arrays["a.bmp"])
    assert encoder.pictures == 2
    assert not np.array_equal(*found)


def test_features_of_a_former_version_are_made_anew(tmp_path: Path) -> None:
    path, encoder = tmp_path / "features.pkl", CountingEncoder()
    examples = make_examples(tmp_path, 2)
    wrong = np.zeros(encoder.output_shape[1:], np.float32)
    content = {
        "format": "imagecap features 2",
        "encoder": encoder.identity,
        "features": {example.name: wrong for example in examples},
        "sizes": {one.name: one.path.stat().st_size for one in examples},
    }
    path.write_bytes(pickle.dumps(content, 5))
    said: list[str] = []
    made = extract_features(encoder, encoder.identity, examples, path, said.append)
    assert encoder.pictures == 2
    assert made.arrays["000.png"].any()
    assert said == [f"{path} was made by a former version; extracting anew."]


def test_features_of_other_weights_are_replaced(tmp_path: Path) -> None:
    examples = make_examples(tmp_path, 3)
    path = tmp_path / "made-up-small.pkl"
    encoder = CountingEncoder()
    extract_features(encoder, encoder.identity, examples, path)
    kernel = encoder.model.trainable_variables[0]
    kernel.assign(kernel.numpy() + 0.5)
    changed = encoder_identity("small", encoder.model)
    assert changed != encoder.identity
    said: list[str] = []
    extract_features(encoder, changed, examples, path, said.append)
    assert said == [f"{path} was made with other encoder weights; extracting anew."]
    assert encoder.pictures == 6
    assert load_features(path).encoder == changed


def test_an_unreadable_picture_is_named_and_stops_nothing(tmp_path: Path) -> None:
    examples = make_examples(tmp_path, 3)
    examples[1].path.write_bytes(b"\x89PNG broken")
    encoder = CountingEncoder()
    features = extract_features(
        encoder, encoder.identity, examples, tmp_path / "made-up-small.pkl"
    )
    assert set(features.arrays) == {"000.png", "002.png"}
    (sentence,) = features.unreadable
    assert "001.png" in sentence


def test_a_killed_extraction_goes_on_where_it_was(tmp_path: Path) -> None:
    make_examples(tmp_path, 320)
    path = tmp_path / "made-up-small.pkl"
    program = (
        "import sys; from pathlib import Path\n"
        f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from test_feature_pickle import *\n"
        "encoder = CountingEncoder(seconds=0.5)\n"
        f"examples = make_examples(Path({str(tmp_path)!r}), 320)\n"
        f"extract_features(encoder, encoder.identity, examples, Path({str(path)!r}))\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program], stderr=subprocess.DEVNULL, env=os.environ
    )
    journal = path.with_name(path.name + ".part")
    while not journal.exists() or journal.stat().st_size < 3 * 32 * 4096:
        assert child.poll() is None
        time.sleep(0.02)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert not path.exists()

    # What a kill in the middle of a write leaves behind.
    with journal.open("ab") as file:
        file.write(b"\x80\x05 half a record")
    encoder = CountingEncoder()
    examples = make_examples(tmp_path, 320)
    features = extract_features(encoder, encoder.identity, examples, path)
    assert len(features.arrays) == 320
    assert encoder.pictures <= 320 - 3 * 32
    fresh = extract_features(
        encoder, encoder.identity, examples, tmp_path / "fresh.pkl"
    )
    for name, array in fresh.arrays.items():
        np.testing.assert_allclose(features.arrays[name], array, rtol=1e-5, atol=1e-7)


class RunsCode:
    """What a hostile pickle holds."""

    def __init__(self, witness: Path) -> None:
        self.witness = witness

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.witness,)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_hostile_pickle_is_refused_and_runs_nothing(
    tmp_path: Path, protocol: int
) -> None:
    path, witness = tmp_path / "features.pkl", tmp_path / "witness"
    path.write_bytes(pickle.dumps({"features": RunsCode(witness)}, protocol))
    with pytest.raises(FeaturesError, match=r"features\.pkl"):
        load_features(path)
    assert not witness.exists()


_ARRAY = b"\x80\x05cnumpy.core.numeric\n_frombuffer\n"


@pytest.mark.parametrize(
    "content",
    [
        # Room for two thousand million parts of which there are none.
        b"Nr\xff\xff\xff\x0f.",
        b"\x80\x05\x96" + (1 << 31).to_bytes(8, "little") + b".",
        b"\x80\x04\x95" + (1 << 31).to_bytes(8, "little") + b"N.",
        # Tuples within tuples as a key.
        b"\x80\x04})" + b"\x85" * 1_000_000 + b"Ns.",
        b"\x80\x04}()" + b"\x85" * 1_000_000 + b"Nu.",
        b"\x80\x04()" + b"\x85" * 1_000_000 + b"Nd.",
        # Sets attributes of the function that makes arrays.
        _ARRAY + b"N}X\x0c\x00\x00\x00__defaults__)s\x86b.",
        _ARRAY + b"}X\x04\x00\x00\x00nameNsb.",
    ],
)
def test_a_pickle_takes_no_memory_crashes_nothing_and_changes_nothing(
    tmp_path: Path, content: bytes
) -> None:
    """In a process of its own, as such a pickle may end it."""
    path = tmp_path / "features.pkl"
    path.write_bytes(content)
    read = (
        "import io, resource, sys\n"
        "from imagecap.training.features import safe_unpickler\n"
        "content = open(sys.argv[1], 'rb').read()\n"
        "used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try:\n"
        "    safe_unpickler.ArrayUnpickler(io.BytesIO(content)).load()\n"
        "except Exception:\n"
        "    pass\n"
        "more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - used\n"
        "maker = safe_unpickler._to_array\n"
        "assert more < 300_000 and maker.__defaults__ == ('C',), more\n"
        "assert not vars(maker), vars(maker)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", read, str(path)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    with pytest.raises(FeaturesError, match=r"features\.pkl"):
        load_features(path)


class PointersOfBytes:
    """An array of objects whose addresses are bytes of the file."""

    def __reduce__(self) -> tuple[object, ...]:
        return np.ndarray, ((1,), np.dtype("O"), b"A" * 8)


class PointersOfBuffer:
    """The same by the way in which pickles hold arrays."""

    def __reduce__(self) -> tuple[object, ...]:
        function = np.zeros(2, np.float32).__reduce_ex__(5)[0]
        return function, (bytearray(b"A" * 8), np.dtype("O"), (1,), "C")


@pytest.mark.parametrize(
    "array",
    [
        PointersOfBytes(),
        PointersOfBuffer(),
        np.array(["a"], object),
        np.array(["a"]),
        np.zeros(2, [("a", "f4")]),
        np.float32(1),
    ],
)
def test_only_arrays_of_numbers_are_made(tmp_path: Path, array: object) -> None:
    """NumPy would make pointers of the bytes, and follow them."""
    path = tmp_path / "features.pkl"
    content = {
        "format": "imagecap features 3",
        "encoder": "x",
        "features": {"a": array},
        "contents": {"a": ""},
    }
    path.write_bytes(pickle.dumps(content, 5))
    with pytest.raises(FeaturesError, match=r"features\.pkl .* Delete it"):
        load_features(path)


@pytest.mark.parametrize("kind", ["<f2", "<f4", ">f4", "<f8"])
def test_numbers_come_back_in_any_order_of_bytes(tmp_path: Path, kind: str) -> None:
    array = np.arange(6, dtype=kind).reshape(2, 3)
    write_features(Features("x", {"a": array}, {"a": ""}), tmp_path / "features.pkl")
    np.testing.assert_array_equal(
        load_features(tmp_path / "features.pkl").arrays["a"], array
    )
    write_features(Features("x", {"a": array.T}, {"a": ""}), tmp_path / "features.pkl")
    np.testing.assert_array_equal(
        load_features(tmp_path / "features.pkl").arrays["a"], array.T
    )


def test_features_of_another_shape_are_refused(tmp_path: Path) -> None:
    encoder = CountingEncoder()
    path = tmp_path / "features.pkl"
    write_features(
        Features(encoder.identity, {"a": np.zeros(3, np.float32)}, {"a": ""}), path
    )
    with pytest.raises(FeaturesError, match="another shape"):
        extract_features(encoder, encoder.identity, [], path)


def test_two_runs_do_not_write_the_same_features(tmp_path: Path) -> None:
    examples = make_examples(tmp_path, 1)
    path, encoder = tmp_path / "features.pkl", CountingEncoder()
    with (
        FileLock(tmp_path / "features.pkl.lock"),
        pytest.raises(FeaturesError, match="Another run is extracting"),
    ):
        extract_features(encoder, encoder.identity, examples, path)
    extract_features(encoder, encoder.identity, examples, path)
    # Reading them takes no turns.
    with FileLock(tmp_path / "features.pkl.lock"):
        extract_features(encoder, encoder.identity, examples, path)
    assert encoder.pictures == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"no pickle", pickle.dumps([1]), pickle.dumps({"features": {"a": 1}})],
)
def test_another_file_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "features.pkl"
    path.write_bytes(content)
    encoder = CountingEncoder()
    with pytest.raises(FeaturesError, match=r"features\.pkl"):
        extract_features(encoder, encoder.identity, [], path)
    assert path.read_bytes() == content


def test_a_pipe_is_one_sentence(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "features.pkl")
    with pytest.raises(FeaturesError, match=r"features\.pkl .*no ordinary file"):
        load_features(tmp_path / "features.pkl")


def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    encoder = CountingEncoder()
    examples = make_examples(tmp_path, 3)
    with pytest.raises(FeaturesError, match=r"could not be written.*start again"):
        extract_features(encoder, encoder.identity, examples, Path("/dev/full/x.pkl"))
