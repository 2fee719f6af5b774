"""Pictures that break off: what is whole enough, and what can still be seen."""

import logging
from pathlib import Path

import numpy as np
import pytest
from made_pictures import saved
from PIL import Image

from imagecap.pictures.reading import PictureError, open_picture, open_readable_part


def photograph(width: int = 320, height: int = 240) -> Image.Image:
    """Soft noise, so that each part of the file stands for a part of the picture."""
    small = np.random.default_rng(1).integers(0, 256, (24, 32, 3), dtype=np.uint8)
    return Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)


def cut(path: Path, size: float) -> Path:
    """Keep a share of a file, or all but so many bytes."""
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * size) if size > 0 else int(size)])
    return path


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("lacking", [-1, -2, -7, -40])
def test_a_jpeg_that_lacks_its_end_is_read_with_a_note(
    tmp_path: Path,
    progressive: bool,
    lacking: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    path = saved(photograph(), tmp_path / "a.jpg", progressive=progressive)
    whole = np.asarray(open_picture(path)).astype(int)
    with caplog.at_level(logging.WARNING, "imagecap"):
        picture = open_picture(cut(path, lacking))
    assert "a.jpg lacks its end" in picture.info["note"]
    assert [record.getMessage() for record in caplog.records] == [picture.info["note"]]
    assert np.abs(np.asarray(picture).astype(int) - whole)[:220].max() <= 24


@pytest.mark.parametrize("size", [(320, 240), (64, 64), (48, 32)])
@pytest.mark.parametrize("progressive", [False, True])
def test_half_a_jpeg_is_refused_for_the_caption(
    tmp_path: Path, size: tuple[int, int], progressive: bool
) -> None:
    path = saved(photograph(*size), tmp_path / "a.jpg", progressive=progressive)
    with pytest.raises(PictureError, match=r"a\.jpg is damaged or incomplete"):
        open_picture(cut(path, 0.5))


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".gif", ".tga", ".tiff"])
def test_the_readable_half_is_shown(tmp_path: Path, suffix: str) -> None:
    path = saved(photograph(), tmp_path / f"a{suffix}", interlace=0)
    whole = np.asarray(open_picture(path)).astype(int)
    picture = open_readable_part(cut(path, 0.6))
    assert "What can be read of it is shown" in picture.info["note"]
    shown = np.asarray(picture).astype(int)
    assert shown.shape == whole.shape
    # A BMP and a TGA begin with the lowest row.
    rows = slice(160, None) if suffix in (".bmp", ".tga") else slice(0, 80)
    assert np.abs(shown - whole)[rows].max() <= 2


def test_half_a_progressive_jpeg_shows_all_of_it_roughly(tmp_path: Path) -> None:
    path = saved(photograph(), tmp_path / "a.jpg", progressive=True)
    whole = np.asarray(open_picture(path)).astype(int)
    shown = np.asarray(open_readable_part(cut(path, 0.5))).astype(int)
    assert np.abs(shown - whole).mean() < 25


def test_what_is_whole_has_no_note(tmp_path: Path) -> None:
    path = saved(photograph(), tmp_path / "a.jpg")
    assert open_picture(path).info == {}
    assert open_readable_part(path).info == {}


def test_where_nothing_is_left_nothing_is_shown(tmp_path: Path) -> None:
    path = cut(saved(photograph(), tmp_path / "a.webp"), 0.5)
    with pytest.raises(PictureError, match=r"a\.webp is damaged or incomplete"):
        open_readable_part(path)


def test_a_truncated_avif_is_damaged(tmp_path: Path) -> None:
    whole, half = tmp_path / "whole.avif", tmp_path / "half.avif"
    Image.effect_noise((64, 64), 50).save(whole)
    content = whole.read_bytes()
    for length in (40, len(content) // 2):
        half.write_bytes(content[:length])
        with pytest.raises(PictureError, match="is damaged or incomplete"):
            open_picture(half)
