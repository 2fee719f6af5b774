"""What has captions by heart does not begin with them; who is asked is told."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from imagecap.model.bundle import Bundle, load_bundle
from imagecap.model.manifest import BestEpoch
from imagecap.model.sealing import update_bundle
from imagecap.training.adaptation.beginning import (
    ADAPTATION,
    BeginningError,
    begin_without,
    settings_after,
)


@pytest.fixture
def first(untrained_bundle: Path, tmp_path: Path) -> Bundle:
    return load_bundle(Path(shutil.copytree(untrained_bundle, tmp_path / "first")))


def gone_on(start: Bundle, data: str, name: str) -> Bundle:
    """Write a model that says that it has learned from data."""
    folder = shutil.copytree(start.folder, start.folder.with_name(name))
    training = start.manifest.training
    learned = replace(
        training,
        data=replace(training.data, name=data),
        best=BestEpoch(ADAPTATION, 1),
        settings=settings_after(training, start, data),
    )
    bundle = load_bundle(folder)
    update_bundle(bundle, replace(bundle.manifest, training=learned), {})
    return load_bundle(folder)


def with_settings(bundle: Bundle, **settings: object) -> Bundle:
    training = bundle.manifest.training
    changed = replace(training, settings={**training.settings, **settings})
    update_bundle(bundle, replace(bundle.manifest, training=changed), {})
    return load_bundle(bundle.folder)


def test_the_same_data_begin_with_what_the_model_was(first: Bundle) -> None:
    second = gone_on(first, "mine", "second")
    named, start, (sentence,) = begin_without(second, "mine")
    assert named == second
    # It is found beside the model, wherever the program was started.
    assert start.folder == first.folder
    assert "second has learned from mine before" in sentence
    assert "learned anew, from first." in sentence
    assert begin_without(second, "others") == (second, second, ())


def test_what_was_learned_from_others_since_is_not_undone(first: Bundle) -> None:
    third = gone_on(gone_on(first, "mine", "second"), "others", "third")
    named, start, (sentence,) = begin_without(third, "mine")
    assert named == start == third
    assert "third has learned from mine before, and from others since" in sentence
    assert "What is no longer in mine is not forgotten." in sentence


def test_another_model_of_the_same_name_is_said(first: Bundle) -> None:
    second = gone_on(first, "mine", "second")
    update_bundle(first, first.manifest, {"more": b"of it"})
    _, start, (sentence,) = begin_without(second, "mine")
    assert start.folder == first.folder
    assert "from first, which is another one now." in sentence


def test_a_model_that_is_gone_is_named(first: Bundle) -> None:
    second = gone_on(first, "mine", "second")
    shutil.rmtree(first.folder)
    with pytest.raises(BeginningError, match="first, which is no longer there"):
        begin_without(second, "mine")
    # What took the place of the former is not what it was before.
    second.folder.rename(first.folder)
    with pytest.raises(BeginningError, match="first, which is no longer there"):
        begin_without(load_bundle(first.folder), "mine")


def test_a_manifest_made_by_hand_may_not_say_what_it_was(first: Bundle) -> None:
    second = gone_on(first, "mine", "second")
    for start in (None, "", 7, ["first"]):
        made = with_settings(second, start=start, learned="mine")
        with pytest.raises(BeginningError, match="does not say which model"):
            begin_without(made, "mine")
    # Former versions wrote no version down.
    made = with_settings(second, start="first", start_version=None, learned=None)
    assert begin_without(made, "mine").start.folder == first.folder
