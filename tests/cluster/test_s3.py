"""Pictures in S3, captioned into S3, in this process."""

from __future__ import annotations

import json
import socket
import subprocess
import time

import pytest
from botocore.client import BaseClient
from buckets import BUCKET, Caption
from click.testing import Result
from shards import rows_in, small_picture

from imagecap.cluster import lock
from imagecap.cluster.errors import ClusterError
from imagecap.cluster.storage import open_location

OUTPUT = f"s3://{BUCKET}/captions/"


@pytest.fixture(scope="module")
def bucket(s3: BaseClient) -> BaseClient:
    for number, key in enumerate(["1.jpg", "a/2.jpg", "a/b/3.jpg", "c/4 ü+%41::5.jpg"]):
        s3.put_object(Bucket=BUCKET, Key=f"photos/{key}", Body=small_picture(number))
    for key in ("a/broken.jpg", "c/empty.jpg"):
        content = b"" if "empty" in key else b"no picture"
        s3.put_object(Bucket=BUCKET, Key=f"photos/{key}", Body=content)
    # What some tools put in the place of a folder, and what is hidden.
    s3.put_object(Bucket=BUCKET, Key="photos/c/", Body=b"")
    s3.put_object(Bucket=BUCKET, Key="photos/.trash/5.jpg", Body=small_picture(5))
    return s3


def test_a_bucket_is_captioned_and_the_run_goes_on(
    bucket: BaseClient, caption: Caption
) -> None:
    done = caption(f"s3://{BUCKET}/photos/", "-o", OUTPUT)
    assert done.exit_code == 1
    assert done.stdout == f"4 captions written into {OUTPUT}, which has 3 shards.\n"
    rows = rows_in(OUTPUT)
    good = ("1.jpg", "a/2.jpg", "a/b/3.jpg", "c/4 ü+%41::5.jpg")
    for key in good:
        assert rows.pop(f"s3://{BUCKET}/photos/{key}").caption
    broken, empty = (rows[path] for path in sorted(rows))
    assert "is not a picture" in str(broken.error)
    assert empty.error == f"{empty.path} is empty; copy or download it again."
    for key in ("a/added.jpg", "c/empty.jpg"):
        bucket.put_object(
            Bucket=BUCKET, Key=f"photos/{key}", Body=small_picture(len(key))
        )
    # The same without a slash at its end; one was added, one is another now.
    done = caption(f"s3://{BUCKET}/photos", "-o", OUTPUT)
    assert done.stdout == (
        f"3 captions written into {OUTPUT}, which has 4 shards, 2 of them from "
        "before.\n"
    )
    assert caption(f"s3://{BUCKET}/photos/", "-o", OUTPUT, "--retry-failed").exit_code
    failed = [path for path, row in rows_in(OUTPUT).items() if row.error]
    assert failed == [f"s3://{BUCKET}/photos/a/broken.jpg"]


def test_a_second_run_is_kept_out_but_not_by_one_that_is_gone(
    bucket: BaseClient, caption: Caption, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "BEAT_SECONDS", 0.2)
    output = f"s3://{BUCKET}/locked/"

    def run() -> Result:
        return caption(f"s3://{BUCKET}/photos/", "-o", output)

    run()
    with lock.exclusive_run(open_location(output)):
        assert run().stderr == (
            f"Error: Another run is at work in {output[:-1]}; wait for its end, or "
            "name another folder.\n"
        )
    assert "from before" in run().stdout
    elsewhere = {"run": "a", "beat": 1, "host": "elsewhere", "process": 1}
    ended = subprocess.Popen(["true"])
    ended.wait()
    here = {**elsewhere, "host": socket.gethostname(), "process": ended.pid}
    for left in (elsewhere, here, "what is this"):
        place = open_location(output).child(lock.LOCK)
        place.write(json.dumps(left).encode())
        assert "from before" in run().stdout
        assert lock.LOCK not in open_location(output).names()


def test_a_run_that_was_not_heard_ends_when_another_has_taken_over(
    bucket: BaseClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "BEAT_SECONDS", 0.1)
    place = open_location(f"s3://{BUCKET}/taken/")
    with lock.exclusive_run(place) as check:
        check()
        with pytest.raises(ClusterError, match="Another run has taken over s3://"):
            # Each may come between a look of this run and its next beat.
            for _ in range(600):
                place.child(lock.LOCK).write(b'{"run": "another"}')
                time.sleep(0.1)
                check()
    assert place.child(lock.LOCK).read() == b'{"run": "another"}'


def test_an_object_that_vanishes_is_a_row(
    bucket: BaseClient, caption: Caption, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.put_object(Bucket=BUCKET, Key="list.txt", Body=b"photos/1.jpg\nphotos/x.jpg")
    output = f"s3://{BUCKET}/of-list/"
    assert caption(f"s3://{BUCKET}/list.txt", "-o", output).exit_code == 1
    there, gone = sorted(rows_in(output).values())
    assert there.caption
    assert gone.error == f"s3://{BUCKET}/photos/x.jpg is not there any more."


def test_a_long_listing_is_read_page_by_page(bucket: BaseClient) -> None:
    from imagecap.cluster.listing import list_folder

    place = open_location(f"s3://{BUCKET}/photos")
    asked: list[object] = []
    whole = place.file_system.call_s3

    def small_pages(method: str, **wanted: object) -> object:
        asked.append(wanted)
        return whole(method, **wanted, MaxKeys=2)

    everything = list(list_folder(place, is_deep=True))
    place.file_system.call_s3 = small_pages
    assert list(list_folder(place, is_deep=True)) == everything
    assert len(asked) > 2
    above = {found.address for found in list_folder(place, is_deep=False)}
    assert above == {f"{place.address}/{name}" for name in ("1.jpg", "a", "c")}


@pytest.mark.parametrize(
    ("pictures", "output", "environment", "sentence"),
    [
        ("s3://nowhere/photos/", OUTPUT, {}, "(The specified bucket does not exist)"),
        (f"s3://{BUCKET}/photos/", "s3://nowhere/c/", {}, "s3://nowhere/c/_manifest"),
        (f"s3://{BUCKET}/nothing/", OUTPUT, {}, "it is not there; check the name"),
        (f"s3://{BUCKET}/photos/", OUTPUT, {"AWS_ACCESS_KEY_ID": ""}, "no credentials"),
        (
            f"s3://{BUCKET}/photos/",
            OUTPUT,
            {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"},
            "there is no connection",
        ),
        ("gs://bucket/photos/", OUTPUT, {}, "pip install gcsfs"),
        ("s3://", OUTPUT, {}, "s3:// names no place; say s3://BUCKET/FOLDER/."),
        (f"s3://{BUCKET}/photos/", "s3://", {}, "s3:// names no place"),
        ("s3://No!/photos/", OUTPUT, {}, "listed: no bucket can have that name"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    bucket: BaseClient,
    caption: Caption,
    monkeypatch: pytest.MonkeyPatch,
    pictures: str,
    output: str,
    environment: dict[str, str],
    sentence: str,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
        if not value:
            monkeypatch.delenv(name)
    if environment:
        import s3fs

        s3fs.S3FileSystem.clear_instance_cache()
    done = caption(pictures, "-o", output)
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: ")
    assert len(done.stderr.splitlines()) == 1
    assert sentence in done.stderr
