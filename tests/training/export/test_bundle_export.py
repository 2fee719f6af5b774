"""A bundle says how its networks are stored, and holds none that are wrong."""

import json
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
from untrained_model import export_untrained

from imagecap.training.export import bundle_export as export
from imagecap.training.export.bundle_export import ExportError


def test_manifest_and_card_say_how_networks_are_stored(untrained_bundle: Path) -> None:
    manifest = json.loads((untrained_bundle / "manifest.json").read_text("utf-8"))
    card = (untrained_bundle / "README.md").read_text("utf-8")
    assert manifest["storage"]["encoder"].startswith("int8")
    for storage in manifest["storage"].values():
        assert storage in card


def weights_in_disorder(
    convert: Callable[[keras.Model, Path], None],
) -> Callable[[keras.Model, Path], None]:
    def convert_wrongly(network: keras.Model, path: Path) -> None:
        weights = network.get_weights()
        network.set_weights([np.flip(weight) for weight in weights])
        convert(network, path)
        network.set_weights(weights)

    return convert_wrongly


@pytest.mark.parametrize("part", ["encoder", "decoder"])
def test_networks_that_compute_something_else_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    if part == "encoder":
        wrong = tuple((s, weights_in_disorder(c)) for s, c in export.ENCODER_STORAGES)
        monkeypatch.setattr(export, "ENCODER_STORAGES", wrong)
    else:
        wrong_convert = weights_in_disorder(export.convert_to_int8)
        monkeypatch.setattr(export, "convert_to_int8", wrong_convert)
    with pytest.raises(ExportError, match="differs from the trained one"):
        export_untrained(tmp_path / "wrong", "merge")


def test_an_encoder_that_suffers_in_8_bits_is_stored_in_16(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (eight, convert), sixteen = export.ENCODER_STORAGES
    monkeypatch.setattr(
        export, "ENCODER_STORAGES", ((eight, weights_in_disorder(convert)), sixteen)
    )
    folder = export_untrained(tmp_path / "suffering", "merge")
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["storage"]["encoder"] == "float16"
