"""The work of a run on the machines of a Ray cluster, or on this one."""

from __future__ import annotations

import logging
import os
import socket
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import imagecap
from imagecap.cluster.errors import ClusterError
from imagecap.cluster.filling import Outcome, ShardFiller, Worker
from imagecap.cluster.manifest import MANIFEST
from imagecap.cluster.plan import Part, plan_unit
from imagecap.cluster.storage import Location, open_location
from imagecap.cluster.units import Unit
from imagecap.native_messages import kept_back

# Less than one, so that something is left of each machine for what is listed meanwhile.
_CPUS = 0.9
# Blocks are names of parts; only the model is large.
_OBJECT_STORE = 256 * 2**20
# A picture that ends whoever reads it must not be read for ever.
_TRIES = 3
# Each costs the driver a millisecond and some kilobytes; in one, parts stand in line.
_MOST_BLOCKS = 10_000
_SECONDS = 10.0
_THIS_MACHINE = "local"


class OnRay:
    """Does the work on Ray: planning in tasks, filling shards in actors.

    Args:
        worker: What does it; its files go to the machines as an object.
        output: The address of the folder of the run, which has begun.
        size: Pictures in a part.
        address: The cluster's address, `auto` for the one that this machine belongs
            to; `None` for the one that RAY_ADDRESS names, else for this machine alone.

    Raises:
        ClusterError: If the cluster cannot be reached, or is not suited.
    """

    def __init__(
        self, worker: Worker, output: str, size: int, address: str | None
    ) -> None:
        self._ray = _connect(address)
        try:
            _check_machines(self._ray, open_location(output))
            self._files = self._ray.put(worker.files)
        except BaseException:
            self._ray.shutdown()
            raise
        self._load, self._output, self._size = worker.load, output, size

    def __enter__(self) -> OnRay:
        """Use it, and leave the cluster at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the cluster; one of this machine alone ends."""
        self._ray.shutdown()

    def plan(self, units: Sequence[Unit]) -> Iterator[list[Part]]:
        """Make the parts of units, many at a time."""
        task = self._ray.remote(max_retries=_TRIES)(_plan)
        waiting = [task.remote(unit, self._output, self._size) for unit in units]
        for one in waiting:
            parts, problem = self._get(one)
            if problem:
                raise ClusterError(problem)
            yield parts

    def fill(self, parts: Sequence[str]) -> Iterator[Outcome]:
        """Do parts, as many at a time as the cluster has CPUs."""
        from ray import data

        context = data.DataContext.get_current()
        context.enable_progress_bars = False
        # A part that cannot be done is missed at the end; the others are done.
        context.max_errored_blocks = -1
        tries = self._ray.remote(num_cpus=0)(_Tries).remote()
        blocks = min(len(parts), _MOST_BLOCKS)
        cpus = int(self._ray.cluster_resources().get("CPU", 1))
        # With a machine all its actors may be lost while they load the model.
        context.max_consecutive_actor_init_deaths = _TRIES * max(1, cpus)
        rows = data.from_items(
            [{"part": part} for part in parts], override_num_blocks=blocks
        ).map_batches(
            _Actor,
            fn_constructor_args=(self._files, self._load, tries),
            batch_size=1,
            num_cpus=_CPUS,
            compute=data.ActorPoolStrategy(
                min_size=min(len(parts), cpus), max_size=len(parts)
            ),
        )
        try:
            for row in rows.iter_rows():
                yield Outcome(**row)
        except self._ray.exceptions.RayError as error:
            raise ClusterError(_said(error)) from error

    def _get(self, reference: object) -> Any:  # noqa: ANN401 – whatever was computed
        try:
            return self._ray.get(reference)
        except self._ray.exceptions.RayError as error:
            raise ClusterError(_said(error)) from error


class _Tries:
    """Counts how often each part was begun: Ray itself would begin it for ever."""

    def __init__(self) -> None:
        self._begun: Counter[str] = Counter()

    def begin(self, part: str) -> int:
        """Return how often the part was begun before."""
        self._begun[part] += 1
        return self._begun[part] - 1


