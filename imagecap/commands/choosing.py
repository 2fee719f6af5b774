"""The pictures that a command is about, and the model that describes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

import imagecap
from imagecap.commands.console import tell, tell_error, tell_note
from imagecap.commands.file_path import FILE_PATH
from imagecap.errors import ImagecapError

if TYPE_CHECKING:
    from imagecap.library.store import Library
    from imagecap.model.captioner import Captioner
    from imagecap.pictures.folders import FoundPictures
    from imagecap.settings import Settings

images_argument = click.argument(
    "images",
    nargs=-1,
    required=True,
    type=FILE_PATH,
    metavar="IMAGE_OR_FOLDER…",
)
"""The pictures, for `choose_pictures`."""
model_option = click.option(
    "--model",
    metavar="NAME_OR_PATH",
    help="The model. [default: the one in the settings, else default]",
)
"""The model, for `choose_captioner`."""


def choose_pictures(
    paths: Sequence[Path], no_subfolders: bool, may_be_none: bool = False
) -> FoundPictures:
    """Find pictures and tell a person what is left out.

    Args:
        paths: Files and folders, in any mixture.
        no_subfolders: Whether only the pictures that lie in the folders are meant.
        may_be_none: Whether they may be added later.

    Raises:
        ImagecapError: If there are none.
    """
    from imagecap.pictures.folders import find_pictures

    found = find_pictures(paths, not no_subfolders)
    for sentence in found.left_out:
        tell_error(sentence)
    if not (found.pictures or may_be_none):
        tell_left_out(len(found.left_out))
        raise ImagecapError(_nothing_in(paths, no_subfolders))
    return found


def tell_left_out(count: int) -> int:
    """Say how many things in all were left out, and give the exit status."""
    if count:
        tell(f"Left out: {count:,}.")
    return 1 if count else 0


def choose_settings() -> Settings:
    """Load what a person has chosen; tell where that cannot be read."""
    from imagecap.settings import load_settings

    settings, problem = load_settings()
    if problem:
        tell_note(problem)
    return settings


def choose_captioner(model: str | None, settings: Settings) -> Captioner:
    """Load the model that is asked for, else the one in the settings.

    Raises:
        BundleError: If there is no such model, or it is damaged.
        ImagecapError: If that is so of the one in the settings.
    """
    with _naming_settings(model, settings):
        return imagecap.Captioner.load(model or settings.model)


def check_model(model: str | None, settings: Settings) -> None:
    """Find the model that is to be loaded later.

    Raises:
        BundleError: If there is no such model.
        ImagecapError: If that is so of the one in the settings.
    """
    from imagecap.model.bundle import find_bundle
    from imagecap.model.captioner import DEFAULT_MODEL

    with _naming_settings(model, settings):
        find_bundle(model or settings.model or DEFAULT_MODEL)


@contextmanager
def _naming_settings(model: str | None, settings: Settings) -> Iterator[None]:
    try:
        yield
    except ImagecapError as error:
        if model or not settings.model:
            raise
        raise ImagecapError(
            f"{error}\nThe settings name that model; choose another with --model."
        ) from error


@contextmanager
def learning_at_once(captioner: Captioner, is_wanted: bool) -> Iterator[None]:
    """Let what a person corrected help meanwhile, where there is a library.

    Args:
        captioner: The model.
        is_wanted: Whether it shall be so.
    """
    library = _library_that_is_there() if is_wanted else None
    if library is None:
        yield
        return
    with closing(library):
        captioner.learn_at_once(library.corrections(captioner.bundle.identity))
        try:
            yield
        finally:
            captioner.learn_at_once(None)


def _library_that_is_there() -> Library | None:
    from imagecap.library.errors import LibraryError
    from imagecap.library.place import library_path

    try:
        if not library_path().exists():
            return None
        from imagecap.library.store import Library

        return Library.open()
    except LibraryError as error:
        tell_note(f"{error} What was corrected has no say.")
        return None


def _nothing_in(folders: Sequence[Path], no_subfolders: bool) -> str:
    names = ", ".join(map(str, folders))
    if no_subfolders:
        return (
            f"There are no pictures in {names}; leave out --no-subfolders to look in "
            "its sub-folders."
        )
    return f"There are no pictures in {names}; name a folder that has some."
