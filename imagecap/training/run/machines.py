"""Several machines that train together: the first keeps the run, all take its steps."""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import shutil
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import keras

from imagecap.datasets.dataset import Example
from imagecap.files import reason
from imagecap.training.features.extract import Extract
from imagecap.training.features.feature_pickle import Features
from imagecap.training.networks.devices import (
    from_first_machine,
    machines,
    of_this_machine,
    on_any_machine,
    wait_for_machines,
)
from imagecap.training.run.loop import Interrupted
from imagecap.training.run.run_folder import STATE_FILES, Run, TrainingError
from imagecap.training.settings import TrainingSettings

# As `keras.distribution.initialize` has them.
VARIABLES = (_ADDRESS, _COUNT, _NUMBER) = (
    "KERAS_DISTRIBUTION_JOB_ADDRESSES",
    "KERAS_DISTRIBUTION_NUM_PROCESSES",
    "KERAS_DISTRIBUTION_PROCESS_ID",
)
"""What says in the environment which machines train together."""
PATIENCE_SECONDS = 300
"""How long machines wait until all are there."""
_STOPPED = 130


@dataclass(frozen=True)
class Machine:
    """This machine among those that train together.

    Attributes:
        number: Its number, from zero.
        count: How many there are.
        address: Where the first one listens, `HOST:PORT`; empty for one alone.
    """

    number: int = 0
    count: int = 1
    address: str = ""

    @property
    def is_first(self) -> bool:
        """Whether it keeps the run and tells how it goes."""
        return self.number == 0


def this_machine() -> Machine:
    """Read from the environment which machine this is.

    Raises:
        TrainingError: If what stands there cannot be, or Keras cannot do it.
    """
    told = {name: os.environ.get(name, "") for name in VARIABLES}
    if not any(told.values()):
        return Machine()
    address = told[_ADDRESS].partition(",")[0]
    host, _, port = address.rpartition(":")
    try:
        machine = Machine(int(told[_NUMBER]), int(told[_COUNT]), address)
        is_right = 0 <= machine.number < machine.count and 0 < int(port) < 2**16
    except ValueError:
        is_right = False
    if not (is_right and host):
        raise TrainingError(
            f"For training on several machines {_ADDRESS} has to be HOST:PORT of the "
            f"first one, {_COUNT} how many they are, and {_NUMBER} the number of this "
            "one, from 0: set all three, or none."
        )
    if machine.count == 1:
        return Machine()
    if keras.backend.backend() != "jax":
        raise TrainingError(
            f"Several machines train together with JAX alone: set KERAS_BACKEND=jax, "
            f"or unset {_COUNT}."
        )
    return machine


@contextmanager
def joined(machine: Machine, run: Run) -> Iterator[Run]:
    """Train together with the other machines meanwhile.

    Args:
        machine: This one.
        run: The run; all machines see its folder.

    Yields:
        The run that this machine works in: the others have a copy that nobody keeps.

    Raises:
        TrainingError: If they cannot reach each other, or one of them is lost.
    """
    if machine.count == 1:
        yield run
        return
    import jax

    if machine.is_first:
        _check_free(machine.address)
    try:
        with tempfile.TemporaryDirectory() as place:
            run.report(f"Waiting for {machine.count} machines at {machine.address}…")
            with _patience(machine, run):
                jax.distributed.initialize(
                    machine.address,
                    machine.count,
                    machine.number,
                    initialization_timeout=2 * PATIENCE_SECONDS,
                    # Otherwise it would listen to all networks.
                    coordinator_bind_address=machine.address,
                )
            if not machine.is_first:
                run = _copied(run, Path(place))
            yield run
            jax.distributed.shutdown()  # type: ignore[no-untyped-call]
    except Interrupted:
        # All of them are.
        raise
    except BaseException as error:
        _end_without_the_others(_STOPPED if isinstance(error, KeyboardInterrupt) else 1)
        if isinstance(error, jax.errors.JaxRuntimeError):
            said = " ".join(str(error).split())
            raise TrainingError(
                f"The machines do not reach each other ({said}): look at the address "
                "and at what the others say, and start all of them again, with "
                "--resume if something was learned."
            ) from error
        raise


def _check_free(address: str) -> None:
    """Make sure that the first machine can listen; JAX would end by a signal."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_server((host, int(port))).close()
    except OSError as error:
        raise TrainingError(
            f"This machine cannot listen at {address} "
            f"({reason(error).partition(' (')[0]}): name an address of the first "
            f"machine and a port that is free, in {_ADDRESS}."
        ) from error


@contextmanager
def _patience(machine: Machine, run: Run) -> Iterator[None]:
    """End this program if something takes too long; JAX would without a word."""

    def give_up() -> None:
        run.report(
            f"Error: Not all of the {machine.count} machines have come to "
            f"{machine.address} for {PATIENCE_SECONDS / 60:.0f} minutes: look at the "
            "address and at what they say, and start all of them again."
        )
        _end(1)

    timer = threading.Timer(PATIENCE_SECONDS, give_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _end_without_the_others(status: int) -> None:
    """Let this program end at once, whenever it does.

    JAX would wait for the others first, and then end it by a signal.
    """
    atexit.register(_end, status)


def _end(status: int) -> None:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(status)


def check_same(values: object, what: str) -> None:
    """Make sure that all machines have the same; all have to ask together.

    Args:
        values: What JSON can hold.
        what: What it is, as people say it.

    Raises:
        TrainingError: On all machines, if one has something else.
    """
    own = hashlib.sha256(json.dumps(values).encode()).hexdigest()
    if on_any_machine(from_first_machine(own) != own):
        raise TrainingError(
            f"The machines do not have the same {what}: let them work in a folder that "
            "all share, with the same command."
        )


def in_turn(extract: Extract) -> Extract:
    """Let machines extract features one after the other: the next finds what is there.

    Args:
        extract: Extracts features on one machine.
    """
    if machines() == 1:
        return extract

    def extract_in_turn(
        encoder: keras.Model,
        settings: TrainingSettings,
        examples: Sequence[Example],
        stem: Path,
        report: Callable[[str], None],
    ) -> Features:
        import jax

        own = of_this_machine(encoder)
        turn = jax.process_index()
        for _ in range(turn):
            wait_for_machines()
        features = extract(own, settings, examples, stem, report)
        for _ in range(turn, machines()):
            wait_for_machines()
        return features

    return extract_in_turn


def _copied(run: Run, place: Path) -> Run:
    for name in STATE_FILES:
        with suppress(FileNotFoundError):
            shutil.copy(run.folder / name, place / name)
    return Run(place)
