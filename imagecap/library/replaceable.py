"""Which files may be replaced without a question: those that no person wrote."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from imagecap.captions.caption_files import read_strictly, shared_folder
from imagecap.captions.formats import WRITERS
from imagecap.captions.problems import CaptionFileError
from imagecap.files import read_ordinary
from imagecap.library.store import Library


def holds_only_model_captions(
    library: Library, pictures: Iterable[Path], file: Path
) -> bool:
    """Tell whether nothing is lost where a file of captions is written anew.

    So it is where the file is empty or not there, or where it is, byte for byte, what
    is written for captions that models have said of these pictures.

    Args:
        library: What models have said.
        pictures: The pictures whose captions will be in the file.
        file: The file; its ending is one of those that are written.

    Raises:
        LibraryError: If the library cannot be read.
    """
    folder = shared_folder(pictures) or Path()
    try:
        content = read_ordinary(file)
        if not content:
            return True
        lines = list(read_strictly(file, []))
    except FileNotFoundError:
        return True
    except (CaptionFileError, OSError):
        return False
    if WRITERS[file.suffix.lower()].write(lines) != content:
        return False
    # In a folder that was moved they are known only once they are opened.
    library.recognise(folder / line.picture for line in lines)
    return all(
        library.is_model_caption(folder / line.picture, line.caption) for line in lines
    )
