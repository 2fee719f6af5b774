"""Compares captioning many photographs with what the encoder alone can do.

Prints a Markdown table with the rates, the memory, and whether the captions are those
that the same photographs have one by one.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

# Nothing large is imported above: what a model needs in memory is measured in a process
# of its own, which begins as this one.

_ENCODED = 128


@dataclass
class Cost:
    """The least time for a picture of several rounds, in milliseconds.

    Attributes:
        wall: As a clock on the wall tells it.
        cpu: Of all cores together; hardly any other program spoils it.
    """

    wall: float = float("inf")
    cpu: float = float("inf")

    def add(self, work: Callable[[], object], pictures: int) -> None:
        """Take the time of a round."""
        start, cpu = time.perf_counter(), time.process_time()
        work()
        wall = time.perf_counter() - start
        self.wall = min(self.wall, 1000 * wall / pictures)
        self.cpu = min(self.cpu, 1000 * (time.process_time() - cpu) / pictures)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="photographs")
    parser.add_argument("--models", nargs="+", default=["default", "fast"])
    parser.add_argument("--pictures", type=int, default=1000, help="how many (1000)")
    parser.add_argument("--rounds", type=int, default=3, help="the best counts (3)")
    options = parser.parse_args()
    paths = sorted(options.folder.glob("*.jpg"))[: options.pictures]
    print(f"{len(paths)} photographs; Python {platform.python_version()}, ", end="")
    print(f"{os.cpu_count()} CPUs; best of {options.rounds} rounds.\n")
    for model in options.models:
        with ProcessPoolExecutor(1, get_context("spawn")) as process:
            lines = process.submit(measure, model, paths, options.rounds).result()
        print("\n".join(lines), flush=True)


def measure(model: str, paths: Sequence[Path], rounds: int) -> list[str]:
    """Measure a model.

    Args:
        model: Its name.
        paths: The photographs, at least 128.
        rounds: How often, one kind after the other; the best of each kind counts.

    Returns:
        The lines of a table, and of what is to be said below it.
    """
    import numpy as np

    from imagecap import Captioner
    from imagecap.model.litert import THREADS, LiteRTEncoder
    from imagecap.model.picture_encoder import PictureEncoder

    captioner = Captioner.load(model)
    captioner.caption(paths[0])
    before = _peak_megabytes()
    many = [captions[0] for _, captions in captioner.caption_many(paths)]
    after = _peak_megabytes()

    bundle = captioner.bundle
    read = PictureEncoder(bundle).read
    pixels = np.stack([read(path) for path in paths[:_ENCODED]])
    shared = LiteRTEncoder(bundle)
    own = [LiteRTEncoder(bundle, 1) for _ in range(THREADS)]

    def encode_shared() -> None:
        for first in range(0, len(pixels), 8):
            shared.encode(pixels[first : first + 8])

    def encode_own() -> None:
        def work(core: int) -> None:
            for one in pixels[core::THREADS]:
                own[core].encode(one[np.newaxis])

        threads = [threading.Thread(target=work, args=(i,)) for i in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def encode_files() -> None:
        for _ in captioner.encode_many(paths):
            pass

    def caption() -> None:
        for _ in captioner.caption_many(paths):
            pass

    works = {
        "encoder alone, all cores share each of its steps": encode_shared,
        "encoder alone, one for each core": encode_own,
        "files read and encoded, `encode_many`": encode_files,
        "files captioned, `caption_many`": caption,
    }
    costs = {name: Cost() for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            in_memory = work in (encode_shared, encode_own)
            costs[name].add(work, len(pixels) if in_memory else len(paths))
    alone = []
    one_by_one = costs["files captioned one by one, `caption`"] = Cost()
    one_by_one.add(lambda: alone.extend(map(captioner.caption, paths)), len(paths))

    encoder, bulk = list(costs.values())[:2], costs["files captioned, `caption_many`"]
    lines = [f"Model {bundle.name}, {bundle.manifest.decoding}:\n"]
    lines.append("| what | a second | ms each | CPU, ms each |\n|---|---|---|---|")
    lines += [
        f"| {name} | {1000 / cost.wall:.1f} | {cost.wall:.2f} | {cost.cpu:.2f} |"
        for name, cost in costs.items()
    ]
    for name, kind in (("shared", encoder[0]), ("one for each core", encoder[1])):
        share, cpu = 100 * kind.wall / bulk.wall, 100 * kind.cpu / bulk.cpu
        lines.append(f"\nBulk reaches {share:.0f} % of the encoder ({name}); ")
        lines[-1] += f"by CPU time {cpu:.0f} %."
    texts = sum(a.text == b.text for a, b in zip(many, alone, strict=True))
    difference = max(
        abs(a.log_probability - b.log_probability)
        for a, b in zip(many, alone, strict=True)
    )
    lines.append(
        f"\n{texts} of {len(paths)} captions are those one by one; log-probabilities "
        f"differ by {difference:.1g} at most. Peak memory {after:.0f} MB, of which "
        f"{before:.0f} after the first caption.\n"
    )
    return lines


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
