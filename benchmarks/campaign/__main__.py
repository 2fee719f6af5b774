"""The lines of the campaign, and the table of what they came to."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.campaign.part import Part
from benchmarks.campaign.tally import COUNTS, Tally

LINES = (
    *("pictures", "floods", "caption_files", "bundles", "networks", "pickles", "kills"),
    *("libraries", "settings", "servers", "metadata", "environments", "memory"),
)
_FAST = Path(__file__).resolve().parents[2] / "models" / "fast"
# Attempts after which what was found is on disk.
_PART = 500
_PART_OF_PROCESSES = 50


def main() -> None:
    """Run lines of the campaign, and print the table of all that is in the results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.campaign")
    parser.add_argument("lines", nargs="*", metavar="line", help=", ".join(LINES))
    parser.add_argument(
        "--count", type=int, default=1000, help="attempts for each line"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", type=Path, default=_FAST, help="bundle to forge")
    parser.add_argument(
        "--results",
        type=Path,
        help="folder for what was found; a run that ended early goes on from it",
    )
    options = parser.parse_args()
    if unknown := set(options.lines) - set(LINES):
        parser.error(f"no such line: {', '.join(sorted(unknown))}")
    with TemporaryDirectory() as temporary:
        results = options.results or Path(temporary)
        try:
            for line in options.lines or LINES:
                run_line(line, options.count, options.seed, options.model, results)
        except KeyboardInterrupt:
            print("Stopped; what follows is what was run.")
        print(table(results))


def run_line(line: str, count: int, seed: int, model: Path, results: Path) -> Tally:
    """Run a line in parts, each noted when it is done; a part that is noted is not run.

    Args:
        line: Its name.
        count: How many attempts in all.
        seed: What they are drawn from.
        model: The bundle that captions, and that is forged.
        results: The folder for notes, and for the inputs that were too much.

    Returns:
        What all parts came to.
    """
    folder = results / line
    folder.mkdir(parents=True, exist_ok=True)
    run = import_module(f"benchmarks.campaign.{line}").run
    whole = Tally()
    most = _PART
    if line in ("environments", "kills"):
        most = _PART_OF_PROCESSES
    elif line == "memory":  # that of one long run
        most = count
    for number, start in enumerate(range(0, count, most)):
        now = min(most, count - start)
        part = Part(now, seed * 1_000_000 + number, folder, model, start)
        noted = folder / f"part-{part.seed}-{part.count}-{model.name}.json"
        if noted.exists():
            tally = Tally(**json.loads(noted.read_text("utf-8")))
        else:
            tally = run(part)
            noted.write_text(json.dumps(asdict(tally), indent=1), "utf-8")
        whole.include(tally)
    return whole


def table(results: Path) -> str:
    """Write the table of all parts that a folder of results holds, as Markdown."""
    heads = "count | uncaught | over 5 s | over 800 MB | native crashes | of trials | s"
    rows = [f"| line | {heads} |", "|---|---|---|---|---|---|---|---|"]
    notes = []
    for line in LINES:
        whole = Tally()
        for noted in sorted((results / line).glob("part-*.json")):
            whole.include(Tally(**json.loads(noted.read_text("utf-8"))))
        if whole.count:
            cells = [f"{getattr(whole, name):,.0f}" for name in COUNTS]
            rows.append(f"| {' | '.join([line, *cells])} |")
            notes += [f"{line}: {note}" for note in whole.notes]
    return "\n".join([*rows, "", *notes])


if __name__ == "__main__":
    main()
