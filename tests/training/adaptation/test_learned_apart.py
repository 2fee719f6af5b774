"""What is learned of unknown pictures stands beside the model; that stays as it was."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from imagecap.datasets.dataset import load_dataset
from imagecap.datasets.scenes import write_scenes
from imagecap.evaluation.comparison import Comparison
from imagecap.model.bundle import MANIFEST, MODEL_CARD, Bundle, load_bundle
from imagecap.model.captioner import Captioner
from imagecap.model.confidence import OUT_OF_DISTRIBUTION, OutOfDistribution, pooled
from imagecap.model.experts import load_expert_bundles, load_experts
from imagecap.model.measured import (
    SCORE,
    CalibrationRecord,
    ConfidenceRecord,
    OutOfDistributionRecord,
    SplitName,
)
from imagecap.model.picture_encoder import PictureEncoder
from imagecap.model.sealing import update_bundle
from imagecap.model.word_detector import WordDetector
from imagecap.text.tokenizer import tokenize
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.adaptation.adapt import Adaptation
from imagecap.training.adaptation.adapted_bundle import save_adaptation
from imagecap.training.adaptation.beginning import begin_without
from imagecap.training.adaptation.fit_decoder import Course, DecoderFit
from imagecap.training.adaptation.kinds import fit_kind
from imagecap.training.adaptation.learner import Learner
from imagecap.training.adaptation.new_words import NewWords
from imagecap.training.export.adapt_word_detector import word_detector_of_kind
from imagecap.training.networks.from_bundle import extend_vocabulary

NOTHING_MEASURED = CalibrationRecord(
    "nothing", SplitName("made-up", "dev"), 0, 0, 0, 0, 0, 0, 0, 0, ()
)


@pytest.fixture
def model(untrained_bundle: Path, tmp_path: Path) -> Bundle:
    """A model to which every picture is odd."""
    folder = Path(shutil.copytree(untrained_bundle, tmp_path / "first"))
    bundle = load_bundle(folder)
    usual = OutOfDistribution(
        np.zeros(bundle.feature_shape, np.float32),
        np.zeros((0, *bundle.feature_shape), np.float32),
    )
    confidence = ConfidenceRecord(
        slope=1.0,
        intercept=0.0,
        threshold=0.5,
        evidence=SCORE,
        out_of_distribution=OutOfDistributionRecord(OUT_OF_DISTRIBUTION, 0.1),
        measured=NOTHING_MEASURED,
    )
    manifest = replace(bundle.manifest, confidence=confidence)
    update_bundle(bundle, manifest, {OUT_OF_DISTRIBUTION: usual.to_bytes()})
    return load_bundle(folder)


def learn(model: Bundle, place: int, data: str, folder: Path, scenes: Path) -> Bundle:
    """Let an expert of a model learn one epoch of drawn scenes."""
    examples = [*load_dataset(scenes).train]
    encoded = PictureEncoder(model).encode_many([one.path for one in examples])
    features = {path.name: np.asarray(each) for path, each in encoded}
    experts = load_experts(model)
    captions = [[tokenize(one) for one in each.captions] for each in examples]
    vocabulary = extend_vocabulary(experts[place].bundle.vocabulary, captions, 2)
    new = len(vocabulary) - len(experts[place].bundle.vocabulary)
    unknown = np.full(new, Vocabulary.UNKNOWN, np.int32)
    firsts = {one.name: one.name for one in examples}
    learner = Learner(
        experts, place, vocabulary, unknown, examples, features, firsts, 0
    )
    is_expert = experts[place].kind is not None
    # An expert goes on apart; the model itself where a part of the way is not enough.
    for share, is_apart in ((0.25, is_expert), (1.0, True)):
        with patch.object(DecoderFit, "choose_course", return_value=Course(1, share)):
            course = learner.choose_course([(examples[:10], examples[10:])])
        assert course == Course(1, share, is_apart)
    learned = learner.learn(examples, course)
    said = learner.describe(learned, examples)
    assert said.captions.keys() == features.keys()
    adaptation = Adaptation(
        experts[place],
        learner.members,
        vocabulary,
        unknown,
        learned,
        NewWords((), (), 2),
        Comparison(12, 1.0, 9.0, 7.0, 9.0),
        said.captions,
        features,
        examples,
    )
    save_adaptation(adaptation, model, data, folder)
    return load_bundle(folder)


def test_an_expert_is_added_and_goes_on(
    model: Bundle, tmp_path: Path, photographs: Path
) -> None:
    scenes = tmp_path / "scenes"
    write_scenes(scenes, train=12, dev=1, test=1)
    added = learn(model, 0, "drawings", tmp_path / "second", scenes)
    for name in model.manifest.files:
        if name != MODEL_CARD:
            before = (model.folder / name).read_bytes()
            assert (added.folder / name).read_bytes() == before
    picture, scene = photographs / "astronaut.png", next((scenes / "Images").iterdir())
    old, new = Captioner(model), Captioner(added)
    assert new.candidates(picture, 3) == old.candidates(picture, 3)
    assert new.candidates(scene, 3) != old.candidates(scene, 3)
    assert new.caption(scene).confidence is not None
    (expert,) = load_expert_bundles(added)
    assert len(expert.vocabulary) > len(model.vocabulary)

    more = learn(added, 0, "more drawings", tmp_path / "third", scenes)
    records = more.manifest.experts or ()
    data = [(one.folder, one.data) for one in records]
    assert data == [("expert-2", "more drawings"), ("expert-1", "drawings")]
    assert (more.folder / "expert-1" / MANIFEST).read_bytes() == (
        added.folder / "expert-1" / MANIFEST
    ).read_bytes()
    assert Captioner(more).candidates(picture, 3) == old.candidates(picture, 3)

    named, start, sentences = begin_without(more, "drawings")
    assert [one.data for one in named.manifest.experts or ()] == ["more drawings"]
    assert start is named
    # The other expert went on from the one that is taken out.
    assert "learned anew" in sentences[0]
    assert "from others since" in sentences[1]
    listed = json.loads((more.folder / MANIFEST).read_text("utf-8"))["experts"]
    assert [one["pictures"] for one in listed] == [12, 12]


def test_a_kind_has_its_pictures_and_no_others() -> None:
    generator = np.random.default_rng(0)
    directions = generator.normal(size=(3, 40))
    of_kind = 9 + generator.normal(size=(60, 3)) @ directions
    of_kind += 0.1 * generator.normal(size=of_kind.shape)
    others = 9 * generator.normal(size=(50, 40))
    kind = fit_kind(pooled(of_kind[:40].astype(np.float32)))
    assert kind.has(of_kind[40:]).mean() >= 0.9
    assert not kind.has(others).any()


@pytest.mark.parametrize("pictures", [2, 3, 7])
def test_few_pictures_have_a_kind(pictures: int) -> None:
    vectors = np.random.default_rng(1).random((pictures, 5), np.float32)
    assert np.isfinite(fit_kind(pooled(vectors)).farthest)


def test_what_is_said_of_all_pictures_of_a_kind_tells_none_from_the_others() -> None:
    vocabulary = Vocabulary(["a", "square", "red", "blue"], [1.0, 1.0, 1.0, 1.0])
    numbers, none = np.array([4], np.int32), np.zeros(1, np.float32)
    old = WordDetector.of_map(numbers, np.zeros((3, 1)), none, none)
    generator = np.random.default_rng(0)
    features = generator.random((40, 3), np.float32)
    colours = ["red" if one > 0.5 else "blue" for one in features[:, 0]]
    captions = [[["a", colour, "square"]] for colour in colours]
    settings: tuple[Any, ...] = (old, features, captions, vocabulary, {})
    expected = word_detector_of_kind(*settings).detect(features, vocabulary)
    square, red = (vocabulary.words.index(word) for word in ("square", "red"))
    assert np.abs(expected.word_bias[:, square]).max() < 0.01
    assert expected.weights[:, square].mean() == pytest.approx(3**-0.5, abs=0.01)
    is_red = np.array(colours) == "red"
    assert expected.word_bias[is_red, red].mean() > 0.1
    assert expected.word_bias[~is_red, red].mean() < -0.1
