"""S3 on this machine, by moto, with small pictures in it; part of the other scripts."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import boto3
import numpy as np
from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends
from moto.server import ThreadedMotoServer
from PIL import Image

BUCKET = "bucket"
BROKEN_EVERY = 50
_FOLDERS = 4


@contextmanager
def filled_bucket(pictures: int) -> Iterator[dict[str, bool]]:
    """Put pictures into a bucket, to which the environment leads meanwhile.

    Yields:
        The address of each picture, and whether it can be read.
    """
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    os.environ |= {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "anyone",
        "AWS_SECRET_ACCESS_KEY": "anything",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    boto3.client("s3").create_bucket(Bucket=BUCKET)
    # Into its store itself, which takes a hundredth of the time.
    store = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    known = {}
    for number in range(pictures):
        key = f"photos/{number % _FOLDERS}/{number:06}.jpg"
        is_good = number % BROKEN_EVERY != 0
        store.put_object(
            BUCKET, key, small_picture(number) if is_good else b"no picture"
        )
        known[f"s3://{BUCKET}/{key}"] = is_good
    try:
        yield known
    finally:
        server.stop()


def small_picture(number: int) -> bytes:
    """Give a JPEG of noise, another one for each number."""
    pixels = np.random.default_rng(number).integers(0, 256, (24, 32, 3), np.uint8)
    content = BytesIO()
    Image.fromarray(pixels).save(content, "JPEG")
    return content.getvalue()
