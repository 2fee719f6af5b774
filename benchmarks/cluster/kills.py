"""Kills the driver, an actor or a machine of a run: is each picture once there?

A cluster of two machines of one CPU each, on this one, captions a bucket. A killed
driver is started again. Prints a Markdown table with a line for each kill. A round does
not count, and is made again, where all was done before the kill, or where Ray itself
did not start a machine. On Linux.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bucket import BUCKET, filled_bucket
from processes import actors_below
from ray.cluster_utils import Cluster

from imagecap.cluster.describing import Work, caption_worker
from imagecap.cluster.manifest import RunManifest
from imagecap.cluster.on_ray import OnRay
from imagecap.cluster.run import caption_into_shards, prepare
from imagecap.cluster.shards import FORMS
from imagecap.cluster.storage import Location, open_location
from imagecap.model.bundle import find_bundle, load_bundle

Driver = subprocess.Popen[bytes]
_MACHINE = {"num_cpus": 1, "object_store_memory": 100 * 2**20}
_KINDS = ("driver", "actor", "machine")
_COLUMNS = (
    *("kill", "after", "shards then", "starts", "seconds"),
    *("rows", "twice", "missing", "wrong"),
)
_STARTS = 5
_TRIES = 10


def main() -> None:
    """Kill, start again, count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="number of the first")
    parser.add_argument("--pictures", type=int, default=400)
    parser.add_argument("--part", type=int, default=20, help="pictures in a part")
    parser.add_argument("--model", default="fast")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--drive", nargs=2, metavar=("ADDRESS", "OUTPUT"))
    options = parser.parse_args()
    if options.drive:
        drive(options.model, options.part, *options.drive)
        return
    with filled_bucket(options.pictures) as known, ExitStack() as stack:
        cluster = stack.enter_context(two_machines())
        usual, _ = attempt(cluster, options, "undisturbed", lambda _: None)
        print(f"Undisturbed: {usual:.0f} s.\n\n| {' | '.join(_COLUMNS)} |")
        print("|---" * len(_COLUMNS) + "|", flush=True)
        for number in range(options.first, options.rounds):
            chance = random.Random(f"{options.seed}-{number}")
            for again in range(_TRIES):
                output = f"round-{number}-{again}"
                shards = chance.randrange(-(-options.pictures // options.part))
                kill = Kill(
                    _KINDS[number % 3], shards, chance.uniform(0, usual), chance
                )
                try:
                    seconds, starts = attempt(
                        cluster, options, output, partial(kill.strike, cluster, output)
                    )
                except Exception as error:
                    print(f"{output}: {error}", file=sys.stderr)
                    stack.close()
                    cluster = stack.enter_context(two_machines())
                    continue
                if kill.after is not None:
                    break
            else:
                raise RuntimeError(f"Round {number} did not come about.")
            print(
                f"| {kill.what} | {kill.after:.0f} s | {kill.shards} | {starts} | "
                f"{seconds:.0f} | {judge(output, known)} |",
                flush=True,
            )


@contextmanager
def two_machines() -> Iterator[Cluster]:
    """Start a cluster of two machines."""
    cluster = Cluster(
        initialize_head=True,
        head_node_args={**_MACHINE, "include_dashboard": False},
    )
    try:
        _add_machine(cluster)
        yield cluster
    finally:
        cluster.shutdown()


def drive(model: str, part: int, address: str, output: str) -> None:
    """Caption the bucket, as the command line does but for the size of parts."""
    bundle = load_bundle(find_bundle(model))
    work = Work(output, "m", "parquet", None, False)
    photos = [f"s3://{BUCKET}/photos"]
    run = RunManifest(photos, bundle.identity, "m", None, "parquet")
    with (
        prepare(output, run) as prepared,
        OnRay(caption_worker(bundle, work), output, part, address) as engine,
    ):
        caption_into_shards(prepared, work, engine, lambda *_: None, lambda _: None)


def attempt(
    cluster: Cluster,
    options: argparse.Namespace,
    output: str,
    strike: Callable[[Driver], None],
) -> tuple[float, int]:
    """Run until a driver comes to its end; strike at the first one.

    Returns:
        How many seconds it took, and how often a driver was started.
    """
    own = ["--model", options.model, "--part", str(options.part)]
    where = ["--drive", cluster.address, f"s3://{BUCKET}/{output}"]
    start = time.monotonic()
    for starts in range(1, _STARTS + 1):
        driver = subprocess.Popen([sys.executable, __file__, *own, *where])
        if starts == 1:
            strike(driver)
        if driver.wait() == 0:
            return time.monotonic() - start, starts
    raise RuntimeError(f"It did not come to its end in {_STARTS} starts.")


@dataclass
class Kill:
    """A kill at a moment.

    Attributes:
        what: What is killed.
        shards: How many shards there have to be; at the kill, how many there were.
        delay: How many seconds are waited where none have to be.
        chance: Chooses the actor.
        after: The seconds from the start; `None` where all was done before.
    """

    what: str
    shards: int
    delay: float
    chance: random.Random
    after: float | None = None

    def strike(self, cluster: Cluster, output: str, driver: Driver) -> None:
        """Wait for the moment and kill."""
        start = time.monotonic()
        if not self.shards:
            with suppress(subprocess.TimeoutExpired):
                driver.wait(self.delay)
        actors: list[int] = []
        while (there := len(_shards(output))) < self.shards or (
            self.what == "actor" and not (actors := actors_below())
        ):
            if driver.poll() is not None:
                return
            time.sleep(0.1)
        if driver.poll() is not None:
            return
        self.shards, self.after = there, time.monotonic() - start
        match self.what:
            case "driver":
                driver.kill()
            case "actor":
                os.kill(self.chance.choice(actors), signal.SIGKILL)
            case _:
                lost = next(iter(cluster.worker_nodes))
                cluster.remove_node(lost, allow_graceful=False)
                _add_machine(cluster)


def _add_machine(cluster: Cluster) -> None:
    """Add one; Ray gives up after 30 s, in which a busy computer may not be ready."""
    for left in reversed(range(_STARTS)):
        try:
            cluster.add_node(**_MACHINE)
        except Exception:
            if not left:
                raise
        else:
            return


def judge(output: str, known: dict[str, bool]) -> str:
    """Count the rows, those that come twice, are missing or say something wrong."""
    rows = [
        row for shard in _shards(output) for row in FORMS["parquet"].read(shard.read())
    ]
    times = Counter(row.path for row in rows)
    twice = sum(count > 1 for count in times.values())
    missing = len(known.keys() - times.keys())
    wrong = sum(known.get(row.path) is not (row.error is None) for row in rows)
    return f"{len(rows)} | {twice} | {missing} | {wrong}"


def _shards(output: str) -> list[Location]:
    place = open_location(f"s3://{BUCKET}/{output}")
    ending = FORMS["parquet"].ending
    return [place.child(name) for name in place.names() if name.endswith(ending)]


if __name__ == "__main__":
    sys.path.append(str(Path(__file__).parent))
    main()
