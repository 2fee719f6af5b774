"""Lets many clients use a running server: how long pages take, what fails, memory.

Each client opens page after page, as a person does who reads for a moment; some of
them hand in pictures. Needs httpx2, and Linux for the memory.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import time
from collections import Counter, defaultdict
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2

PATHS = ("/", "/search?words=a", "/review", "/pictures/{}", "/pictures/{}/small.jpg")


async def main() -> None:
    """Print a table of what was asked for, and how the server's memory went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address", help="as imagecap serve has printed it")
    parser.add_argument("process", type=int, help="the number of its process")
    parser.add_argument("picture", type=Path, help="a picture to hand in")
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--uploading", type=int, default=4, help="clients that do so")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--pause", type=float, default=1.0, help="between two pages")
    arguments = parser.parse_args()
    address = urlsplit(arguments.address)
    token = parse_qs(address.query)["token"][0]
    times: dict[str, list[float]] = defaultdict(list)
    statuses: Counter[tuple[str, int]] = Counter()
    memory: list[int] = []
    until = time.monotonic() + arguments.seconds
    chance = random.Random(1)
    async with httpx2.AsyncClient(
        base_url=f"http://{address.netloc}",
        headers={"authorization": f"Bearer {token}"},
        timeout=60,
        limits=httpx2.Limits(max_connections=None),
    ) as client:
        total = (await client.get("/api/health")).json()["pictures"]
        content = arguments.picture.read_bytes()

        async def ask(name: str, method: str, path: str, **others: object) -> None:
            start = time.perf_counter()
            answer = await client.request(method, path, **others)
            times[name].append(time.perf_counter() - start)
            statuses[name, answer.status_code] += 1

        async def read() -> None:
            await asyncio.sleep(chance.random() * arguments.pause)
            while time.monotonic() < until:
                path = chance.choice(PATHS)
                await ask(path, "GET", path.format(chance.randint(1, total)))
                await asyncio.sleep(chance.random() * 2 * arguments.pause)

        async def upload() -> None:
            while time.monotonic() < until:
                await ask(
                    "/api/caption", "POST", "/api/caption", files={"picture": content}
                )

        async def watch() -> None:
            while time.monotonic() < until:
                memory.append(resident_bytes(arguments.process))
                await asyncio.sleep(1)

        reading = arguments.clients - arguments.uploading
        await asyncio.gather(
            watch(),
            *(read() for _ in range(reading)),
            *(upload() for _ in range(arguments.uploading)),
        )
    print("| address | requests | failed | median | p99 |")
    print("|---|---|---|---|---|")
    for name, taken in sorted(times.items()):
        failed = sum(
            count
            for (one, status), count in statuses.items()
            if one == name and status >= 400
        )
        middle = statistics.median(taken) * 1000
        late = sorted(taken)[int(len(taken) * 0.99)] * 1000
        print(f"| {name} | {len(taken)} | {failed} | {middle:.0f} ms | {late:.0f} ms |")
    # The first seconds load the model and fill what is kept of small copies.
    settled = memory[len(memory) // 3 :]
    grown = (settled[-1] - settled[0]) / 1e6
    print(f"\nMemory: {settled[-1] / 1e6:.0f} MB, {grown:+.1f} MB since a third of it.")


def resident_bytes(process: int) -> int:
    """Tell how much memory a process has."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


if __name__ == "__main__":
    asyncio.run(main())
