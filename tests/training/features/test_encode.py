"""Pictures through an encoder, by Keras or by LiteRT."""

from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from imagecap.datasets.dataset import Example
from imagecap.training.features import encode as encoding
from imagecap.training.features.encode import encode_pictures
from imagecap.training.networks.encoders import build_encoder


@pytest.fixture
def examples(tmp_path: Path) -> list[Example]:
    generator = np.random.default_rng(0)
    found = []
    for number in range(20):
        path = tmp_path / f"{number}.png"
        Image.fromarray(generator.integers(0, 256, (64, 64, 3), np.uint8)).save(path)
        found.append(Example(path.name, path, ("a dog",)))
    (tmp_path / "3.png").write_bytes(b"no picture")
    return found


@pytest.mark.parametrize("grid", [False, True])
def test_many_pictures_get_the_same_features_as_few(
    examples: list[Example], monkeypatch: pytest.MonkeyPatch, grid: bool
) -> None:
    keras.utils.set_random_seed(0)
    encoder = build_encoder("small", grid=grid)
    few = list(encode_pictures(encoder, examples))

    def never(_pixels: np.ndarray) -> np.ndarray:
        raise AssertionError("Keras was asked.")

    monkeypatch.setattr(encoding, "WORTH_CONVERTING", 20)
    monkeypatch.setattr(encoder, "predict_on_batch", never)
    many = list(encode_pictures(encoder, examples))
    assert [batch.unreadable for batch in many] == [batch.unreadable for batch in few]
    assert sum(len(batch.unreadable) for batch in many) == 1
    assert [list(batch.arrays) for batch in many] == [list(one.arrays) for one in few]
    for found, expected in zip(many, few, strict=True):
        for name, array in expected.arrays.items():
            np.testing.assert_allclose(found.arrays[name], array, atol=1e-5)


def test_where_there_is_a_gpu_keras_uses_it(
    examples: list[Example], monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = build_encoder("small")
    asked: list[int] = []
    predict = encoder.predict_on_batch

    def count(pixels: np.ndarray) -> np.ndarray:
        asked.append(len(pixels))
        return predict(pixels)

    monkeypatch.setattr(encoding, "WORTH_CONVERTING", 20)
    monkeypatch.setattr(encoder, "predict_on_batch", count)
    monkeypatch.setattr(keras.distribution, "list_devices", lambda _kind: ["gpu:0"])
    list(encode_pictures(encoder, examples))
    assert sum(asked) == 19
