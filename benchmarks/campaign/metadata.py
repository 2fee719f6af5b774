"""Captions written into copies of damaged pictures."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import ImageChops

from benchmarks.campaign.edits import damaged_files
from benchmarks.campaign.part import Part
from benchmarks.campaign.pictures import whole_pictures
from benchmarks.campaign.tally import Tally, try_files
from imagecap.errors import ImagecapError
from imagecap.pictures.metadata import read_metadata, write_described_copy
from imagecap.pictures.reading import PictureError, open_picture

_CAPTION = "Ein <Hund> & “Kätzchen” 🐈 im Schnee."


def run(part: Part) -> Tally:
    """Copy pictures with a caption: it reads again, and the pixels are as they were."""
    return try_files(damaged_files(whole_pictures()), _copy, part)


def _copy(path: Path) -> None:
    before = path.read_bytes()
    with TemporaryDirectory() as temporary:
        copy = Path(temporary, path.name)
        try:
            read_metadata(path)
            write_described_copy(path, _CAPTION, copy)
        except ImagecapError:
            assert not copy.exists(), "a copy in spite of an error"
            raise
        finally:
            assert path.read_bytes() == before, "the picture itself was changed"
        found = read_metadata(copy).caption()
        assert found == _CAPTION, f"the caption reads as {found!r}"
        try:
            picture = open_picture(path)
        except PictureError:
            return
        copied = open_picture(copy)
        assert copied.size == picture.size, "the copy has another size"
        changed = ImageChops.difference(copied, picture).getbbox()
        assert changed is None, f"the copy has other pixels in {changed}"
