"""Pictures of this machine captioned into a folder of shards, in this process."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
from collections import namedtuple
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow
import pytest
from buckets import Caption
from pyarrow import parquet
from shards import PICTURE_NAMES, rows_in, save_pictures, shards_in, small_picture

from imagecap import Captioner
from imagecap.cluster import plan
from imagecap.cluster.describing import Work
from imagecap.cluster.errors import ClusterError
from imagecap.cluster.filling import Outcome
from imagecap.cluster.run import Prepared, caption_into_shards
from imagecap.cluster.units import Unit
from imagecap.model.bundle import MANIFEST


def test_each_picture_has_a_row_with_its_caption_or_why_there_is_none(
    photos: Path, output: str, caption: Caption
) -> None:
    (photos / "a" / "broken.jpg").write_bytes(b"no picture")
    (photos / "empty.jpg").write_bytes(b"")
    (photos / "notes.txt").write_text("no picture")
    (photos / ".hidden.jpg").write_bytes(small_picture(1))
    os.mkfifo(photos / "pipe.jpg")
    (photos / "a" / "up").symlink_to(photos)
    done = caption(photos, "-o", output)
    assert done.exit_code == 1
    assert done.stdout == f"5 captions written into {output}, which has 3 shards.\n"
    assert done.stderr == "Without a caption: 2; the column “error” says why.\n"
    rows = rows_in(output)
    good = [photos / name for name in PICTURE_NAMES]
    broken, empty = photos / "a" / "broken.jpg", photos / "empty.jpg"
    assert rows.keys() == {str(path) for path in (*good, broken, empty)}
    captioner = Captioner.load("fast")
    manifest = captioner.bundle.folder / MANIFEST
    model = hashlib.sha256(manifest.read_bytes()).hexdigest()
    for path in good:
        row = rows[str(path)]
        assert row.caption == captioner.caption(path).text
        assert (row.by, row.model) == (captioner.bundle.identity, model)
        assert row.content_hash == hashlib.sha256(path.read_bytes()).hexdigest()
        assert row.error is None
    assert rows[str(broken)][1:4] == (None, None, None)
    assert rows[str(broken)].error == (
        f"{broken} is not a picture that can be read here; save it as JPEG or PNG and "
        "try again."
    )
    assert rows[str(empty)].error == f"{empty} is empty; copy or download it again."


def test_names_that_mean_something_to_others_are_names(
    photos: Path, output: str, caption: Caption
) -> None:
    names = ["s3::a/file::b.jpg", "x#y?z/[1]*.jpg", "~/~c.jpg"]
    odd = save_pictures(photos / "odd", names)
    assert caption(odd, "-o", output).exit_code == 0
    assert rows_in(output).keys() == {str(odd / name) for name in names}


def test_a_shard_that_is_missing_or_damaged_is_done_again(
    photos: Path, output: str, caption: Caption
) -> None:
    caption(photos, "-o", output)
    everything = rows_in(output)
    first, second, _ = sorted(Path(output).glob("*.parquet"))
    first.unlink()
    assert caption(photos, "-o", output).exit_code == 0
    assert rows_in(output) == everything
    second.write_bytes(b"PAR1 damaged")
    assert caption(photos, "-o", output, "--retry-failed").exit_code == 0
    assert rows_in(output) == everything


def test_a_part_is_a_thousand_pictures_at_most(
    photos: Path, output: str, caption: Caption, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "PICTURES_IN_PART", 2)
    save_pictures(photos / "c", [f"{number}.jpg" for number in range(6)])
    caption(photos / "c", "-o", output)
    assert sorted(map(len, shards_in(output).values())) == [1, 2, 2, 2] or (
        sorted(map(len, shards_in(output).values())) == [2, 2, 2]
    )


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_shards_have_the_form_that_is_asked_for(
    photos: Path, output: str, caption: Caption, form: str
) -> None:
    (photos / "=odd, 'name'.jpg").write_bytes(b"no picture")
    caption(photos, "-o", output, "--shards", form)
    assert {Path(name).suffix for name in shards_in(output)} == {f".{form}"}
    assert len(rows_in(output)) == 6
    (photos / "=odd, 'name'.jpg").write_bytes(small_picture(3))
    assert (
        caption(photos, "-o", output, "--shards", form, "--retry-failed").exit_code == 0
    )
    assert all(row.caption for row in rows_in(output).values())


def test_a_list_of_paths_and_file_addresses_are_inputs(
    photos: Path, output: str, caption: Caption
) -> None:
    paths = photos.parent / "some.txt"
    gone = photos / "gone.jpg"
    lines = ["photos/1.jpg", str(photos / "a" / "3.jpg"), "photos/1.jpg", "", str(gone)]
    paths.write_text("\n".join(lines))
    done = caption(paths, f"file://{photos}/c", photos / "2.jpg", "-o", output)
    assert done.exit_code == 1
    rows = rows_in(output)
    there = [photos / name for name in ("1.jpg", "2.jpg", "a/3.jpg", "c/5.jpg")]
    assert rows.keys() == {str(path) for path in (*there, gone)}
    assert rows[str(gone)].error == f"{gone} is not there any more."


def test_pictures_in_parquet_and_webdataset_are_inputs(
    photos: Path, output: str, caption: Caption
) -> None:
    with tarfile.open(photos / "c" / "shard.tar", "w") as tar:
        for name, content in {
            "x.jpg": small_picture(21),
            "x.txt": b"A dog.",
            "sub/y.jpg": b"no picture",
        }.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    images = [{"bytes": small_picture(20), "path": "p.jpg"}]
    parquet.write_table(
        pyarrow.table({"image": images}), photos / "c" / "shard.parquet"
    )
    parquet.write_table(pyarrow.table({"a": [1]}), photos / "c" / "other.parquet")
    (photos / "c" / "half.tar").write_bytes(
        (photos / "c" / "shard.tar").read_bytes()[:1200]
    )
    assert caption(photos / "c", "-o", output).exit_code == 1
    rows = rows_in(output)
    assert rows[f"{photos}/c/shard.tar/x.jpg"].caption
    assert rows[f"{photos}/c/shard.parquet/p.jpg"].caption
    assert "is not a picture" in str(rows[f"{photos}/c/shard.tar/sub/y.jpg"].error)
    assert "is damaged" in str(rows[f"{photos}/c/half.tar"].error)
    assert "holds no pictures" in str(rows[f"{photos}/c/other.parquet"].error)


def test_the_output_may_lie_in_the_input(photos: Path, caption: Caption) -> None:
    output = photos / "captions"
    for _ in range(2):
        assert caption(photos, "-o", f"{output}/").exit_code == 0
        assert len(rows_in(output)) == 5


def test_an_input_within_another_is_not_done_twice(
    photos: Path, output: str, caption: Caption
) -> None:
    assert caption(photos, photos / "a", photos, "-o", output).exit_code == 0
    assert len(rows_in(output)) == 5


def test_what_is_wrong_is_said_before_the_work(
    photos: Path, output: str, caption: Caption, monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(*words: object) -> str:
        done = caption(*words)
        assert done.exit_code in (1, 2)
        return done.stderr.splitlines()[-1]

    empty = photos.parent / "empty"
    empty.mkdir()
    assert said(photos.parent / "gone", "-o", output) == (
        f"Error: There is no file or folder {photos.parent}/gone."
    )
    assert said("what://is/this", "-o", output).startswith(
        "Error: what://is/this is no"
    )
    assert said("s3://bucket/a.jpg").startswith("Error: Captions of pictures that do")
    assert said(photos, "-o", output, "--json") == (
        "Error: A folder of shards takes no --json."
    )
    assert said(photos, "--engine", "ray").endswith("need --output FOLDER/.")
    assert said(photos, "-o", output, "--address", "x:1").endswith("--engine ray.")
    assert not Path(output).exists()
    assert said(photos, "-o", f"{photos}/") == (
        f"Error: {photos} is not empty and holds no captions of a run; name another "
        "folder."
    )
    assert said(empty, "-o", f"{empty}/") == (
        f"Error: There are no pictures in {empty}; name a folder that has some."
    )
    usage = namedtuple("usage", "total used free")
    with monkeypatch.context() as full:
        full.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 10))
        assert said(photos, "-o", output).startswith("Error: There is no room for the")
    assert caption(photos, "-o", output).exit_code == 0
    assert said(photos / "a", "-o", output) == (
        f"Error: {output[:-1]} holds the captions of another run (pictures "
        f"{photos}, not {photos}/a); name another folder."
    )
    assert "beam width of the model, not 2" in said(photos, "-o", output, "--beam", 2)
    manifest = Path(output, "_manifest.json")
    manifest.write_text(json.dumps({"format": 99}))
    assert "has format 99" in said(photos, "-o", output)
    manifest.write_text("{")
    assert "is damaged" in said(photos, "-o", output)


class GivingUp:
    """An engine whose workers end, all but for the first part."""

    def __init__(self, parts: list[plan.Part]) -> None:
        self._parts = parts

    def plan(self, units: Sequence[Unit]) -> Iterator[list[plan.Part]]:
        yield self._parts

    def fill(self, parts: Sequence[str]) -> Iterator[Outcome]:
        yield Outcome(parts[0], 2)
        for part in parts[1:]:
            yield Outcome(part, is_given_up=True)


def test_parts_that_nobody_could_do_are_counted_at_the_end(tmp_path: Path) -> None:
    work = Work(str(tmp_path), "m", "parquet", None, False)
    engine = GivingUp([plan.Part(f"ab-{number:06}", 2) for number in range(3)])
    seen: list[int] = []
    with pytest.raises(ClusterError, match=r"^2 parts of 3 were not done: what"):
        caption_into_shards(
            Prepared([], lambda: None), work, engine, lambda *_: None, seen.append
        )
    assert seen == [2]


def test_a_folder_that_may_not_be_written_is_said_at_once(
    photos: Path, caption: Caption
) -> None:
    done = caption(photos, "-o", "/proc/captions/")
    assert done.exit_code == 1
    assert "/proc/captions/_manifest.json cannot be written" in done.stderr
