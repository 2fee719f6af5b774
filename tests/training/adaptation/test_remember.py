"""What was said of pictures is remembered where it tells of others like them."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from imagecap.datasets.dataset import Example
from imagecap.evaluation.comparison import Comparison
from imagecap.model.bundle import (
    DECODER_START,
    DECODER_STEP,
    MEMORY,
    WORD_DETECTOR,
    Bundle,
    load_bundle,
)
from imagecap.model.captioner import Captioner
from imagecap.model.experts import load_experts
from imagecap.model.memory import load_memory
from imagecap.model.sealing import update_bundle
from imagecap.model.word_detector import WordDetector, load_word_detector
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.adaptation.adapt import Adaptation
from imagecap.training.adaptation.adapted_bundle import save_adaptation
from imagecap.training.adaptation.fit_decoder import Course
from imagecap.training.adaptation.learner import Learner
from imagecap.training.adaptation.new_words import find_new_words
from imagecap.training.adaptation.remember import remember

VOCABULARY = Vocabulary(["a", "dog", "cat"], [0.1, 2.0, 2.0])


def detector_of(vocabulary: Vocabulary, length: int) -> WordDetector:
    numbers = np.arange(4, len(vocabulary), dtype=np.int32)
    weights = np.random.default_rng(0).normal(size=(length, len(numbers)))
    return WordDetector.of_map(numbers, weights / 100, *np.zeros((2, len(numbers))))


def test_pictures_are_remembered_if_each_tells_of_the_others() -> None:
    vectors = np.eye(4)[np.arange(40) % 2]
    features = np.ones((40, 5), np.float32)
    said = [[["a", ("dog", "cat")[i % 2]]] for i in range(40)]
    # It knows how often people say a word, and nothing of pictures.
    numbers = np.array(VOCABULARY.encode(["dog", "cat"]), np.int32)
    detector = WordDetector.of_map(
        numbers, np.zeros((5, 2)), np.full(2, 0.5), np.full(2, 0.5)
    )
    names = [str(i) for i in range(40)]
    found = remember(vectors, said, features, detector, VOCABULARY, names)
    assert [one.captions for one in found] == said
    # The same captions, but of any of the pictures.
    chance = np.random.default_rng(1).permutation(40)
    other = [said[i] for i in chance]
    assert remember(vectors, other, features, detector, VOCABULARY, names) == []


def test_a_picture_that_is_there_twice_tells_nothing_of_itself() -> None:
    # All of one kind, in which people say this or that by chance.
    vectors = np.hstack([np.full((20, 1), 0.6), 0.8 * np.eye(20)]).repeat(2, axis=0)
    features = np.ones((40, 5), np.float32)
    chance = np.random.default_rng(1).permutation(20)
    said = [[["a", ("dog", "cat")[chance[i // 2] % 2]]] for i in range(40)]
    numbers = np.array(VOCABULARY.encode(["dog", "cat"]), np.int32)
    detector = WordDetector.of_map(
        numbers, np.zeros((5, 2)), np.full(2, 0.5), np.full(2, 0.5)
    )
    settings = vectors, said, features, detector, VOCABULARY
    assert remember(*settings, [str(i) for i in range(40)])
    assert remember(*settings, [str(i // 2) for i in range(40)]) == []


@pytest.fixture
def model(untrained_bundle: Path, tmp_path: Path) -> Bundle:
    folder = Path(shutil.copytree(untrained_bundle, tmp_path / "first"))
    bundle = load_bundle(folder)
    detector = detector_of(bundle.vocabulary, bundle.feature_shape[-1])
    update_bundle(bundle, bundle.manifest, {WORD_DETECTOR: detector.to_bytes()})
    return load_bundle(folder)


def test_a_new_model_keeps_its_detector_and_remembers(
    model: Bundle, tmp_path: Path
) -> None:
    generator = np.random.default_rng(0)
    kinds = generator.normal(size=(2, *model.feature_shape))
    examples, features = [], {}
    for i in range(24):
        name = f"{i}.jpg"
        said = ("A dog runs.", "The cat sits.")[i % 2]
        examples.append(Example(name, tmp_path / name, (said, said)))
        noise = generator.normal(size=model.feature_shape) / 10
        features[name] = (kinds[i % 2] + noise).astype(np.float16)
    (expert,) = experts = load_experts(model)
    firsts, none = {one.name: one.name for one in examples}, np.zeros(0, np.int32)
    learner = Learner(experts, 0, model.vocabulary, none, examples, features, firsts, 0)
    course = Course(1, 0.25)
    besides = learner.learn(examples[:12], course)
    assert besides.course == Course(0, 0.25)
    before, after = learner.before, learner.describe(besides, examples)
    held_out = [one.name for one in examples[12:]]
    assert any(
        after.captions[name].expected_cider != before.captions[name].expected_cider
        for name in held_out
    )
    adaptation = Adaptation(
        expert,
        learner.members,
        model.vocabulary,
        np.zeros(0, np.int32),
        besides,
        find_new_words(model.vocabulary, [], 2),
        Comparison(24, 0.0, 0.0, 0.0, 0.0),
        after.captions,
        features,
        examples[:12],
    )
    save_adaptation(adaptation, model, "mine", tmp_path / "second")
    second = load_bundle(tmp_path / "second")
    content = (second.folder / WORD_DETECTOR).read_bytes()
    assert content == (model.folder / WORD_DETECTOR).read_bytes()
    # What it remembers does for it what its decoders would have to learn.
    for file in (DECODER_START, DECODER_STEP):
        assert (second.folder / file).read_bytes() == (model.folder / file).read_bytes()
    memory = load_memory(second, load_word_detector(second))
    assert memory is not None
    said_of = [one.captions for one in memory.corrections(second.vocabulary)]
    assert said_of == [[["a", "dog", "runs"]] * 2, [["the", "cat", "sits"]] * 2] * 6
    assert second.manifest.memory is not None
    assert second.manifest.memory.pictures == 12
    assert "24 captions of 12 pictures" in (second.folder / "README.md").read_text()
    assert MEMORY in Captioner(second).bundle.manifest.files
    # It goes on to remember them when it learns from others.
    other = Learner(
        load_experts(second),
        0,
        model.vocabulary,
        none,
        examples,
        features,
        firsts,
        0,
    )
    assert len(other.learn(examples[12:], course).remembered) == 24
    assert len(other.learn(examples[:12], course).remembered) == 12
