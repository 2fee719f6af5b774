"""Which captions in the library are corrections."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from imagecap import Caption
from imagecap.library.store import Library


def test_what_people_wrote_of_seen_pictures_is_a_correction(tmp_path: Path) -> None:
    library = Library(tmp_path / "captions.db")
    names = ("written", "edited", "accepted", "withdrawn", "returned", "unseen")
    pictures = {name: tmp_path / f"{name}.jpg" for name in names}
    for name, picture in pictures.items():
        picture.write_bytes(name.encode())
        if name not in ("written", "unseen"):
            library.keep_model_captions(
                picture, "m@1", None, [Caption(("a", "bus"), -1.0, (0.5, 0.5))]
            )
        library.keep_human(picture, "A bus." if name == "accepted" else "A tram.")
        if name != "unseen":
            library.keep_vector(picture, "m@1", np.eye(5)[names.index(name)])
    corrections = library.corrections("m@1")
    version = corrections.version()
    library.keep_human(pictures["returned"], "A bus.")
    library.keep_human(pictures["withdrawn"], None)
    assert corrections.version() != version
    found = corrections.read()
    # What was taken back is told, so that nobody goes on with it.
    assert [one.captions for one in found] == [[], [], *([[["a", "tram"]]] * 2)]
    assert (found[0].vector == np.eye(5)[3]).all()
    assert (found[2].vector == np.eye(5)[1]).all()
    assert library.corrections("m@2").read() == []
    library.close()
