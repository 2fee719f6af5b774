"""A run as a file: where its data come from, and its settings; written and read."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from imagecap.files import read_ordinary, reason
from imagecap.training.declaration import TrainingSettingsError
from imagecap.training.settings import SECTIONS, SETTINGS, TrainingSettings


@dataclass(frozen=True)
class RunConfig:
    """What decides the outcome of a run.

    Attributes:
        data: The data set's folder or file; `None` where it is made up.
        more_data: The data sets that join its train split.
        dataset: The name of a made-up data set; empty without one.
        encoder_weights: A weight file for the encoder; `None` without one.
        choices: The settings, by their paths in `SETTINGS`; not all of them have to be
            there.
    """

    data: Path | None = None
    more_data: tuple[Path, ...] = ()
    dataset: str = ""
    encoder_weights: Path | None = None
    choices: Mapping[str, Any] = field(default_factory=dict)

    def overlaid_by(self, other: RunConfig) -> RunConfig:
        """Return this with all that another one says in its place."""
        made_up = bool(other.dataset) and other.data is None
        return RunConfig(
            None if made_up else other.data or self.data,
            other.more_data or self.more_data,
            other.dataset or ("" if other.data else self.dataset),
            other.encoder_weights or self.encoder_weights,
            {**self.choices, **other.choices},
        )

    def to_json(self, settings: TrainingSettings) -> dict[str, Any]:
        """Return it as a JSON object, with all settings in place of the chosen ones.

        Paths are absolute, so that it holds from any folder.
        """
        return {
            "data": _text(self.data),
            "more_data": [_text(path) for path in self.more_data],
            "dataset": self.dataset,
            "encoder_weights": _text(self.encoder_weights),
            "settings": settings.to_json(),
        }


def read_run_config(path: Path) -> RunConfig:
    """Read a file as `RunConfig.to_json` has it; what is left out is left open.

    Raises:
        TrainingSettingsError: If it cannot be read, or holds what is unknown or of
            another kind.
    """
    try:
        record = json.loads(read_ordinary(path).decode("utf-8"))
    except OSError as error:
        raise TrainingSettingsError(f"{path} cannot be read ({reason(error)}).") from (
            error
        )
    except (ValueError, RecursionError) as error:
        raise TrainingSettingsError(
            f"{path} is no JSON file ({error}); take config.json of a run's folder as "
            "a pattern."
        ) from error
    try:
        return _parse(record)
    except TrainingSettingsError as error:
        raise TrainingSettingsError(f"{path}: {error}") from error


def _parse(record: object) -> RunConfig:
    known = {one.name for one in fields(RunConfig)} - {"choices"} | {"settings"}
    content = _object(record, "The file")
    _refuse_unknown(content.keys() - known, known)
    more = content.get("more_data", [])
    if not isinstance(more, list):
        raise TrainingSettingsError("more_data is no list of paths.")
    choices = dict(_flat(_object(content.get("settings", {}), "settings")))
    _refuse_unknown(choices.keys() - SETTINGS.keys(), SETTINGS)
    # Looks at each value.
    TrainingSettings().with_values(choices)
    return RunConfig(
        _path(content.get("data"), "data"),
        tuple(path for one in more if (path := _path(one, "more_data"))),
        _path_text(content.get("dataset"), "dataset"),
        _path(content.get("encoder_weights"), "encoder_weights"),
        choices,
    )


def _flat(settings: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in settings.items():
        if name in SECTIONS:
            section = _object(value, f"settings.{name}")
            for inner, of_inner in section.items():
                yield f"{name}.{inner}", _value(of_inner)
        else:
            yield name, _value(value)


def _value(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _object(value: object, name: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise TrainingSettingsError(f"{name} is no JSON object.")
    return value


def _refuse_unknown(unknown: Collection[str], known: Collection[str]) -> None:
    if unknown:
        names = ", ".join(sorted(known))
        raise TrainingSettingsError(f"{min(unknown)} is not known; known are {names}.")


def _path(value: object, name: str) -> Path | None:
    text = _path_text(value, name)
    return Path(text) if text else None


def _path_text(value: object, name: str) -> str:
    if not isinstance(value, str | None) or "\0" in (value or ""):
        raise TrainingSettingsError(f"{name} is {value!r}, but must be a text.")
    return value or ""


def _text(path: Path | None) -> str:
    return "" if path is None else str(path.absolute())
