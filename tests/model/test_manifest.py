"""A manifest is read whole or refused in a sentence that names the value."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from imagecap.model.beam_search import BeamSettings
from imagecap.model.bundle import MANIFEST, BundleError, load_bundle
from imagecap.model.decoding import Decoding
from imagecap.model.log_linear import LogLinear
from imagecap.model.manifest import (
    FORMAT,
    RankerRecord,
    read_manifest,
    write_manifest,
)
from imagecap.model.measured import OutOfDistributionRecord
from imagecap.model.rankers import Likelihood, MinimumBayesRisk
from imagecap.model.records import RecordError
from imagecap.model.sealing import version_of

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = [ROOT / "models" / name for name in ("default", "fast")]

FORMAT_1: dict[str, Any] = {
    "format": 1,
    "name": "old",
    "architecture": "merge",
    "encoder": {
        "name": "mobilenetv2",
        "image_size": 224,
        "preprocessing": "upright RGB",
        "feature_shape": [1280],
    },
    "decoding": {
        "width": 8,
        "max_length": 24,
        "length_penalty": 0.7,
        "consensus": 0.25,
    },
    "training": {
        "data": {
            "name": "flickr8k",
            "splits": {"train": {"pictures": 10, "captions": 50}},
        },
        "date": "2026-11-26",
        "settings": {"minimum_count": 4, "lstm": 256},
        "epochs": {"fine-tune": 2},
        "best": {"stage": "fine-tune", "epoch": 2},
        "versions": {"keras": "3.15.1", "jax": None},
        "backend": "tensorflow",
        "platform": "Linux",
        "processors": 2,
        "revision": None,
    },
    "scores": {
        "split": "dev",
        "how": "beam search of width 3",
        "train loss": None,
        "dev loss": 3.25,
        "BLEU-4": 22.5,
        "CIDEr": 57.2,
    },
    "storage": {"encoder": "float16", "decoder": "int8"},
    "joined": ["large@15578a1f0127", "second@60dc80c05ad9"],
    "confidence": {
        "meaning": "the probability that it is right",
        "data": {"name": "flickr8k", "split": "dev"},
        "evidence": "likeness",
        "slope": 16.8,
        "intercept": -2.6,
        "threshold": 0.24,
        "farthest": 0.7,
        "pictures": 1000,
        "odd": 0.05,
        "right": 0.5,
        "doubted": 0.15,
        "doubted_right": 0.3,
        "trusted_right": 0.54,
        "error": 0.03,
        "discrimination": 0.76,
        "bins": [
            {
                "low": 0.1,
                "high": 0.2,
                "captions": 52,
                "confidence": 0.17,
                "right": 0.13,
            }
        ],
    },
    "files": {"word_detector.npz": {"bytes": 3, "sha256": "0" * 64}},
}
WRONG = (
    None,
    True,
    -1,
    10**30,
    float("inf"),
    float("nan"),
    "",
    "../../x",
    [],
    {},
    [1],
    {"a": 1},
    "\ud800",
    "x" * 30_000,
    "a\x1b[2Jb",
)


def places(
    value: object, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[str | int, ...]]:
    """All places of a JSON value, but for what training alone knows the meaning of."""
    if path[-1:] == ("settings",):
        return
    if path:
        yield path
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from places(inner, (*path, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from places(inner, (*path, number))


def changed(whole: Any, path: tuple[str | int, ...], value: object) -> str:  # noqa: ANN401
    copy = json.loads(json.dumps(whole))
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return json.dumps(copy)


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda folder: folder.name)
def test_what_is_written_is_read_again(folder: Path) -> None:
    text = (folder / MANIFEST).read_text(encoding="utf-8")
    manifest = read_manifest(text)
    assert write_manifest(manifest) == text
    assert json.loads(text)["format"] == FORMAT


@pytest.mark.parametrize(
    "whole",
    [json.loads((SHIPPED[0] / MANIFEST).read_text("utf-8")), FORMAT_1],
    ids=["today's", "format 1"],
)
def test_whatever_is_wrong_is_one_kind_of_error(whole: dict[str, Any]) -> None:
    refused = 0
    for path in places(whole):
        for value in WRONG:
            try:
                read_manifest(changed(whole, path, value))
            except (RecordError, ValueError) as error:
                assert len(str(error)) < 300
                refused += 1
    assert refused > 1000


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        (("encoder", "image_size"), 20_000, r"image_size is 20000, not .* to 1024"),
        (("encoder", "image_size"), 224.5, r"image_size is 224\.5, not a whole"),
        (("encoder", "feature_shape"), [7, 7], "feature_shape has 2 numbers"),
        (("encoder", "feature_shape"), [65_536] * 3, "feature_shape is more than"),
        (("decoding", "search", "width"), 0, r"search\.width is 0, not .* from 1"),
        (("decoding", "search", "width"), 101, r"search\.width is 101, not .* to 100"),
        (("decoding", "search", "word_bias"), "3", r"word_bias is '3', not a number"),
        (("decoding", "search", "kept"), 0, r"search\.kept is 0, not .* from 1"),
        (("decoding", "search", "rarity"), -1, r"search\.rarity is -1, not a number"),
        (("decoding", "ranker"), {"name": "log_linear"}, r"vote_exponent is missing"),
        (("decoding", "ranker", "name"), "luck", r"ranker\.name is 'luck'"),
        (("decoding", "ranker", "vote_exponent"), -0.1, r"vote_exponent is -0\.1"),
        (("decoding", "consensus"), 0.2, r"decoding\.'consensus' is not known"),
        (("confidence", "threshold"), 1.5, r"threshold is 1\.5, not .* from 0 to 1"),
        (("scores", "values", "CIDEr"), None, r"values\.CIDEr is None"),
        (("training", "date"), "yesterday", r"training\.date is 'yesterday'"),
        (
            ("confidence", "out_of_distribution", "file"),
            "../secret.npy",
            r"file is '\.\./secret\.npy', not the name of",
        ),
        (("files", "README.md", "sha256"), "0", r"README\.md\.sha256 is '0'"),
        (("failures", "people"), {}, r"failures\.people has other kinds"),
    ],
)
def test_a_wrong_value_is_named_with_its_field(
    tmp_path: Path, path: tuple[str, ...], value: object, named: str
) -> None:
    whole = json.loads((SHIPPED[0] / MANIFEST).read_text("utf-8"))
    (tmp_path / MANIFEST).write_text(changed(whole, path, value))
    with pytest.raises(BundleError, match=named) as caught:
        load_bundle(tmp_path)
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / MANIFEST} is damaged: ")
    assert message.endswith(". Install the model again.")


@pytest.mark.parametrize(
    "text", ["[" * 300_000, '{"format":' * 100_000, "1" * 5000, "{", "nul"]
)
def test_what_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(RecordError):
        read_manifest(text)


def test_a_manifest_of_the_first_format_is_read() -> None:
    manifest = read_manifest(json.dumps(FORMAT_1))
    assert manifest.decoding == Decoding(
        BeamSettings(width=8, max_length=24, length_penalty=0.7, word_bias=3.0),
        MinimumBayesRisk(vote_exponent=0.25, expected_cider_weight=10.0),
    )
    assert manifest.scores.values == {"BLEU-4": 22.5, "CIDEr": 57.2}
    assert manifest.training.best.dev_loss == 3.25
    assert manifest.training.best.train_loss is None
    assert manifest.training.settings == {"minimum_count": 4, "lstm": 256}
    assert manifest.ensemble is not None
    assert manifest.ensemble.members == ("large@15578a1f0127", "second@60dc80c05ad9")
    confidence = manifest.confidence
    assert confidence is not None
    assert confidence.evidence == "expected_cider"
    farthest = OutOfDistributionRecord("familiarity.npy", 0.7)
    assert confidence.out_of_distribution == farthest
    assert confidence.measured.doubted_right == 0.3
    assert read_manifest(write_manifest(manifest)) == manifest


def test_without_a_consensus_the_first_format_meant_the_likeliest() -> None:
    text = changed(FORMAT_1, ("decoding", "consensus"), None)
    assert read_manifest(text).decoding == Decoding(
        BeamSettings(width=8, max_length=24, length_penalty=0.7), Likelihood()
    )


def test_neither_card_nor_weights_make_another_model() -> None:
    whole = json.loads((SHIPPED[1] / MANIFEST).read_text("utf-8"))
    same = version_of(read_manifest(json.dumps(whole)))
    whole["files"]["decoder.weights.h5"] = whole["files"]["encoder.weights.h5"]

    def version(*path: str, value: object) -> str:
        return version_of(read_manifest(changed(whole, path, value)))

    other = "0" * 64
    for name in ("README.md", "encoder.weights.h5", "decoder.weights.h5"):
        assert version("files", name, "sha256", value=other) == same
    assert version("notes", "scores", value="Better.") == same
    for path, value in (
        (("files", "encoder.tflite", "sha256"), other),
        (("files", "word_detector.npz", "sha256"), other),
        (("decoding", "search", "word_bias"), 1.0),
        (("confidence", "threshold"), 0.5),
    ):
        assert version(*path, value=value) != same


@pytest.mark.parametrize(
    ("model", "known_by"),
    [("default", "default@2e1ff44baeb6"), ("fast", "fast@f5a154a871a6")],
)
def test_libraries_know_the_shipped_models_again(model: str, known_by: str) -> None:
    """They keep what a model has said under its identity, since it was published."""
    folder = next(folder for folder in SHIPPED if folder.name == model)
    assert load_bundle(folder).identity == known_by


@pytest.mark.parametrize("name", ["width", "max_length", "length_penalty", "word_bias"])
def test_nothing_takes_the_place_of_a_number_that_is_missing(name: str) -> None:
    whole = json.loads((SHIPPED[1] / MANIFEST).read_text("utf-8"))
    del whole["decoding"]["search"][name]
    with pytest.raises(RecordError, match=f"decoding.search.{name} is missing"):
        read_manifest(json.dumps(whole))


def test_a_fitted_ranker_is_kept_and_nothing_is_said_of_one_that_is_not_there() -> None:
    whole = json.loads((SHIPPED[0] / MANIFEST).read_text("utf-8"))
    del whole["ranker"]
    manifest = read_manifest(json.dumps(whole))
    assert json.loads(write_manifest(manifest)) == whole
    search = replace(manifest.decoding.search, kept=12, rarity=0.2)
    ranker = LogLinear(similarity=2.5, length=-0.1)
    fitted = replace(
        manifest,
        decoding=replace(manifest.decoding, search=search, ranker=ranker),
        ranker=RankerRecord(6000, 1000, 62.3, 65.4),
    )
    assert read_manifest(write_manifest(fitted)) == fitted
    assert version_of(fitted) != version_of(manifest)
