from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imagecap.model.attention_overlay import (
    AttentionError,
    draw_attention,
    overlay_attention,
    save_attention,
)
from imagecap.model.caption import Caption

WORDS = ("a", "dog", "runs", "on", "the", "grass")


@pytest.fixture
def caption() -> Caption:
    """Each word looks at one place of 4 × 4; the second at the upper right corner."""
    maps = np.zeros((len(WORDS), 4, 4), np.float32)
    maps[:, 2, 1] = 1
    maps[1] = 0
    maps[1, 0, 3] = 1
    return Caption(WORDS, -1.0, (0.5,) * len(WORDS), maps)


def panels(sheet: Image.Image, width: int, height: int) -> list[np.ndarray]:
    """Find the panels of a grey picture on the white sheet."""
    grey = np.asarray(sheet.convert("L"))
    columns = 5
    cells = []
    for number in range(len(WORDS) + 1):
        row, column = divmod(number, columns)
        left = 12 // 2 + column * (width + 12) + 6
        top = 12 // 2 + row * (height + 36 + 12) + 36
        cells.append(grey[top : top + height, left : left + width])
    return cells


def test_the_light_is_where_the_model_looked(caption: Caption) -> None:
    sheet = draw_attention(Image.new("RGB", (400, 300), (200, 200, 200)), caption)
    plain, first, second, *_ = panels(sheet, 224, 168)
    assert (plain == 200).all()
    for panel, (row, column) in ((first, (2, 1)), (second, (0, 3))):
        lights = panel.reshape(4, 42, 4, 56).mean(axis=(1, 3))
        assert np.unravel_index(lights.argmax(), lights.shape) == (row, column)
        assert lights.max() > 3 * lights.min()
        # The middle of the place is lighter than the picture itself.
        assert panel.max() > 200
        # No edges between places: nothing jumps from a pixel to the next.
        assert np.abs(np.diff(panel.astype(int), axis=1)).max() < 12


def test_words_stand_above_their_panels(caption: Caption) -> None:
    sheet = draw_attention(Image.new("RGB", (300, 300), "red"), caption)
    grey = np.asarray(sheet.convert("L"))
    titles = grey[6:42]
    inked = [
        (titles[:, 6 + column * 236 : 6 + (column + 1) * 236] < 128).sum()
        for column in range(5)
    ]
    # The first panel is the picture itself.
    assert inked[0] == 0
    assert all(ink > 40 for ink in inked[1:])


@pytest.mark.parametrize("size", [(3, 4000), (4000, 3), (1, 1)])
def test_any_shape_of_picture_can_be_drawn(
    caption: Caption, size: tuple[int, int]
) -> None:
    sheet = draw_attention(Image.new("RGB", size), caption)
    assert max(sheet.size) < 2000


def test_a_caption_without_attention_is_refused() -> None:
    with pytest.raises(AttentionError, match="without attention"):
        draw_attention(Image.new("RGB", (9, 9)), Caption(("a",), -1.0, (0.5,)))


@pytest.mark.parametrize("ending", ["png", "jpg", "webp"])
def test_the_ending_decides_the_format(tmp_path: Path, ending: str) -> None:
    output = tmp_path / f"seen.{ending}"
    save_attention(Image.new("RGB", (9, 9)), output, tmp_path / "photo.jpg")
    with Image.open(output) as drawn:
        assert drawn.format == {"jpg": "JPEG"}.get(ending, ending.upper())
    assert list(tmp_path.iterdir()) == [output]


def test_nothing_is_lost(tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(b"precious")
    sheet = Image.new("RGB", (9, 9))
    with pytest.raises(AttentionError, match=r"is the picture itself"):
        save_attention(sheet, photo, photo)
    with pytest.raises(AttentionError, match=r"seen\.pdf has no ending for a picture"):
        save_attention(sheet, tmp_path / "seen.pdf", photo)
    for place in (tmp_path / "none" / "seen.png", photo / "seen.png"):
        with pytest.raises(AttentionError, match="cannot be written"):
            save_attention(sheet, place, photo)
    assert photo.read_bytes() == b"precious"
    assert list(tmp_path.iterdir()) == [photo]


@pytest.mark.parametrize("darkest", [0.15, 0.5])
def test_what_was_not_looked_at_keeps_its_share_of_the_light(
    caption: Caption, darkest: float
) -> None:
    assert caption.attention is not None
    grey = Image.new("RGB", (280, 280), (100, 100, 100))
    seen = np.asarray(
        overlay_attention(grey, caption.attention[1], darkest=darkest), int
    )[..., 0]
    assert abs(seen.min() - 100 * darkest) <= 1
    assert seen.max() > 120
    # A soft edge: nothing jumps, across the edges of the map's places neither.
    assert max(np.abs(np.diff(seen, axis=axis)).max() for axis in (0, 1)) <= 4
