"""Captions of shards taken into the library."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from buckets import Caption
from click.testing import CliRunner, Result
from shards import rows_in, save_pictures

from imagecap.captions.caption_files import read_with_notes
from imagecap.commands.main import main
from imagecap.library.store import Library
from imagecap.provenance import Provenance


def take(*words: object) -> Result:
    return CliRunner().invoke(main, ["library", "import", *map(str, words)])


def test_captions_stay_the_models_wherever_the_pictures_lie(
    tmp_path: Path, caption: Caption
) -> None:
    photos = save_pictures(tmp_path / "photos", ["1.jpg", "2.jpg", "3.jpg"])
    (photos / "broken.jpg").write_bytes(b"no picture")
    caption(photos, "-o", f"{tmp_path}/captions/")
    rows = rows_in(tmp_path / "captions")
    moved = photos.rename(tmp_path / "moved")
    save_pictures(moved, ["3.jpg"])
    own = moved / "2.jpg"
    with closing(Library.open()) as library:
        library.keep_human(own, "My own.")
    done = take(f"{tmp_path}/captions", moved)
    assert done.stdout == "3 captions taken; 1 picture not in the shards.\n"
    with closing(Library.open()) as library:
        for name, before in (("1.jpg", "1.jpg"), ("3.jpg", "1.jpg")):
            row = rows[f"{photos}/{before}"]
            (entry,) = library.entries([moved / name])
            assert (entry.caption, entry.human) == (row.caption, None)
            provenance = Provenance(row.by, confidence=row.confidence)
            assert library.provenance(entry) == provenance
        assert library.human(own) == "My own."
    again = take(f"{tmp_path}/captions/", moved)
    assert again.stdout == done.stdout


def test_a_folder_of_something_else_is_refused(
    tmp_path: Path, caption: Caption
) -> None:
    photos = save_pictures(tmp_path / "photos", ["1.jpg"])
    assert "holds no captions of a run" in take(photos, photos).stderr
    caption(photos, "-o", f"{tmp_path}/captions/", "--shards", "csv")
    # Whoever edits a table says something that no model has said.
    assert "one by one" in take(tmp_path / "captions", photos).stderr


@pytest.mark.parametrize("form", ["parquet", "jsonl", "csv"])
def test_a_shard_is_a_caption_file(tmp_path: Path, caption: Caption, form: str) -> None:
    photos = save_pictures(tmp_path / "photos", ["1.jpg"])
    (photos / "0.jpg").write_bytes(b"no picture")
    caption(photos, "-o", f"{tmp_path}/captions/", "--shards", form)
    (shard,) = (tmp_path / "captions").glob(f"*.{form}")
    problems: list[str] = []
    (line,) = read_with_notes(shard, problems)
    row = rows_in(tmp_path / "captions")[f"{photos}/1.jpg"]
    assert (line.picture, line.caption) == (row.path, row.caption)
    assert line.provenance == Provenance(row.by, confidence=row.confidence)
    assert len(problems) == 1
    assert "held no caption but the error that was met instead" in problems[0]
    assert take(shard, photos).stdout == "1 caption taken; 0 of yours stay.\n"


def test_a_shard_of_errors_alone_is_read(tmp_path: Path, caption: Caption) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "0.jpg").write_bytes(b"no picture")
    for form in ("parquet", "jsonl", "csv"):
        caption(photos, "-o", f"{tmp_path}/{form}/", "--shards", form)
        (shard,) = (tmp_path / form).glob(f"*.{form}")
        assert list(read_with_notes(shard, [])) == []
