"""What a run is asked to do: the settings, from what was chosen and what suits it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from imagecap.model.bundle import find_bundle, load_bundle
from imagecap.training.declaration import TrainingSettingsError
from imagecap.training.networks.encoders import ENCODERS, same_network
from imagecap.training.networks.from_bundle import settings_of_bundle
from imagecap.training.networks.word_vectors import vector_length
from imagecap.training.run.run_folder import Run, TrainingError
from imagecap.training.settings import (
    NETWORK_SETTINGS,
    SETTINGS,
    TrainingSettings,
)

_DEFAULTS = TrainingSettings()
# How much faster the decoder learns than the encoder while both do.
_DECODER_FACTOR = (
    _DEFAULTS.fine_tune.learning_rate / _DEFAULTS.fine_tune.encoder_learning_rate
)
_FINE_TUNING = {"fine_tune.epochs": 8}
# What an architecture needs other than the merge decoder, for which the settings are.
_ARCHITECTURE_SETTINGS: dict[str, dict[str, Any]] = {
    "merge": {},
    "attention": {"decoder.lstm": 512, "decoder.batch_size": 64},
}
# The small encoder learns from nothing but these scenes: one stage, equal rates.
_SCENES = {
    "encoder": "small",
    "minimum_count": 1,
    "decoder.embedding": 64,
    "decoder.lstm": 128,
    "decoder.image": 128,
    "decoder.hidden": 256,
    "decoder.dropout": 0.1,
    "fine_tune.picture_batch_size": 10,
    "fine_tune.epochs": 14,
    "fine_tune.learning_rate": 3e-3,
    "fine_tune.encoder_learning_rate": 3e-3,
    "fine_tune.largest_zoom": 1.0,
    "patience": 16,
}
# A person's own pictures are few, and so are the words that occur often in them.
_GOING_ON = {
    "minimum_count": 2,
    "decoder.batch_size": 16,
    "decoder.learning_rate": 5e-4,
    "decoder.epochs": 8,
}
# What a run may be asked for otherwise when it goes on.
_CHANGEABLE = {
    "decoder.epochs",
    "fine_tune.epochs",
    "self_critical.epochs",
    "patience",
    "search.consensus_width",
    "fine_tune.mixed_precision",
}


def choose_settings(
    choices: Mapping[str, Any], fine_tune: bool, scenes: bool
) -> TrainingSettings:
    """Fill in what was left open.

    Args:
        choices: The settings that were chosen, by their paths in `SETTINGS`.
        fine_tune: Whether the encoder is to be trained, too.
        scenes: Whether the run is on drawn scenes.

    Raises:
        ImagecapError: If a setting cannot have its value, or two do not go together,
            or the model to start from cannot be used, or is another kind.
    """
    # What suits an architecture or an encoder is looked up by its name.
    _DEFAULTS.with_values(choices)
    vectors, start = choices.get("decoder.word_vectors"), choices.get("start")
    if vectors and start:
        raise TrainingError(
            "A model to go on from has word vectors of its own: leave out "
            "--word-vectors or --from."
        )
    if choices.get("fine_tune.teacher") and choices.get("label_smoothing"):
        raise TrainingError(
            "What the teacher predicts takes the place of smoothed labels: leave out "
            "--teacher or --label-smoothing."
        )
    architecture = choices.get("architecture", _DEFAULTS.architecture)
    defaults = {
        **_ARCHITECTURE_SETTINGS[architecture],
        **(_SCENES if scenes else {}),
        **(_settings_to_go_on(choices) if start else {}),
        **({"decoder.embedding": vector_length(Path(vectors))} if vectors else {}),
    }
    encoder = {**defaults, **choices}.get("encoder", _DEFAULTS.encoder)
    length = defaults.get("decoder.embedding")
    if vectors and choices.get("decoder.embedding", length) != length:
        raise TrainingError(
            f"The vectors of {vectors} have {length} numbers: leave out --embedding."
        )
    if fine_tune or not ENCODERS[encoder].pretrained:
        defaults = {**_FINE_TUNING, **defaults}
    if "fine_tune.encoder_learning_rate" in choices:
        defaults["fine_tune.learning_rate"] = (
            choices["fine_tune.encoder_learning_rate"] * _DECODER_FACTOR
        )
    settings = _DEFAULTS.with_values({**defaults, **choices})
    if settings.fine_tune.teacher and not settings.fine_tune.epochs:
        raise TrainingError("A teacher teaches while fine-tuning: add --fine-tune.")
    return settings


def settings_of_run(run: Run, choices: Mapping[str, Any]) -> TrainingSettings:
    """Take the settings of a run to go on with; what was done already may not change.

    Args:
        run: The run.
        choices: The settings that were chosen now, by their paths in `SETTINGS`.

    Raises:
        TrainingError: If there is no run, or something else was chosen otherwise.
    """
    if not run.exists:
        raise TrainingError(
            f"There is no run to go on with in {run.folder}. Start it without --resume."
        )
    try:
        recorded = TrainingSettings.from_json(run.settings())
    except TrainingSettingsError as error:
        raise TrainingError(
            f"The record of the run in {run.folder} is damaged: {error} Delete the "
            "folder to begin anew."
        ) from error
    changed = {
        path: value for path, value in choices.items() if value != recorded.value(path)
    }
    refused = sorted(SETTINGS[path].option for path in changed.keys() - _CHANGEABLE)
    if refused:
        raise TrainingError(
            f"The run in {run.folder} was started with other values of "
            f"{', '.join(refused)}. Leave them out, or choose another --name."
        )
    return recorded.with_values(changed)


def describe_default(path: str) -> str:
    """Return what a setting is where it is not chosen, as the help says it.

    Args:
        path: Its path in `SETTINGS`.
    """
    default = SETTINGS[path].default
    untrained = " or ".join(
        f"--encoder {name}" for name, kind in ENCODERS.items() if not kind.pretrained
    )
    others = {
        **{
            f"--architecture {architecture}": values
            for architecture, values in _ARCHITECTURE_SETTINGS.items()
        },
        f"--fine-tune or {untrained}": _FINE_TUNING,
        "--dataset scenes": _SCENES,
        "--word-vectors": {"decoder.embedding": "their length"},
        "--from": {**dict.fromkeys(NETWORK_SETTINGS, "the model's"), **_GOING_ON},
    }
    known = "none" if default in ("", ()) else _show(default)
    suited = [
        f"{_show(values[path])} with {option}"
        for option, values in others.items()
        if path in values
    ]
    return "; ".join([known, *suited])


def _show(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else f"{value}"


def _settings_to_go_on(choices: Mapping[str, Any]) -> dict[str, Any]:
    """Take from a model what may not change, and what suits a few new pictures."""
    bundle = load_bundle(find_bundle(choices["start"]))
    recorded = settings_of_bundle(bundle)
    fixed = {path: recorded.value(path) for path in NETWORK_SETTINGS}
    chosen = choices.get("encoder", "")
    if same_network(chosen, fixed["encoder"]):
        fixed["encoder"] = chosen
    wrong = [path for path in fixed if choices.get(path, fixed[path]) != fixed[path]]
    if wrong:
        names = ", ".join(path.rpartition(".")[2] for path in wrong)
        options = ", ".join(SETTINGS[path].option for path in wrong)
        raise TrainingError(
            f"The model {choices['start']} has another {names}; leave out {options}."
        )
    return {**fixed, **_GOING_ON}
