"""Many picture files at once: in order, in bounded memory, and stopped at any time."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from made_pictures import save_noise

from imagecap import Captioner
from imagecap.model.bulk import use_many
from imagecap.model.bundle import BundleError
from imagecap.pictures.reading import PictureError

PATHS = [Path(f"{number:03}.png") for number in range(100)]


def read_number(path: Path) -> np.ndarray:
    """Read a picture that holds the number of its name; every tenth is none."""
    number = int(path.stem)
    if number % 10 == 3:
        raise PictureError(f"{path} is no picture.")
    return np.full((2, 2, 3), number, np.uint8)


def double(pixels: np.ndarray) -> list[int]:
    return [2 * int(one[0, 0, 0]) for one in pixels]


def test_each_file_has_its_own_result_in_order() -> None:
    results = list(use_many(PATHS, read_number, double, lambda: double))
    assert [path for path, _ in results] == PATHS
    for path, result in results:
        if int(path.stem) % 10 == 3:
            assert isinstance(result, PictureError)
            assert str(path) in str(result)
        else:
            assert result == 2 * int(path.stem)


@pytest.mark.parametrize("number", [0, 1, 8])
def test_a_few_files_need_no_copy(number: int) -> None:
    def copy() -> None:
        raise AssertionError

    results = use_many(PATHS[:number], read_number, double, copy)  # type: ignore[arg-type]
    assert len(list(results)) == number


def test_a_copy_serves_one_thread() -> None:
    users: list[set[int]] = []

    def copy() -> object:
        mine: set[int] = set()
        users.append(mine)

        def use(pixels: np.ndarray) -> list[int]:
            mine.add(threading.get_ident())
            return double(pixels)

        return use

    list(use_many(PATHS, read_number, double, copy))  # type: ignore[arg-type]
    assert all(len(threads) <= 1 for threads in users)


def test_files_are_asked_for_a_few_ahead() -> None:
    asked = 0

    def paths() -> Iterator[Path]:
        nonlocal asked
        for number in range(100_000):
            asked += 1
            yield Path(f"{number % 250}.png")

    results = use_many(paths(), read_number, double, lambda: double)
    for used in range(1, 200):
        next(results)
        assert asked - used < 50
    results.close()
    assert asked < 250


def test_who_stops_early_waits_for_no_more_than_is_begun() -> None:
    used = []

    def use(pixels: np.ndarray) -> list[int]:
        used.append(len(pixels))
        return double(pixels)

    before = set(threading.enumerate())
    results = use_many(PATHS, read_number, use, lambda: use)
    next(results)
    results.close()
    assert sum(used) < len(PATHS)
    assert set(threading.enumerate()) <= before


def test_what_fails_reaches_who_asked() -> None:
    def fail(pixels: np.ndarray) -> list[int]:
        if (pixels > 40).any():
            raise BundleError("The network does not suit the model.")
        return double(pixels)

    results = use_many(PATHS, read_number, fail, lambda: fail)
    with pytest.raises(BundleError, match="does not suit"):
        list(results)


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    return save_noise(tmp_path, 40)


def test_captions_and_features_are_those_of_each_picture_alone(
    untrained_bundle: Path, pictures: list[Path]
) -> None:
    captioner = Captioner.load(untrained_bundle)
    features = dict(captioner.encode_many(pictures))
    for path, result in captioner.describe_many(pictures, 3, beam_width=4):
        assert not isinstance(result, PictureError)
        alone = captioner.candidates(path, 3, beam_width=4)
        assert [one.text for one in result.captions] == [one.text for one in alone]
        for one, other in zip(result.captions, alone, strict=True):
            assert one.log_probability == pytest.approx(other.log_probability, abs=1e-4)
        np.testing.assert_allclose(features[path], result.features, atol=1e-6)


def test_a_model_replaced_on_the_disk_says_nothing_for_the_one_that_is_loaded(
    untrained_bundle: Path, tmp_path: Path, pictures: list[Path]
) -> None:
    bundle = shutil.copytree(untrained_bundle, tmp_path / "model")
    captioner = Captioner.load(bundle)
    expected = [captioner.caption(path).text for path in pictures]
    for name in ("encoder.tflite", "decoder_step.tflite"):
        path = bundle / name
        content = path.read_bytes()
        # As another model comes to its place: by another file of the same name.
        path.unlink()
        path.write_bytes(content[:-8] + bytes(8))
    found = captioner.caption_many(pictures)
    texts = []
    for _, result in found:
        assert not isinstance(result, PictureError)
        texts.append(result[0].text)
    assert texts == expected
