"""S3 on this machine, small pictures, and the command that captions them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from botocore.client import BaseClient
from buckets import BUCKET, Caption
from click.testing import CliRunner, Result
from shards import PICTURE_NAMES, save_pictures

from imagecap.commands.main import main


@pytest.fixture(scope="module")
def s3() -> Iterator[BaseClient]:
    """A client of an S3 that is empty but for a bucket; the environment leads there."""
    import boto3
    import s3fs
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    # Without an address it would be open to the whole network.
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "anyone",
            "AWS_SECRET_ACCESS_KEY": "anything",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }.items():
            environment.setenv(name, value)
        # What another file of tests has put there, and its way there.
        reset = Request(f"http://{host}:{port}/moto-api/reset", method="POST")
        urlopen(reset).close()
        s3fs.S3FileSystem.clear_instance_cache()
        client = boto3.client("s3")
        client.create_bucket(Bucket=BUCKET)
        yield client
    server.stop()


@pytest.fixture
def caption() -> Caption:
    """`imagecap caption`, called with the small model."""

    def call(*words: object) -> Result:
        line = ["caption", "--model", "fast", *map(str, words)]
        return CliRunner().invoke(main, line)

    return call


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return save_pictures(tmp_path / "photos", PICTURE_NAMES)


@pytest.fixture
def output(tmp_path: Path) -> str:
    return f"{tmp_path}/captions/"
