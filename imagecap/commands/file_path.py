"""Files and folders as arguments of commands."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

# Whoever opens it says in one sentence why it cannot be read; click says it otherwise.
FILE_PATH = click.Path(path_type=Path, readable=False)
"""A path, which need not exist nor be readable."""


class Address(str):
    """A place that is no plain path: `s3://bucket/photos/`, or a folder of shards."""

    __slots__ = ()


class _PathOrAddress(click.ParamType[Path | Address]):
    name = "path"

    def __init__(self, is_output: bool) -> None:
        self._is_output = is_output

    def convert(
        self,
        value: Any,  # noqa: ANN401 – as click has it
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Path | Address:
        """Give an address where a path would lose what is meant."""
        if isinstance(value, Path):
            return value
        names_folder = value.endswith(("/", os.sep)) and self._is_output
        return Address(value) if "://" in value or names_folder else Path(value)


INPUT = _PathOrAddress(is_output=False)
"""A path, or the address of pictures that lie elsewhere."""
OUTPUT = _PathOrAddress(is_output=True)
"""The path of a file, or the address of a folder."""
