"""Weighs a data set of the size of MS-COCO while it is read, with made-up captions.

Writes the annotations and empty picture files into a temporary folder, then reads them
in a process of its own. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import platform
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from imagecap.datasets.dataset import load_dataset

# MS-COCO 2014: its train split; and with its val split, what Karpathy divided.
_TRAIN_PICTURES = 82_783
_ALL_PICTURES = 123_287
_CAPTIONS = 5
_WORDS = (
    "the man woman dog cat street train plate pizza with sitting holding down large"
)


def main() -> None:
    """Run the benchmark, or the part of it that is measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.read:
        dataset = load_dataset(arguments.read)
        examples = [item for split in dataset.splits.values() for item in split]
        captions = sum(len(item.captions) for item in examples)
        print(f"{len(examples):,} | {captions:,} | {_peak():.0f}")
        return
    print(f"Python {platform.python_version()}, {os.cpu_count()} CPUs\n")
    print("| captions | MB | processor, s | pictures | captions | peak, MB |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "one.csv").write_text("image,caption\none.jpg,A dog .\n")
        (root / "one.jpg").touch()
        _measure(root / "one.csv", root)
        file = _write_coco(root / "coco")
        _measure(file, root / "coco")
        file = _write_karpathy(root / "coco")
        _measure(file, root / "coco")


def _measure(file: Path, data: Path) -> None:
    path = file if data == file.parent else data
    command = [sys.executable, str(Path(__file__).resolve()), "--read", str(path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    counts = process.stdout.read().strip()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command} ended with status {process.returncode}.")
    seconds = usage.ru_utime + usage.ru_stime
    size = file.stat().st_size / 1e6
    row = f"`{file.name}` | {size:.1f} | {seconds:.1f} | {counts}"
    print(f"| {row} |", flush=True)


def _peak() -> float:
    """Return the most memory that this process had resident, in MB.

    `getrusage` will not do: it counts the memory of the process that started this one.
    """
    (line,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(line) * 1024 / 1e6


def _made_up_captions() -> itertools.cycle[str]:
    chance = random.Random(0)
    words = _WORDS.split()
    return itertools.cycle(
        f"A {' '.join(chance.choices(words, k=chance.randint(7, 13)))}."
        for _ in range(997)
    )


def _file_name(split: str, number: int) -> str:
    return f"COCO_{split}2014_{number:012}.jpg"


def _write_coco(root: Path) -> Path:
    captions = _made_up_captions()
    images, annotations = [], []
    (root / "train2014").mkdir(parents=True)
    for number in range(_TRAIN_PICTURES):
        name = _file_name("train", number)
        (root / "train2014" / name).touch()
        images.append(
            {
                "license": 5,
                "file_name": name,
                "coco_url": f"http://images.cocodataset.org/train2014/{name}",
                "height": 480,
                "width": 640,
                "date_captured": "2013-11-14 16:28:13",
                "flickr_url": "http://farm4.staticflickr.com/3153/2970773875_1.jpg",
                "id": number,
            }
        )
        annotations += [
            {"image_id": number, "id": 9 * number + index, "caption": next(captions)}
            for index in range(_CAPTIONS)
        ]
    content = {"info": {}, "images": images, "licenses": [], "annotations": annotations}
    file = root / "annotations" / "captions_train2014.json"
    file.parent.mkdir()
    file.write_text(json.dumps(content))
    return file


def _write_karpathy(root: Path) -> Path:
    captions = _made_up_captions()
    images = []
    (root / "val2014").mkdir()
    for number in range(_ALL_PICTURES):
        split = "train" if number < _TRAIN_PICTURES else "val"
        name = _file_name(split, number)
        if split == "val":
            (root / "val2014" / name).touch()
        sentences = [
            {
                "tokens": caption.lower().rstrip(".").split(),
                "raw": caption,
                "imgid": number,
                "sentid": 9 * number + index,
            }
            for index, caption in zip(range(_CAPTIONS), captions, strict=False)
        ]
        images.append(
            {
                "filepath": f"{split}2014",
                "sentids": [sentence["sentid"] for sentence in sentences],
                "filename": name,
                "imgid": number,
                "split": "val" if number % 25 == 1 else "train",
                "sentences": sentences,
                "cocoid": number,
            }
        )
    file = root / "dataset_coco.json"
    file.write_text(json.dumps({"images": images, "dataset": "coco"}))
    return file


if __name__ == "__main__":
    main()
