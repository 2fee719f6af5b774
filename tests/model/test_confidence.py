"""How far captions can be trusted, as a bundle says."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from imagecap import Caption, Captioner
from imagecap.model.bundle import BundleError, load_bundle
from imagecap.model.confidence import (
    OUT_OF_DISTRIBUTION,
    Confidence,
    OutOfDistribution,
    load_confidence,
    pooled,
)
from imagecap.model.measured import (
    EXPECTED_CIDER,
    CalibrationRecord,
    ConfidenceRecord,
    OutOfDistributionRecord,
    SplitName,
)
from imagecap.model.sealing import update_bundle

LIKELY = Caption(("a", "dog"), -1.0, (0.9, 0.5))
UNLIKELY = Caption(("a", "cat"), -9.0, (0.9, 0.1))
# The plane of the first two axes, around their middle.
PLANE = OutOfDistribution(np.zeros(3), np.eye(3)[:2])


def test_a_likely_caption_is_trusted_and_an_unlikely_one_is_hedged() -> None:
    confidence = Confidence(slope=1.0, intercept=2.0, threshold=0.3)
    outside = np.zeros(2, bool)
    (sure, other), (unsure,) = confidence.judge(
        [[LIKELY, UNLIKELY], [UNLIKELY]], outside, 0.0
    )
    assert sure.confidence == pytest.approx(1 / (1 + np.exp(-1.0)))
    assert not sure.unsure
    assert sure.hedged_text == sure.text == "A dog."
    assert other.confidence is None
    assert not other.unsure
    assert unsure.confidence == pytest.approx(1 / (1 + np.exp(7.0)))
    assert unsure.unsure
    assert unsure.text == "A cat."
    assert unsure.hedged_text == "Possibly: a cat."


def test_scores_of_any_size_have_a_confidence() -> None:
    confidence = Confidence(slope=9.0, intercept=0.0, threshold=0.3)
    for score, expected in ((-1e6, 0), (0, 0.5), (1e6, 1)):
        caption = Caption(("a", "dog"), score, (0.9, 0.5))
        assert confidence.of_caption(caption, 0.0) == expected


def test_an_expected_cider_tells_more_than_a_score_where_it_was_calibrated() -> None:
    caption = Caption(("a", "dog"), -9.0, (0.9, 0.5), expected_cider=0.5)
    by_expected = Confidence(2.0, -3.0, 0.3, evidence=EXPECTED_CIDER)
    assert by_expected.of_caption(caption, 0.7) == pytest.approx(1 / (1 + np.exp(2)))
    by_score = Confidence(2.0, 17.0, 0.3)
    assert by_score.of_caption(caption, 0.0) == pytest.approx(1 / (1 + np.exp(1)))


def test_of_an_odd_picture_the_model_is_unsure_whatever_the_caption() -> None:
    confidence = Confidence(1.0, 9.0, 0.3, PLANE, farthest=0.5)
    outside = confidence.is_outside(np.array([[3.0, 4, 0], [0, 0, 5]]))
    (usual,), (odd, other) = confidence.judge(
        [[LIKELY], [LIKELY, UNLIKELY]], outside, 0.7
    )
    assert not usual.unsure
    assert odd.unsure
    assert odd.confidence is None
    assert other.unsure


def test_distance_is_that_from_the_plane_and_no_brighter_picture_is_farther() -> None:
    features = np.array([[1.0, 1, 0], [0, 0, 2], [0, 3, 4], [0, 30, 40], [0, 0, 0]])
    np.testing.assert_allclose(PLANE.distance(pooled(features)), [0, 1, 0.8, 0.8, 0])


def test_of_grids_mean_and_maximum_count() -> None:
    grid = np.array([[[0.0, 0, 2], [0, 2, 0]], [[0, 0, 0], [1, 1, 1]]])[np.newaxis]
    mean, maximum = np.array([1.0, 3, 3]) / 4, np.array([1.0, 2, 2])
    expected = np.concatenate(
        [mean / np.linalg.norm(mean), maximum / np.linalg.norm(maximum)]
    )
    np.testing.assert_allclose(pooled(grid), [expected])
    last_axis = OutOfDistribution(np.zeros(6), np.eye(6)[:5])
    np.testing.assert_allclose(last_axis.distance(pooled(grid)), [expected[5]])


def test_what_was_calibrated_with_the_mean_alone_still_counts() -> None:
    grid = np.array([[[0.0, 0, 2], [0, 2, 0]], [[0, 0, 0], [0, 0, 0]]])[np.newaxis]
    np.testing.assert_allclose(PLANE.distance(pooled(grid)), [np.sqrt(0.5)])


def test_a_grid_with_the_mean_of_others_is_still_told_from_them() -> None:
    even = np.full((1, 2, 2, 3), 1.0)
    uneven = even.copy()
    uneven[0, :, 0, 0], uneven[0, :, 1, 0] = 2, 0
    known = OutOfDistribution(pooled(even)[0], np.zeros((0, 6)))
    assert known.distance(pooled(even))[0] == pytest.approx(0)
    assert known.distance(pooled(uneven))[0] > 0.1


NOTHING_MEASURED = CalibrationRecord(
    "nothing", SplitName("made-up", "dev"), 0, 0, 0, 0, 0, 0, 0, 0, ()
)


@pytest.fixture
def bundle(untrained_bundle: Path, tmp_path: Path) -> Path:
    """A bundle whose confidence finds every picture odd."""
    folder = Path(shutil.copytree(untrained_bundle, tmp_path / "calibrated"))
    (size,) = load_bundle(folder).feature_shape
    path = tmp_path / "rows.npy"
    np.save(path, np.zeros((3, size), np.float16))
    confidence = ConfidenceRecord(
        slope=1.0,
        intercept=0.0,
        threshold=0.5,
        evidence="score",
        out_of_distribution=OutOfDistributionRecord(OUT_OF_DISTRIBUTION, 0.1),
        measured=NOTHING_MEASURED,
    )
    loaded = load_bundle(folder)
    update_bundle(
        loaded,
        replace(loaded.manifest, confidence=confidence),
        {OUT_OF_DISTRIBUTION: path.read_bytes()},
    )
    return folder


def test_a_bundle_that_says_nothing_gives_no_confidence(
    untrained_bundle: Path, photographs: Path
) -> None:
    caption = Captioner.load(untrained_bundle).caption(photographs / "astronaut.png")
    assert caption.confidence is None
    assert not caption.unsure


def test_a_bundle_is_heard(bundle: Path, photographs: Path) -> None:
    picture = photographs / "astronaut.png"
    captioner = Captioner.load(bundle)
    best, *others = captioner.candidates(picture, 3)
    assert best.unsure
    assert best.confidence is None
    assert all(other.unsure for other in others)
    ((_, (alone,)),) = captioner.caption_many([picture])
    assert alone == best

    loaded = load_bundle(bundle)
    former = loaded.manifest.confidence
    assert former is not None
    farther = OutOfDistributionRecord(OUT_OF_DISTRIBUTION, 2.0)
    usual = replace(former, out_of_distribution=farther, intercept=99.0)
    update_bundle(loaded, replace(loaded.manifest, confidence=usual), {})
    best = Captioner.load(bundle).caption(picture)
    assert not best.unsure
    assert best.confidence == pytest.approx(1)


def test_a_rewritten_bundle_is_whole_and_keeps_the_rest(
    bundle: Path, untrained_bundle: Path
) -> None:
    loaded, former = load_bundle(bundle), load_bundle(untrained_bundle)
    loaded.verify(*loaded.manifest.files)
    for section in ("encoder", "decoding", "training", "scores"):
        assert getattr(loaded.manifest, section) == getattr(former.manifest, section)
    assert {path.name for path in bundle.iterdir()} == {
        *(path.name for path in untrained_bundle.iterdir()),
        OUT_OF_DISTRIBUTION,
    }
    assert [path.name for path in bundle.parent.glob("*calibrated*")] == ["calibrated"]


def test_a_damaged_file_is_not_passed_for_whole(bundle: Path) -> None:
    loaded = load_bundle(bundle)
    (bundle / "encoder.weights.h5").write_bytes(b"damaged")
    with pytest.raises(BundleError, match=r"encoder\.weights\.h5 is damaged"):
        update_bundle(loaded, replace(loaded.manifest, confidence=None), {})
    assert load_bundle(bundle).manifest == loaded.manifest


@pytest.mark.parametrize(
    "section",
    [
        3,
        {},
        {"slope": 1},
        {"slope": "a"},
        {"out_of_distribution": {"file": OUT_OF_DISTRIBUTION, "farthest": []}},
        {"out_of_distribution": {"file": "../secret.npy", "farthest": 1}},
        {"evidence": "hope"},
        # There is no word detector to tell it.
        {"evidence": EXPECTED_CIDER},
    ],
)
def test_a_damaged_section_is_named(bundle: Path, section: object) -> None:
    manifest = json.loads((bundle / "manifest.json").read_text())
    if isinstance(section, dict) and len(section) and section != {"slope": 1}:
        section = {**manifest["confidence"], **section}
    manifest["confidence"] = section
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BundleError, match=r"manifest\.json is damaged.*confidence"):
        Captioner.load(bundle)


@pytest.mark.parametrize("damage", ["flipped", "missing"])
def test_a_damaged_subspace_is_named(bundle: Path, damage: str) -> None:
    path = bundle / OUT_OF_DISTRIBUTION
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.unlink()
    if damage == "flipped":
        path.write_bytes(content)
    with pytest.raises(BundleError, match=OUT_OF_DISTRIBUTION):
        Captioner.load(bundle)


@pytest.mark.parametrize(
    "content", [b"", b"\x93NUMPY", np.lib.format.magic(1, 0) + b"\x01\x00x"]
)
def test_a_subspace_of_another_kind_is_named(bundle: Path, content: bytes) -> None:
    loaded = load_bundle(bundle)
    update_bundle(loaded, loaded.manifest, {OUT_OF_DISTRIBUTION: content})
    with pytest.raises(BundleError, match=OUT_OF_DISTRIBUTION):
        load_confidence(load_bundle(bundle))


def test_a_subspace_of_another_encoder_is_named(bundle: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "rows.npy", np.zeros((3, 7), np.float16))
    content = (tmp_path / "rows.npy").read_bytes()
    loaded = load_bundle(bundle)
    update_bundle(loaded, loaded.manifest, {OUT_OF_DISTRIBUTION: content})
    with pytest.raises(BundleError, match="does not suit its encoder"):
        load_confidence(load_bundle(bundle))


def test_hedging_leaves_captions_alike() -> None:
    assert replace(LIKELY, unsure=True).text == LIKELY.text
    assert Caption((), 0.0, (), unsure=True).hedged_text == ""
