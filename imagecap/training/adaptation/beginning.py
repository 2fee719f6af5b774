"""Which model learning begins with: not one that has the captions by heart already."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from imagecap.errors import ImagecapError
from imagecap.model.bundle import (
    MANIFEST,
    Bundle,
    BundleError,
    find_bundle,
    load_bundle,
)
from imagecap.model.experts import load_expert_bundles
from imagecap.model.manifest import Training

ADAPTATION = "adaptation"
"""The stage, in the manifest, of what was learned by going on with few pictures."""

# In the settings of a manifest: the model that it went on from, and the names of the
# data sets that it has learned from since it was trained.
_START, _VERSION, _LEARNED = "start", "start_version", "learned"


class BeginningError(ImagecapError):
    """There is no model to begin with."""


class Beginning(NamedTuple):
    """What learning begins with.

    Attributes:
        named: The model that was asked for, without an expert for the same data.
        start: The one that learns, and that the new one is compared with.
        sentences: What a person has to know of it.
    """

    named: Bundle
    start: Bundle
    sentences: tuple[str, ...]


def settings_after(former: Training, start: Bundle, data: str) -> dict[str, Any]:
    """Return settings for a manifest, from which `begin_without` finds the way back.

    Args:
        former: How what has learned was trained.
        start: The model that it is a part of.
        data: The name of what was learned from.
    """
    return {
        **former.settings,
        _START: start.name,
        _VERSION: start.manifest.version,
        _LEARNED: [*_learned(former.settings), data],
    }


def begin_without(named: Bundle, data: str) -> Beginning:
    """Choose the model to begin with: one without what has these captions by heart.

    Args:
        named: The model that is to go on.
        data: The name of the data set.

    Raises:
        BeginningError: If the model learned from it last, and what it was before is
            not to be found.
        BundleError: If that is damaged.
    """
    experts = tuple(one for one in named.manifest.experts or () if one.data != data)
    is_anew = len(experts) < len(named.manifest.experts or ())
    named = replace(named, manifest=replace(named.manifest, experts=experts or None))
    training = named.manifest.training
    start, without, sentences = named, f"{named.name} without that", []
    if training.best.stage == ADAPTATION and training.data.name == data:
        start, is_same = _former(named, data)
        without = start.name if is_same else f"{start.name}, which is another one now"
        is_anew = True
    if is_anew:
        sentences.append(
            f"{named.name} has learned from {data} before: this is learned anew, from "
            f"{without}. What is no longer in {data} is forgotten; data that are to be "
            "learned beside it need another name."
        )
    parts = [start, *load_expert_bundles(start)]
    if any(data in _learned(one.manifest.training.settings) for one in parts):
        sentences.append(
            f"{start.name} has learned from {data} before, and from others since, so "
            "what it gains now may be more than what can be measured. What is no "
            f"longer in {data} is not forgotten."
        )
    return Beginning(named, start, tuple(sentences))


def _former(named: Bundle, data: str) -> tuple[Bundle, bool]:
    """Find the model that a model went on from; tell whether it is the same still."""
    settings = named.manifest.training.settings
    name, version = settings.get(_START), settings.get(_VERSION)
    if not isinstance(name, str) or not name:
        raise BeginningError(
            f"{named.name} has learned from {data} before, and does not say which "
            "model it went on from: name another model to begin with."
        )
    beside = named.folder.resolve().parent / Path(name).name
    places = [beside] if (beside / MANIFEST).is_file() else []
    with suppress(BundleError):
        places.append(find_bundle(name))
    found = [load_bundle(one) for one in places if not one.samefile(named.folder)]
    for one in found:
        if version in (None, one.manifest.version):
            return one, True
    if not found:
        raise BeginningError(
            f"{named.name} has learned from {data} before; to learn it anew takes the "
            f"model that it went on from, {name}, which is no longer there. Put it "
            "back or name another model to begin with."
        )
    return found[0], False


def _learned(settings: Mapping[str, Any]) -> list[str]:
    known = settings.get(_LEARNED)
    return [str(one) for one in known] if isinstance(known, list | tuple) else []
