"""Words told from pictures, and models that learn to tell them."""

import math
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest

from imagecap import Captioner
from imagecap.model.bundle import WORD_DETECTOR, BundleError, load_bundle
from imagecap.model.rankers import expected_cider, word_weights
from imagecap.model.sealing import seal_bundle, update_bundle
from imagecap.model.word_detector import WordDetector, load_word_detector
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.export.ensemble import build_ensemble
from imagecap.training.export.fit_word_detector import fit_word_detector

RARE = Vocabulary(["a", "dog", "runs", "snow"], [0.5, 2.0, 1.0, 3.0])
WRITTEN = [["a", "dog", "runs"], ["a", "dog", "in", "snow"]]


def weights_of(caption: list[str]) -> np.ndarray:
    """The CIDEr vector of single words, written out; the last is for any other word."""
    idfs = {"a": 0.5, "dog": 2.0, "runs": 1.0, "snow": 3.0}
    vector = np.zeros(5)
    squares = 0.0
    for word in sorted(set(caption)):
        weight = caption.count(word) * idfs.get(word, 1.0)
        squares += weight**2
        if word in idfs:
            vector[list(idfs).index(word)] = weight
    return vector / math.sqrt(squares)


def detector_of(words: dict[str, float], length: int) -> WordDetector:
    """A detector that expects the same of every picture."""
    numbers = np.array(RARE.encode(words), np.int32)
    return WordDetector.of_map(
        numbers,
        np.zeros((length, len(words))),
        np.array(list(words.values())),
        np.zeros(len(words)),
    )


def test_words_weigh_as_in_cider() -> None:
    caption = ["a", "dog", "a", "cat"]
    norm = math.sqrt(1.0**2 + 2.0**2 + 1.0**2)
    assert word_weights(caption, RARE) == pytest.approx(
        {"a": 1.0 / norm, "dog": 2.0 / norm, "cat": 1.0 / norm}
    )
    assert word_weights(["a"], Vocabulary(["a"], [0.0])) == {"a": 0.0}
    assert word_weights([], RARE) == {}


def test_what_is_expected_is_the_mean_cider_against_what_people_wrote() -> None:
    expected_weights = np.zeros(len(RARE))
    expected_weights[4:] = np.mean(
        [weights_of(caption) for caption in WRITTEN], axis=0
    )[:4]
    captions = [["a", "dog"], ["snow"], ["a", "dog", "runs", "in", "snow"]]
    expected = [
        np.mean([weights_of(one)[:4] @ weights_of(other)[:4] for other in WRITTEN])
        for one in captions
    ]
    found = expected_cider(captions, expected_weights, RARE)
    assert found == pytest.approx(expected, abs=1e-6)
    assert found.argmax() == 2


def test_it_learns_what_ridge_regression_gives() -> None:
    generator = np.random.default_rng(0)
    features = generator.normal(0, 0.3, (40, 6)).astype(np.float32)
    captions = [
        [
            [word for word, one in zip(RARE.words[4:], row, strict=True) if one > 0]
            or ["a"]
            for row in (picture[:4], picture[2:])
        ]
        for picture in features
    ]
    # Some have one caption only, which counts a fifth where two count a third.
    captions[::3] = [group[:1] for group in captions[::3]]
    detector = fit_word_detector(features, captions, RARE)
    words = ["a", "dog", "runs", "snow"]
    assert [RARE.words[number] for number in detector.numbers] == words

    targets = np.array(
        [np.mean([weights_of(c)[:4] for c in group], axis=0) for group in captions]
    )
    shares = np.array([1 / 5 if len(group) == 1 else 1 / 3 for group in captions])
    shares /= shares.sum()
    root = np.sqrt(shares)[:, np.newaxis]
    # With a column of ones that is not shrunk, and the ridge as rows of their own.
    rows = np.vstack(
        [
            np.hstack([root * features, root]),
            np.hstack([math.sqrt(3e-4) * np.eye(6), np.zeros((6, 1))]),
        ]
    )
    wanted = np.vstack([root * targets, np.zeros((6, 4))])
    solution, *_ = np.linalg.lstsq(rows, wanted)
    new = generator.normal(0, 0.3, (5, 6)).astype(np.float32)
    expected = new @ solution[:6] + solution[6]
    told = detector.detect(new, RARE)
    found = told.weights
    largest = np.abs(solution[:6]).max(axis=0)
    # As far as rounding to 15 steps each way allows.
    most = np.abs(new).sum(axis=1, keepdims=True) * largest / 15 / 2
    assert (np.abs(found[:, 4:] - expected) <= most + 1e-6).all()
    np.testing.assert_allclose(
        detector.rounded * detector.scales, solution[:6], atol=largest.max() / 30 + 1e-6
    )
    assert not found[:, :4].any()
    more = found[:, 4:] - shares @ targets
    np.testing.assert_allclose(told.word_bias[:, 4:], more * RARE.idfs, atol=1e-6)
    assert not told.word_bias[:, :4].any()


