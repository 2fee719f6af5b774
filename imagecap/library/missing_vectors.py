"""Vectors made anew for pictures that only another model has seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from imagecap.library.store import Library
from imagecap.pictures.reading import PictureError

if TYPE_CHECKING:
    from imagecap.model.captioner import Captioner


def make_vectors(
    captioner: Captioner, library: Library, pictures: Iterable[Path]
) -> Iterator[tuple[Path, PictureError | None]]:
    """Make vectors of pictures that the library knows, and keep them as they come.

    So pictures can be compared that another model has captioned.

    Args:
        captioner: The model.
        library: The library.
        pictures: The picture files, such as `Library.pictures_without_vector` gives.

    Yields:
        Each picture, with why it has no vector, if it has none.

    Raises:
        LibraryError: If vectors cannot be kept.
    """
    model = captioner.bundle.identity
    for picture, features in captioner.encode_many(pictures):
        if isinstance(features, PictureError):
            yield picture, features
        else:
            vector = captioner.embedding.embed_one(features)
            library.keep_vector(picture, model, vector)
            yield picture, None
