"""Captions in HEIC and AVIF, whose items lie where a list tells."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, features

from imagecap.pictures.metadata import read_metadata, write_described_copy
from imagecap.pictures.metadata.heif_places import Item, Places

IMAGE = Image.linear_gradient("L").convert("RGB").resize((64, 48))
XMP = (
    b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><r:Description '
    b'r:about="x" xmlns:d="http://purl.org/dc/elements/1.1/" d:description="Old"/>'
    b"</r:RDF>"
)
needs_avif = pytest.mark.skipif(not features.check("avif"), reason="no AVIF here")


def avif(**how: object) -> bytes:
    file = io.BytesIO()
    IMAGE.save(file, "AVIF", **how)
    return file.getvalue()


def exif() -> bytes:
    made = Image.Exif()
    made[0x010E], made[0x010F] = "Old", "Maker"
    return made.tobytes()


def described(folder: Path, content: bytes) -> bytes:
    source, copy = folder / "a.avif", folder / "b.avif"
    source.write_bytes(content)
    assert write_described_copy(source, "A “dog”.", copy) == ()
    with Image.open(source) as old, Image.open(copy) as new:
        assert new.tobytes() == old.tobytes()
        assert new.getexif().get(0x010F) == old.getexif().get(0x010F)
    return copy.read_bytes()


@needs_avif
@pytest.mark.parametrize("has_exif", [False, True])
@pytest.mark.parametrize("has_xmp", [False, True])
def test_the_caption_is_in_exif_and_xmp(
    tmp_path: Path, has_exif: bool, has_xmp: bool
) -> None:
    how = {"exif": exif()} if has_exif else {}
    new = described(tmp_path, avif(**how, **({"xmp": XMP} if has_xmp else {})))
    captions = read_metadata(tmp_path / "b.avif").captions
    assert captions.keys() == {"exif-description", "description", "alt-text"}
    assert set(captions.values()) == {"A “dog”."}
    # A second one takes the place of the first.
    assert described(tmp_path, new).count(b"rdf+xml") == 1


@needs_avif
def test_metadata_of_another_picture_in_the_file_stays(tmp_path: Path) -> None:
    old = avif(xmp=XMP)
    at = old.index(b"cdsc") + 4
    assert struct.unpack_from(">HHH", old, at)[1:] == (1, 1)
    old = old[: at + 4] + struct.pack(">H", 77) + old[at + 6 :]
    new = described(tmp_path, old)
    assert XMP in new
    assert new.count(b"rdf+xml") == 2


@needs_avif
def test_an_animation_and_a_trailer_are_copied_as_they_are(tmp_path: Path) -> None:
    moving = avif(save_all=True, append_images=[IMAGE.rotate(180)])
    for content in (moving, avif() + b"\0\0\0\1 a video"):
        (tmp_path / "a.avif").write_bytes(content)
        write_described_copy(tmp_path / "a.avif", "A.", tmp_path / "b.avif")
        assert (tmp_path / "b.avif").read_bytes() == content
        assert read_metadata(tmp_path / "b.avif").caption() == "A."


WIDE = st.integers(0, 2**32 - 1)


@given(
    st.sampled_from([0, 1, 2]),
    st.dictionaries(
        st.integers(1, 60_000),
        st.tuples(st.integers(0, 2), WIDE, st.lists(st.tuples(WIDE, WIDE))),
    ),
    st.integers(0, 10_000),
    WIDE,
)
def test_places_are_written_as_they_are_read(
    version: int,
    items: dict[int, tuple[int, int, list[tuple[int, int]]]],
    growth: int,
    behind: int,
) -> None:
    made = Places(
        bytes([version, 0, 0, 0]),
        (8, 4, 8, 8 if version else 0),
        {
            number: Item(
                method if version else 0,
                0,
                base,
                tuple((0, place, length) for place, length in extents),
            )
            for number, (method, base, extents) in items.items()
        },
    )
    assert Places.read(made.to_bytes()) == made
    moved = made.moved(growth, behind)
    for number, item in made.items.items():
        for (_, old, _), (_, new, _) in zip(
            item.extents, moved.items[number].extents, strict=True
        ):
            moves = item.method == 0 and item.base + old >= behind
            assert new - old == (growth if moves else 0)


def test_places_that_take_no_room_are_not_believed() -> None:
    """A million of them would be a list of some bytes."""
    items = b"".join(struct.pack(">HHH", item, 0, 65_535) for item in range(60_000))
    with pytest.raises(ValueError, match="too many places"):
        Places.read(bytes(6) + struct.pack(">H", 60_000) + items)


def test_an_item_is_no_longer_than_its_file() -> None:
    again = Item(0, 0, 0, ((0, 0, 100),) * 20_000)
    with pytest.raises(ValueError, match="again and again"):
        Places(bytes(4), (4, 4, 4, 0), {1: again}).data(1, bytes(100))
