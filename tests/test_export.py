"""A bundle says how its networks are stored, and holds none that are wrong."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest
from conftest import export_untrained

from imagecap.training import export
from imagecap.training.export import ExportError


def test_manifest_and_card_say_how_networks_are_stored(untrained_bundle: Path) -> None:
    manifest = json.loads((untrained_bundle / "manifest.json").read_text("utf-8"))
    card = (untrained_bundle / "README.md").read_text("utf-8")
    for storage in manifest["storage"].values():
        assert "int8" in storage
        assert storage in card


@pytest.mark.parametrize("name", ["convert_encoder", "convert_decoder"])
def test_networks_that_compute_something_else_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    convert = getattr(export, name)

    def convert_wrongly(network: keras.Model, path: Path) -> None:
        weights = network.get_weights()
        network.set_weights([np.flip(weight) for weight in weights])
        convert(network, path)
        network.set_weights(weights)

    monkeypatch.setattr(export, name, convert_wrongly)
    with pytest.raises(ExportError, match="differs from the trained one"):
        export_untrained(tmp_path / "wrong", "merge")
