"""The manifest of a model: all that a bundle says of itself."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Annotated, Any

from imagecap.model.decoding import Decoding, without_unused
from imagecap.model.measured import ConfidenceRecord, Failures, Scores
from imagecap.model.records import (
    Count,
    Pattern,
    Range,
    RecordError,
    from_json,
    to_json,
)

FORMAT = 2
# Of one picture: 40 MB. The largest known have a hundredth of it.
_MOST_FEATURES = 10_000_000


class FormatError(ValueError):
    """A manifest is of a format that this version does not read."""


@dataclass(frozen=True)
class Encoder:
    """The network that makes features of a picture.

    Attributes:
        name: Its name; those of an ensemble, joined by " + ".
        image_size: Height and width of the picture that it reads, in pixels.
        preprocessing: What becomes of a picture before it, in words.
        feature_shape: Of its output for one picture: a length, or rows, columns and
            channels.
    """

    name: str
    image_size: Annotated[int, Range(16, 1024)]
    preprocessing: str
    feature_shape: Annotated[tuple[Annotated[int, Range(1, 65_536)], ...], Range(1, 3)]


@dataclass(frozen=True)
class SplitSize:
    """How large a split is.

    Attributes:
        pictures: How many pictures it has.
        captions: How many captions these have.
    """

    pictures: Count
    captions: Count


@dataclass(frozen=True)
class TrainingData:
    """What a model was trained on.

    Attributes:
        name: The data set's name.
        scope: What scenes and words it shows, after "the scenes and the words of".
        description: What it is, in sentences.
        splits: The split's name → its size.
        language: The language of its captions, named in English; `None` where nobody
            wrote it down, which was English then.
    """

    name: str
    scope: str
    description: str
    splits: Mapping[str, SplitSize]
    language: str | None = None


@dataclass(frozen=True)
class BestEpoch:
    """The epoch that was kept.

    Attributes:
        stage: The stage of training.
        epoch: Its number there.
        dev_loss: The loss on dev, in nats per word, if it is known.
        train_loss: The mean loss of the epoch, if it is known.
    """

    stage: str
    epoch: Count
    dev_loss: Annotated[float, Range(-1e6, 1e6)] | None = None
    train_loss: Annotated[float, Range(-1e6, 1e6)] | None = None


@dataclass(frozen=True)
class Training:
    """Where a model comes from.

    Attributes:
        data: What it was trained on.
        date: The day, ISO 8601.
        recipe: How it was trained, in sentences.
        minimum_count: How often a word had to occur to be learned.
        settings: The settings of the run; only training knows what they mean.
        epochs: Stage → its epochs.
        best: The epoch that was kept.
        versions: Package → its version.
        backend: What Keras computed with.
        platform: The operating system.
        processors: How many there were, if it is known.
        revision: The git revision of the source code, if it is known.
    """

    data: TrainingData
    date: Annotated[str, Pattern(r"\d{4}-\d\d-\d\d", "a date such as 2026-01-31")]
    recipe: str
    minimum_count: Count
    settings: Mapping[str, Any]
    epochs: Mapping[str, Count]
    best: BestEpoch
    versions: Mapping[str, str | None]
    backend: str
    platform: str
    processors: Count | None
    revision: str | None


@dataclass(frozen=True)
class Storage:
    """How the numbers of the networks are stored.

    Attributes:
        encoder: Those of the encoder.
        decoder: Those of the decoder.
    """

    encoder: str
    decoder: str


@dataclass(frozen=True)
class Ensemble:
    """The models that a model is made of.

    Attributes:
        members: Their identities; the first gave attention, recipe and weights.
        gate_pictures: The pictures from which it was learned how much the second
            counts; 0 where each counts half, `None` where nobody wrote it down.
    """

    members: Annotated[tuple[str, ...], Range(2, 2)]
    gate_pictures: Count | None


@dataclass(frozen=True)
class WordDetectorRecord:
    """How the word detector was fitted.

    Attributes:
        words: How many words it knows.
        pictures: From how many pictures it learned them.
    """

    words: Count
    pictures: Count


@dataclass(frozen=True)
class LanguageModelRecord:
    """What the language model was learned from.

    Attributes:
        captions: From how many captions.
        ngrams: How many n-grams of two words and more it keeps.
    """

    captions: Count
    ngrams: Count


@dataclass(frozen=True)
class RankerRecord:
    """What the choice among candidates was learned from.

    Attributes:
        train_pictures: From how many pictures the dual encoder learned.
        dev_pictures: By how many pictures, which the model had not learned from, the
            weights were fitted.
        before: CIDEr of the choice on these before, times 100.
        after: CIDEr of the choice on these, each chosen by weights that were fitted
            without it, times 100.
    """

    train_pictures: Count
    dev_pictures: Count
    before: Annotated[float, Range(0, 1000)]
    after: Annotated[float, Range(0, 1000)]


@dataclass(frozen=True)
class ExpertRecord:
    """A part of a model that captions one kind of pictures.

    Attributes:
        folder: The folder with it, in that of the model; it has a manifest of its own.
        data: The name of the data set that it learned from.
        pictures: From how many pictures.
        captions: From how many captions of these.
        measured: What it gained there, in a sentence.
    """

    folder: Annotated[str, Pattern(r"expert-[1-9]\d{0,3}", "a name such as expert-1")]
    data: str
    pictures: Count
    captions: Count
    measured: str


@dataclass(frozen=True)
class Notes:
    """What people have to say about a model, in Markdown.

    Attributes:
        introduction: What comes first.
        scores: What follows the scores.
    """

    introduction: str = ""
    scores: str = ""


@dataclass(frozen=True)
class FileRecord:
    """A file of a bundle.

    Attributes:
        bytes: Its size.
        sha256: The SHA-256 of its content, in hexadecimal.
    """

    bytes: Count
    sha256: Annotated[str, Pattern(r"[0-9a-f]{64}", "a SHA-256 in hexadecimal")]


@dataclass(frozen=True)
class Manifest:
    """All that a bundle says of itself.

    Attributes:
        name: The model's name.
        version: A hash of all that decides what it says, as it was when sealed.
        architecture: Which kind of decoder it has.
        encoder: The network that makes features of a picture.
        decoding: How captions are found.
        training: Where it comes from.
        scores: How good its captions are.
        storage: How the numbers of its networks are stored.
        ensemble: The models that it is made of, if it is one of several.
        word_detector: How its word detector was fitted, if it has one and it is known.
        confidence: How far its captions can be trusted, if it was calibrated.
        failures: What its captions get wrong, if that was counted.
        notes: What people have to say about it.
        files: File name → the file, for all but the manifest.
        language_model: What its language model was learned from, if it has one.
        ranker: What its choice was learned from, if it was.
        experts: What captions pictures of other kinds than the model itself knows; of
            two that know a picture the first one does.
        memory: How much it remembers of a person's pictures, if anything.
    """

    name: str
    version: Annotated[str, Pattern(r"[0-9a-f]{12}", "12 hexadecimal digits")]
    architecture: str
    encoder: Encoder
    decoding: Decoding
    training: Training
    scores: Scores
    storage: Storage
    ensemble: Ensemble | None
    word_detector: WordDetectorRecord | None
    confidence: ConfidenceRecord | None
    failures: Failures | None
    notes: Notes
    files: Mapping[str, FileRecord]
    language_model: LanguageModelRecord | None = None
    ranker: RankerRecord | None = None
    experts: tuple[ExpertRecord, ...] | None = None
    memory: SplitSize | None = None


def read_manifest(text: str) -> Manifest:
    """Return the manifest that the text of `manifest.json` describes.

    Raises:
        FormatError: If it is of a later format.
        RecordError: If a value is missing, unknown, of another type or out of range.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RecordError(f"it is not JSON ({error})") from error
    if not isinstance(content, dict) or "format" not in content:
        raise RecordError("format is missing")
    version = content.pop("format")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise RecordError("format is not a whole number from 1")
    if version > FORMAT:
        raise FormatError(version)
    if version < FORMAT:
        from imagecap.model.format_1 import upgrade

        content = upgrade(content)
    manifest = from_json(Manifest, content)
    if len(manifest.encoder.feature_shape) == 2:
        raise RecordError("encoder.feature_shape has 2 numbers, not 1 or 3")
    if math.prod(manifest.encoder.feature_shape) > _MOST_FEATURES:
        raise RecordError(
            f"encoder.feature_shape is more than {_MOST_FEATURES:,} numbers"
        )
    # Where no file of a model can be, whoever copies it would write one.
    if any({"..", "/"} & {*PurePosixPath(name).parts} for name in manifest.files):
        raise RecordError("files names a place outside of the model")
    failures = manifest.failures
    if failures is not None and failures.model.keys() != failures.people.keys():
        raise RecordError("failures.people has other kinds than failures.model")
    return manifest


def write_manifest(manifest: Manifest) -> str:
    """Return the text of `manifest.json`."""
    whole = {"format": FORMAT, **to_json(manifest)}
    # Without them a manifest is as it was before there were any.
    for name in ("language_model", "ranker", "experts", "memory"):
        if whole[name] is None:
            del whole[name]
    whole["decoding"] = without_unused(manifest.decoding)
    return json.dumps(whole, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