def test_words_that_few_captions_have_are_left_out() -> None:
    features = np.eye(2500, 3, dtype=np.float32)
    captions = [[["a"], ["dog"] if i < 3 else ["a"]] for i in range(2500)]
    captions[3][1] = captions[4][1] = ["snow"]
    detector = fit_word_detector(features, captions, RARE)
    assert [RARE.words[number] for number in detector.numbers] == ["a", "dog"]


def test_a_grid_counts_by_the_mean_of_its_cells() -> None:
    generator = np.random.default_rng(0)
    detector = WordDetector.of_map(
        np.array([4, 6], np.int32),
        generator.normal(size=(3, 2)),
        np.array([0.1, 0.2]),
        np.array([0.3, 0.1]),
    )
    grids = generator.normal(size=(2, 4, 4, 3)).astype(np.float32)
    whole, mean = (detector.detect(f, RARE) for f in (grids, grids.mean((1, 2))))
    np.testing.assert_allclose(whole.weights, mean.weights, atol=1e-6)
    np.testing.assert_allclose(whole.word_bias, mean.word_bias, atol=1e-6)


@pytest.fixture
def model(untrained_bundle: Path, tmp_path: Path) -> Path:
    """A model that may be changed."""
    return Path(shutil.copytree(untrained_bundle, tmp_path / "models" / "small"))


def test_a_joined_model_learns_its_own(
    model: Path, tmp_path: Path, untrained_bundle: Path
) -> None:
    length = load_bundle(model).feature_shape[-1]
    content = detector_of({"dog": 0.5}, length).to_bytes()
    bundle = load_bundle(model)
    update_bundle(bundle, bundle.manifest, {WORD_DETECTOR: content})
    build_ensemble(load_bundle(model), load_bundle(untrained_bundle), tmp_path / "both")
    assert load_word_detector(load_bundle(tmp_path / "both")) is None


def _arrays(**changed: np.ndarray) -> dict[str, np.ndarray]:
    arrays = {
        "numbers": np.array([4, 5], np.int32),
        "rounded": np.zeros((0, 2), np.int8),
        "scales": np.ones(2, np.float32),
        "offsets": np.ones(2, np.float32),
        "usual": np.zeros(2, np.float32),
    }
    return {**arrays, **changed}


@pytest.mark.parametrize(
    "damage",
    ["empty", "text", "pickle", "other encoder", "unknown words", "lacks one", "kind"],
)
def test_a_damaged_file_is_named(model: Path, damage: str) -> None:
    path = model / WORD_DETECTOR
    length = load_bundle(model).feature_shape[-1]
    whole = np.zeros((length, 2), np.int8)
    changes: dict[str, dict[str, np.ndarray]] = {
        "other encoder": _arrays(rounded=np.zeros((length + 1, 2), np.int8)),
        "unknown words": _arrays(rounded=whole, numbers=np.array([4, 999], np.int32)),
        "kind": _arrays(rounded=whole.astype(np.float32)),
        "lacks one": {"numbers": np.array([4], np.int32)},
    }
    if damage in changes:
        np.savez(path, allow_pickle=False, **changes[damage])
    else:
        content = {"empty": b"", "text": b"words", "pickle": pickle.dumps([1, 2])}
        path.write_bytes(content[damage])
    seal(model)
    with pytest.raises(BundleError, match=r"word_detector\.npz does not suit"):
        Captioner.load(model)


def test_a_file_that_was_changed_is_damaged(model: Path) -> None:
    length = load_bundle(model).feature_shape[-1]
    (model / WORD_DETECTOR).write_bytes(detector_of({"dog": 0.5}, length).to_bytes())
    seal(model)
    Captioner.load(model)
    with (model / WORD_DETECTOR).open("ab") as file:
        file.write(b"more")
    with pytest.raises(BundleError, match=r"word_detector\.npz is damaged"):
        Captioner.load(model)


def seal(model: Path) -> None:
    seal_bundle(model, load_bundle(model).manifest)


def test_its_file_is_deflated_and_may_unpack_to_as_much_as_it_must(
    untrained_bundle: Path, tmp_path: Path
) -> None:
    model = Path(shutil.copytree(untrained_bundle, tmp_path / "mine"))
    bundle = load_bundle(model)
    words, length = len(bundle.vocabulary), bundle.feature_shape[-1]
    numbers = np.arange(words, dtype=np.int32)
    zeros = np.zeros(words)
    detector = WordDetector.of_map(numbers, np.zeros((length, words)), zeros, zeros)
    content = detector.to_bytes()
    assert len(content) < length * words / 4
    update_bundle(bundle, bundle.manifest, {WORD_DETECTOR: content})
    found = load_word_detector(load_bundle(model))
    assert found is not None
    np.testing.assert_array_equal(found.rounded, detector.rounded)

    # Ten times as many words as there are: refused before there is room made for them.
    many = np.zeros((length, 10 * words))
    zeros = np.zeros(10 * words)
    forged = WordDetector.of_map(np.zeros(10 * words, np.int32), many, zeros, zeros)
    bundle = load_bundle(model)
    update_bundle(bundle, bundle.manifest, {WORD_DETECTOR: forged.to_bytes()})
    with pytest.raises(BundleError, match=r"word_detector\.npz does not suit"):
        load_word_detector(load_bundle(model))
