"""The options of a folder of shards, on which `imagecap caption` may write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click
from click.core import ParameterSource

_WITH_SHARDS = frozenset(
    {"images", "model", "beam", "output", "form", "engine", "address", "retries"}
)


@dataclass(frozen=True)
class Shards:
    """What is wanted of a folder of shards.

    Attributes:
        folder: Its address.
        form: The form of the shards.
        engine: `ray`, or `None` for this process.
        address: The address of the Ray cluster.
        retries: Whether pictures that could not be read are tried once more.
    """

    folder: str
    form: str
    engine: str | None
    address: str | None
    retries: bool


def shard_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of `Shards` to a command."""
    for option in (
        click.option(
            "--retry-failed",
            "retries",
            is_flag=True,
            help="With --output FOLDER/, try pictures that could not be read again.",
        ),
        click.option(
            "--address",
            metavar="HOST:PORT",
            help="With --engine ray, the cluster. [default: RAY_ADDRESS, else one of "
            "this machine alone]",
        ),
        click.option(
            "--engine",
            type=click.Choice(["ray"]),
            help="With --output FOLDER/, work on a Ray cluster. [default: in this "
            "process]",
        ),
        click.option(
            "--shards",
            "form",
            type=click.Choice(["parquet", "jsonl", "csv"]),
            help="With --output FOLDER/, the form of the files in it. "
            "[default: parquet]",
        ),
    ):
        command = option(command)
    return command


def refuse_other_options(context: click.Context) -> None:
    """Refuse what a command line says that a folder of shards cannot have.

    Raises:
        click.UsageError: If there is something.
    """
    others = [
        option.opts[-1]
        for option in context.command.params
        if option.name not in _WITH_SHARDS
        and context.get_parameter_source(str(option.name))
        is ParameterSource.COMMANDLINE
    ]
    if others:
        raise click.UsageError(f"A folder of shards takes no {', '.join(others)}.")
