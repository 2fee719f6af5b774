"""Picture files in memory are read as the files themselves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_pictures import quarters, saved

from imagecap.pictures.content import PictureContent
from imagecap.pictures.reading import PictureError, open_picture


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp", ".gif"])
def test_a_picture_in_memory_is_that_of_its_file(tmp_path: Path, suffix: str) -> None:
    file = saved(quarters(), tmp_path / f"a{suffix}")
    content = PictureContent(f"s3://bucket/a{suffix}", file.read_bytes())
    np.testing.assert_array_equal(open_picture(content), open_picture(file))


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "is empty"), (b"no picture", "is not a picture"), (b"\xff\xd8\xff", "is")],
)
def test_what_cannot_be_read_is_named(content: bytes, said: str) -> None:
    with pytest.raises(PictureError, match=f"^s3://bucket/a.jpg {said}"):
        open_picture(PictureContent("s3://bucket/a.jpg", content))
