"""The captions of a folder of shards taken into the library."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from imagecap.cluster.errors import ClusterError
from imagecap.cluster.manifest import read_manifest
from imagecap.cluster.shards import FORMS, Row
from imagecap.cluster.storage import Location, open_location
from imagecap.library.kept_rows import MachineCaption
from imagecap.library.picture_state import read_state
from imagecap.library.store import Library


@dataclass(frozen=True)
class KeptShards:
    """What became of the captions in a folder of shards.

    Attributes:
        taken: How many pictures have one of them now.
        without: How many pictures are in no shard as they are now.
    """

    taken: int
    without: int


def keep_shards(library: Library, pictures: Iterable[Path], folder: str) -> KeptShards:
    """Keep what a model has said in shards of pictures as that model's captions.

    Pictures are known by their content, wherever they lay when they were captioned.

    Args:
        library: Where they are kept.
        pictures: The picture files.
        folder: The address of the folder.

    Raises:
        ClusterError: If it is no such folder, damaged, or of shards that a person may
            have edited, whose words would pass for the model's.
        LibraryError: If the library cannot be read or written.
    """
    place = open_location(folder)
    manifest = read_manifest(place)
    if manifest.get("shards") != "parquet":
        raise ClusterError(
            f"{place.address} has shards that a person may have edited; take them one "
            "by one, each as a caption file."
        )
    width, unsure_below = manifest.get("beam_width"), manifest.get("unsure_below")
    said = {row.content_hash: row for row in _read_shards(place) if row.by}
    taken = without = 0
    for picture in pictures:
        state = read_state(picture)
        content = state.content.hex() if state and state.content else None
        row = said.get(content)
        if row is None or row.caption is None or row.by is None:
            without += 1
            continue
        taken += 1
        # What the library has of the same model may be more.
        if library.model_caption(picture, row.by, width) is not None:
            continue
        unsure = unsure_below is not None and (row.confidence or 0) < unsure_below
        caption = MachineCaption(row.caption, None, row.confidence, unsure)
        library.keep_model_captions(picture, row.by, width, [caption], state)
    library.keep_waiting()
    return KeptShards(taken, without)


def _read_shards(folder: Location) -> Iterator[Row]:
    form = FORMS["parquet"]
    for name in folder.names():
        if not name.endswith(form.ending):
            continue
        shard = folder.child(name)
        try:
            yield from form.read(shard.read())
        except (ValueError, FileNotFoundError) as error:
            raise ClusterError(
                f"{shard.address} is damaged; delete it and run the command again that "
                "has written it."
            ) from error
