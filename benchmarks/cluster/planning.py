"""Makes the parts of one list of many pictures, twice: seconds, memory, parts.

The second time nothing is new, and all that is known has to be read. Prints a Markdown
table.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from imagecap.cluster.plan import plan_unit
from imagecap.cluster.storage import open_location
from imagecap.cluster.units import Unit


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, nargs="+", default=[100_000, 1_000_000])
    print(
        "| pictures | time | parts | seconds | peak memory, MB |\n" + "|---" * 5 + "|"
    )
    for count in parser.parse_args().pictures:
        with tempfile.TemporaryDirectory() as place:
            names = Path(place, "list.txt")
            with names.open("w") as file:
                for number in range(count):
                    file.write(f"s3://bucket/photographs/2026/{number:09}.jpg\n")
            for again in ("first", "again"):
                with ProcessPoolExecutor(1, get_context("spawn")) as process:
                    line = process.submit(measure, str(names), f"{place}/out").result()
                print(f"| {count:,} | {again} | {line} |", flush=True)


def measure(names: str, output: str) -> str:
    """Plan in a process of its own."""
    start = time.perf_counter()
    parts = plan_unit(Unit("list", (names,)), open_location(output))
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    return f"{len(parts):,} | {seconds:.1f} | {peak:.0f}"


if __name__ == "__main__":
    main()
