"""One vector of a model for each picture, by which pictures are compared."""

from __future__ import annotations

import sqlite3

import numpy as np


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


def read_all(database: sqlite3.Connection, model: str) -> tuple[np.ndarray, np.ndarray]:
    """Read the vectors of all pictures that lie somewhere.

    Args:
        database: The library.
        model: The model's identity.

    Returns:
        The numbers of the pictures, `[pictures]`, int64, and their vectors,
        `[pictures, length]`, float16. Damaged vectors are left out.
    """
    rows = database.execute(
        "SELECT picture, vector FROM vectors JOIN pictures ON id = picture "
        "WHERE model = ? AND path IS NOT NULL",
        (model,),
    )
    numbers, content, length = [], bytearray(), 0
    for number, vector in rows:
        if not isinstance(vector, bytes) or len(vector) % 2:
            continue
        length = length or len(vector)
        if length and len(vector) == length:
            numbers.append(number)
            content += vector
    # An empty array is not made of an empty buffer.
    matrix = (
        np.array(memoryview(content)).view("<f2") if numbers else np.empty(0, "<f2")
    )
    return np.array(numbers, np.int64), matrix.reshape(len(numbers), length // 2)
