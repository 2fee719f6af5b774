"""Computes from measured rates what many pictures on many machines take.

Prints a Markdown table: hours, requests, bytes, memory. Nothing is measured here; each
figure that goes in is an option, with what was measured as its default.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

_PART = 1000
_KEYS_IN_A_PAGE = 1000


@dataclass(frozen=True)
class Rates:
    """What goes in.

    Attributes:
        model: What it is of.
        per_cpu: Captions a second of one CPU.
    """

    model: str
    per_cpu: float


def main() -> None:
    """Compute and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--machines", type=int, default=100)
    parser.add_argument("--cpus", type=int, default=16, help="of a machine")
    parser.add_argument("--default", type=float, default=18.5, help="a second and CPU")
    parser.add_argument("--fast", type=float, default=79.4, help="a second and CPU")
    parser.add_argument("--kilobytes", type=float, default=200, help="of a picture")
    parser.add_argument("--row", type=float, default=100, help="bytes in a shard")
    parser.add_argument("--page", type=float, default=0.3, help="seconds of a listing")
    parser.add_argument("--folders", type=int, default=1000, help="that are listed")
    parser.add_argument("--get", type=float, default=0.4, help="dollars a million")
    parser.add_argument("--put", type=float, default=5.0, help="dollars a million")
    parser.add_argument("--overhead", type=float, default=1.15, help="of the engine")
    options = parser.parse_args()
    cpus = options.machines * options.cpus
    for rates in (Rates("default", options.default), Rates("fast", options.fast)):
        a_second = cpus * rates.per_cpu / options.overhead
        print(
            f"\n`{rates.model}`: {a_second:,.0f} captions a second on {cpus:,} CPUs.\n"
        )
        print("| | 1,000,000 pictures | 100,000,000 pictures |\n|---|---|---|")
        columns = [rows_of(count, a_second, cpus, options) for count in (10**6, 10**8)]
        for name, small in columns[0].items():
            print(f"| {name} | {small} | {columns[1][name]} |")


def rows_of(
    pictures: int, a_second: float, cpus: int, options: argparse.Namespace
) -> dict[str, str]:
    """Compute what a number of pictures takes."""
    parts = -(-pictures // _PART)
    pages = -(-pictures // _KEYS_IN_A_PAGE)
    folders = min(options.folders, pages)
    # A folder is listed by one worker, page after page.
    rounds = -(-folders // cpus)
    listing = rounds * -(-pages // folders) * options.page
    flat = 2 * pages * options.page
    puts = 2 * parts + pages
    dollars = (pictures + parts) / 1e6 * options.get + puts / 1e6 * options.put
    received = a_second * options.kilobytes / 1000 / options.machines
    return {
        "captioning": _time(pictures / a_second),
        f"listing {folders:,} folders side by side": _time(listing),
        "listing one folder without sub-folders": _time(flat),
        "parts and shards": f"{parts:,} each",
        "requests to read": f"{pictures + parts:,}",
        "requests to write and list": f"{puts:,}",
        "price of the requests": f"${dollars:,.2f}",
        "pictures a second of each folder": f"{a_second / folders:,.0f}",
        "read": _bytes(pictures * options.kilobytes * 1000),
        "read by each machine": f"{received:,.0f} MB a second",
        "written": _bytes(pictures * options.row),
    }


def _time(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:,.0f} s"
    return f"{seconds / 60:,.0f} min" if seconds < 6000 else f"{seconds / 3600:,.1f} h"


def _bytes(count: float) -> str:
    return f"{count / 1e9:,.1f} GB" if count < 1e12 else f"{count / 1e12:,.1f} TB"


if __name__ == "__main__":
    main()
