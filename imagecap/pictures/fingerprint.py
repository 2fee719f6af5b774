"""Whether two pictures are one photograph, perhaps made smaller, cropped or turned."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image

SIDE = 32
"""Height and width of a fingerprint."""

ALIKE = 0.5
"""The likeness from which two pictures are counted as one; `benchmarks/doubles.py`."""

# What the blurred pictures must have in common before they are compared in detail.
_CANDIDATE = 0.85
_COARSE = 8
# How far a crop may move what it shows.
_SHIFT = 3
_ROWS = 256
_PAIRS = 2048
_FLAT = 1e-3


def fingerprint(picture: Image.Image) -> np.ndarray:
    """Return the luminance of a picture in little: `[SIDE, SIDE]`, uint8."""
    small = picture.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX)
    return np.asarray(small)


def alike(fingerprints: np.ndarray) -> Iterator[tuple[int, int, float]]:
    """Find the pairs of pictures that are one photograph.

    Mirrored and turned ones are, too. First all are compared blurred, in all eight
    positions; what is left is compared by edges alone, at all small shifts: large light
    and dark parts are the same in many photographs, edges are not.

    Source: Lewis 1995, "Fast normalized cross-correlation", for the measure.

    Args:
        fingerprints: `[N, SIDE, SIDE]`, uint8.

    Yields:
        Which two, the first one first, and how alike they are, from `ALIKE` to 1.
        Pictures of one colour are all alike.
    """
    edges = _edges(fingerprints.astype(np.float32))
    for firsts, seconds, turns in _candidates(fingerprints):
        best = np.full(len(firsts), -1, np.float32)
        turned = _turned(edges[firsts], turns)
        np.maximum(best, _correlation(turned, edges[seconds]), out=best)
        np.maximum(best, _correlation(edges[seconds], turned), out=best)
        flat = ~edges[firsts].any((1, 2)) & ~edges[seconds].any((1, 2))
        best[flat] = 1
        found: dict[tuple[int, int], float] = {}
        for at in np.flatnonzero(best >= ALIKE):
            pair = int(firsts[at]), int(seconds[at])
            found[pair] = max(found.get(pair, 0.0), min(1.0, float(best[at])))
        yield from ((*pair, likeness) for pair, likeness in found.items())


def _candidates(
    fingerprints: np.ndarray,
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Give pairs of pictures that are alike when blurred, and how to turn the first."""
    width = SIDE // _COARSE
    shape = (-1, _COARSE, width, _COARSE, width)
    blurred = fingerprints.reshape(shape).mean((2, 4), dtype=np.float32)
    flat = np.ptp(fingerprints, axis=(1, 2)) < 1
    coarse = _normalised(blurred.reshape(len(blurred), -1))
    coarse[flat] = _COARSE**-1.0
    cells = np.arange(_COARSE**2).reshape(1, _COARSE, _COARSE)
    orders = [_turned(cells, np.array([turn])).ravel() for turn in range(8)]
    for start in range(0, len(coarse), _ROWS):
        rows = coarse[start : start + _ROWS]
        found = []
        for turn, order in enumerate(orders):
            products = rows[:, order] @ coarse[start:].T
            first, second = np.nonzero(products >= _CANDIDATE)
            later = second > first
            pairs = np.stack([first[later], second[later]]) + start
            found.append(np.vstack([pairs, np.full(pairs.shape[1], turn)]))
        together = np.hstack(found)
        # All positions of a pair come together.
        together = together[:, np.lexsort(together[1::-1])]
        for at in range(0, together.shape[1], _PAIRS):
            some = together[:, at : at + _PAIRS]
            yield some[0], some[1], some[2]


def _turned(pictures: np.ndarray, turns: np.ndarray) -> np.ndarray:
    """Turn each picture into one of eight positions."""
    result = pictures.copy()
    for turn in range(8):
        chosen = turns == turn
        some = np.rot90(pictures[chosen], turn % 4, (1, 2))
        result[chosen] = some[:, :, ::-1] if turn >= 4 else some
    return result


def _edges(pictures: np.ndarray) -> np.ndarray:
    """Take away from each pixel the mean of those around it."""
    wide = np.pad(pictures, ((0, 0), (1, 1), (1, 1)), "edge")
    around = sum(
        wide[:, y : y + SIDE, x : x + SIDE] for y in range(3) for x in range(3)
    )
    edges: np.ndarray = pictures - around / 9
    return edges


def _correlation(pictures: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Correlate the middle of each picture with another at all shifts; the greatest."""
    side = SIDE - 2 * _SHIFT
    middle = pictures[:, _SHIFT : _SHIFT + side, _SHIFT : _SHIFT + side]
    middle = _normalised(middle.reshape(len(pictures), -1))
    best = np.full(len(pictures), -1, np.float32)
    for y in range(2 * _SHIFT + 1):
        for x in range(2 * _SHIFT + 1):
            part = others[:, y : y + side, x : x + side].reshape(len(others), -1)
            products = np.einsum("np,np->n", middle, _normalised(part))
            np.maximum(best, products, out=best)
    return best


def _normalised(vectors: np.ndarray) -> np.ndarray:
    centred = vectors - vectors.mean(1, keepdims=True)
    lengths = np.linalg.norm(centred, axis=1, keepdims=True)
    scaled: np.ndarray = centred / np.maximum(lengths, _FLAT)
    return scaled
