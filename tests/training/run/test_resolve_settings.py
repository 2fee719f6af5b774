"""What train.py makes of what was chosen, at the start and when going on."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from imagecap.datasets.dataset import load_dataset
from imagecap.training.declaration import TrainingSettingsError
from imagecap.training.networks.encoders import EncoderError
from imagecap.training.networks.from_bundle import BundleWeightsError
from imagecap.training.run.pipeline import train
from imagecap.training.run.resolve_settings import (
    choose_settings,
    describe_default,
    settings_of_run,
)
from imagecap.training.run.run_folder import Run, TrainingError
from imagecap.training.settings import (
    SETTINGS,
    DecoderSettings,
    FineTuneSettings,
    SearchSettings,
    TrainingSettings,
)


def run_with(folder: Path, record: dict[str, Any]) -> Run:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "settings.json").write_text(json.dumps(record))
    return Run(folder)


def test_what_was_chosen_wins_over_what_suits() -> None:
    assert choose_settings({}, False, False) == TrainingSettings()
    chosen = {"architecture": "attention", "decoder.batch_size": 7}
    settings = choose_settings(chosen, True, False)
    assert (settings.decoder.lstm, settings.decoder.batch_size) == (512, 7)
    assert settings.fine_tune.epochs == 8
    rates = choose_settings({"fine_tune.encoder_learning_rate": 0.01}, True, False)
    assert rates.fine_tune.learning_rate == pytest.approx(0.04)


def test_the_defaults_that_are_told_are_those_that_are_taken() -> None:
    assert describe_default("decoder.lstm") == (
        "256; 512 with --architecture attention; 128 with --dataset scenes; "
        "the model's with --from"
    )
    assert describe_default("search.consensus_width") == "8"
    plain = choose_settings({}, False, False)
    scenes = choose_settings({}, False, True)
    attention = choose_settings({"architecture": "attention"}, False, False)
    for path in SETTINGS:
        told = describe_default(path).split("; ")
        for settings, told_with in (
            (scenes, " with --dataset scenes"),
            (attention, " with --architecture attention"),
        ):
            value, former = settings.value(path), plain.value(path)
            if path != "architecture" and value != former:
                shown = f"{value:g}" if isinstance(value, float) else f"{value}"
                assert f"{shown}{told_with}" in told


def test_a_run_goes_on_by_a_record_with_or_without_sections(tmp_path: Path) -> None:
    nested = TrainingSettings(seed=3, fine_tune=FineTuneSettings(epochs=2))
    sizes = {"embedding": 256, "lstm": 256, "image": 256, "hidden": 0}
    network = {"encoder": "xception", "architecture": "merge", **sizes}
    flat = {"seed": 3, "fine_tune_epochs": 2, **network}
    for name, record in (("nested", nested.to_json()), ("flat", flat)):
        run = run_with(tmp_path / name, record)
        assert settings_of_run(run, {"seed": 3}) == nested
        more = settings_of_run(run, {"fine_tune.epochs": 4})
        assert more.fine_tune.epochs == 4
        consensus = settings_of_run(run, {"search.consensus_width": 0})
        assert consensus.search == SearchSettings(consensus_width=0)


def test_a_refusal_names_options_that_there_are(tmp_path: Path) -> None:
    run = run_with(tmp_path / "run", TrainingSettings().to_json())
    chosen = {
        "fine_tune.encoder_learning_rate": 0.01,
        "start": "fast",
        "fine_tune.first_layer": "conv",
        "decoder.lstm": 8,
        "decoder.epochs": 9,
    }
    with pytest.raises(TrainingError) as raised:
        settings_of_run(run, chosen)
    assert (
        "other values of --encoder-learning-rate, --fine-tune-from, --from, --lstm. "
        in str(raised.value)
    )


def test_a_damaged_record_of_a_run_is_a_sentence(tmp_path: Path) -> None:
    run = run_with(tmp_path / "run", {"decoder": {"lstm": -1}})
    with pytest.raises(TrainingError, match=r"run is damaged: .*decoder\.lstm is -1"):
        settings_of_run(run, {})


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"encoder": "newnet"}, "setting encoder is 'newnet', but must be one of xce"),
        ({"architecture": "transformer"}, "setting architecture is 'transformer', but"),
    ],
)
def test_a_record_of_another_network_is_a_sentence(
    tmp_path: Path, untrained_bundle: Path, record: dict[str, Any], said: str
) -> None:
    run = run_with(tmp_path / "run", {**TrainingSettings().to_json(), **record})
    with pytest.raises(TrainingError, match=f"run is damaged: .*{said}"):
        settings_of_run(run, {})
    with pytest.raises(TrainingSettingsError, match=said):
        choose_settings(record, False, False)
    folder = bundle_with(tmp_path / "model", untrained_bundle, record)
    with pytest.raises(BundleWeightsError, match=f"model is damaged: .*{said}"):
        choose_settings({"start": str(folder)}, False, False)


def test_an_empty_record_is_no_model_of_the_defaults(
    tmp_path: Path, untrained_bundle: Path
) -> None:
    with pytest.raises(TrainingError, match="damaged: The setting encoder is missing"):
        settings_of_run(run_with(tmp_path / "run", {}), {})
    folder = bundle_with(tmp_path / "model", untrained_bundle, None)
    with pytest.raises(BundleWeightsError, match="model is damaged: The setting encod"):
        choose_settings({"start": str(folder)}, False, False)


def bundle_with(folder: Path, bundle: Path, changes: dict[str, Any] | None) -> Path:
    """A copy of a bundle with other settings in its record, or with none."""
    shutil.copytree(bundle, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    recorded = manifest["training"]["settings"]
    manifest["training"]["settings"] = {} if changes is None else recorded | changes
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            TrainingSettings(
                encoder="small",
                minimum_count=1000,
                fine_tune=FineTuneSettings(epochs=1),
            ),
            r"few: no word of the train captions occurs 1,000 times.*--minimum-count",
        ),
        (
            TrainingSettings(encoder="small", decoder=DecoderSettings(epochs=3)),
            "encoder small is not pretrained.*: choose more --fine-tune-epochs",
        ),
        (
            TrainingSettings(decoder=DecoderSettings(epochs=0)),
            "nothing is learned: choose more --epochs",
        ),
    ],
)
def test_a_run_that_would_learn_nothing_does_not_begin(
    tmp_path: Path, data: Path, settings: TrainingSettings, said: str
) -> None:
    run = Run(tmp_path / "run")
    with pytest.raises(TrainingError, match=said):
        train(load_dataset(data), settings, run, tmp_path / "features", None, 60.0)
    assert not run.exists


def test_a_layer_that_is_not_there_is_told_before_anything_is_learned(
    tmp_path: Path, data: Path
) -> None:
    settings = TrainingSettings(
        encoder="small",
        minimum_count=1,
        fine_tune=FineTuneSettings(epochs=1, first_layer="missing"),
    )
    run = Run(tmp_path / "run")
    with pytest.raises(EncoderError, match="has no layer “missing”"):
        train(load_dataset(data), settings, run, tmp_path / "features", None, 60.0)
    assert not run.exists
