"""One vector of a model for each picture, by which pictures are compared."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

import numpy as np

_AT_ONCE = 4096
# Each way from zero.
_STEPS = 127
_ALL = (
    "SELECT picture, vector FROM vectors JOIN pictures ON id = picture "
    "WHERE model = ? AND typeof(path) = 'blob'"
)


def keep(
    database: sqlite3.Connection, number: int, model: str, vector: np.ndarray
) -> None:
    """Keep a model's vector of a picture in place of one before.

    Args:
        database: The library, in a transaction.
        number: The picture's number.
        model: The model's identity.
        vector: `[length]`, of the same length for all pictures of a model; it is kept
            as float16.
    """
    database.execute(
        "INSERT OR REPLACE INTO vectors (picture, model, vector) VALUES (?, ?, ?)",
        (number, model, vector.astype("<f2").tobytes()),
    )


def read(
    database: sqlite3.Connection, model: str, numbers: Iterable[int] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Read the vectors of pictures that lie somewhere.

    Args:
        database: The library.
        model: The model's identity.
        numbers: Those of the pictures, at most some thousands; by default all.

    Returns:
        The numbers of the pictures that have one, `[pictures]`, int64, and their
        vectors, `[pictures, length]`, float16. Damaged vectors are left out.
    """
    statement = _ALL
    values: list[object] = [model]
    if numbers is not None:
        chosen = list(map(int, numbers))
        statement += f" AND picture IN ({', '.join('?' * len(chosen))})"
        values += chosen
    rows = database.execute(statement, values).fetchall()
    return _arrays(rows, _length(rows))


def read_rounded(
    database: sqlite3.Connection, model: str, length: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Read the beginnings of the vectors of all pictures, in little memory.

    Args:
        database: The library.
        model: The model's identity.
        length: How many numbers of each are read, at most.

    Returns:
        The numbers of the pictures, `[pictures]`, int64; their vectors,
        `[pictures, length]`, int8; and by what each of these is to be multiplied,
        `[pictures]`, float32.
    """
    rows = database.execute(
        "SELECT picture, substr(vector, 1, ?) FROM vectors JOIN pictures "
        "ON id = picture WHERE model = ? AND typeof(path) = 'blob'",
        (2 * length, model),
    )
    numbers, scales, rounded, width = bytearray(), bytearray(), bytearray(), 0
    while some := rows.fetchmany(_AT_ONCE):
        width = width or _length(some)
        found, vectors = _arrays(some, width)
        largest = np.abs(vectors).max(axis=1, keepdims=True, initial=1e-4)
        scale = largest.astype(np.float32) / _STEPS
        numbers += found.tobytes()
        scales += scale.tobytes()
        rounded += np.round(vectors / scale).astype(np.int8).tobytes()
    return (
        np.frombuffer(numbers, np.int64),
        np.frombuffer(rounded, np.int8).reshape(-1, width or length),
        np.frombuffer(scales, np.float32),
    )


def paths_without(database: sqlite3.Connection, model: str) -> list[bytes]:
    """Give the paths of the pictures that have no vector by a model."""
    rows = database.execute(
        "SELECT path FROM pictures WHERE typeof(path) = 'blob' AND id NOT IN "
        "(SELECT picture FROM vectors WHERE model = ?) ORDER BY id",
        (model,),
    )
    return [path for (path,) in rows]


def _length(rows: list[tuple[int, object]]) -> int:
    """Return how many numbers the vectors have that are whole."""
    sizes = (len(vector) for _, vector in rows if isinstance(vector, bytes))
    return max(sizes, default=0) // 2


def _arrays(
    rows: list[tuple[int, object]], length: int
) -> tuple[np.ndarray, np.ndarray]:
    whole = [
        (number, vector)
        for number, vector in rows
        if isinstance(vector, bytes) and len(vector) == 2 * length
    ]
    numbers = np.array([number for number, _ in whole], np.int64)
    content = b"".join(vector for _, vector in whole)
    return numbers, np.frombuffer(content, "<f2").reshape(len(whole), length)
