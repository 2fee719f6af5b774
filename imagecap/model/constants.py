"""The numbers of a network: whether each of them is one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np


def check_constants(path: Path) -> None:
    """Look whether any weight of an exported network is not a number, or infinite.

    Such a weight may be reached by some words alone, and what the network then says
    would look like captions.

    Args:
        path: The file, `.tflite`, one that LiteRT has loaded.

    Raises:
        ValueError: If there is one; the message names its tensor.
        Exception: Whatever else is raised where the file is no network.
    """
    for name, numbers in _constants(path.read_bytes()):
        if not np.isfinite(numbers).all():
            raise ValueError(f"its weights {name} hold what is no number")


def _constants(content: bytes) -> Iterator[tuple[str, np.ndarray]]:
    # Late and slow; only the trial of a model needs it.
    from ai_edge_litert import schema_py_generated as schema

    kinds = {
        schema.TensorType.FLOAT16: np.dtype("<f2"),
        schema.TensorType.FLOAT32: np.dtype("<f4"),
        schema.TensorType.FLOAT64: np.dtype("<f8"),
    }
    network = schema.Model.GetRootAs(content, 0)
    for graph in map(network.Subgraphs, range(network.SubgraphsLength())):
        for tensor in map(graph.Tensors, range(graph.TensorsLength())):
            name = (tensor.Name() or b"").decode("utf-8", "replace")
            buffer = network.Buffers(tensor.Buffer())
            if tensor.Type() in kinds and buffer.DataLength():
                yield name, buffer.DataAsNumpy().view(kinds[tensor.Type()])
