"""The settings of a training run: their ranges, and the records of them."""

import json
import math
from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from imagecap.interval import Interval
from imagecap.training.declaration import TrainingSettingsError
from imagecap.training.networks.architectures import ARCHITECTURES
from imagecap.training.networks.encoders import ENCODERS
from imagecap.training.settings import (
    NETWORK_SETTINGS,
    SETTINGS,
    DecoderSettings,
    FineTuneSettings,
    SearchSettings,
    SelfCriticalSettings,
    TrainingSettings,
)


@pytest.mark.parametrize(
    ("section", "name", "value"),
    [
        (DecoderSettings, "lstm", 0),
        (DecoderSettings, "embedding", 0),
        (DecoderSettings, "hidden", -1),
        (DecoderSettings, "lstm", 8.0),
        (DecoderSettings, "lstm", True),
        (DecoderSettings, "lstm", "8"),
        (DecoderSettings, "dropout", 7),
        (DecoderSettings, "dropout", 1.0),
        (DecoderSettings, "epochs", -1),
        (DecoderSettings, "batch_size", 0),
        (DecoderSettings, "learning_rate", -1),
        (DecoderSettings, "learning_rate", 0),
        (DecoderSettings, "learning_rate", math.nan),
        (DecoderSettings, "learning_rate", math.inf),
        (FineTuneSettings, "largest_zoom", math.inf),
        (FineTuneSettings, "teacher", "default"),
        (FineTuneSettings, "mixed_precision", 1),
        (SelfCriticalSettings, "epochs", -1),
        (SearchSettings, "beam_width", 0),
        (SearchSettings, "consensus_width", 51),
        (TrainingSettings, "patience", -1),
        (TrainingSettings, "seed", -1),
        (TrainingSettings, "seed", 2**32),
        (TrainingSettings, "minimum_count", 0),
        (TrainingSettings, "start", None),
    ],
)
def test_a_value_out_of_range_names_its_setting(
    section: type[Any], name: str, value: object
) -> None:
    path = f"{section.section}.{name}".lstrip(".")
    said = rf"The setting {path} is .*, but must be .*\.$"
    with pytest.raises(TrainingSettingsError, match=said):
        section(**{name: value})
    with pytest.raises(TrainingSettingsError, match=said):
        TrainingSettings().with_values({path: value})


@pytest.mark.parametrize(
    ("allowed", "words", "inside", "outside"),
    [
        (Interval(1, 50), "from 1 to 50", (1, 50), (0, 51)),
        (Interval(1), "at least 1", (1, 1e300), (0.9,)),
        (Interval(0, 1, above=True), "more than 0 and at most 1", (1e-9, 1), (0, 1.1)),
        (Interval(0, 1, below=True), "at least 0 and less than 1", (0, 0.9), (-0.1, 1)),
    ],
)
def test_a_range_says_what_it_holds(
    allowed: Interval, words: str, inside: tuple[float], outside: tuple[float]
) -> None:
    assert str(allowed) == words
    assert all(number in allowed for number in inside)
    assert not any(
        number in allowed
        for number in (*outside, math.nan, math.inf, -math.inf, 10**400)
    )


def test_each_default_is_in_its_range_and_no_option_comes_twice() -> None:
    for path, setting in SETTINGS.items():
        setting.check(TrainingSettings().value(path))
    options = [setting.option for setting in SETTINGS.values() if setting.option]
    assert len(set(options)) == len(options)
    assert SETTINGS["decoder.lstm"].option == "--lstm"


def test_settings_stay_as_they_are() -> None:
    settings = TrainingSettings()
    with pytest.raises(FrozenInstanceError):
        settings.seed = 2  # type: ignore[misc]
    changed = settings.with_values(
        {"seed": 2, "decoder.lstm": 8, "search.beam_width": 1}
    )
    assert settings == TrainingSettings()
    assert changed == TrainingSettings(
        seed=2, decoder=DecoderSettings(lstm=8), search=SearchSettings(beam_width=1)
    )


