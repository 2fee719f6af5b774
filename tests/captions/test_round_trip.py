"""Whatever is written into caption files is read again, every part of it."""

from __future__ import annotations

import pickle
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagecap.captions.caption_files import (
    read_captions,
    read_with_notes,
    write_captions,
)
from imagecap.captions.columns import Line
from imagecap.captions.sidecar import read_sidecar, sidecar_path, write_sidecar
from imagecap.datasets.dataset import load_dataset
from imagecap.evaluation.results import read_results

file_names = st.text(
    st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1
).filter(lambda name: name not in (".", ".."))
names = st.lists(file_names, min_size=1, max_size=3).map("/".join)
texts = st.text(
    st.one_of(st.characters(codec="utf-8"), st.sampled_from(",\"'\r\n\t|#;"))
)
ENDINGS = (".csv", ".json", ".jsonl")


def written(captions: dict[str, str], folder: Path, ending: str) -> Path:
    file = folder / f"captions{ending}"
    # A picture at the top keeps the shared folder the top.
    write_captions([(folder / name, text) for name, text in captions.items()], file)
    return file


@pytest.mark.parametrize("ending", ENDINGS)
@given(captions=st.dictionaries(names, texts))
@settings(max_examples=60, deadline=None)
def test_names_and_captions_of_any_text(captions: dict[str, str], ending: str) -> None:
    captions["top"] = "A picture keeps the folder that all share the top."
    with tempfile.TemporaryDirectory() as folder:
        file = written(captions, Path(folder), ending)
        assert read_captions(file) == captions
        lines: list[Line] = list(read_with_notes(file, []))
        assert {line.picture: line.caption for line in lines} == captions
        ids = {name: number for number, name in enumerate(captions, start=1)}
        assert read_results(file, ids, "test") == captions


@given(captions=st.dictionaries(names, texts))
@settings(max_examples=20, deadline=None)
def test_a_pickle_holds_strings_alone(captions: dict[str, str]) -> None:
    captions["top"] = "A picture keeps the folder that all share the top."
    with tempfile.TemporaryDirectory() as folder:
        content = written(captions, Path(folder), ".pkl").read_bytes()
    assert pickle.loads(content) == {name: [text] for name, text in captions.items()}


@given(text=texts.map(str.split).map(" ".join).filter(bool))
@settings(max_examples=60, deadline=None)
def test_a_text_beside_a_picture(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = sidecar_path(Path(folder) / "dog.jpg")
        write_sidecar(file, text)
        assert read_sidecar(file) == text.removeprefix("\ufeff")


@pytest.mark.parametrize("ending", ENDINGS)
def test_training_reads_what_the_window_exports(tmp_path: Path, ending: str) -> None:
    captions = {
        " dog.jpg": 'A dog, "Rex", runs.',
        "a, b.jpg": "Ein Mädchen\r\nlacht.",
        "sub/c|#0.jpg": "\n".join("A poem." for _ in range(12)),
    }
    for name in captions:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    file = written(captions, tmp_path, ending)
    data = load_dataset(file)
    read = {
        str(example.path.relative_to(tmp_path)): example.captions
        for examples in data.splits.values()
        for example in examples
    }
    assert read == {name: (caption,) for name, caption in captions.items()}
    expected = ["1 line of captions.csv began a caption of more than 10 lines: 5."]
    assert list(data.report.problems) == (expected if ending == ".csv" else [])
