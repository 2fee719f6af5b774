"""Bundles written: the model card rendered, each file hashed, all put in its place."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePosixPath

from imagecap.files import atomic_write, reason
from imagecap.model.bundle import (
    DECODER_WEIGHTS,
    ENCODER_WEIGHTS,
    MANIFEST,
    MODEL_CARD,
    Bundle,
    BundleError,
    former_place,
    put_back,
)
from imagecap.model.decoding import without_unused
from imagecap.model.manifest import FileRecord, Manifest, write_manifest
from imagecap.model.model_card import render_model_card
from imagecap.model.records import to_json

# What systems say where something is in the place already.
_NOT_EMPTY = (errno.ENOTEMPTY, errno.EEXIST)
_OTHER_FILES = (MODEL_CARD, ENCODER_WEIGHTS, DECODER_WEIGHTS)


def seal_bundle(folder: Path, manifest: Manifest) -> Manifest:
    """Make a bundle of a folder: add the model card and the manifest.

    Args:
        folder: Holds all other files.
        manifest: What the manifest says; the files of the folder become its files.

    Returns:
        The manifest as it was written.

    Raises:
        OSError: If the disk refuses to take it.
    """
    (folder / MANIFEST).unlink(missing_ok=True)
    (folder / MODEL_CARD).unlink(missing_ok=True)
    card = render_model_card(record_files(folder, manifest))
    (folder / MODEL_CARD).write_text(card, encoding="utf-8")
    sealed = record_files(folder, manifest)
    sealed = replace(sealed, version=version_of(sealed))
    with atomic_write(folder / MANIFEST) as file:
        file.write(write_manifest(sealed).encode())
    return sealed


def record_files(folder: Path, manifest: Manifest) -> Manifest:
    """Return a manifest that names the files of a folder.

    Raises:
        OSError: If one cannot be read, or the disk refuses to keep it.
    """
    files = {}
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        with path.open("r+b") as file:
            os.fsync(file.fileno())
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        name = path.relative_to(folder).as_posix()
        files[name] = FileRecord(path.stat().st_size, digest)
    return replace(manifest, files=files)


def version_of(manifest: Manifest) -> str:
    """Return a hash of all that decides what a model says of a picture.

    That are the files that serving reads, the decoding and the confidence; neither
    the model card nor the weights that retraining starts from.
    """
    confidence = manifest.confidence
    judged = confidence and {**to_json(confidence), "measured": None}
    decides = {
        "files": {
            name: file.sha256
            for name, file in manifest.files.items()
            if PurePosixPath(name).name not in _OTHER_FILES
        },
        "decoding": without_unused(manifest.decoding),
        "confidence": judged,
    }
    content = json.dumps(decides, sort_keys=True).encode()
    return hashlib.sha256(content).hexdigest()[:12]


def new_folder(folder: Path) -> Path:
    """Return where a bundle is made before it is put in its place.

    Args:
        folder: Its place.

    Raises:
        OSError: If something is there that is no bundle.
    """
    # On the disk of the place, also where that is a link.
    place = folder.resolve()
    _check_place(place)
    return place.with_name(f".{place.name}.new")


def place_bundle(bundle: Path, folder: Path) -> None:
    """Put a bundle in its place; one that is there stays until then.

    A folder cannot take the place of another one in a single step on every system. If
    the program is killed between the two, `find_bundle` puts the former one back.

    Args:
        bundle: The bundle, in a folder beside its place.
        folder: Its place.

    Raises:
        OSError: If that cannot be done; what is there then stays.
    """
    place = folder.resolve()
    former = former_place(place)
    put_back(place)
    _check_place(place)
    _remove(former)
    try:
        _exchange(bundle, place, former)
    except OSError:
        put_back(place)
        raise
    # The new one is in its place, whatever becomes of the former one.
    with suppress(OSError):
        _remove(former)


def _check_place(place: Path) -> None:
    """Make sure that nothing is in a bundle's place but a bundle.

    Raises:
        OSError: If there is; a person put it there.
    """
    if (place / MANIFEST).is_file() or not place.exists():
        return
    if not place.is_dir() or any(place.iterdir()):
        raise OSError(errno.EEXIST, "something is there that is no model")


def _exchange(bundle: Path, place: Path, former: Path) -> None:
    while True:
        if place.exists():
            place.rename(former)
        try:
            bundle.rename(place)
        except OSError as error:
            # Another program found the place empty, and has put the former one back.
            if error.errno not in _NOT_EMPTY or former.exists():
                raise
        else:
            return


def _remove(former: Path) -> None:
    """Delete a bundle, which is not to be put back once a part of it is gone."""
    if former.exists():
        old = former.with_suffix(".old")
        shutil.rmtree(old, ignore_errors=True)
        former.rename(old)
        shutil.rmtree(old, ignore_errors=True)


def rename_bundle(bundle: Bundle, folder: Path) -> None:
    """Put a bundle in another place, where it has another name.

    Args:
        bundle: The bundle; nothing stays where it was.
        folder: Its place; a bundle that is there is replaced.

    Raises:
        BundleError: If the disk refuses.
    """
    try:
        seal_bundle(bundle.folder, replace(bundle.manifest, name=folder.name))
        place_bundle(bundle.folder, folder)
    except OSError as error:
        raise BundleError(
            f"The model could not be put in {folder} ({reason(error)}); it is in "
            f"{bundle.folder}."
        ) from error


def update_bundle(
    bundle: Bundle, manifest: Manifest, files: Mapping[str, bytes | None]
) -> None:
    """Write a bundle anew that differs a little.

    Args:
        bundle: The bundle, replaced as a whole.
        manifest: What its manifest says now; its files are those of the folder then.
        files: File name → its content, or `None` for a file to leave out.

    Raises:
        BundleError: If one of the other files is damaged, or the disk refuses to take
            the new bundle. What is in its place then stays.
    """
    bundle.verify(*(set(bundle.manifest.files) - set(files) - {MODEL_CARD}))
    folder = bundle.folder.resolve()
    new = new_folder(folder)
    try:
        shutil.rmtree(new, ignore_errors=True)
        shutil.copytree(bundle.folder, new)
        for name, content in files.items():
            (new / name).unlink(missing_ok=True)
            if content is not None:
                (new / name).write_bytes(content)
        seal_bundle(new, manifest)
        place_bundle(new, folder)
    except OSError as error:
        raise BundleError(
            f"The model {folder} could not be written ({reason(error)}); it stays as "
            "it was."
        ) from error
    finally:
        shutil.rmtree(new, ignore_errors=True)
