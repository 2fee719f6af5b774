"""The model bundle on disk: all that serving and retraining need, and no code."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imagecap.errors import ImagecapError
from imagecap.files import atomic_write, reason
from imagecap.model.beam_search import BeamSettings
from imagecap.text.vocabulary import Vocabulary, VocabularyError

FORMAT = 1
MANIFEST = "manifest.json"
VOCABULARY = "vocabulary.json"
ENCODER = "encoder.tflite"
DECODER_START = "decoder_start.tflite"
DECODER_STEP = "decoder_step.tflite"
ENCODER_WEIGHTS = "encoder.weights.h5"
DECODER_WEIGHTS = "decoder.weights.h5"
MODEL_CARD = "README.md"
SERVING_FILES = (VOCABULARY, ENCODER, DECODER_START, DECODER_STEP)

_PACKAGE = Path(__file__).resolve().parents[1]


class BundleError(ImagecapError):
    """A model bundle is missing, damaged, or of another kind."""


@dataclass(frozen=True)
class Bundle:
    """A verified model bundle.

    Attributes:
        folder: Where it lies.
        manifest: The content of `manifest.json`.
        vocabulary: The words the model knows.
    """

    folder: Path
    manifest: Mapping[str, Any]
    vocabulary: Vocabulary

    @property
    def name(self) -> str:
        """The model's name, that of its folder."""
        return self.folder.name

    @property
    def identity(self) -> str:
        """The model's name with a hash of all its files: another model, another one."""
        files = json.dumps(self.manifest["files"], sort_keys=True)
        return f"{self.name}@{hashlib.sha256(files.encode()).hexdigest()[:12]}"

    @property
    def image_size(self) -> int:
        """Height and width of the picture that the encoder reads, in pixels."""
        return int(self.manifest["encoder"]["image_size"])

    @property
    def feature_shape(self) -> tuple[int, ...]:
        """Shape of the encoder's output for one picture."""
        return tuple(self.manifest["encoder"]["feature_shape"])

    @property
    def beam_settings(self) -> BeamSettings:
        """The search that suits the model."""
        return BeamSettings(**self.manifest["decoding"])

    def verify(self, *names: str) -> None:
        """Check files against the manifest's hashes.

        Raises:
            BundleError: If one is missing or differs.
        """
        for name in names:
            path = self.folder / name
            try:
                with path.open("rb") as file:
                    found = hashlib.file_digest(file, "sha256").hexdigest()
            except OSError as error:
                raise BundleError(
                    f"The model file {path} cannot be read ({error.strerror}). "
                    "Install the model again."
                ) from error
            if found != self.manifest["files"].get(name, {}).get("sha256"):
                raise BundleError(
                    f"The model file {path} is damaged: its hash is not the one in "
                    f"{MANIFEST}. Install the model again."
                )


def models_folders() -> list[Path]:
    """List the folders in which models are looked up by name.

    These are `models` in the working directory, the one beside the source code, and
    the one installed with the package.
    """
    folders = [Path("models"), _PACKAGE.parent / "models", _PACKAGE / "models"]
    return [folder for folder in folders if folder.is_dir()]


def find_bundle(model: str | Path) -> Path:
    """Find a bundle by its path or its name.

    Raises:
        BundleError: If there is none; the message lists those that there are.
    """
    given = Path(model)
    candidates = [given, *(folder / given for folder in models_folders())]
    for folder in candidates:
        if (folder / MANIFEST).is_file():
            return folder
    known = sorted(
        {
            manifest.parent.name
            for folder in models_folders()
            for manifest in folder.glob(f"*/{MANIFEST}")
        }
    )
    there_are = f"There are: {', '.join(known)}." if known else "None is installed."
    raise BundleError(f"There is no model “{model}”. {there_are}")


def load_bundle(folder: Path) -> Bundle:
    """Load a bundle and verify what serving needs.

    Raises:
        BundleError: If it is damaged, or of a format this version does not know; the
            message names the file.
    """
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        version = manifest["format"]
    except OSError as error:
        raise BundleError(
            f"{folder} is not a model: {path} cannot be read ({error.strerror})."
        ) from error
    except (ValueError, TypeError, KeyError) as error:
        raise BundleError(f"{path} is damaged or not a model's manifest.") from error
    if version != FORMAT:
        raise BundleError(
            f"{path} has format {version!r}; this version of imagecap reads format "
            f"{FORMAT}. Update imagecap or choose another model."
        )
    try:
        bundle = Bundle(folder, manifest, Vocabulary(()))
        _ = bundle.image_size, bundle.feature_shape, bundle.beam_settings
        bundle.verify(*SERVING_FILES)
        vocabulary = (folder / VOCABULARY).read_text(encoding="utf-8")
        return Bundle(folder, manifest, Vocabulary.from_json(vocabulary))
    except VocabularyError as error:
        raise BundleError(f"{folder / VOCABULARY}: {error}") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BundleError(f"{path} is damaged: a value is missing or wrong.") from error


def seal_bundle(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Make a bundle of a folder: add the manifest, with the hash of each file.

    Args:
        folder: Holds all files but the manifest.
        manifest: What the manifest says, without format and files.

    Raises:
        OSError: If the disk refuses to take it.
    """
    files = {}
    for path in sorted(folder.iterdir()):
        with path.open("r+b") as file:
            os.fsync(file.fileno())
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        files[path.name] = {"bytes": path.stat().st_size, "sha256": digest}
    whole = {"format": FORMAT, **manifest, "files": files}
    text = json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
    with atomic_write(folder / MANIFEST) as file:
        file.write(text.encode())


def place_bundle(bundle: Path, folder: Path) -> None:
    """Put a bundle in its place; one that is there stays until then.

    Args:
        bundle: The bundle, in a folder beside its place.
        folder: Its place.

    Raises:
        OSError: If that cannot be done.
    """
    former = folder.with_name(f"{folder.name}.former")
    shutil.rmtree(former, ignore_errors=True)
    if folder.exists():
        folder.rename(former)
    bundle.rename(folder)
    shutil.rmtree(former, ignore_errors=True)


def update_bundle(
    bundle: Bundle,
    changes: Mapping[str, Any],
    files: Mapping[str, bytes | None],
    folder: Path | None = None,
) -> None:
    """Write a bundle that differs a little from another.

    Args:
        bundle: The bundle that it differs from.
        changes: Sections of the manifest to put in place of those there.
        files: File name → its content, or `None` for a file to leave out.
        folder: Its place; by default that of the other. A bundle already there is
            replaced.

    Raises:
        BundleError: If one of the other files is damaged, or the disk refuses to take
            the new bundle. What is in its place then stays.
    """
    bundle.verify(*(set(bundle.manifest["files"]) - set(files)))
    folder = (folder or bundle.folder).resolve()
    new = folder.with_name(f".{folder.name}.new")
    made = {"format", "files"}
    kept = {name: v for name, v in bundle.manifest.items() if name not in made}
    try:
        shutil.rmtree(new, ignore_errors=True)
        shutil.copytree(bundle.folder, new)
        (new / MANIFEST).unlink()
        for name, content in files.items():
            (new / name).unlink(missing_ok=True)
            if content is not None:
                (new / name).write_bytes(content)
        seal_bundle(new, {**kept, **changes})
        place_bundle(new, folder)
    except OSError as error:
        raise BundleError(
            f"The model {folder} could not be written ({reason(error)}); it stays as "
            "it was."
        ) from error
    finally:
        shutil.rmtree(new, ignore_errors=True)
