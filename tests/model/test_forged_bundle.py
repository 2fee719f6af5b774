"""Models whose files are whole, as their hashes say, and yet not what they must be."""

import io
import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imagecap import Captioner
from imagecap.model.bundle import (
    DECODER_START,
    DECODER_STEP,
    ENCODER,
    VOCABULARY,
    WORD_DETECTOR,
    BundleError,
    load_bundle,
)
from imagecap.model.confidence import load_confidence
from imagecap.model.sealing import update_bundle
from imagecap.model.word_detector import load_word_detector
from imagecap.text.vocabulary import Vocabulary, VocabularyError

DEFAULT = Path(__file__).parents[2] / "models" / "default"


@pytest.fixture
def model(untrained_bundle: Path, tmp_path: Path) -> Path:
    """A model that may be changed."""
    return Path(shutil.copytree(untrained_bundle, tmp_path / "model"))


def put(model: Path, name: str, content: bytes) -> None:
    """Change a file, with its hash."""
    bundle = load_bundle(model)
    update_bundle(bundle, bundle.manifest, {name: content})


def caption(model: Path) -> str:
    return Captioner.load(model).caption(Image.new("RGB", (64, 64))).text


@pytest.mark.parametrize(
    ("name", "other"),
    [
        (ENCODER, DECODER_STEP),
        (DECODER_START, DECODER_STEP),
        (DECODER_START, ENCODER),
        (DECODER_STEP, DECODER_START),
        (DECODER_STEP, ENCODER),
    ],
)
def test_a_network_in_place_of_another_is_named(
    model: Path, name: str, other: str
) -> None:
    put(model, name, (model / other).read_bytes())
    with pytest.raises(BundleError, match=name.replace(".", r"\.")):
        caption(model)


def test_more_words_than_the_network_scores_are_an_error(model: Path) -> None:
    words = json.loads((model / VOCABULARY).read_text("utf-8"))["words"]
    put(model, VOCABULARY, Vocabulary([*words, "zebra"]).to_json().encode())
    with pytest.raises(BundleError, match=r"decoder_step\.tflite.*gives scores of"):
        caption(model)


@pytest.mark.parametrize(
    "word", ["\x1b]0;x\x07", "\ud800", "a\nb", "\u202egod", "", "\u200d", "\x9b2J"]
)
def test_words_that_cannot_be_shown_are_refused(word: str) -> None:
    with pytest.raises(VocabularyError, match="cannot be shown"):
        Vocabulary.from_json(json.dumps({"words": ["a", word]}))


def test_words_of_every_script_can_be_shown() -> None:
    words = ["a", "狗", "می\u200cرود", "क\u094d\u200dष", "n't", "b&w"]
    text = Vocabulary(words).to_json()
    assert Vocabulary.from_json(text).words[4:] == tuple(words)


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 300_000,
        b'{"words":["a"],"rarities":[' + b"9" * 400 + b"]}",
        b'{"words":["a"],"rarities":[' + b"9" * 5000 + b"]}",
        b'{"words": ["a"]}' + b" " * 10_000_000,
    ],
)
def test_a_vocabulary_of_any_content_is_named(model: Path, content: bytes) -> None:
    put(model, VOCABULARY, content)
    with pytest.raises(BundleError, match=r"vocabulary\.json is damaged"):
        load_bundle(model)


def test_a_deep_or_endless_manifest_is_named(model: Path) -> None:
    for content in (b"[" * 300_000, b"\xff", b" " * 10_000_001):
        (model / "manifest.json").write_bytes(content)
        with pytest.raises(BundleError, match=r"manifest\.json is damaged"):
            load_bundle(model)


def header(shape: str, kind: str = "<f4") -> bytes:
    """The head of an array without its numbers."""
    text = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}"
    return b"\x93NUMPY\x01\x00\x76\x00" + text.encode().ljust(117) + b"\n"


HEADERS = [
    header("(4000000000, 1216)"),
    header("(9999999999999999999999,)"),
    header("(-1,)"),
    header("(4,)", "|O"),
    b"\x93NUMPY\x01\x00\x76\x00" + b"(" * 117 + b"\n",
    b"\x93NUMPY\x02\x00\xff\xff\xff\x7f",
]


@pytest.fixture
def arrays(tmp_path: Path) -> Path:
    """The shipped model; of it the arrays may be changed."""
    return Path(shutil.copytree(DEFAULT, tmp_path / "shipped"))


def archive_of(arrays: dict[str, bytes]) -> bytes:
    """The content of an `.npz`, packed."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            archive.writestr(f"{name}.npy", array)
    return content.getvalue()


def test_arrays_of_any_content_are_named(arrays: Path) -> None:
    subspace = load_bundle(arrays).manifest.confidence
    assert subspace is not None
    assert subspace.out_of_distribution is not None
    name = subspace.out_of_distribution.file
    whole = (arrays / name).read_bytes()
    not_numbers = bytearray(whole)
    not_numbers[-2:] = np.float16(np.nan).tobytes()
    for content in [*HEADERS, b"PK\x03\x04", whole[:-1], bytes(not_numbers)]:
        put(arrays, name, content)
        with pytest.raises(BundleError, match=f"{name} does not suit"):
            load_confidence(load_bundle(arrays))


def test_archives_of_any_content_are_named(arrays: Path) -> None:
    whole = (arrays / WORD_DETECTOR).read_bytes()
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        parts = {
            name.removesuffix(".npy"): archive.read(name) for name in archive.namelist()
        }
    not_numbers = parts["scales"][:-4] + np.float32(np.nan).tobytes()
    damaged = [
        *(archive_of({**parts, "numbers": one}) for one in HEADERS),
        archive_of({**parts, "scales": not_numbers}),
        archive_of({"numbers": header("(50000000,)", "<i4") + bytes(200_000_000)}),
        whole[:-1],
        whole[: len(whole) // 2],
        whole.replace(b"rounded.npy", b"r\xffunded.npy", 1),
        whole[:200] + b"\xff" + whole[201:],
    ]
    for content in damaged:
        put(arrays, WORD_DETECTOR, content)
        with pytest.raises(BundleError, match=r"word_detector\.npz does not suit"):
            load_word_detector(load_bundle(arrays))
