"""What the machine can compute at most, to hold other figures against."""

from __future__ import annotations

import time

import numpy as np

_MATRIX_SIZE = 3072


def measure_matrix_peak() -> float:
    """Measure the limit of networks in float32.

    Two large matrices are multiplied by NumPy, which uses OpenBLAS, on all cores.

    Returns:
        Operations per second, additions and multiplications, of the best of ten times.
    """
    generator = np.random.default_rng(0)
    one, other = generator.random((2, _MATRIX_SIZE, _MATRIX_SIZE), np.float32)
    product = np.empty_like(one)
    seconds = []
    for _ in range(10):
        start = time.perf_counter()
        np.matmul(one, other, out=product)
        seconds.append(time.perf_counter() - start)
    return 2 * _MATRIX_SIZE**3 / min(seconds)
