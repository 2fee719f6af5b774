"""A run that goes on: what is done, added, changed, failed; one at a time."""

from __future__ import annotations

import hashlib
import os
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from buckets import Caption
from shards import rows_in, save_pictures, small_picture

from imagecap.cluster.filling import Outcome
from imagecap.cluster.lock import LOCK
from imagecap.cluster.run import InThisProcess
from imagecap.files import exclusive_lock


def test_what_is_done_stays_and_what_was_added_is_done(
    photos: Path, output: str, caption: Caption
) -> None:
    assert caption(photos, "-o", output).exit_code == 0
    before = {file: file.stat().st_mtime_ns for file in Path(output).glob("*.parquet")}
    save_pictures(photos, ["a/added.jpg", "new/added.jpg"])
    # One that is gone stays in its shard.
    (photos / "1.jpg").unlink()
    done = caption(photos, "-o", output)
    assert done.stdout == (
        f"2 captions written into {output}, which has 5 shards, 3 of them from "
        "before.\n"
    )
    assert {file: file.stat().st_mtime_ns for file in before} == before
    assert len(rows_in(output)) == 7
    assert "written into" in caption(photos, "-o", output).stdout


def test_what_has_changed_is_done_again_and_nothing_else(
    photos: Path, output: str, caption: Caption
) -> None:
    packed = photos / "a" / "b" / "packed.tar"
    with tarfile.open(packed, "w") as file:
        file.add(photos / "1.jpg", "in.jpg")
    caption(photos, "-o", output)
    before = rows_in(output)
    changed = photos / "a" / "3.jpg"
    changed.write_bytes(small_picture(20))
    with tarfile.open(packed, "w") as file:
        file.add(photos / "a" / "3.jpg", "in.jpg")
    done = caption(photos, "-o", output)
    assert done.stdout == (
        f"3 captions written into {output}, which has 4 shards, 2 of them from "
        "before.\n"
    )
    rows = rows_in(output)
    content = hashlib.sha256(changed.read_bytes()).hexdigest()
    expected = {str(changed): content, f"{packed}/in.jpg": content}
    assert expected == {
        path: str(row.content_hash) for path, row in rows.items() if row != before[path]
    }
    again = {file: file.stat().st_mtime_ns for file in Path(output).glob("*.parquet")}
    caption(photos, "-o", output)
    assert again == {file: file.stat().st_mtime_ns for file in again}


def test_a_change_is_not_forgotten_where_its_run_is_killed(
    photos: Path, output: str, caption: Caption, monkeypatch: pytest.MonkeyPatch
) -> None:
    caption(photos, "-o", output)
    changed = photos / "c" / "5.jpg"
    changed.write_bytes(small_picture(20))

    def killed(self: InThisProcess, parts: Sequence[str]) -> Iterator[Outcome]:
        raise KeyboardInterrupt

    with monkeypatch.context() as other:
        other.setattr(InThisProcess, "fill", killed)
        assert "goes on from there" in caption(photos, "-o", output).stderr
    caption(photos, "-o", output)
    content = hashlib.sha256(changed.read_bytes()).hexdigest()
    assert rows_in(output)[str(changed)].content_hash == content


def test_a_second_run_in_a_folder_is_kept_out(
    photos: Path, output: str, caption: Caption
) -> None:
    caption(photos, "-o", output)
    with exclusive_lock(Path(output, LOCK)):
        second = caption(photos, "-o", output)
    assert second.stderr == (
        f"Error: Another run is at work in {output[:-1]}; wait for its end, or name "
        "another folder.\n"
    )
    assert caption(photos, "-o", output).exit_code == 0


def test_what_failed_is_tried_again_only_on_request(
    photos: Path, output: str, caption: Caption
) -> None:
    mended = photos / "c" / "mended.jpg"
    content = small_picture(9)
    mended.write_bytes(bytes(len(content)))
    status = mended.stat()
    assert caption(photos, "-o", output).exit_code == 1
    mended.write_bytes(content)
    # As if it had been there all the time, and something else had failed.
    os.utime(mended, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert caption(photos, "-o", output).exit_code == 0
    assert rows_in(output)[str(mended)].error
    done = caption(photos, "-o", output, "--retry-failed")
    assert (done.exit_code, len(rows_in(output))) == (0, 6)
    assert rows_in(output)[str(mended)].caption
