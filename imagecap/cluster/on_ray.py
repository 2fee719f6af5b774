"""The work of a run on the machines of a Ray cluster, or on this one."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from imagecap.cluster.errors import ClusterError
from imagecap.cluster.filling import Outcome, ShardFiller, Worker
from imagecap.cluster.plan import Part, plan_unit
from imagecap.cluster.ray_cluster import check_machines, connect, explain_ray
from imagecap.cluster.storage import open_location
from imagecap.cluster.units import Unit

# Less than one, so that something is left of each machine for what is listed meanwhile.
_CPUS = 0.9
# A picture that ends whoever reads it must not be read for ever.
_TRIES = 3
# Each costs the driver a millisecond and some kilobytes; in one, parts stand in line.
_MOST_BLOCKS = 10_000
_DIE_LOADING = (
    "The machines of the cluster die while they load the model; give them more memory, "
    "or try another model."
)
_Answer = TypeVar("_Answer")


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
        self._ray = connect(address)
        try:
            check_machines(self._ray, open_location(output))
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
        tries = self._make_tries()
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
            raise ClusterError(explain_ray(error)) from error

    def _make_tries(self) -> Any:  # noqa: ANN401 – a handle of Ray's
        """Make what counts, on the machine of this program, which none outlives."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        here = self._ray.get_runtime_context().get_node_id()
        strategy = NodeAffinitySchedulingStrategy(here, soft=True)
        actor = self._ray.remote(num_cpus=0, scheduling_strategy=strategy)(_Tries)
        return actor.remote()

    def _get(self, reference: object) -> Any:  # noqa: ANN401 – whatever was computed
        try:
            return self._ray.get(reference)
        except self._ray.exceptions.RayError as error:
            raise ClusterError(explain_ray(error)) from error


class _Tries:
    """Counts what Ray itself would begin for ever: parts, and the loading of actors."""

    def __init__(self) -> None:
        self._begun: Counter[str] = Counter()
        self._loading: Counter[str] = Counter()
        self._has_loaded = False

    def load(self, actor: str) -> bool:
        """Return whether an actor may load.

        It may not where it has died of it a few times and no other one has loaded. Else
        the others go on, whatever one machine lacks.
        """
        self._loading[actor] += 1
        return self._has_loaded or self._loading[actor] <= _TRIES

    def loaded(self) -> None:
        """Note that an actor has loaded."""
        self._has_loaded = True

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
        actor = ray.get_runtime_context().get_actor_id()
        self._filler: ShardFiller | None = None
        if not self._ask(tries.load.remote(actor), otherwise=True):
            return
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place, "files")
            folder.mkdir()
            for file, content in ray.get(files).items():
                (folder / file).parent.mkdir(exist_ok=True)
                (folder / file).write_bytes(content)
            self._filler = load(folder)
        tries.loaded.remote()

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[Any]]:
        outcomes = [self._fill(str(part)) for part in batch["part"]]
        return {
            name: [getattr(one, name) for one in outcomes]
            for name in Outcome.__dataclass_fields__
        }

    def _fill(self, part: str) -> Outcome:
        if self._filler is None:
            return Outcome(part, problem=_DIE_LOADING)
        if self._ask(self._tries.begin.remote(part), otherwise=0) > _TRIES:
            return Outcome(part, is_given_up=True)
        return self._filler.fill(part)

    def _ask(self, answer: object, otherwise: _Answer) -> _Answer:
        """Hear what is counted, or go by `otherwise` where nothing counts any more."""
        import ray

        try:
            heard: _Answer = ray.get(answer)
        except ray.exceptions.RayError:
            return otherwise
        return heard


def _plan(unit: Unit, output: str, size: int) -> tuple[list[Part], str | None]:
    try:
        return plan_unit(unit, open_location(output), size), None
    except ClusterError as error:
        return [], str(error)
