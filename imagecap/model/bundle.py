"""The model bundle on disk: all that serving and retraining need, and no code."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from imagecap.errors import ImagecapError, explain
from imagecap.files import check_ordinary, hash_ordinary, is_exhausted
from imagecap.model.manifest import FORMAT, FormatError, Manifest, read_manifest
from imagecap.text.vocabulary import Vocabulary

MANIFEST = "manifest.json"
VOCABULARY = "vocabulary.json"
ENCODER = "encoder.tflite"
DECODER_START = "decoder_start.tflite"
DECODER_STEP = "decoder_step.tflite"
ENCODER_WEIGHTS = "encoder.weights.h5"
DECODER_WEIGHTS = "decoder.weights.h5"
WORD_DETECTOR = "word_detector.npz"
LANGUAGE_MODEL = "language_model.npz"
DUAL_ENCODER = "dual_encoder.npz"
MEMORY = "memory.npz"
MODEL_CARD = "README.md"
NETWORKS = (ENCODER, DECODER_START, DECODER_STEP)
SERVING_FILES = (VOCABULARY, *NETWORKS)

# In bytes. Those of real models have a hundredth of it.
_LARGEST_TEXT = 10_000_000
# What the hidden name of a bundle ends with while another one takes its place.
_FORMER = ".former"
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
    manifest: Manifest
    vocabulary: Vocabulary

    @property
    def name(self) -> str:
        """The model's name, that of its folder."""
        return self.folder.name

    @property
    def identity(self) -> str:
        """The model's name with its version: another model, another one."""
        return f"{self.name}@{self.manifest.version}"

    @property
    def image_size(self) -> int:
        """Height and width of the picture that the encoder reads, in pixels."""
        return self.manifest.encoder.image_size

    @property
    def feature_shape(self) -> tuple[int, ...]:
        """Shape of the encoder's output for one picture."""
        return self.manifest.encoder.feature_shape

    def verify(self, *names: str) -> None:
        """Check files against the manifest's hashes.

        Raises:
            BundleError: If one is missing or differs.
        """
        for name in names:
            path = self.folder / name
            recorded = self.manifest.files.get(name)
            try:
                # First the size: a file without end has no hash.
                is_whole = (
                    recorded is not None
                    and path.stat().st_size == recorded.bytes
                    and hash_ordinary(path).hex() == recorded.sha256
                )
            except OSError as error:
                raise BundleError(
                    f"The model file {path} cannot be read ({error.strerror}). "
                    "Install the model again."
                ) from error
            if not is_whole:
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
    # Unlike the methods of paths, these never fail, wherever nobody may look.
    return [folder for folder in folders if os.path.isdir(folder)]


def find_bundle(model: str | Path) -> Path:
    """Find a bundle by its path or its name.

    Raises:
        BundleError: If there is none; the message lists those that there are.
    """
    given = Path(model)
    candidates = [given, *(folder / given for folder in models_folders())]
    for folder in candidates:
        put_back(folder)
        if os.path.isfile(folder / MANIFEST):
            return folder
    known = bundle_names()
    there_are = f"There are: {', '.join(known)}." if known else "None is installed."
    raise BundleError(f"There is no model “{model}”. {there_are}")


def bundle_names() -> list[str]:
    """Name all bundles that `find_bundle` finds by name, in order."""
    names: set[str] = set()
    for folder in models_folders():
        for former in folder.glob(f".*{_FORMER}"):
            put_back(folder / former.name[1:].removesuffix(_FORMER))
        bundles = (manifest.parent for manifest in folder.glob(f"*/{MANIFEST}"))
        # Hidden ones are not finished yet.
        names.update(one.name for one in bundles if not one.name.startswith("."))
    return sorted(names)


def former_place(place: Path) -> Path:
    """Return where a bundle lies while another one takes its place."""
    return place.with_name(f".{place.name}{_FORMER}")


def put_back(folder: Path) -> None:
    """Put a bundle back that a killed program has only taken out of its place.

    Args:
        folder: Its place; where something is, nothing is done.
    """
    # Without a name, as “.” is, or where nobody may look, there is nothing to do.
    with suppress(OSError, RuntimeError, ValueError):
        place = folder.resolve()
        former = former_place(place)
        if former.exists() and not place.exists():
            former.rename(place)


def load_bundle(folder: Path) -> Bundle:
    """Load a bundle and verify what serving needs.

    Raises:
        BundleError: If it is damaged, or of a format this version does not know; the
            message names the file.
    """
    bundle = read_bundle(folder)
    bundle.verify(*NETWORKS)
    return bundle


def read_bundle(folder: Path) -> Bundle:
    """Read what a bundle says of itself and its words; its networks stay unverified.

    Raises:
        BundleError: As for `load_bundle`.
    """
    path = folder / MANIFEST
    with naming(path, "is damaged"):
        try:
            manifest = read_manifest(_read_text(path))
        except OSError as error:
            raise BundleError(
                f"{folder} is not a model: {path} cannot be read ({error.strerror})."
            ) from error
        except FormatError as error:
            raise BundleError(
                f"{path} has format {error.args[0]!r}; this version of imagecap reads "
                f"formats up to {FORMAT}. Update imagecap or choose another model."
            ) from error
    bundle = Bundle(folder, manifest, Vocabulary(()))
    bundle.verify(VOCABULARY)
    with naming(folder / VOCABULARY, "is damaged"):
        vocabulary = Vocabulary.from_json(_read_text(folder / VOCABULARY))
    return Bundle(folder, manifest, vocabulary)


@contextmanager
def naming(path: Path, what: str) -> Iterator[None]:
    """Say which file it was, whatever goes wrong inside.

    No list of exceptions is complete: NumPy, `zipfile` and LiteRT raise a dozen, each
    by another damage.

    Args:
        path: The file of a model that is read inside.
        what: What is the matter with it then, "is damaged".

    Raises:
        BundleError: If anything is raised inside.
    """
    try:
        yield
    except BundleError:
        raise
    except Exception as error:
        if is_exhausted(error):
            raise BundleError(f"{path} cannot be loaded: {explain(error)}") from error
        shown = "".join(c if c.isprintable() else " " for c in str(error)[:300])
        why = " ".join(shown.split()).removesuffix(".") or type(error).__name__
        raise BundleError(f"{path} {what}: {why}. Install the model again.") from error


def _read_text(path: Path) -> str:
    check_ordinary(path)
    with path.open("rb") as file:
        content = file.read(_LARGEST_TEXT + 1)
    if len(content) > _LARGEST_TEXT:
        raise ValueError(f"it has more than {_LARGEST_TEXT:,} bytes")
    return content.decode("utf-8")
