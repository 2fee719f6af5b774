"""What a run is asked to do: the settings, from what was chosen and what suits it."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from imagecap.model.bundle import find_bundle, load_bundle
from imagecap.training.networks.encoders import ENCODERS, same_network
from imagecap.training.networks.word_vectors import vector_length
from imagecap.training.run.run_folder import Run, TrainingError
from imagecap.training.settings import TrainingSettings

FINE_TUNE_EPOCHS = 8
# How much faster the decoder learns than the encoder while both do.
_DECODER_FACTOR = (
    TrainingSettings.fine_tune_learning_rate / TrainingSettings.encoder_learning_rate
)
# What an architecture needs other than the merge decoder, for which the settings are.
_ARCHITECTURE_SETTINGS: dict[str, dict[str, Any]] = {
    "merge": {},
    "attention": {"lstm": 512, "batch_size": 64},
}
# The small encoder learns from nothing but these scenes: one stage, equal rates.
_SCENES = {
    "encoder": "small",
    "minimum_count": 1,
    "embedding": 64,
    "lstm": 128,
    "image": 128,
    "hidden": 256,
    "dropout": 0.1,
    "picture_batch_size": 10,
    "fine_tune_epochs": 14,
    "fine_tune_learning_rate": 3e-3,
    "encoder_learning_rate": 3e-3,
    "largest_zoom": 1.0,
    "patience": 16,
}
_SIZES = ("embedding", "lstm", "image", "hidden")
# A person's own pictures are few, and so are the words that occur often in them.
_GOING_ON = {"minimum_count": 2, "batch_size": 16, "learning_rate": 5e-4, "epochs": 8}


def choose_settings(
    choices: dict[str, Any], fine_tune: bool, scenes: bool
) -> TrainingSettings:
    """Fill in what was left open.

    Args:
        choices: The settings that were chosen, by their names; gains the epochs of
            fine-tuning where that was asked for.
        fine_tune: Whether the encoder is to be trained, too.
        scenes: Whether the run is on drawn scenes.

    Raises:
        ImagecapError: If the model to start from cannot be used, or is another kind.
    """
    vectors = choices.get("word_vectors")
    if vectors and "start" in choices:
        raise TrainingError(
            "A model to go on from has word vectors of its own: leave out "
            "--word-vectors or --from."
        )
    if choices.get("teacher") and choices.get("label_smoothing"):
        raise TrainingError(
            "What the teacher predicts takes the place of smoothed labels: leave out "
            "--teacher or --label-smoothing."
        )
    architecture = choices.get("architecture", TrainingSettings.architecture)
    defaults = {
        **_ARCHITECTURE_SETTINGS[architecture],
        **(_SCENES if scenes else {}),
        **(_settings_to_go_on(choices) if "start" in choices else {}),
        **({"embedding": vector_length(Path(vectors))} if vectors else {}),
    }
    encoder = {**defaults, **choices}.get("encoder", TrainingSettings.encoder)
    length = defaults.get("embedding")
    if vectors and choices.get("embedding", length) != length:
        raise TrainingError(
            f"The vectors of {vectors} have {length} numbers: leave out --embedding."
        )
    if fine_tune or not ENCODERS[encoder].pretrained:
        defaults.setdefault("fine_tune_epochs", FINE_TUNE_EPOCHS)
    if fine_tune:
        choices.setdefault("fine_tune_epochs", defaults["fine_tune_epochs"])
    if choices.get("teacher") and not {**defaults, **choices}.get("fine_tune_epochs"):
        raise TrainingError("A teacher teaches while fine-tuning: add --fine-tune.")
    if "encoder_learning_rate" in choices:
        choices["fine_tune_learning_rate"] = (
            choices["encoder_learning_rate"] * _DECODER_FACTOR
        )
    return TrainingSettings(**{**defaults, **choices})


def recorded_settings(run: Run, choices: dict[str, Any]) -> TrainingSettings:
    """Take the settings of a run to go on with; what was done already may not change.

    Raises:
        TrainingError: If there is no run, or something else was chosen otherwise.
    """
    if not run.exists:
        raise TrainingError(
            f"There is no run to go on with in {run.folder}. Start it without --resume."
        )
    names = {field.name for field in fields(TrainingSettings)}
    recorded = TrainingSettings(
        **{key: value for key, value in run.settings().items() if key in names}
    )
    changeable = {
        "epochs",
        "fine_tune_epochs",
        "self_critical_epochs",
        "patience",
        "consensus_width",
        "mixed_precision",
    }
    changed = {key for key, value in choices.items() if value != getattr(recorded, key)}
    if changed - changeable:
        wrong = ", ".join(
            f"--{key.replace('_', '-')}" for key in sorted(changed - changeable)
        )
        raise TrainingError(
            f"The run in {run.folder} was started with other values of {wrong}. Leave "
            "them out, or choose another --name."
        )
    return replace(recorded, **{key: choices[key] for key in changed})


def _settings_to_go_on(choices: dict[str, Any]) -> dict[str, Any]:
    """Take from a model what may not change, and what suits a few new pictures."""
    manifest = load_bundle(find_bundle(choices["start"])).manifest
    recorded = manifest.training.settings
    fixed = {
        key: recorded[key]
        for key in ("encoder", "architecture", *_SIZES)
        if key in recorded
    }
    chosen = choices.get("encoder", "")
    if same_network(chosen, fixed["encoder"]):
        fixed["encoder"] = chosen
    wrong = [key for key in fixed if choices.get(key, fixed[key]) != fixed[key]]
    if wrong:
        raise TrainingError(
            f"The model {choices['start']} has another {', '.join(wrong)}; leave out "
            f"{', '.join(f'--{key}' for key in wrong)}."
        )
    return {**fixed, **_GOING_ON}
