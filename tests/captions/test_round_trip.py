"""Whatever is written into caption files is read again, every part of it."""

from __future__ import annotations

import csv
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from imagecap.captions.caption_files import (
    read_captions,
    read_captions_of,
    read_with_notes,
    write_captions,
)
from imagecap.captions.columns import Line
from imagecap.captions.sidecar import read_sidecar, sidecar_path, write_sidecar
from imagecap.datasets.dataset import load_dataset
from imagecap.evaluation.results import read_results
from imagecap.provenance import PERSON, Provenance

# Whatever a system of files takes: text, bytes that are none, what looks like escapes,
# what a spreadsheet takes for a formula.
file_names = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1),
    st.binary(min_size=1).map(os.fsdecode),
    st.text(
        st.sampled_from("\n\r\t\"'=+-@,;|#\u2028\x85 \\uDdc8e05\udcff."), min_size=1
    ),
    st.just(f"{'x' * 131_073}"),
).filter(lambda name: name not in (".", "..") and not {"/", "\0"} & {*name})
names = st.lists(file_names, min_size=1, max_size=3).map("/".join)
texts = st.text(
    st.one_of(st.characters(codec="utf-8"), st.sampled_from(",\"'\r\n\t|#;"))
)
ENDINGS = (".csv", ".json", ".jsonl", ".pkl")


def written(captions: dict[str, str], folder: Path, ending: str) -> Path:
    file = folder / f"captions{ending}"
    # A picture at the top keeps the shared folder the top.
    write_captions([(folder / name, text) for name, text in captions.items()], file)
    return file


@pytest.mark.parametrize("ending", ENDINGS)
@given(captions=st.dictionaries(names, texts))
@settings(max_examples=40, deadline=None)
def test_names_and_captions_of_any_text(captions: dict[str, str], ending: str) -> None:
    captions["top"] = "A picture keeps the folder that all share the top."
    with tempfile.TemporaryDirectory() as folder:
        file = written(captions, Path(folder), ending)
        # No caption holds NUL; it is left out when it is written.
        captions = {name: text.replace("\0", "") for name, text in captions.items()}
        assert read_captions(file) == captions
        lines: list[Line] = list(read_with_notes(file, []))
        assert {line.picture: line.caption for line in lines} == captions
        ids = {name: number for number, name in enumerate(captions, start=1)}
        assert read_results(file, ids, "test") == captions
        pictures = {Path(folder) / name: text for name, text in captions.items()}
        found = read_captions_of(list(pictures), file, [])
        assert {name: line.caption for name, line in found.items()} == pictures


@pytest.mark.parametrize("ending", [".csv", ".jsonl"])
@given(
    captions=st.dictionaries(
        names,
        st.builds(
            Provenance,
            st.none() | st.just("fast@0123456789ab") | st.just(PERSON),
            st.none() | st.booleans(),
            st.none() | st.booleans(),
            st.none() | st.floats(0, 1),
        ),
    )
)
@settings(max_examples=30, deadline=None)
def test_where_captions_come_from(captions: dict[str, Provenance], ending: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"captions{ending}"
        said = {Path(folder) / name: value for name, value in captions.items()}
        said[Path(folder) / "top"] = Provenance()
        write_captions([(picture, "A dog.") for picture in said], file, said)
        lines = read_with_notes(file, [])
        found = {Path(folder) / line.picture: line.provenance for line in lines}
    assert found == said


@example(text="A\0 dog.")
@given(text=texts.map(str.split).map(" ".join).filter(bool))
@settings(max_examples=40, deadline=None)
def test_a_text_beside_a_picture(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = sidecar_path(Path(folder) / "dog.jpg")
        write_sidecar(file, text)
        text = " ".join(text.replace("\0", "").split())
        assert read_sidecar(file) == (text.removeprefix("\ufeff") or None)


@pytest.mark.parametrize("ending", ENDINGS)
def test_training_reads_what_the_window_exports(tmp_path: Path, ending: str) -> None:
    captions = {
        " dog.jpg": 'A dog, "Rex", runs.',
        "a, b.jpg": "Ein Mädchen\r\nlacht.",
        "sub/c|#0.jpg": "\n".join("A poem." for _ in range(12)),
        "=1+1.jpg": "=1+1",
        "line\nand\ttab\r.jpg": "Ends.",
        "two\u2028and\x85.jpg": "More ends.",
        os.fsdecode(b"caf\xe8.jpg"): "One café.",
        os.fsdecode(b"caf\xe9.jpg"): "Another café.",
        "caf\\udce9.jpg": "No café.",
    }
    for name in captions:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    file = written(captions, tmp_path, ending)
    data = load_dataset(file)
    read = {
        str(example.path.relative_to(tmp_path)): example.captions
        for example in data.of("all")
    }
    assert read == {name: (caption,) for name, caption in captions.items()}
    assert len({example.name for example in data.of("all")}) == len(captions)
    expected = ["1 line of captions.csv began a caption of more than 10 lines: 5."]
    assert list(data.report.problems) == (expected if ending == ".csv" else [])


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_picture_named_twice_is_written_once(tmp_path: Path, ending: str) -> None:
    (tmp_path / "sub").mkdir()
    file = tmp_path / f"c{ending}"
    named = [tmp_path / name for name in ("a.jpg", "sub/../a.jpg", "a.jpg", "b.jpg")]
    write_captions([(picture, "A dog.") for picture in named], file)
    lines = [line.picture for line in read_with_notes(file, [])]
    assert lines == ["a.jpg", "b.jpg"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_name_is_a_formula(tmp_path: Path, start: str) -> None:
    file = written({f"{start}1+1.jpg": "A dog.", "b.jpg": "A cat."}, tmp_path, ".csv")
    with file.open(encoding="utf-8", newline="") as opened:
        cells = [row[0] for row in csv.reader(opened)]
    assert cells == ["image", f"./{start}1+1.jpg", "b.jpg"]
