"""Model bundles whose networks are forged, their hashes put right."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from typing import Any

import ai_edge_litert.interpreter  # noqa: F401 - for all attempts, which are forked
import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from hypothesis import strategies as st

from benchmarks.campaign.bundles import try_models
from benchmarks.campaign.edits import damaged
from benchmarks.campaign.part import Part
from benchmarks.campaign.tally import Tally
from imagecap.model.bundle import DECODER_START, DECODER_STEP, ENCODER

_NUMBERS = (0, 1, -1, 2, 3, 7, 127, 255, 65_536, 10**6, 2**31 - 1, -(2**31))
_FLOATS = (0.0, -1.0, 1e30, 1e-30, float("nan"), float("inf"))
_CANNOT_BE = (TypeError, ValueError, OverflowError, AttributeError, struct.error)


def run(part: Part) -> Tally:
    """Forge each of the three networks, most of them such that LiteRT loads them."""
    # Each made once, since Hypothesis keeps what it is given.
    forged = (
        st.fixed_dictionaries({name: _forged((part.model / name).read_bytes())})
        for name in (ENCODER, DECODER_START, DECODER_STEP)
    )
    return try_models(st.one_of(*forged), part)


def _forged(content: bytes) -> st.SearchStrategy[bytes]:
    whole = st.randoms(use_true_random=True).map(lambda draw: forge(content, draw))
    # LiteRT finds most edits, and nothing is tried then.
    edited = damaged(content)
    return st.integers(0, 9).flatmap(lambda n: whole if n else edited)


def forge(content: bytes, draw: random.Random) -> bytes:
    """Change what a network says, and write it as LiteRT's own tools do.

    Bytes changed at random are found by LiteRT, which checks that a file is whole; this
    is whole.

    Args:
        content: The network.
        draw: Decides what is changed.
    """
    while True:
        network = schema.ModelT.InitFromPackedBuf(content)
        try:
            for _ in range(draw.choice((1, 1, 1, 2, 3, 5))):
                _change(*draw.choice(_places(network, draw)), draw)
            builder = flatbuffers.Builder(len(content))
            builder.Finish(network.Pack(builder), b"TFL3")
        except _CANNOT_BE:  # a number that its field does not take
            continue
        return bytes(builder.Output())


def _places(
    network: schema.ModelT, draw: random.Random
) -> list[tuple[Any, str, int | None]]:
    """Give what may be changed of one part: whose it is, its name, its index."""
    graph = network.subgraphs[0]
    constants = [
        b for b in network.buffers if b.data is not None and 0 < len(b.data) < 65
    ]
    (part,) = draw.choices(
        (
            draw.choice(graph.operators),
            draw.choice(graph.tensors),
            draw.choice(network.operatorCodes),
            draw.choice(network.signatureDefs),
            draw.choice(constants or network.buffers),
            None,
        ),
        (7, 7, 2, 1, 2, 1),
    )
    if part is None:
        return [(graph, name, None) for name in ("inputs", "outputs", "operators")]
    return list(_members(part))


def _members(part: object) -> Iterator[tuple[Any, str, int | None]]:
    for name, value in vars(part).items():
        if isinstance(value, (int, float, np.ndarray)):
            yield part, name, None
        elif isinstance(value, list):
            yield part, name, None
            for index, member in enumerate(value):
                if isinstance(member, (int, float)):
                    yield part, name, index
                elif hasattr(member, "__dict__"):
                    yield from _members(member)
        elif hasattr(value, "__dict__"):
            yield from _members(value)


def _change(whose: Any, name: str, index: int | None, draw: random.Random) -> None:  # noqa: ANN401
    value = getattr(whose, name)
    if index is not None:
        value[index] = _other(value[index], draw)
    elif isinstance(value, np.ndarray):
        setattr(whose, name, _other_array(value, draw))
    elif isinstance(value, list):
        if value and draw.random() < 0.5:
            del value[draw.randrange(len(value))]
        elif value:
            value[draw.randrange(len(value))] = draw.choice(value)
    else:
        setattr(whose, name, _other(value, draw))


def _other(value: float, draw: random.Random) -> float:
    if isinstance(value, bool):
        return not value
    if isinstance(value, float):
        return draw.choice(_FLOATS)
    near = value + draw.choice((-2, -1, 1, 2, 10))
    return draw.choice(_NUMBERS) if draw.random() < 0.6 else near


def _other_array(array: np.ndarray, draw: random.Random) -> np.ndarray:
    if not len(array):
        return array
    if draw.random() < 0.15:
        return array[: draw.randrange(len(array))]
    found = array.copy()
    # Most constants are bytes that stand for numbers of 4.
    numbers = found
    if found.dtype == np.uint8 and not len(found) % 4 and draw.random() < 0.7:
        numbers = found.view(np.int32)
    place = draw.randrange(len(numbers))
    numbers[place] = np.array(_other(numbers[place].item(), draw)).astype(numbers.dtype)
    return found
