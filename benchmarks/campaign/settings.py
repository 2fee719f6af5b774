"""Damaged settings."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import strategies as st

from benchmarks.campaign.edits import damaged
from benchmarks.campaign.odd_json import changed, odd_values
from benchmarks.campaign.part import Part
from benchmarks.campaign.tally import Tally, try_files
from imagecap.settings import VARIABLE, Settings, change_settings, load_settings


def run(part: Part) -> Tally:
    """Read settings; what is wrong in them is told once, and choices are kept again."""
    whole = {**asdict(Settings()), "model": "fast", "recent_files": ["/a/dog.jpg"]}
    contents = st.one_of(
        changed(whole),
        damaged(json.dumps(whole).encode()),
        odd_values.map(lambda value: json.dumps(value).encode()),
    )
    return try_files(st.tuples(st.just("settings.json"), contents), _use, part)


def _use(path: Path) -> None:
    content = path.read_bytes()
    with TemporaryDirectory() as temporary:
        settings = Path(temporary, "settings.json")
        settings.write_bytes(content)
        os.environ[VARIABLE] = str(settings)
        found, problem = load_settings()
        if "stays as it is" in problem:
            assert [*Path(temporary).iterdir()] == [settings], "it was not left alone"
            assert settings.read_bytes() == content, "it was changed"
            assert not any(name.encode() in content for name in asdict(found))
            return
        again, later_problem = load_settings()
        # Which differs from itself.
        assert repr(again) == repr(found), "other settings the second time"
        assert not later_problem, "a problem told twice"
        if problem:
            kept = [one.read_bytes() for one in Path(temporary).iterdir()]
            assert content in kept, "what was wrong is not kept"
        change_settings(text_size=120)
        assert load_settings()[0].text_size == 120, "a choice is not kept"
