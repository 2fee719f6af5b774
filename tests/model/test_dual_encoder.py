"""Pictures and captions as vectors, and models that compare them."""

import io
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imagecap import Captioner
from imagecap.model.bundle import DUAL_ENCODER, BundleError, load_bundle
from imagecap.model.dual_encoder import DualEncoder, load_dual_encoder
from imagecap.model.log_linear import LogLinear
from imagecap.model.sealing import update_bundle
from imagecap.text.lexicon import repeats_itself
from imagecap.text.vocabulary import Vocabulary


def encoder_of(features: int, words: int, length: int = 3) -> DualEncoder:
    generator = np.random.default_rng(0)
    shapes = [(features, length), length, (words, length), length]
    return DualEncoder.of_maps(*(generator.normal(size=shape) for shape in shapes))


def test_the_cosine_is_that_of_the_two_sums() -> None:
    encoder = encoder_of(4, 7)
    generator = np.random.default_rng(1)
    grid = generator.normal(size=(2, 2, 2, 4)).astype(np.float32)
    captions = [[[4, 5, 4], [6]], [[5]]]
    found = encoder.look_at(grid).similarities(captions)
    pictures = encoder.pictures * encoder.picture_scales
    words = encoder.words * encoder.word_scales
    for features, own, values in zip(grid, captions, found, strict=True):
        seen = features.mean(axis=(0, 1)) @ pictures + encoder.picture_offsets
        for numbers, value in zip(own, values, strict=True):
            said = sum(words[n] for n in numbers) / np.sqrt(len(numbers) + 1)
            said = said + encoder.word_offsets
            cosine = seen @ said / np.linalg.norm(seen) / np.linalg.norm(said)
            assert value == pytest.approx(cosine, abs=1e-5)
    # Each picture has what it has alone, a caption without words, too.
    alone = encoder.look_at(grid[1:]).similarities([[[5], []]])[0]
    assert alone[0] == pytest.approx(found[1][0], abs=1e-6)
    assert np.isfinite(alone).all()


def test_rounding_hardly_moves_vectors() -> None:
    matrix = np.random.default_rng(0).normal(size=(50, 8))
    encoder = DualEncoder.of_maps(matrix, np.zeros(8), matrix, np.zeros(8))
    off = encoder.pictures * encoder.picture_scales - matrix
    assert (np.abs(off) <= np.abs(matrix).max(axis=0) / 31 / 2 + 1e-6).all()


def test_new_words_have_the_vectors_of_those_that_they_are_like() -> None:
    encoder = encoder_of(4, 7)
    longer = encoder.with_words(np.array([5, Vocabulary.UNKNOWN]))
    features = np.ones((1, 4), np.float32)
    (before,) = encoder.look_at(features).similarities([[[4, 5]]])
    (after,) = longer.look_at(features).similarities([[[4, 5]]])
    assert before == pytest.approx(after)
    assert longer.look_at(features).similarities([[[4, 7]]])[0] == pytest.approx(before)


@pytest.fixture
def model(untrained_bundle: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(untrained_bundle, tmp_path / "mine"))


def add(model: Path, content: bytes, ranker: LogLinear | None = None) -> None:
    bundle = load_bundle(model)
    manifest = bundle.manifest
    if ranker is not None:
        decoding = replace(manifest.decoding, ranker=ranker)
        manifest = replace(manifest, decoding=decoding)
    update_bundle(bundle, manifest, {DUAL_ENCODER: content})


def suiting(model: Path) -> DualEncoder:
    bundle = load_bundle(model)
    return encoder_of(bundle.feature_shape[-1], len(bundle.vocabulary))


def test_a_bundle_keeps_it_and_captions_are_compared_with_the_picture(
    model: Path,
) -> None:
    picture = Image.effect_noise((64, 64), 80).convert("RGB")
    before = Captioner.load(model).candidates(picture, 5)
    assert all(one.similarity is None for one in before)
    ranker = LogLinear(agreement=0.0, expected_cider=0.0, similarity=1.0)
    encoder = suiting(model)
    add(model, encoder.to_bytes(), ranker)
    kept = load_dual_encoder(load_bundle(model))
    assert kept is not None
    np.testing.assert_array_equal(kept.words, encoder.words)
    found = Captioner.load(model).candidates(picture, 5)
    assert len(found) > 1
    for group in (True, False):
        values = [
            one.similarity
            for one in found
            if repeats_itself(one.words) is group and one.similarity is not None
        ]
        assert values == sorted(values, reverse=True)
    assert all(one.similarity is not None for one in found)


def test_one_for_another_encoder_or_vocabulary_is_refused(model: Path) -> None:
    bundle = load_bundle(model)
    length, words = bundle.feature_shape[-1], len(bundle.vocabulary)
    for other in (encoder_of(length + 1, words), encoder_of(length, words + 1)):
        add(model, other.to_bytes())
        with pytest.raises(BundleError, match=r"dual_encoder\.npz does not suit"):
            load_dual_encoder(load_bundle(model))


@pytest.mark.parametrize(
    ("worth", "why"),
    [(np.nan, "no number"), (np.inf, "no number"), (1e30, "numbers over 1,000,000")],
)
@pytest.mark.parametrize("array", ["word_scales", "picture_offsets"])
def test_numbers_that_no_model_has_are_refused(
    model: Path, worth: float, why: str, array: str
) -> None:
    encoder = suiting(model)
    other = np.full_like(getattr(encoder, array), worth)
    add(model, replace(encoder, **{array: other}).to_bytes())
    with pytest.raises(BundleError, match=rf"dual_encoder\.npz.*{why}"):
        Captioner.load(model)


def test_an_archive_that_unpacks_to_more_than_it_may_is_refused(model: Path) -> None:
    encoder = suiting(model)
    huge = np.zeros((len(encoder.words) * 5000, 8), np.int8)
    content = io.BytesIO()
    arrays = {name: getattr(encoder, name) for name in encoder.__dataclass_fields__}
    np.savez_compressed(content, **{**arrays, "words": huge})
    add(model, content.getvalue())
    with pytest.raises(BundleError, match=r"dual_encoder\.npz"):
        load_dual_encoder(load_bundle(model))
