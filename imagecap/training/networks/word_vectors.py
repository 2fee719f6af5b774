"""Word vectors that were learned elsewhere, from a text file in the form of GloVe."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from imagecap.counted import counted
from imagecap.errors import ImagecapError
from imagecap.files import check_ordinary
from imagecap.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from imagecap.training.networks.decoder import Decoder

_NOT_VECTORS = (
    "{path} has no vectors of the words of the captions. Give a text file with a word "
    "and its numbers in each line, such as glove.6B.300d.txt."
)


class WordVectorsError(ImagecapError):
    """A file of word vectors cannot be used."""


def vector_length(path: Path) -> int:
    """Return how many numbers each word of a file of word vectors has.

    Raises:
        WordVectorsError: If the file cannot be read or holds something else.
    """
    try:
        # It is read twice, which a pipe cannot be.
        check_ordinary(path)
        with path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                count = len(line.split()) - 1
                if count > 1:
                    return count
    except OSError as error:
        raise WordVectorsError(f"{path} cannot be read ({error.strerror}).") from error
    raise WordVectorsError(_NOT_VECTORS.format(path=path))


def read_word_vectors(path: Path, vocabulary: Vocabulary) -> dict[int, np.ndarray]:
    """Read the vectors of the words that a vocabulary knows.

    Each line is a word and its numbers, separated by spaces (Pennington et al. 2014,
    "GloVe: Global vectors for word representation"); a first line with two numbers, as
    word2vec writes it, is passed over. The file is read line by line: those in use are
    larger than memory.

    Args:
        path: The file, UTF-8.
        vocabulary: Says which words are wanted.

    Returns:
        Word number → vector, `[length]`, float32.

    Raises:
        WordVectorsError: If the file cannot be read, the line of a wanted word is
            damaged, or there is none.
    """
    length = vector_length(path)
    numbers = {word: number for number, word in enumerate(vocabulary.words)}
    vectors: dict[int, np.ndarray] = {}
    with path.open(encoding="utf-8", errors="replace") as lines:
        for place, line in enumerate(lines, 1):
            # From the right, since a few words of the larger files hold spaces.
            word, *values = line.rstrip().rsplit(" ", length)
            if word not in numbers:
                continue
            try:
                vector = np.array(values, np.float32)
            except ValueError:
                vector = np.empty(0, np.float32)
            if len(vector) != length or not np.isfinite(vector).all():
                raise WordVectorsError(
                    f"{path}, line {place}: “{word}” should be followed by {length} "
                    "numbers. Fetch the file again."
                )
            vectors[numbers[word]] = vector
    if not vectors:
        raise WordVectorsError(_NOT_VECTORS.format(path=path))
    return vectors


def begin_with_word_vectors(
    decoder: Decoder, path: Path, vocabulary: Vocabulary
) -> str:
    """Put the vectors of a file in place of those that a decoder begins with.

    Args:
        decoder: The decoder; its vectors must be as long as those of the file.
        path: The file; see `read_word_vectors`.
        vocabulary: The decoder's.

    Returns:
        How many words have one, in a sentence.

    Raises:
        WordVectorsError: If the file cannot be used.
    """
    vectors = read_word_vectors(path, vocabulary)
    (weight,) = decoder.training.get_layer("embedding").weights
    values = np.asarray(weight).copy()
    values[list(vectors)] = list(vectors.values())
    weight.assign(values)
    words = len(vocabulary) - len(Vocabulary.SPECIAL)
    return f"{path.name}: vectors of {len(vectors):,} of {counted(words, 'word')}"
