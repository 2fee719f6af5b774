"""Where is kept of models what can be made again."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from imagecap.files import personal_folder, place_named
from imagecap.model.bundle import MANIFEST, Bundle, BundleError

VARIABLE = "IMAGECAP_CACHE"


def cache_path(kind: str, bundle: Bundle) -> Path | None:
    """Return the place for one thing of a model; `None` where there is no place.

    The environment variable IMAGECAP_CACHE says in which folder it is, else it is in
    the platform's own for what can be made again.

    Args:
        kind: The folder for all things of this kind.
        bundle: The model.

    Raises:
        BundleError: If its manifest cannot be read.
    """
    named = os.environ.get(VARIABLE)
    folder = place_named(named) if named else personal_folder("cache")
    return None if folder is None else folder / kind / digest(bundle)


def digest(bundle: Bundle) -> str:
    """Return the SHA-256 of a manifest, which holds those of all other files.

    Raises:
        BundleError: If it cannot be read.
    """
    try:
        content = (bundle.folder / MANIFEST).read_bytes()
    except OSError as error:
        raise BundleError(
            f"The model file {bundle.folder / MANIFEST} cannot be read "
            f"({error.strerror}). Install the model again, or choose another one."
        ) from error
    return hashlib.sha256(content).hexdigest()
