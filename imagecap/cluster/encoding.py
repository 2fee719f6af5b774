"""A part encoded: from addresses of pictures to a shard of their features."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from imagecap.captions.cells import escape_name
from imagecap.cluster.fetching import Fetched, Missing
from imagecap.cluster.filling import ShardFiller, Worker
from imagecap.cluster.shards import Form
from imagecap.model.litert import Signature, load_network
from imagecap.pictures.content import PictureContent
from imagecap.pictures.reading import PictureError, encoder_pixels, open_picture
from imagecap.text.tokenizer import whole_characters

# As many as training encodes together.
_BATCH_SIZE = 16
_NETWORK = "encoder.tflite"
_FEATURES = "features"


class FeatureRow(NamedTuple):
    """What is written of a picture.

    Attributes:
        path: Where it lies; what is no character in it is written as in `escape_name`.
        content_hash: The SHA-256 of the file; `None` where none could be read.
        features: One number after the other; `None` where it could not be read.
        error: Why it has none, in a sentence.
    """

    path: str
    content_hash: str | None
    features: np.ndarray | None
    error: str | None


def encoding_worker(
    network: bytes, size: int, count: int, kind: str, output: str
) -> Worker:
    """Make what encodes parts elsewhere; it has one thread, as it has one CPU.

    Args:
        network: The encoder for LiteRT.
        size: Height and width of the pictures that it reads.
        count: How many numbers it gives of a picture.
        kind: As what they are written, `float32` or `float16`.
        output: The address of the folder of the run.
    """
    load = partial(_load, size, count, kind, output)
    return Worker({_NETWORK: network}, load)


def feature_form(count: int, kind: str) -> Form[FeatureRow]:
    """Say how shards of features are written and read: as Arrow's files.

    Args:
        count: How many numbers there are of a picture.
        kind: As what they are written, `float32` or `float16`.
    """
    return Form(".arrow", partial(_write, count, kind), _read)


def columns_of(table: Any) -> tuple[dict[str, list[Any]], np.ndarray]:  # noqa: ANN401 – of pyarrow
    """Take a shard apart, without copying its features.

    Args:
        table: The whole shard, a `pyarrow.Table`.

    Returns:
        The other columns by their names, and `[pictures, numbers]`; in rows without
        features stands anything.
    """
    lists = table.column(_FEATURES).combine_chunks()
    features = lists.values.to_numpy(zero_copy_only=True)
    names = [name for name in FeatureRow._fields if name != _FEATURES]
    columns = {name: table.column(name).to_pylist() for name in names}
    return columns, features.reshape(len(lists), lists.type.list_size)


def _load(size: int, count: int, kind: str, output: str, folder: Path) -> ShardFiller:
    # Kept, since a signature does not keep its interpreter alive.
    interpreter, run = load_network(folder / _NETWORK, 1)
    rows = partial(_encode, interpreter, run, size)
    return ShardFiller(output, feature_form(count, kind), rows)


def _encode(
    _interpreter: object, run: Signature, size: int, pictures: Iterable[Fetched]
) -> Iterator[FeatureRow]:
    remaining = iter(pictures)
    while batch := list(islice(remaining, _BATCH_SIZE)):
        read: list[tuple[PictureContent, np.ndarray]] = []
        for one in batch:
            if isinstance(one, Missing):
                yield _row(one.name, None, None, one.reason)
                continue
            try:
                picture = open_picture(one, at_least=(size, size))
                read.append((one, encoder_pixels(picture, size)))
            except PictureError as error:
                yield _row(one.name, one.content, None, str(error))
        if not read:
            continue
        pixels = np.stack([pixels for _, pixels in read]).astype(np.float32)
        (features,) = run(pixels=pixels).values()
        for (one, _), encoded in zip(read, features, strict=True):
            yield _row(one.name, one.content, encoded.ravel(), None)


def _row(
    path: str, content: bytes | None, features: np.ndarray | None, error: str | None
) -> FeatureRow:
    known = None if content is None else hashlib.sha256(content).hexdigest()
    said = None if error is None else whole_characters(error)
    return FeatureRow(escape_name(path), known, features, said)


def _write(count: int, kind: str, rows: Sequence[FeatureRow]) -> bytes:
    import pyarrow
    from pyarrow import ipc

    nothing = np.zeros(count, kind)
    features = [nothing if row.features is None else row.features for row in rows]
    numbers = pyarrow.array(np.concatenate(features).astype(kind))
    columns = {
        "path": pyarrow.array([row.path for row in rows], pyarrow.string()),
        "content_hash": pyarrow.array(
            [row.content_hash for row in rows], pyarrow.string()
        ),
        _FEATURES: pyarrow.FixedSizeListArray.from_arrays(numbers, count),
        "error": pyarrow.array([row.error for row in rows], pyarrow.string()),
    }
    table = pyarrow.table(columns)
    content = io.BytesIO()
    with ipc.new_file(content, table.schema) as file:
        file.write_table(table)
    return content.getvalue()


def _read(content: bytes) -> Iterator[FeatureRow]:
    from pyarrow import ipc

    columns, features = columns_of(ipc.open_file(content).read_all())
    rows = zip(columns["path"], columns["content_hash"], columns["error"], strict=True)
    for numbers, (path, known, error) in zip(features, rows, strict=True):
        yield FeatureRow(path, known, None if error else numbers, error)