def test_a_record_has_sections_and_comes_back() -> None:
    settings = TrainingSettings(
        architecture="attention",
        fine_tune=FineTuneSettings(epochs=2, teacher=("default", "fast")),
    )
    record = json.loads(json.dumps(settings.to_json()))
    assert record["fine_tune"]["teacher"] == ["default", "fast"]
    assert record["decoder"]["lstm"] == 256
    assert TrainingSettings.from_json(record) == settings
    # One of a later version, with more in it, and one with less.
    record["decoder"]["depth"] = record["mood"] = 3
    del record["search"]
    assert TrainingSettings.from_json(record) == settings


def test_every_setting_of_a_record_without_sections_is_read() -> None:
    """As records were written until settings had sections."""
    flat = {
        **{"encoder": "small", "start": "fast", "architecture": "attention", "seed": 5},
        **{"limit_captions": 7, "minimum_count": 2, "max_length": 9, "embedding": 3},
        **{"lstm": 4, "image": 5, "hidden": 6, "dropout": 0.1, "epochs": 1},
        **{"batch_size": 2, "learning_rate": 0.5, "fine_tune_epochs": 3},
        **{"fine_tune_from": "conv2d", "picture_batch_size": 4, "largest_zoom": 1.5},
        **{"fine_tune_learning_rate": 0.25, "encoder_learning_rate": 0.125},
        **{"self_critical_epochs": 8, "self_critical_learning_rate": 0.0625},
        **{"teacher": ["one"], "label_smoothing": 0.2, "weight_averaging": 0.3},
        **{"scheduled_sampling": 0.4, "word_vectors": "v.txt", "mixed_precision": True},
        **{"patience": 6, "beam_width": 2, "consensus_width": 11},
    }
    assert TrainingSettings.from_json(flat) == TrainingSettings(
        start="fast",
        encoder="small",
        architecture="attention",
        limit_captions=7,
        minimum_count=2,
        max_length=9,
        label_smoothing=0.2,
        weight_averaging=0.3,
        patience=6,
        seed=5,
        decoder=DecoderSettings(3, 4, 5, 6, 0.1, "v.txt", 1, 2, 0.5, 0.4),
        fine_tune=FineTuneSettings(3, "conv2d", 4, 0.125, 0.25, 1.5, ("one",), True),
        self_critical=SelfCriticalSettings(8, 0.0625),
        search=SearchSettings(2, 11),
    )


@pytest.mark.parametrize(
    "record", [{"decoder": {"lstm": -3}}, {"lstm": "many"}, {"decoder": 3}]
)
def test_a_damaged_record_is_a_sentence(record: dict[str, Any]) -> None:
    with pytest.raises(TrainingSettingsError, match=r"decoder.* (is|are) .*\.$"):
        TrainingSettings.from_json(record)


@pytest.mark.parametrize("name", ["encoder", "architecture"])
@pytest.mark.parametrize("value", ["newnet", "", "Merge", None, 3, ["merge"], {}])
def test_a_name_that_is_not_known_is_a_sentence(name: str, value: object) -> None:
    record = {**TrainingSettings().to_json(), name: value}
    with pytest.raises(
        TrainingSettingsError,
        match=rf"The setting {name} is .*, but must be one of (merge|xception), .*\.$",
    ):
        TrainingSettings.from_json(record)


def test_the_names_to_choose_from_are_those_that_there_are() -> None:
    assert SETTINGS["encoder"].choices == tuple(ENCODERS)
    assert SETTINGS["architecture"].choices == tuple(ARCHITECTURES)


@pytest.mark.parametrize("path", NETWORK_SETTINGS)
def test_a_record_says_how_the_networks_are_built(path: str) -> None:
    record = TrainingSettings().to_json()
    section, _, name = path.rpartition(".")
    del (record[section] if section else record)[name]
    with pytest.raises(TrainingSettingsError, match=f"The setting {path} is missing"):
        TrainingSettings.from_json(record)
