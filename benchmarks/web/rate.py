"""How many pictures a second programs get captioned, compared with a run in bulk.

Both take turns with the same photographs. What counts is the time that their processes
compute, for the clients of the server take some of the same machine.
"""

from __future__ import annotations

import argparse
import http.client
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from imagecap import Captioner
from imagecap.web.model_queue import CANDIDATES


def main() -> None:
    """Print a line for each turn, and the best of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="photographs, as JPEG")
    parser.add_argument("--model", default="default")
    parser.add_argument("--pictures", type=int, default=200)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--turns", type=int, default=3)
    arguments = parser.parse_args()
    files = sorted(arguments.folder.glob("*.jpg"))[: arguments.pictures]
    captioner = Captioner.load(arguments.model)
    command = (sys.executable, "-m", "imagecap", "serve", "--no-browser")
    server = subprocess.Popen(
        [*command, "--model", arguments.model], stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout
        address = server.stdout.readline().strip()
        ways: dict[str, tuple[int, Callable[[], None]]] = {
            "in bulk": (os.getpid(), lambda: in_bulk(captioner, files)),
            "by the server": (
                server.pid,
                lambda: by_server(address, files, arguments.clients),
            ),
        }
        best = dict.fromkeys(ways, (0.0, 0.0))
        print("| way | pictures a second | pictures a second of computing |")
        print("|---|---|---|")
        # The first turn loads networks.
        for turn in range(arguments.turns + 1):
            for name, (process, way) in ways.items():
                computed, start = computing_seconds(process), time.perf_counter()
                way()
                seconds = time.perf_counter() - start
                computed = computing_seconds(process) - computed
                rates = len(files) / seconds, len(files) / computed
                if turn:
                    best[name] = tuple(map(max, best[name], rates))
                    print(f"| {name} | {rates[0]:.1f} | {rates[1]:.1f} |", flush=True)
        bulk, served = best.values()
        shares = [one / other for one, other in zip(served, bulk, strict=True)]
        print("\nThe server's part of the rate in bulk, the best of each:")
        print(" and ".join(f"{share:.0%}" for share in shares))
    finally:
        server.terminate()
        server.wait()


def in_bulk(captioner: Captioner, files: list[Path]) -> None:
    """Describe all files at one go."""
    for _ in captioner.describe_many(files, CANDIDATES):
        pass


def by_server(address: str, files: list[Path], clients: int) -> None:
    """Send all files, from several clients, each of which waits for its answer."""
    url = urlsplit(address)
    token = parse_qs(url.query)["token"][0]
    remaining = iter(files)
    lock = threading.Lock()

    def send() -> None:
        connection = http.client.HTTPConnection(url.netloc)
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "multipart/form-data; boundary=x",
        }
        while True:
            with lock:
                file = next(remaining, None)
            if file is None:
                return
            body = (
                b'--x\r\nContent-Disposition: form-data; name="picture"; '
                b'filename="a.jpg"\r\n\r\n' + file.read_bytes() + b"\r\n--x--\r\n"
            )
            connection.request("POST", "/api/caption", body, headers)
            answer = connection.getresponse()
            assert answer.status == 200, answer.read()
            answer.read()

    threads = [threading.Thread(target=send) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def computing_seconds(process: int) -> float:
    """Tell how long a process has computed, on all cores together."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
