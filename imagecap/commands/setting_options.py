"""The options of train.py that choose settings, made of their declarations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click

from imagecap.commands.grouped_help import GroupedOption
from imagecap.commands.number_in_range import NumberInRange
from imagecap.training.declaration import Setting
from imagecap.training.run.resolve_settings import describe_default
from imagecap.training.settings import SETTINGS

GROUPS = {
    "": "What is learned",
    "decoder": "The decoder, trained alone",
    "fine_tune": "Encoder and decoder, trained together",
    "self_critical": "Rewarded by CIDEr",
    "search": "The search for captions",
}
"""Sections of the settings → the titles over their options."""


def setting_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command an option for each setting that has one.

    The command gets what was chosen as keywords; see `chosen_settings`.
    """
    for setting in reversed(list(SETTINGS.values())):
        if setting.option:
            command = _option(setting)(command)
    return command


def chosen_settings(keywords: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that a person chose, by their paths in `SETTINGS`.

    Args:
        keywords: What the options of `setting_options` gave the command.
    """
    return {
        setting.path: keywords[_keyword(setting)]
        for setting in SETTINGS.values()
        if setting.option and keywords[_keyword(setting)] not in (None, ())
    }


def _keyword(setting: Setting) -> str:
    return setting.path.replace(".", "__")


def _option(setting: Setting) -> Callable[..., Any]:
    facts = [str(setting.range)] if setting.range is not None else []
    if setting.kind is not bool:
        facts.append(f"default: {describe_default(setting.path)}")
    known: click.ParamType[Any] | type = str
    if setting.choices:
        known = click.Choice(setting.choices)
    elif setting.range is not None:
        known = NumberInRange(setting.kind, setting.range)
    return click.option(
        setting.option,
        _keyword(setting),
        cls=GroupedOption,
        group=GROUPS[setting.path.rpartition(".")[0]],
        type=None if setting.kind is bool else known,
        is_flag=setting.kind is bool,
        default=None,
        multiple=setting.kind is tuple,
        metavar=setting.metavar,
        help=" ".join([setting.text, *([f"[{'; '.join(facts)}]"] if facts else [])]),
    )
