"""Captions made-up pictures in this process and on Ray: rates, CPU time, memory.

Start-up stays apart: what counts begins with the end of the first part. Both have all
CPUs of the machine, and the same parts. Prints a Markdown table, and what the engine
adds. Needs the `cluster` extra.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from bucket import small_picture
from processes import Taken, take_stock

from imagecap import Captioner
from imagecap.cluster.describing import Work, caption_filler, caption_worker
from imagecap.cluster.manifest import RunManifest
from imagecap.cluster.on_ray import OnRay
from imagecap.cluster.run import (
    Engine,
    InThisProcess,
    caption_into_shards,
    prepare,
)

_DIFFERENT = 200


def main() -> None:
    """Make pictures, caption them both ways, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=10_000)
    parser.add_argument("--part", type=int, default=250, help="pictures in a part")
    parser.add_argument("--model", default="fast", help="name or folder")
    parser.add_argument("--beam", type=int)
    parser.add_argument("--engines", nargs="+", default=["process", "ray"])
    options = parser.parse_args()
    columns = (
        "engine",
        "pictures",
        "a second",
        "CPU, ms each",
        "with daemons, ms each",
        "daemons, % of a CPU",
        "start-up, s",
        "this process at a tenth → at the end, MB",
        "largest actor, the same",
    )
    print(f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|")
    with tempfile.TemporaryDirectory() as place:
        photos = make_pictures(Path(place, "photos"), options.pictures)
        rates = {
            engine: measure(engine, photos, Path(place, engine), options)
            for engine in options.engines
        }
    if len(rates) > 1:
        here, on_ray = rates["process"], rates["ray"]
        clock = on_ray.seconds / here.seconds - 1
        cpu = on_ray.cpu / here.cpu - 1
        print(f"\nRay adds {clock:+.0%} by the clock and {cpu:+.0%} of CPU time.")


def make_pictures(folder: Path, count: int) -> Path:
    """Write pictures, of which many are the same; in sub-folders of 1,000."""
    for number in range(count):
        path = folder / f"{number // 1000:04}" / f"{number:07}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        first = folder / "0000" / f"{number % _DIFFERENT:07}.jpg"
        if number < _DIFFERENT:
            path.write_bytes(small_picture(number))
        else:
            os.link(first, path)
    return folder


class Rate(NamedTuple):
    """What a picture takes: seconds by the clock, and of CPUs, daemons among them."""

    seconds: float
    cpu: float


def measure(
    engine: str, photos: Path, output: Path, options: argparse.Namespace
) -> Rate:
    """Caption the pictures and print a line."""
    start = time.perf_counter()
    captioner = Captioner.load(options.model)
    work = Work(str(output), "m", "parquet", options.beam, False)
    run = RunManifest([str(photos)], "m@1", "m", options.beam, "parquet")
    times: list[tuple[float, int]] = []
    stocks: list[Taken] = []
    tenth = max(1, options.pictures // options.part // 10)

    def seen(pictures: int) -> None:
        times.append((time.perf_counter(), pictures))
        if len(times) in (1, tenth):
            stocks.append(take_stock())

    with ExitStack() as stack:
        prepared = stack.enter_context(prepare(str(output), run))
        where: Engine
        if engine == "ray":
            worker = caption_worker(captioner.bundle, work)
            ray = OnRay(worker, str(output), options.part, "local")
            where = stack.enter_context(ray)
        else:
            filler = caption_filler(captioner, work)
            where = InThisProcess(filler, str(output), options.part)
        caption_into_shards(prepared, work, where, lambda *_: None, seen)
        stocks.append(take_stock())
    first, tenth_done, last = stocks[0], stocks[-2], stocks[-1]
    pictures = sum(count for _, count in times[1:])
    seconds = times[-1][0] - times[0][0]
    cpu, daemons = last.cpu - first.cpu, last.daemons - first.daemons
    print(
        f"| {engine} | {options.pictures:,} | {pictures / seconds:.0f} | "
        f"{1000 * cpu / pictures:.1f} | "
        f"{1000 * (cpu + daemons) / pictures:.1f} | "
        f"{100 * daemons / seconds:.1f} | "
        f"{times[0][0] - start:.0f} | "
        f"{tenth_done.own:.0f} → {last.own:.0f} | "
        f"{tenth_done.others:.0f} → {last.others:.0f} |",
        flush=True,
    )
    return Rate(seconds / pictures, (cpu + daemons) / pictures)


if __name__ == "__main__":
    main()
