"""The `imagecap` command, composed of its commands."""

from __future__ import annotations

import importlib

import click

import imagecap
from imagecap.commands.console import Program

# Each is in the file of its name.
_COMMANDS = (
    "attend",
    "caption",
    "dataset",
    "desktop",
    "doubles",
    "evaluate",
    "formats",
    "gallery",
    "gui",
    "join",
    "language",
    "library",
    "metadata",
    "ranker",
    "search",
    "serve",
    "voices",
)


class _Commands(Program, click.Group):
    """Loads a command when it is called, so that none waits for what others need."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command; return `None` where there is none of this name."""
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"imagecap.commands.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(imagecap.__version__)
def main() -> None:
    """Describe photographs in one sentence; offline."""
