import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from imagecap.model.bundle import (
    MANIFEST,
    SERVING_FILES,
    BundleError,
    find_bundle,
    load_bundle,
)
from imagecap.model.captioner import Captioner
from imagecap.model.litert import LiteRTDecoder, LiteRTEncoder


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
