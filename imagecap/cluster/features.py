"""Features of a large data set: extracted on Ray, kept in shards, read as needed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from imagecap.captions.cells import escape_name
from imagecap.cluster.encoding import columns_of, encoding_worker, feature_form
from imagecap.cluster.errors import ClusterError
from imagecap.cluster.manifest import FeaturesManifest, begin
from imagecap.cluster.on_ray import OnRay
from imagecap.cluster.plan import PICTURES_IN_PART, plan_pictures
from imagecap.cluster.run import check_room, fill_shards, sort_out
from imagecap.cluster.shards import check_form
from imagecap.cluster.storage import Location, open_location
from imagecap.cluster.units import picture_on_this_machine
from imagecap.datasets.dataset import Example
from imagecap.progress import progress_bar
from imagecap.training.export.backend import can_export
from imagecap.training.features.feature_pickle import Features
from imagecap.training.networks.architectures import ARCHITECTURES
from imagecap.training.networks.encoders import encoder_identity
from imagecap.training.networks.litert_conversion import convert
from imagecap.training.settings import TrainingSettings

_PICTURES = "pictures"
# Of a shard: whoever writes or reads one holds it.
_MOST_BYTES = 64 * 2**20
_IDENTITY = 12


class ShardFeatures(Mapping[str, np.ndarray]):
    """Picture name → features, float32, read from their shard when asked for.

    Args:
        shape: That of the features of a picture.
    """

    def __init__(self, shape: Sequence[int]) -> None:
        self._shape = tuple(shape)
        self._shards: list[np.ndarray] = []
        self._places: dict[str, tuple[int, int]] = {}

    def add(self, shard: np.ndarray, rows: Mapping[str, int]) -> None:
        """Take in the features of a shard, `[pictures, numbers]`, and whose they are.

        Args:
            shard: The features.
            rows: Picture name → row.
        """
        number = len(self._shards)
        self._shards.append(shard)
        self._places.update((name, (number, row)) for name, row in rows.items())

    def __getitem__(self, name: str) -> np.ndarray:
        number, row = self._places[name]
        return np.asarray(self._shards[number][row], np.float32).reshape(self._shape)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def extract_on_ray(
    address: str | None,
    encoder: Any,  # noqa: ANN401 – a network of Keras, which training alone loads
    settings: TrainingSettings,
    examples: Sequence[Example],
    stem: Path,
    report: Callable[[str], None] = lambda _: None,
) -> Features:
    """Extract the features of a split on a Ray cluster; go on where that was stopped.

    Each encoder has a folder of its own. A picture is known by where it lies, and by
    size and time of its file; what is finished is never done again.

    Args:
        address: The address of the cluster; see `OnRay`.
        encoder: From pixels to features.
        settings: Name the encoder and the architecture.
        examples: The pictures. All machines see them under the same path.
        stem: Where the features are kept, before what tells the encoder; the same.
        report: Is told nothing: what another encoder made stays where it is.

    Returns:
        The features of all pictures that can be read.

    Raises:
        ClusterError: If the cluster is not suited, or something there cannot be used.
    """
    check_form("parquet")
    identity = encoder_identity(settings.encoder, encoder)
    is_grid = ARCHITECTURES[settings.architecture].reads_grid
    kind = "float16" if is_grid else "float32"
    shape = encoder.output_shape[1:]
    form = feature_form(int(np.prod(shape)), kind)
    weights = identity.rpartition(":")[2][:_IDENTITY]
    name = f"{stem.name}-{'grid-' * is_grid}{weights}"
    output = open_location(str(stem.with_name(name)))
    names = {escape_name(_place(one.path)): one.name for one in examples}
    bytes_each = int(np.prod(shape)) * np.dtype(kind).itemsize
    size = max(1, min(PICTURES_IN_PART, _MOST_BYTES // bytes_each))
    with begin(output, FeaturesManifest(identity, shape)) as check:
        pictures = (picture_on_this_machine(_place(one.path)) for one in examples)
        parts = plan_pictures(_PICTURES, pictures, output, size)
        todo = sort_out(parts, output, form.ending, retries=False)
        if todo.waiting:
            wanted = f"the features of {todo.left:,} pictures"
            check_room(output, todo.left * bytes_each, wanted)
            network = _converted(encoder)
            worker = encoding_worker(
                network, encoder.input_shape[1], int(np.prod(shape)), kind, output.path
            )
            done = todo.total - todo.left
            with (
                OnRay(worker, output.path, size, address) as engine,
                progress_bar("Extracting features", todo.total, done=done) as bar,
            ):
                fill_shards(todo, engine, check, bar.update)
    return _collect(output, identity, shape, names, form.ending)


def _collect(
    output: Location,
    identity: str,
    shape: Sequence[int],
    names: Mapping[str, str],
    ending: str,
) -> Features:
    """Map all shards into memory; their features stay on the disk until they are used.

    Args:
        output: Their folder.
        identity: The encoder's.
        shape: That of the features of a picture.
        names: Where a picture lies → its name, for those that are wanted.
        ending: How the shards' names end.
    """
    import pyarrow
    from pyarrow import ipc

    features = ShardFeatures(shape)
    contents: dict[str, str] = {}
    unreadable: list[str] = []
    for shard in output.names():
        if not shard.endswith(ending):
            continue
        path = output.child(shard).path
        try:
            # Closed, it stays mapped for as long as it is used.
            with pyarrow.memory_map(path) as file:
                columns, numbers = columns_of(ipc.open_file(file).read_all())
        except (OSError, ValueError, KeyError) as problem:
            raise ClusterError(
                f"{path} is damaged ({problem}); delete it, and start again."
            ) from problem
        rows: dict[str, int] = {}
        for row, path in enumerate(columns["path"]):
            if (name := names.get(path)) is None:
                continue
            if error := columns["error"][row]:
                unreadable.append(error)
            else:
                rows[name] = row
                contents[name] = columns["content_hash"][row]
        features.add(numbers, rows)
    return Features(identity, features, contents, tuple(unreadable))


def _place(path: Path) -> str:
    return os.path.abspath(path)  # noqa: PTH100 – links lead to the same on all machines


def _converted(encoder: Any) -> bytes:  # noqa: ANN401
    if not can_export():
        raise ClusterError(
            "On Ray, features are extracted by LiteRT, for which only TensorFlow can "
            "convert the encoder: leave out KERAS_BACKEND until they are there."
        )
    # Windows does not delete a file that is still mapped.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        path = Path(temporary, "encoder.tflite")
        convert(encoder, path)
        return path.read_bytes()
