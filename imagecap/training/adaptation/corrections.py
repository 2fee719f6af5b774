"""The captions that people wrote, as the library keeps them, as a data set."""

from __future__ import annotations

from imagecap.captions.cells import escape_name
from imagecap.datasets.dataset import Dataset, Example, Report
from imagecap.library.store import Library
from imagecap.provenance import PERSON
from imagecap.training.adaptation.adapt import AdaptationError

CORRECTIONS = "corrections"
"""What takes the place of a folder where this data set is meant."""


def load_corrections(library: Library) -> Dataset:
    """Read what people wrote of pictures that are still where they were.

    A machine's caption that a person accepted word for word is still the machine's; one
    that was changed is a person's.

    Args:
        library: Where captions are kept.

    Raises:
        AdaptationError: If there are none.
        LibraryError: If it cannot be read.
    """
    # What lies at a path may have become another picture since.
    library.recognise(entry.picture for entry in library.human_entries())
    examples, missing = [], 0
    for entry in library.human_entries():
        if library.provenance(entry).by != PERSON:
            continue
        if entry.picture.is_file():
            name = escape_name(str(entry.picture))
            examples.append(Example(name, entry.picture, (str(entry.human),)))
        else:
            missing += 1
    problems = []
    if missing:
        are = "picture is" if missing == 1 else "pictures are"
        problems.append(
            f"{missing:,} captioned {are} no longer there; one that was moved is known "
            "again once it is opened in the window."
        )
    if not examples:
        raise AdaptationError(
            " ".join(
                [
                    "The library holds no caption that a person wrote, so there is "
                    "nothing to learn from: correct captions in the window first.",
                    *problems,
                ]
            )
        )
    splits: dict[str, tuple[Example, ...]] = {
        "train": tuple(examples),
        "dev": (),
        "test": (),
    }
    return Dataset(CORRECTIONS, splits, Report(tuple(problems)))
