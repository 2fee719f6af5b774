import json
import os
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops

from imagecap.model.bundle import (
    DECODER_STEP,
    MANIFEST,
    SERVING_FILES,
    BundleError,
    find_bundle,
    load_bundle,
)
from imagecap.model.captioner import Captioner
from imagecap.model.litert import LiteRTDecoder, LiteRTEncoder
from imagecap.model.sealing import update_bundle
from imagecap.training.networks.from_bundle import networks_from_bundle
from imagecap.training.networks.litert_conversion import convert_to_int8


@pytest.fixture
def bundle(untrained_bundle: Path, tmp_path: Path) -> Path:
    """A copy that may be damaged."""
    return Path(shutil.copytree(untrained_bundle, tmp_path / "copy"))


def test_a_bundle_holds_everything_and_says_what_it_is(bundle: Path) -> None:
    loaded = load_bundle(bundle)
    assert loaded.name == "copy"
    assert loaded.image_size == 64
    assert loaded.feature_shape == (1024,)
    assert loaded.manifest.training.settings["decoder"]["lstm"] == 8
    loaded.verify(*loaded.manifest.files)
    assert {path.name for path in bundle.iterdir()} == {
        "manifest.json",
        "vocabulary.json",
        "encoder.tflite",
        "decoder_start.tflite",
        "decoder_step.tflite",
        "encoder.weights.h5",
        "decoder.weights.h5",
        "README.md",
    }


def test_exported_networks_take_any_number_of_pictures(bundle: Path) -> None:
    loaded = load_bundle(bundle)
    encoder, decoder = LiteRTEncoder(loaded), LiteRTDecoder(loaded)
    pixels = np.random.default_rng(0).integers(0, 256, (3, 64, 64, 3), np.uint8)
    together = encoder.encode(pixels)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, rtol=1e-5)
    alone = np.concatenate([encoder.encode(one[np.newaxis]) for one in pixels])
    np.testing.assert_allclose(together, alone, atol=1e-6)
    state = decoder.start(together)
    log_probabilities, changed, attention = decoder.step(
        np.array([1, 4, 5], np.int32), state
    )
    assert log_probabilities.shape == (3, len(loaded.vocabulary))
    assert set(changed) == {"hidden", "cell"}
    assert attention is None


def test_a_step_depends_on_nothing_that_was_computed_before(bundle: Path) -> None:
    loaded = load_bundle(bundle)
    generator = np.random.default_rng(0)
    used = LiteRTDecoder(loaded)
    length = loaded.feature_shape[0]
    pictures = [
        dict(used.start(generator.uniform(0, 0.1, (count, length)).astype(np.float32)))
        for count in (3, 3, 1)
    ]
    # The same arrays again, others of their shape, of another, one of them alone.
    for which in (0, 0, 1, 0, 2, 2, 1, 0):
        state = pictures[which]
        words = generator.integers(4, len(loaded.vocabulary), len(state["image"]))
        again = LiteRTDecoder(loaded).step(words.astype(np.int32), state)
        found = used.step(words.astype(np.int32), state)
        np.testing.assert_array_equal(found[0], again[0])
        np.testing.assert_array_equal(found[1]["hidden"], again[1]["hidden"])
        pictures[which] = {**state, **found[1]}


def test_models_of_the_first_versions_are_read(bundle: Path, tmp_path: Path) -> None:
    first = load_bundle(bundle)
    _, decoder = networks_from_bundle(first)
    outputs = dict(decoder.step.output)
    logarithms = ops.log(ops.maximum(outputs.pop("probabilities"), 1e-30))
    step = keras.Model(decoder.step.input, {"log_probabilities": logarithms, **outputs})
    convert_to_int8(step, tmp_path / DECODER_STEP)
    older = Path(shutil.copytree(bundle, tmp_path / "older"))
    content = (tmp_path / DECODER_STEP).read_bytes()
    update_bundle(load_bundle(older), first.manifest, {DECODER_STEP: content})
    features = np.full((2, *first.feature_shape), 0.03, np.float32)
    words = np.array([1, 5], np.int32)
    found, expected = (
        one.step(words, one.start(features))[0][:, 4:]
        for one in (LiteRTDecoder(load_bundle(older)), LiteRTDecoder(first))
    )
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_an_encoder_keeps_working_without_its_bundle_object(bundle: Path) -> None:
    encode = LiteRTEncoder(load_bundle(bundle)).encode
    assert np.isfinite(encode(np.zeros((1, 64, 64, 3), np.uint8))).all()


@pytest.mark.parametrize(
    "name",
    [
        "vocabulary.json",
        "encoder.tflite",
        "decoder_start.tflite",
        "decoder_step.tflite",
    ],
)
@pytest.mark.parametrize("damage", ["flipped", "cut", "missing"])
def test_a_damaged_file_is_named(bundle: Path, name: str, damage: str) -> None:
    path = bundle / name
    content = bytearray(path.read_bytes())
    if damage == "missing":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    else:
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    with pytest.raises(BundleError, match=name):
        Captioner.load(bundle)


@pytest.mark.parametrize(
    "manifest", ["", "[]", "{}", "null", '{"format": 1}', '{"format": 1, "files": 3}']
)
def test_a_damaged_manifest_is_named(bundle: Path, manifest: str) -> None:
    (bundle / "manifest.json").write_text(manifest)
    with pytest.raises(BundleError, match=r"manifest\.json"):
        load_bundle(bundle)


@pytest.mark.parametrize("name", [*SERVING_FILES, MANIFEST])
@pytest.mark.parametrize("kind", ["pipe", "device", "endless"])
def test_what_has_no_end_is_named(bundle: Path, name: str, kind: str) -> None:
    path = bundle / name
    path.unlink()
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        path.touch()
        # Sparse: no page of it is on the disk.
        os.truncate(path, 2**40)
    with pytest.raises(BundleError, match=f"{path} (cannot be read|is damaged)"):
        load_bundle(bundle)


def test_a_later_format_is_refused(bundle: Path) -> None:
    manifest = json.loads((bundle / "manifest.json").read_text())
    manifest["format"] = 99
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BundleError, match=r"format 99.*Update imagecap"):
        load_bundle(bundle)


def test_a_model_is_found_by_name_and_by_path(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find_bundle(bundle) == bundle
    shutil.copytree(bundle, tmp_path / "models" / "mine")
    monkeypatch.chdir(tmp_path)
    assert find_bundle("mine").resolve() == tmp_path / "models" / "mine"
    with pytest.raises(BundleError, match=r"no model “yours”.*mine"):
        find_bundle("yours")
