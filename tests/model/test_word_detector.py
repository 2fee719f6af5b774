"""Words told from pictures, and models that learn to tell them."""

import json
import math
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest

from imagecap import Captioner
from imagecap.datasets.dataset import Example
from imagecap.datasets.scenes import write_scenes
from imagecap.model.bundle import BundleError, load_bundle, seal_bundle, update_bundle
from imagecap.model.rankers import expected_cider, word_weights
from imagecap.model.word_detector import WORD_DETECTOR, WordDetector, load_word_detector
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.export import fit_word_detector as detection
from imagecap.training.export.ensemble import join_models
from imagecap.training.export.fit_word_detector import fit_word_detector, learn_words

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


def test_what_is_expected_is_the_mean_likeness_to_what_people_wrote() -> None:
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
    detector = fit_word_detector(features, captions, RARE)
    words = ["a", "dog", "runs", "snow"]
    assert [RARE.words[number] for number in detector.numbers] == words

    targets = np.array(
        [np.mean([weights_of(c)[:4] for c in group], axis=0) for group in captions]
    )
    # With a column of ones that is not shrunk, and the ridge as rows of their own.
    rows = np.vstack(
        [
            np.hstack([features, np.ones((40, 1))]),
            np.hstack([math.sqrt(0.1) * np.eye(6), np.zeros((6, 1))]),
        ]
    )
    solution, *_ = np.linalg.lstsq(rows, np.vstack([targets, np.zeros((6, 4))]))
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
    more = found[:, 4:] - targets.mean(axis=0)
    np.testing.assert_allclose(told.gains[:, 4:], more * RARE.idfs, atol=1e-6)
    assert not told.gains[:, :4].any()


def test_words_that_few_captions_have_are_left_out() -> None:
    features = np.eye(1500, 3, dtype=np.float32)
    captions = [[["a"], ["dog"] if i < 3 else ["a"]] for i in range(1500)]
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
    np.testing.assert_allclose(whole.gains, mean.gains, atol=1e-6)


@pytest.fixture
def model(untrained_bundle: Path, tmp_path: Path) -> Path:
    """A model that may be changed."""
    return Path(shutil.copytree(untrained_bundle, tmp_path / "models" / "small"))


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> list[Example]:
    folder = tmp_path_factory.mktemp("drawn") / "scenes"
    write_scenes(folder, train=40, dev=1, test=1)
    pictures = sorted(folder.rglob("*.png"))[:40]
    return [
        Example(path.name, path, ("a dog runs on the grass", f"a dog sits {number}"))
        for number, path in enumerate(pictures)
    ]


def test_a_model_learns_words_and_says_them(
    model: Path, examples: list[Example], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, path = load_bundle(model), examples[0].path
    captioner = Captioner.load(model)
    plain = captioner.candidates(path, 24)
    monkeypatch.setattr(detection, "FEWEST_PICTURES", 40)
    assert learn_words(model, examples) == "Learned to tell 7 words from pictures."
    bundle = load_bundle(model)
    bundle.verify(*bundle.manifest["files"])
    assert bundle.manifest["files"].keys() - before.manifest["files"].keys() == {
        WORD_DETECTOR
    }
    detector = load_word_detector(bundle)
    assert detector is not None
    told = {bundle.vocabulary.words[number] for number in detector.numbers}
    assert told == {"a", "dog", "runs", "sits", "on", "the", "grass"}

    captioner = Captioner.load(model)
    found = captioner.candidates(path, 24)
    # All pictures were described alike, so no word gains in one of them.
    assert {caption.text for caption in found} == {caption.text for caption in plain}
    assert found != plain
    # Nobody wrote of cats.
    cats = [caption.words.count("cat") / len(caption.words) for caption in found]
    assert max(cats) > 0
    assert np.mean(cats[:12]) < np.mean(cats[12:])


def test_few_pictures_teach_nothing(model: Path, examples: list[Example]) -> None:
    before = load_bundle(model).identity
    assert learn_words(model, examples) == (
        "Without a word detector: that needs at least 2,000 pictures."
    )
    assert load_bundle(model).identity == before


def test_pictures_that_cannot_be_read_do_not_count(
    model: Path, examples: list[Example], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(detection, "FEWEST_PICTURES", 40)
    broken = Example("none.png", model / "none.png", ("a dog",))
    assert learn_words(model, [*examples[1:], broken]).startswith("Without")
    assert learn_words(model, [*examples, broken]).startswith("Learned")


def test_a_joined_model_learns_its_own(
    model: Path, tmp_path: Path, untrained_bundle: Path
) -> None:
    length = load_bundle(model).feature_shape[-1]
    content = detector_of({"dog": 0.5}, length).to_bytes()
    update_bundle(load_bundle(model), {}, {WORD_DETECTOR: content})
    join_models(load_bundle(model), load_bundle(untrained_bundle), tmp_path / "both")
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
    manifest = json.loads((model / "manifest.json").read_text())
    (model / "manifest.json").unlink()
    seal_bundle(
        model, {k: v for k, v in manifest.items() if k not in ("format", "files")}
    )
