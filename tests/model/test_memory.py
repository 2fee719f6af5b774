"""A model remembers what was said of the pictures that it learned from."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from imagecap.model.bundle import MEMORY, WORD_DETECTOR, BundleError, load_bundle
from imagecap.model.captioner import Captioner
from imagecap.model.corrected_words import Correction
from imagecap.model.manifest import SplitSize, read_manifest, write_manifest
from imagecap.model.memory import MOST_CAPTIONS, Memory, Remembered
from imagecap.model.model_card import render_model_card
from imagecap.model.sealing import update_bundle
from imagecap.model.word_detector import WordDetector
from imagecap.text.vocabulary import Vocabulary

VOCABULARY = Vocabulary(["a", "dog", "tram"])
_WORDS = {"a": "a", "d": "dog", "t": "tram", "z": "zyzzyva"}


# Lists in lists in lists take hypothesis long to make; one text does not.
@given(st.text("adtz,;", max_size=40))
def test_captions_stay_what_they_were_but_for_unknown_words(text: str) -> None:
    captions = [
        [[_WORDS[letter] for letter in caption] for caption in group.split(",")]
        for group in text.split(";")
    ]
    vectors = np.eye(len(captions))
    said = [Correction(*each) for each in zip(vectors, captions, strict=True)]
    found = Memory.of_corrections(said, VOCABULARY).corrections(VOCABULARY)
    known = [
        [["" if word == "zyzzyva" else word for word in one] for one in group]
        for group in captions
    ]
    assert [one.captions for one in found] == known
    assert np.stack([one.vector for one in found]).tolist() == vectors.tolist()


def test_of_too_many_the_newest_are_remembered() -> None:
    said = [Correction(np.eye(2)[0], [["dog"]] * 90) for _ in range(120)]
    memory = Memory.of_corrections(said, VOCABULARY)
    assert memory.captions.tolist() == [90] * (MOST_CAPTIONS // 90)
    assert len(memory.vectors) == len(memory.captions)
    long = [Correction(np.eye(2)[0], [["a"] * 900] * 20_000)]
    assert Memory.of_corrections(long, VOCABULARY).lengths.tolist() == [100] * 100


class Newer:
    def __init__(self, *corrections: Correction) -> None:
        self.corrections = corrections

    def version(self) -> int:
        return 7

    def read(self) -> tuple[Correction, ...]:
        return self.corrections


def test_a_picture_counts_once_by_what_was_said_last() -> None:
    first, second = (Correction(np.eye(3)[i], [["dog"]]) for i in (0, 1))
    # A JPEG saved anew is the same picture still.
    again = Correction(np.array([0.9999, 0.01, 0.0]), [["tram"]])
    both = Remembered([first, second], Newer(again))
    assert both.version() == 7
    assert [one.captions for one in both.read()] == [[["tram"]], [["dog"]]]
    alone = Remembered([first, second], None)
    assert list(alone.read()) == [first, second]
    assert list(Remembered([], Newer(again)).read()) == [again]
    # Of another model nothing can be compared.
    other = Correction(np.eye(4)[0], [["tram"]])
    assert list(Remembered([first], Newer(other)).read()) == [other]


def test_what_was_taken_back_is_remembered_no_more() -> None:
    first, second = (Correction(np.eye(3)[i], [["dog"]]) for i in (0, 1))
    back = Correction(np.eye(3)[0], [])
    assert list(Remembered([first, second], Newer(back)).read()) == [second]
    assert list(Remembered([first], Newer(back)).read()) == []
    assert list(Remembered([], Newer(back)).read()) == []
    assert list(Remembered([second], Newer(back, first)).read()) == [first, second]


@pytest.fixture
def model(untrained_bundle: Path, tmp_path: Path) -> Path:
    """A model with a word detector that sees nothing."""
    folder = Path(shutil.copytree(untrained_bundle, tmp_path / "mine"))
    bundle = load_bundle(folder)
    numbers = np.arange(4, len(bundle.vocabulary), dtype=np.int32)
    words = len(numbers)
    weights = np.random.default_rng(0).normal(size=(bundle.feature_shape[-1], words))
    detector = WordDetector.of_map(numbers, weights, *np.zeros((2, words)))
    update_bundle(bundle, bundle.manifest, {WORD_DETECTOR: detector.to_bytes()})
    return folder


def picture(seed: int) -> Image.Image:
    colours = np.random.default_rng(seed).integers(0, 256, (2, 2, 3))
    return Image.fromarray(colours.astype(np.uint8)).resize((64, 64))


def remember(model: Path, *corrections: Correction) -> Captioner:
    bundle = load_bundle(model)
    memory = Memory.of_corrections(corrections, bundle.vocabulary)
    captions = sum(len(one.captions) for one in corrections)
    record = SplitSize(len(corrections), captions)
    manifest = replace(bundle.manifest, memory=record)
    update_bundle(bundle, manifest, {MEMORY: memory.to_bytes()})
    return Captioner.load(model)


def test_what_is_remembered_is_said_of_pictures_that_are_alike(model: Path) -> None:
    captioner = Captioner.load(model)
    before = captioner.candidates(picture(1), 5)
    seen = captioner.embed(picture(1))
    vectors = [seen + each / 3 for each in np.eye(len(seen))[:6]]
    alike = [one / np.linalg.norm(one) for one in vectors]
    said = [Correction(vector, [before[0].words, before[0].words]) for vector in alike]
    mine = remember(model, *said)
    after = mine.candidates(picture(1), 5)
    gained = {one.words: one.expected_cider for one in after}[before[0].words]
    assert gained is not None
    assert gained > before[0].expected_cider + 0.1
    assert not mine.learns_at_once
    # It is told apart from a model that remembers nothing, and stays when corrections
    # no longer help.
    assert mine.bundle.identity != captioner.bundle.identity
    mine.learn_at_once(Newer())
    mine.learn_at_once(None)
    assert mine.candidates(picture(1), 5) == after


def test_the_card_says_whose_words_are_in_the_file(model: Path) -> None:
    mine = remember(model, Correction(np.eye(8)[0], [["cat"], ["dog"]])).bundle
    assert "remembers** 2 captions of 1 picture" in render_model_card(mine.manifest)
    assert read_manifest(write_manifest(mine.manifest)) == mine.manifest
    without = replace(mine.manifest, memory=None)
    assert "remembers" not in render_model_card(without)
    assert '"memory"' not in write_manifest(without)


_WHOLE = {
    "vectors": np.eye(2, 8, dtype=np.float16),
    "captions": np.array([1, 2], np.int32),
    "lengths": np.array([1, 0, 2], np.int32),
    "words": np.array([4, 3, 5], np.int32),
}


@pytest.mark.parametrize(
    "changed",
    [
        {"vectors": np.eye(2, 7, dtype=np.float16)},
        {"vectors": np.eye(2, 8, dtype=np.float16) * 2},
        {"vectors": np.full((2, 8), np.nan, np.float16)},
        {"vectors": np.zeros((0, 8), np.float16), "captions": np.zeros(0, np.int32)},
        {"captions": np.array([0, 3], np.int32)},
        {"captions": np.array([2**31 - 1, 2], np.int32)},
        {"lengths": np.array([1, -1, 3], np.int32)},
        {"words": np.array([4, 3, 999], np.int32)},
        {"words": np.array([4, Vocabulary.END, 5], np.int32)},
        {"words": np.array([[4, 3, 5]], np.int32)},
        {"words": np.array(3, np.int32)},
    ],
)
def test_a_forged_memory_is_named(model: Path, changed: dict[str, np.ndarray]) -> None:
    bundle = load_bundle(model)
    for arrays, is_whole in ((_WHOLE, True), (_WHOLE | changed, False)):
        update_bundle(
            load_bundle(model), bundle.manifest, {MEMORY: Memory(**arrays).to_bytes()}
        )
        if is_whole:
            Captioner(load_bundle(model))
        else:
            with pytest.raises(BundleError, match=r"memory\.npz does not suit"):
                Captioner(load_bundle(model))
