"""What tests of shards and S3 share."""

from __future__ import annotations

from collections.abc import Callable

from click.testing import Result

BUCKET = "bucket"

Caption = Callable[..., Result]
"""`imagecap caption`, called with the small model."""