class _Actor:
    """Does parts on one of the machines.

    Args:
        files: Name → content of the files that it needs, as an object of Ray's.
        load: Makes what does them, from a folder with these files.
        tries: The actor that counts.
    """

    def __init__(
        self,
        files: object,
        load: Callable[[Path], ShardFiller],
        tries: Any,  # noqa: ANN401 – a handle of Ray's
    ) -> None:
        import ray

        self._tries = tries
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place, "files")
            folder.mkdir()
            for file, content in ray.get(files).items():
                (folder / file).parent.mkdir(exist_ok=True)
                (folder / file).write_bytes(content)
            self._filler = load(folder)

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[Any]]:
        outcomes = [self._fill(str(part)) for part in batch["part"]]
        return {
            name: [getattr(one, name) for one in outcomes]
            for name in Outcome.__dataclass_fields__
        }

    def _fill(self, part: str) -> Outcome:
        import ray

        try:
            before: int = ray.get(self._tries.begin.remote(part))
        except ray.exceptions.RayError:
            # What has counted was on a machine that is gone.
            before = 0
        if before > _TRIES:
            return Outcome(part, is_given_up=True)
        return self._filler.fill(part)


def _plan(unit: Unit, output: str, size: int) -> tuple[list[Part], str | None]:
    try:
        return plan_unit(unit, open_location(output), size), None
    except ClusterError as error:
        return [], str(error)


def _look_around(file: str) -> tuple[str, bool]:
    """Give the version of imagecap, and whether a file is there."""
    return imagecap.__version__, Path(file).is_file()


def _connect(address: str | None) -> Any:  # noqa: ANN401 – the module
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise ClusterError(
            "--engine ray needs the packages of the extra “cluster”: "
            "pip install 'imagecap[cluster]'."
        ) from error
    quiet: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
    # What ends the work is told in a sentence.
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    # It warns of what is so by design: that all end with the driver, and tells that it
    # is asked not to.
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    # It would tell its makers how it is used.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    address = address or os.environ.get("RAY_ADDRESS") or _THIS_MACHINE
    if address == _THIS_MACHINE:
        quiet |= {"include_dashboard": False, "object_store_memory": _OBJECT_STORE}
    try:
        _check_listening(address)
        with kept_back(b"[20"):
            _start(ray, address, quiet)
    except Exception as error:
        # Which versions of Ray and Python differ stands in several lines.
        ray.shutdown()
        said = " ".join(str(error).split()).rstrip(".") or type(error).__name__
        raise ClusterError(
            f"Ray cannot be used at {address}: {said}; name a cluster that runs, of "
            "the same versions."
        ) from error
    return ray


def _start(ray: Any, address: str, options: Mapping[str, Any]) -> None:  # noqa: ANN401
    """Start Ray; it gives up after 30 s, in which a busy machine may not be ready."""
    for left in reversed(range(_TRIES)):
        try:
            ray.init(address=address, **options)
        except Exception as error:
            if not left or "timed out during startup" not in str(error):
                raise
            ray.shutdown()
        else:
            return


def _check_listening(address: str) -> None:
    """Make sure that somebody is there: Ray itself would look for minutes.

    Raises:
        OSError: If nobody is.
    """
    host, _, port = address.rpartition(":")
    if host and port.isdecimal() and "://" not in address:
        socket.create_connection((host, int(port)), _SECONDS).close()


def _check_machines(ray: Any, output: Location) -> None:  # noqa: ANN401
    """Make sure that each machine has this version of imagecap, and the output.

    Raises:
        ClusterError: If one has not.
    """
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    names = _machines(ray)
    asked = {
        node: ray.remote(num_cpus=0)(_look_around)
        .options(scheduling_strategy=NodeAffinitySchedulingStrategy(node, False))
        .remote(output.child(MANIFEST).path)
        for node in names
    }
    for node, reference in asked.items():
        name = names[node]
        try:
            found, is_there = ray.get(reference)
        except Exception as error:
            # One that is lost just now is no hindrance.
            if node not in _machines(ray):
                continue
            raise ClusterError(
                f"The machine {name} of the cluster cannot run imagecap "
                f"({_said(error)}); install imagecap[cluster] "
                f"{imagecap.__version__} there."
            ) from error
        if found != imagecap.__version__:
            raise ClusterError(
                f"The machine {name} of the cluster has imagecap {found}, not "
                f"{imagecap.__version__}; install the same version there."
            )
        if output.is_on_this_machine and not is_there:
            raise ClusterError(
                f"The machine {name} of the cluster does not see {output.address}; "
                "name a folder that all of them share under one path, or one in "
                "object storage."
            )


def _machines(ray: Any) -> dict[str, str]:  # noqa: ANN401
    """Give the name of each machine of the cluster by its number."""
    return {
        node["NodeID"]: node["NodeManagerAddress"]
        for node in ray.nodes()
        if node["Alive"]
    }


def _said(error: Exception) -> str:
    """Give what an error of Ray's says, without the stack of another machine."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
