"""A model with an expert: who captions which picture, and what is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imagecap.model.bundle import (
    DECODER_START,
    DECODER_STEP,
    ENCODER,
    MANIFEST,
    MODEL_CARD,
    VOCABULARY,
    Bundle,
    BundleError,
    load_bundle,
    read_bundle,
)
from imagecap.model.captioner import Captioner
from imagecap.model.confidence import OUT_OF_DISTRIBUTION, OutOfDistribution, pooled
from imagecap.model.describer import Described
from imagecap.model.manifest import ExpertRecord
from imagecap.model.measured import (
    SCORE,
    CalibrationRecord,
    ConfidenceRecord,
    OutOfDistributionRecord,
    SplitName,
)
from imagecap.model.picture_encoder import PictureEncoder
from imagecap.model.sealing import seal_bundle, update_bundle
from imagecap.text.vocabulary import Vocabulary

EXPERT = "expert-1"
NOTHING_MEASURED = CalibrationRecord(
    "nothing", SplitName("made-up", "dev"), 0, 0, 0, 0, 0, 0, 0, 0, ()
)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Pictures of two kinds by turns: the expert knows the first and the third."""
    folder = tmp_path_factory.mktemp("pictures")
    stripes = Image.linear_gradient("L").resize((64, 64))
    others = Image.effect_noise((64, 64), 90)
    made = [stripes, others, stripes.rotate(180), others.rotate(90)]
    paths = [folder / f"{number}.png" for number in range(len(made))]
    for path, picture in zip(paths, made, strict=True):
        picture.convert("RGB").save(path)
    return paths


@pytest.fixture
def model(untrained_bundle: Path, pictures: list[Path], tmp_path: Path) -> Path:
    """A model whose expert has the same networks, and the words the other way round."""
    folder = Path(shutil.copytree(untrained_bundle, tmp_path / "model"))
    bundle = load_bundle(folder)
    (folder / EXPERT).mkdir()
    for name in (DECODER_START, DECODER_STEP):
        shutil.copyfile(folder / name, folder / EXPERT / name)
    turned = Vocabulary([*reversed(bundle.vocabulary.words[4:])])
    (folder / EXPERT / VOCABULARY).write_text(turned.to_json(), "utf-8")
    known = PictureEncoder(bundle).encode_many(pictures[::2])
    vectors = np.concatenate([pooled(each[np.newaxis]) for _, each in known])
    across = vectors[1:] - vectors[:1]
    plane = OutOfDistribution(vectors[0], across / np.linalg.norm(across))
    (folder / EXPERT / OUT_OF_DISTRIBUTION).write_bytes(plane.to_bytes())
    confidence = ConfidenceRecord(
        1.0,
        100.0,
        0.5,
        SCORE,
        OutOfDistributionRecord(OUT_OF_DISTRIBUTION, 0.01),
        NOTHING_MEASURED,
    )
    own = replace(bundle.manifest, name=EXPERT, confidence=confidence)
    seal_bundle(folder / EXPERT, own)
    record = ExpertRecord(EXPERT, "stripes", 2, 3, "CIDEr 1.0 before, 9.0 after")
    seal_bundle(folder, replace(bundle.manifest, experts=(record,)))
    return folder


def turn(words: tuple[str, ...], bundle: Bundle) -> tuple[str, ...]:
    """Say what the other one of the two says in the place of these words."""
    known = bundle.vocabulary.words[4:]
    other = dict(zip(known, reversed(known), strict=True))
    return tuple(other[word] for word in words)


def test_each_picture_is_captioned_by_who_knows_it(
    model: Path, untrained_bundle: Path, pictures: list[Path]
) -> None:
    captioner, before = Captioner.load(model), Captioner(load_bundle(untrained_bundle))
    for number, picture in enumerate(pictures):
        own, other = captioner.candidates(picture, 3), before.candidates(picture, 3)
        if number % 2:
            assert own == other
            continue
        said = [turn(one.words, before.bundle) for one in other]
        assert [one.words for one in own] == said
        assert own[0].confidence is not None
        assert other[0].confidence is None


def test_together_all_say_what_each_says_alone(
    model: Path, pictures: list[Path]
) -> None:
    captioner = Captioner(load_bundle(model))
    alone = [captioner.caption(picture).words for picture in pictures]
    assert len({*alone}) > 1
    assert captioner.embed(pictures[0]).shape == captioner.embed(pictures[1]).shape
    found = (
        captioner.describe_together(pictures),
        [result for _, result in captioner.describe_many(pictures)],
        captioner.on_one_core().describe_together(pictures),
    )
    for results in found:
        described = [one for one in results if isinstance(one, Described)]
        assert [one.captions[0].words for one in described] == alone


