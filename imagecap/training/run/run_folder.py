"""A training run on disk: its settings, its state, its history.

Everything is written beside and then renamed, so a run killed at any moment leaves
whole files.
"""

from __future__ import annotations

import csv
import io
import json
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import keras
import numpy as np

from imagecap.errors import ImagecapError
from imagecap.files import (
    InUseError,
    atomic_write,
    exclusive_lock,
    reason,
    remove_abandoned,
)
from imagecap.training.run.curves import draw_curves
from imagecap.training.run.environment import describe_environment
from imagecap.training.run.event_files import EventFiles
from imagecap.training.run.run_config import RunConfig
from imagecap.training.settings import TrainingSettings

STATE_FILES = (_STATE, _BEST) = ("state.npz", "best.npz")
"""What a run goes on from."""
_UNTOLD = RunConfig()
_CONFIG = "config.json"
# Settings alone, as former versions recorded them.
_FORMER = "settings.json"

_NO_SCORES = ("stage", "epoch", "train loss", "learning rate", "seconds", "ended")

MEAN_CIDER = "mean CIDEr"
"""The column of the mean over dev of all data sets, where there are several."""


class TrainingError(ImagecapError):
    """A training run cannot begin or go on."""


@dataclass
class Progress:
    """How far a run has come.

    Attributes:
        stage: The stage in work; stages come in a fixed order.
        epoch: The epoch in work, counted from zero within the stage.
        batch: The next batch of that epoch.
        loss: Sum of the losses of this epoch's words so far, in nats.
        words: Their number.
        seconds: How long this epoch has been learned so far.
        epochs_without_gain: Epochs of this stage since then.
        history: One row for each finished epoch.
        captions: SHA-256 of the captions that decide; empty where nobody wrote it down.
    """

    stage: str = ""
    epoch: int = 0
    batch: int = 0
    loss: float = 0.0
    words: int = 0
    seconds: float = 0.0
    epochs_without_gain: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)
    captions: str = ""

    @property
    def best(self) -> dict[str, Any]:
        """The row with the best CIDEr on dev; of equal ones that with the least loss.

        With dev of several data sets it is the mean CIDEr, unless the run began when
        only its own was scored. On a handful of pictures CIDEr may be zero whatever is
        said about them.
        """
        several = all(MEAN_CIDER in row for row in self.history)
        score = MEAN_CIDER if several else "CIDEr"
        return max(self.history, key=lambda row: (row[score], -row["dev loss"]))

    @property
    def best_scores(self) -> dict[str, float]:
        """The scores of that row, times 100, by their names."""
        return {
            name: value
            for name, value in self.best.items()
            if name not in _NO_SCORES and not name.startswith("dev loss")
        }


