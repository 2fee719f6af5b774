"""Damaged caption files of every format that is read."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow
import pyarrow.parquet
from hypothesis import strategies as st

from benchmarks.campaign.edits import damaged_files
from benchmarks.campaign.odd_json import changed
from benchmarks.campaign.part import Part
from benchmarks.campaign.tally import Tally, try_files
from imagecap.captions.caption_files import read_captions, write_captions

_CAPTIONS = (
    ("dog.jpg", "A dog runs, and barks."),
    ("cat and mouse.jpg", "A “cat”\nwith two lines."),
    ("été/=1+1.png", "Ein Kätzchen 🐈; schläft."),
)
_KARPATHY = {
    "images": [
        {
            "filename": name,
            "split": "train",
            "imgid": number,
            "sentences": [{"raw": caption, "tokens": caption.split()}],
        }
        for number, (name, caption) in enumerate(_CAPTIONS)
    ],
    "dataset": "made up",
}
_COCO = {
    "images": [{"id": 7, "file_name": "dog.jpg"}],
    "annotations": [{"id": 1, "image_id": 7, "caption": "A dog."}],
}


def run(part: Part) -> Tally:
    """Read caption files as evaluation, import and training do."""
    other_json = st.tuples(
        st.just("captions.json"), changed(_KARPATHY) | changed(_COCO)
    )
    return try_files(damaged_files(_whole_files()) | other_json, _read, part)


def _read(path: Path) -> None:
    read_captions(path, [])


def _whole_files() -> dict[str, bytes]:
    """Make files of all formats: name → content."""
    made = {
        "captions.token.txt": "".join(f"{n}#0\t{c!r}\n" for n, c in _CAPTIONS),
        "captions.txt": "image| caption\n"
        + "".join(f"{n}| {c}\n" for n, c in _CAPTIONS),
        "captions.tsv": "file_name\ttext\tsplit\ndog.jpg\tA dog.\ttrain\n",
        "karpathy.json": json.dumps(_KARPATHY),
    }
    found = {name: content.encode() for name, content in made.items()}
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        captions = [(folder / name, caption) for name, caption in _CAPTIONS]
        for ending in ("csv", "json", "jsonl", "pkl"):
            path = folder / f"captions.{ending}"
            write_captions(captions, path)
            found[path.name] = path.read_bytes()
    found["utf-16.csv"] = found["captions.csv"].decode().encode("utf-16")
    names, texts = zip(*_CAPTIONS, strict=True)
    content = io.BytesIO()
    table = pyarrow.table({"file_name": names, "text": texts})
    pyarrow.parquet.write_table(table, content)
    found["captions.parquet"] = content.getvalue()
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for name, data in (("1.jpg", b"\xff\xd8"), ("1.txt", b"A dog.")):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    found["shard.tar"] = content.getvalue()
    return found