def test_the_card_names_it_and_the_identity_is_another(
    model: Path, untrained_bundle: Path
) -> None:
    card = (model / MODEL_CARD).read_text("utf-8")
    assert "[expert-1](expert-1/README.md) | stripes: 2 pictures, 3 captions" in card
    versions = [
        load_bundle(each).manifest.version for each in (model, untrained_bundle)
    ]
    assert versions[0] != versions[1]
    assert "experts" not in json.loads((untrained_bundle / MANIFEST).read_text("utf-8"))


def test_it_stays_when_the_model_is_written_anew(
    model: Path, pictures: list[Path]
) -> None:
    bundle = load_bundle(model)
    before = Captioner(bundle).caption(pictures[0])
    update_bundle(bundle, replace(bundle.manifest, name="other"), {})
    assert Captioner(load_bundle(model)).caption(pictures[0]) == before


def seal_again(model: Path, change: Callable[[Path, dict[str, object]], None]) -> None:
    """Change an expert, with all hashes."""
    bundle, expert = load_bundle(model), model / EXPERT
    content = json.loads((expert / MANIFEST).read_text("utf-8"))
    change(expert, content)
    (expert / MANIFEST).write_text(json.dumps(content), "utf-8")
    seal_bundle(model, bundle.manifest)


def forget_kind(_: Path, manifest: dict[str, object]) -> None:
    manifest["confidence"] = None


def read_others(_: Path, manifest: dict[str, object]) -> None:
    encoder = manifest["encoder"]
    assert isinstance(encoder, dict)
    encoder["feature_shape"] = [7]


def have_experts(_: Path, manifest: dict[str, object]) -> None:
    record = {"folder": EXPERT, "data": "", "pictures": 1, "captions": 1}
    manifest["experts"] = [{**record, "measured": ""}]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (forget_kind, r"manifest\.json is damaged: it does not say which pictures"),
        (read_others, r"manifest\.json is damaged: it does not suit the model"),
        (have_experts, r"manifest\.json is damaged: it does not suit the model"),
        (
            lambda folder, _: (folder / DECODER_STEP).write_bytes(b"no network"),
            r"expert-1.decoder_step\.tflite is damaged: its hash",
        ),
        (
            lambda folder, _: (folder / OUT_OF_DISTRIBUTION).unlink(),
            r"expert-1.out_of_distribution\.npy cannot be read",
        ),
    ],
)
def test_a_forged_expert_is_named(
    model: Path, change: Callable[[Path, dict[str, object]], None], why: str
) -> None:
    seal_again(model, change)
    with pytest.raises(BundleError, match=why):
        Captioner(load_bundle(model))


def test_an_expert_that_changed_alone_is_damaged(model: Path) -> None:
    (model / EXPERT / MANIFEST).write_text("{}", "utf-8")
    with pytest.raises(BundleError, match=r"expert-1.manifest\.json is damaged"):
        Captioner(load_bundle(model))
    shutil.rmtree(model / EXPERT)
    with pytest.raises(BundleError, match=r"expert-1.manifest\.json cannot be read"):
        Captioner(load_bundle(model))


def test_its_networks_are_tried_whatever_the_pictures_are(model: Path) -> None:
    expert = model / EXPERT
    shutil.copyfile(model / ENCODER, expert / DECODER_STEP)
    seal_bundle(expert, read_bundle(expert).manifest)
    bundle = load_bundle(model)
    seal_bundle(model, bundle.manifest)
    with pytest.raises(BundleError, match=r"expert-1.*decoder_step\.tflite"):
        Captioner.load(model)


@pytest.mark.parametrize("folder", ["../expert-1", "expert-0", "/tmp", "expert-1/.."])
def test_an_expert_lies_in_the_model(model: Path, folder: str) -> None:
    manifest = json.loads((model / MANIFEST).read_text("utf-8"))
    manifest["experts"][0]["folder"] = folder
    (model / MANIFEST).write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(
        BundleError, match=r"experts\[0\]\.folder is .*such as expert-1"
    ):
        load_bundle(model)


@pytest.mark.parametrize("name", ["../stolen", "/etc/passwd", "expert-1/../../a"])
def test_no_file_of_a_model_lies_outside_of_it(model: Path, name: str) -> None:
    manifest = json.loads((model / MANIFEST).read_text("utf-8"))
    manifest["files"][name] = manifest["files"][VOCABULARY]
    (model / MANIFEST).write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(BundleError, match="files names a place outside"):
        load_bundle(model)