class Run:
    """The folder of one training run.

    Args:
        folder: Where it lies.
        report: Is told, a sentence at a time, how the run goes.
        config: Where the data come from; recorded when the run begins.
        events: Writes the record for TensorBoard, too; `None` for no such files.
    """

    def __init__(
        self,
        folder: Path,
        report: Callable[[str], None] = lambda _: None,
        config: RunConfig = _UNTOLD,
        events: EventFiles | None = None,
    ) -> None:
        self.folder = folder
        self.report = report
        self._config = config
        self._events = events

    @property
    def exists(self) -> bool:
        """Whether a run was begun here."""
        return any((self.folder / name).exists() for name in (_CONFIG, _FORMER))

    @property
    def has_state(self) -> bool:
        """Whether something was learned here already."""
        return (self.folder / _STATE).exists()

    @contextmanager
    def exclusive_lock(self) -> Iterator[None]:
        """Keep others from working on the same run meanwhile.

        Raises:
            TrainingError: If another program does, or the folder cannot be made.
        """
        path = self.folder / "run.lock"
        with ExitStack() as stack:
            try:
                with self._writing(path):
                    stack.enter_context(exclusive_lock(path))
            except InUseError as error:
                raise TrainingError(
                    f"Another train.py is at work in {self.folder}. Wait for it, or "
                    "choose another --name."
                ) from error
            yield

    def begin(self, settings: TrainingSettings, captions: str) -> None:
        """Make the folder; record data and settings, and each start of the run.

        Args:
            settings: All of them.
            captions: SHA-256 of the captions that decide.

        Raises:
            TrainingError: If the disk refuses to take them.
        """
        path = self.folder / "starts.jsonl"
        config = self._config.to_json(settings)
        start = {
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
            "command": shlex.join(sys.argv),
            **{name: value for name, value in config.items() if name != "settings"},
            "captions": captions,
            **describe_environment(),
        }
        line = json.dumps(start) + "\n"
        with self._writing(path):
            self.folder.mkdir(parents=True, exist_ok=True)
            earlier = path.read_bytes() if path.exists() else b""
        self._write(path.name, earlier + line.encode())
        # The last of all, for with it the run exists.
        self._write(_CONFIG, json.dumps(config, indent=2).encode())

    def settings(self) -> dict[str, Any]:
        """Read the settings recorded at the beginning.

        Raises:
            TrainingError: If they are missing or damaged.
        """
        path = self.folder / _CONFIG
        try:
            if path.exists():
                content = json.loads(path.read_text(encoding="utf-8"))["settings"]
            else:
                path = self.folder / _FORMER
                content = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
            raise TrainingError(f"{path} cannot be read ({error}).") from error
        if not isinstance(content, dict):
            raise TrainingError(f"{path} does not hold settings.")
        return content

    def save(self, progress: Progress, variables: Sequence[keras.Variable]) -> None:
        """Save the state from which the run can go on."""
        self._write_arrays(_STATE, variables, progress)

    def load(self, variables: Sequence[keras.Variable]) -> None:
        """Bring back the variables saved by `save`.

        Args:
            variables: The variables, in the order in which they were saved.

        Raises:
            TrainingError: If the saved state does not fit them.
        """
        self._read_arrays(_STATE, variables)

    def load_progress(self) -> Progress | None:
        """Read how far the run had come; `None` if nothing was saved yet.

        Raises:
            TrainingError: If the saved state is damaged.
        """
        path = self.folder / _STATE
        if not self.has_state:
            return None
        try:
            with np.load(path, allow_pickle=False) as content:
                return Progress(**json.loads(str(content["progress"])))
        except Exception as error:
            raise TrainingError(
                f"{path} is damaged ({error}). Delete the folder to begin anew."
            ) from error

    def save_best(self, variables: Sequence[keras.Variable]) -> None:
        """Save the best weights so far."""
        self._write_arrays(_BEST, variables, None)

    def load_best(self, variables: Sequence[keras.Variable]) -> None:
        """Bring back the best weights.

        Raises:
            TrainingError: If they are missing or do not fit.
        """
        self._read_arrays(_BEST, variables)

    def write_history(self, history: Sequence[dict[str, Any]]) -> None:
        """Write the record of all epochs as CSV and their curves as a picture."""
        text = io.StringIO()
        # A run that a former version began may have rows with less in them.
        columns = list(dict.fromkeys(chain.from_iterable(history)))
        writer = csv.DictWriter(text, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(history)
        self._write("history.csv", text.getvalue().encode())
        best = history.index(Progress(history=list(history)).best)
        self._write("curves.png", draw_curves(history, best))
        if self._events:
            self._events.write(history)

    def _write(self, name: str, content: bytes) -> None:
        path = self.folder / name
        with self._writing(path):
            remove_abandoned(path)
            with atomic_write(path) as file:
                file.write(content)

    @contextmanager
    def _writing(self, path: Path) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            then = "go on with --resume" if self.exists else "start again"
            raise TrainingError(
                f"{path} could not be written ({reason(error)}). What was saved "
                f"before is kept; make room and {then}."
            ) from error

    def _write_arrays(
        self,
        name: str,
        variables: Sequence[keras.Variable],
        progress: Progress | None,
    ) -> None:
        arrays = {
            f"variable_{number}": np.asarray(variable)
            for number, variable in enumerate(variables)
        }
        if progress is not None:
            arrays["progress"] = np.array(json.dumps(asdict(progress)))
        content = io.BytesIO()
        np.savez(content, allow_pickle=False, **arrays)
        self._write(name, content.getvalue())

    def _read_arrays(self, name: str, variables: Sequence[keras.Variable]) -> None:
        path = self.folder / name
        try:
            with np.load(path, allow_pickle=False) as content:
                for number, variable in enumerate(variables):
                    variable.assign(content[f"variable_{number}"])
        except Exception as error:
            raise TrainingError(
                f"{path} does not fit this run ({error}). Delete the folder to begin "
                "anew."
            ) from error
