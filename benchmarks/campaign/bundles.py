"""Model bundles whose small files are forged, their hashes put right."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from benchmarks.campaign import odd_arrays
from benchmarks.campaign.attempts import Ending, Outcome, attempt_each
from benchmarks.campaign.edits import damaged
from benchmarks.campaign.odd_json import changed
from benchmarks.campaign.part import Part
from benchmarks.campaign.tally import Tally, try_each
from imagecap.model.bundle import (
    MANIFEST,
    MEMORY,
    VOCABULARY,
    WORD_DETECTOR,
    load_bundle,
)
from imagecap.model.captioner import Captioner
from imagecap.model.corrected_words import Correction
from imagecap.model.memory import Memory
from imagecap.model.trial_run import caption_trial_pictures, limit_memory

Files = Mapping[str, bytes]
_SAMPLE = Path(__file__).resolve().parents[2] / "gui" / "sample.jpg"


def run(part: Part) -> Tally:
    """Forge all small files: manifest, word detector, memory ..., each in its turn."""
    small = {
        path.name: path.read_bytes()
        for path in sorted(part.model.iterdir())
        if path.suffix in (".json", ".npy", ".npz")
    }
    if WORD_DETECTOR in small:
        small.setdefault(MEMORY, _made_memory(part.model))
    # Each made once, since Hypothesis keeps what it is given.
    forged = (
        st.fixed_dictionaries({name: _forged(name, small[name])})
        for name in sorted(small)
    )
    return try_models(st.one_of(*forged), part)


def _made_memory(model: Path) -> bytes:
    """Make a memory of three pictures, two captions each, that suits a model."""
    bundle = load_bundle(model)
    length = Captioner(bundle).embedding.axes.shape[1]
    captions = [bundle.vocabulary.words[4:12], bundle.vocabulary.words[6:9]]
    remembered = [Correction(vector, captions) for vector in np.eye(3, length)]
    return Memory.of_corrections(remembered, bundle.vocabulary).to_bytes()


def try_models(forged: st.SearchStrategy[Files], part: Part) -> Tally:
    """Put drawn files into a model and caption with it.

    Args:
        forged: Name of a file → its content.
        part: How many attempts, and where; what was wrong is kept.
    """
    return try_each(
        forged, lambda files, folder: _put(files, part.model, folder), _try, part
    )


def _put(files: Files, model: Path, folder: Path) -> str:
    """Make a model that is another one but for some files, whose hashes are right."""
    manifest = json.loads((model / MANIFEST).read_text("utf-8"))
    served = [name for name in manifest["files"] if not name.endswith(".h5")]
    manifest["files"] = {name: manifest["files"][name] for name in served}
    for name in {*served, *files} - {MANIFEST}:
        path = folder / name
        if name in files:
            path.write_bytes(files[name])
            digest = hashlib.sha256(files[name]).hexdigest()
            manifest["files"][name] = {"bytes": len(files[name]), "sha256": digest}
        else:
            path.symlink_to(model.resolve() / name)
    whole = files.get(MANIFEST) or json.dumps(manifest).encode()
    (folder / MANIFEST).write_bytes(whole)
    return ", ".join(files)


def _try(folders: list[Path]) -> list[Outcome]:
    """Caption with models as `Captioner.load` does: first in a trial, then in earnest.

    What happens to the process of the trial, a person sees as a sentence; a test of
    `imagecap.model.trial` proves it.
    """
    tried = attempt_each([partial(_try_out, folder) for folder in folders])
    works = [
        partial(_caption, folder)
        for folder, outcome in zip(folders, tried, strict=True)
        if outcome.ending is Ending.DONE
    ]
    used = iter(attempt_each(works))
    return [
        _both(outcome, next(used)) if outcome.ending is Ending.DONE else _seen(outcome)
        for outcome in tried
    ]


def _seen(tried: Outcome) -> Outcome:
    stopped = tried.ending in (Ending.CRASHED, Ending.TOO_LONG)
    return replace(tried, ending=Ending.STOPPED) if stopped else tried


def _both(tried: Outcome, used: Outcome) -> Outcome:
    return replace(
        used,
        seconds=tried.seconds + used.seconds,
        computing=max(tried.computing, used.computing),
        megabytes=max(tried.megabytes, used.megabytes),
    )


def _try_out(folder: Path) -> None:
    limit_memory(folder)
    caption_trial_pictures(folder)


def _caption(folder: Path) -> None:
    Captioner(load_bundle(folder)).candidates(_SAMPLE, 3)


def _forged(name: str, content: bytes) -> st.SearchStrategy[bytes]:
    # Most edits make of a file what is none of its kind, which tries no more than that.
    if name in (MANIFEST, VOCABULARY):
        values = changed(json.loads(content))
    else:
        values = odd_arrays.changed(content)
    edited = damaged(content)
    return st.integers(0, 9).flatmap(lambda n: values if n else edited)
