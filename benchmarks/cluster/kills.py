"""Kills the driver, an actor or a machine of a run: is each picture once there?

A cluster of two machines of one CPU each, on this one, captions a bucket. A killed
driver is started again. Prints a Markdown table with a line for each kill. On Linux.
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
from pathlib import Path

from bucket import BUCKET, filled_bucket
from processes import actors_below
from ray.cluster_utils import Cluster

from imagecap.cluster.describing import Work, caption_worker
from imagecap.cluster.manifest import RunManifest
from imagecap.cluster.on_ray import OnRay
from imagecap.cluster.run import caption_into_shards, prepare
from imagecap.cluster.shards import FORMS
from imagecap.cluster.storage import open_location
from imagecap.model.bundle import find_bundle, load_bundle

_MACHINE = {"num_cpus": 1, "object_store_memory": 100 * 2**20}
_STARTS = 5


def main() -> None:
    """Kill, start again, count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--pictures", type=int, default=400)
    parser.add_argument("--part", type=int, default=20, help="pictures in a part")
    parser.add_argument("--model", default="fast")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--drive", nargs=2, metavar=("ADDRESS", "OUTPUT"))
    options = parser.parse_args()
    if options.drive:
        drive(options.model, options.part, *options.drive)
        return
    chance = random.Random(options.seed)
    with filled_bucket(options.pictures) as known:
        cluster = Cluster(
            initialize_head=True,
            head_node_args={**_MACHINE, "include_dashboard": False},
        )
        try:
            cluster.add_node(**_MACHINE)
            usual = attempt(cluster, options, "undisturbed", None, chance)
            print(f"Undisturbed: {usual:.0f} s.\n\n| kill | after | starts | ", end="")
            print("seconds | rows | twice | missing | wrong |\n" + "|---" * 8 + "|")
            for number in range(options.rounds):
                what = ("driver", "actor", "machine")[number % 3]
                after = chance.uniform(0, usual)
                start = time.monotonic()
                output = f"{what}-{number}"
                starts = attempt(cluster, options, output, (what, after), chance)
                took = time.monotonic() - start
                print(
                    f"| {what} | {after:.0f} s | {starts:.0f} | {took:.0f} | "
                    f"{judge(output, known)} |",
                    flush=True,
                )
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
    kill: tuple[str, float] | None,
    chance: random.Random,
) -> float:
    """Run until a driver comes to its end.

    Returns:
        How long it took where nothing is killed, else how often it was started.
    """
    own = ["--model", options.model, "--part", str(options.part)]
    where = ["--drive", cluster.address, f"s3://{BUCKET}/{output}"]
    start = time.monotonic()
    for starts in range(1, _STARTS + 1):
        driver = subprocess.Popen([sys.executable, __file__, *own, *where])
        if kill and starts == 1:
            try:
                driver.wait(kill[1])
            except subprocess.TimeoutExpired:
                _kill(kill[0], cluster, driver, chance)
        if driver.wait() == 0:
            return starts if kill else time.monotonic() - start
    raise RuntimeError(f"{output} did not come to its end in {_STARTS} starts.")


def _kill(
    what: str, cluster: Cluster, driver: subprocess.Popen[bytes], chance: random.Random
) -> None:
    if what == "driver":
        driver.kill()
    elif what == "machine":
        cluster.remove_node(next(iter(cluster.worker_nodes)), allow_graceful=False)
        _add_machine(cluster, _STARTS)
    else:
        while not (actors := actors_below()) and driver.poll() is None:
            time.sleep(0.5)
        if actors:
            os.kill(chance.choice(actors), signal.SIGKILL)


def _add_machine(cluster: Cluster, starts: int) -> None:
    """Add one; Ray gives up after 30 s, in which a busy computer may not be ready."""
    try:
        cluster.add_node(**_MACHINE)
    except Exception:
        if starts == 1:
            raise
        _add_machine(cluster, starts - 1)


def judge(output: str, known: dict[str, bool]) -> str:
    """Count the rows, those that come twice, are missing or say something wrong."""
    place = open_location(f"s3://{BUCKET}/{output}")
    form = FORMS["parquet"]
    rows = [
        row
        for name in place.names()
        if name.endswith(form.ending)
        for row in form.read(place.child(name).read())
    ]
    times = Counter(row.path for row in rows)
    twice = sum(count > 1 for count in times.values())
    missing = len(known.keys() - times.keys())
    wrong = sum(known.get(row.path) is not (row.error is None) for row in rows)
    return f"{len(rows)} | {twice} | {missing} | {wrong}"


if __name__ == "__main__":
    sys.path.append(str(Path(__file__).parent))
    main()
