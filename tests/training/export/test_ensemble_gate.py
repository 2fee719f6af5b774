"""How much the second of two joined models counts depends on the picture."""

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
from click.testing import CliRunner, Result

from imagecap.commands.main import main
from imagecap.datasets.scenes import write_scenes
from imagecap.model.bundle import load_bundle
from imagecap.model.captioner import Captioner
from imagecap.model.litert import LiteRTDecoder, LiteRTEncoder
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.export.ensemble import join_decoders
from imagecap.training.export.ensemble_gate import MOST, build_gate, fit_gate
from imagecap.training.networks.from_bundle import networks_from_bundle


def _pooled(kinds: np.ndarray) -> np.ndarray:
    """Features of length one that tell two kinds of pictures apart, with some noise."""
    noise = np.random.default_rng(1).normal(0, 0.1, (len(kinds), 8))
    vectors = noise + np.where(kinds[:, None], np.eye(8)[0], np.eye(8)[1])
    scaled: np.ndarray = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return scaled.astype(np.float32)


@pytest.fixture
def join(
    untrained_attention_bundle: Path,
    untrained_bundle: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[], Result]:
    """Joins two models with the pictures in `scenes`, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    models = [str(untrained_attention_bundle), str(untrained_bundle)]
    return lambda: CliRunner().invoke(
        main, ["join", *models, "both", "--data", "scenes"]
    )


def test_the_second_counts_where_it_knows_what_people_say() -> None:
    kinds = np.arange(600) % 2 == 0
    # Three words each; the second model is the better one in one kind alone.
    second = np.where(kinds, -1.0, -6.0)[:, None] * np.ones(3)
    predicted = np.stack([np.full((600, 3), -2.0), second], axis=-1)
    padded = np.pad(predicted, ((0, 0), (0, 4), (0, 0))).astype(np.float32)
    share = fit_gate(_pooled(kinds), padded)
    new = np.array([True, False])
    known, strange = share.predict(_pooled(new), verbose=0)[:, 0]
    assert 0.45 < known <= MOST
    assert 0 < strange < 0.05


def test_the_share_is_where_the_likelihood_of_captions_is_highest() -> None:
    # One kind of picture, so one share. In three of five words the first is better: the
    # likelihood by hand, without Keras, has its top between the ends.
    predicted = np.array([[[-1, -3], [-1, -3], [-2, -1], [-2, -1], [-1, -2]]], float)
    shares = np.linspace(0.001, 0.499, 499)
    first, second = np.exp(predicted[0, :, 0]), np.exp(predicted[0, :, 1])
    likelihood = [np.log((1 - s) * first + s * second).sum() for s in shares]
    best = shares[np.argmax(likelihood)]
    assert 0.1 < best < 0.49
    pooled = np.tile(np.eye(4, dtype=np.float32)[:1], (512, 1))
    share = fit_gate(pooled, np.repeat(predicted, 512, axis=0).astype(np.float32))
    assert share.predict(pooled[:1], verbose=0)[0, 0] == pytest.approx(best, abs=0.02)


def test_each_word_is_mixed_by_the_share_of_its_picture(
    untrained_attention_bundle: Path, untrained_bundle: Path
) -> None:
    bundles = [load_bundle(f) for f in (untrained_attention_bundle, untrained_bundle)]
    (attentive, first), (merge, second) = map(networks_from_bundle, bundles)
    length = attentive.output_shape[-1]
    shape = (*attentive.output_shape[1:3], length + merge.output_shape[-1])
    share = build_gate(shape[-1])
    weights = np.random.default_rng(0).normal(0, 0.2, (shape[-1], 1))
    share.set_weights([weights, np.array([0.3])])
    same = np.arange(len(bundles[0].vocabulary), dtype=np.int32)
    start, step = join_decoders(first, second, shape, same, share)

    features = np.random.default_rng(2).uniform(0, 0.1, (3, *shape)).astype(np.float32)
    features *= np.array([0.03, 0.1, 0.3], np.float32)[:, None, None, None]
    words = keras.ops.convert_to_tensor(np.full(3, Vocabulary.START, np.int32))
    mixed = step({"word": words, **start(features)})["probabilities"]

    parts = (features[..., :length], features[..., length:].mean(axis=(1, 2)))
    by_first, by_second = (
        decoder.step({"word": words, **decoder.start(one)})["probabilities"]
        for decoder, one in zip((first, second), parts, strict=True)
    )
    logits = 10 * features.mean(axis=(1, 2)) @ weights + 0.3
    shares = MOST / (1 + np.exp(-logits))
    assert np.ptp(shares) > 0.01
    expected = (1 - shares) * by_first + shares * by_second
    np.testing.assert_allclose(mixed, expected, atol=1e-6)


def test_the_command_learns_the_share_from_captioned_pictures(
    join: Callable[[], Result], tmp_path: Path
) -> None:
    scenes = tmp_path / "scenes"
    write_scenes(scenes, train=6, dev=2, test=2)
    done = join()
    assert done.exit_code == 0, done.output
    bundle = load_bundle(tmp_path / "models" / "both")
    card = (bundle.folder / "README.md").read_text(encoding="utf-8")
    assert "at most half, and less in pictures of which it knows less" in card
    pixels = np.zeros((1, bundle.image_size, bundle.image_size, 3), np.uint8)
    state = LiteRTDecoder(bundle).start(LiteRTEncoder(bundle).encode(pixels))
    assert 0 < state["share"][0, 0] < MOST
    picture = next(scenes.rglob("*.png"))
    assert Captioner.load(bundle.folder).caption(picture).words


def test_pictures_that_cannot_be_read_are_told(
    join: Callable[[], Result], tmp_path: Path
) -> None:
    scenes = tmp_path / "scenes"
    write_scenes(scenes, train=3, dev=1, test=1)
    for picture in scenes.rglob("*.png"):
        picture.write_bytes(b"no picture")
    done = join()
    assert done.exit_code == 1
    assert "None of 3 pictures can be read" in done.output
    assert not (tmp_path / "models").exists()


def test_more_data_is_not_taken_alone(tmp_path: Path) -> None:
    arguments = ["join", "first", "second", "both", "--more-data", str(tmp_path)]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 2
    assert "--more-data needs --data" in done.output
