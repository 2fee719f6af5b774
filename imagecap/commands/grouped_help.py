"""Options of a command in groups, each with a title in the help."""

from __future__ import annotations

from typing import Any

import click

from imagecap.commands.console import Program

_OTHERS = "Other options"


class GroupedOption(click.Option):
    """An option that the help lists under a title.

    Args:
        arguments: Those of `click.Option`.
        group: The title.
        extra: More of `click.Option`'s.
    """

    def __init__(self, *arguments: Any, group: str, **extra: Any) -> None:  # noqa: ANN401 – as click's
        super().__init__(*arguments, **extra)
        self.group = group


class GroupedProgram(Program):
    """A program whose help lists `GroupedOption`s group by group.

    The groups come in the order of their first options, the options of no group last.
    """

    def format_options(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Write the options; see `click.Command.format_options`."""
        groups: dict[str, list[tuple[str, str]]] = {}
        rest = []
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is None:
                continue
            if isinstance(parameter, GroupedOption):
                groups.setdefault(parameter.group, []).append(record)
            else:
                rest.append(record)
        for title, records in [*groups.items(), (_OTHERS, rest)]:
            with formatter.section(title):
                formatter.write_dl(records)
