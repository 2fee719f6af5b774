"""The record of a run as event files, which TensorBoard shows."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


class EventFiles:
    """Writes the numbers of each epoch as they come, one file each start of a run.

    Such a file is a TFRecord file of `Event` messages; to read it TensorBoard is
    needed, to write it is not.

    Args:
        folder: Where the files lie; made if it is missing.

    Raises:
        ModuleNotFoundError: Where TensorFlow, which writes them, is not installed.
    """

    def __init__(self, folder: Path) -> None:
        import tensorflow as tf

        folder.mkdir(parents=True, exist_ok=True)
        self._messages = tf.compat.v1
        path = folder / f"events.out.tfevents.{time.time_ns()}"
        self._file = tf.io.TFRecordWriter(str(path))
        self._add(file_version="brain.Event:2")
        self._written: int | None = None

    def write(self, history: Sequence[Mapping[str, Any]]) -> None:
        """Add what is new of a record.

        Args:
            history: The rows of `Progress.history`; those that were there at the first
                call but for the last one stand in the file of an earlier start.
        """
        if self._written is None:
            self._written = len(history) - 1
        for step in range(self._written, len(history)):
            values = [
                self._messages.Summary.Value(
                    tag=name.replace(" ", "_"), simple_value=value
                )
                for name, value in history[step].items()
                if isinstance(value, float)
            ]
            self._add(step=step, summary=self._messages.Summary(value=values))
        self._file.flush()
        self._written = len(history)

    def _add(self, **content: object) -> None:
        event = self._messages.Event(wall_time=time.time(), **content)
        self._file.write(event.SerializeToString())
