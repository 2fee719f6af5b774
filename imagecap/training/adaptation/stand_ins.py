"""Which known word a new one is most like, told by the pictures it is said of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from imagecap.model.word_detector import WordDetector
from imagecap.text.vocabulary import Vocabulary

# Of at least half of the pictures. What a detector is sure of has some 0.3.
_LEAST_WEIGHT = 0.08
# Two captions leave out the same by chance, and any rare word would have a stand-in.
_FEWEST_PICTURES = 3


def find_stand_ins(
    detector: WordDetector | None,
    features: np.ndarray,
    captions: Sequence[Sequence[Sequence[str]]],
    vocabulary: Vocabulary,
    known: int,
) -> np.ndarray:
    """Find for each new word the known one in whose place people write it.

    That is what the detector sees most of in the pictures that the new word is said of,
    among all that their captions do not say: "giraffe", where they say "melman".

    Args:
        detector: That of the model; `None` if it has none.
        features: Of N pictures, `[N, P]`, float32; see `mean_features`.
        captions: For each picture its captions, each as its words.
        vocabulary: The words of the model, new ones at its end.
        known: How many of these are not new.

    Returns:
        The number of that word for each new one, `[new]`, int32; that of the unknown
        where there is no such word, and for words of fewer than three pictures.
    """
    found = np.full(len(vocabulary) - known, Vocabulary.UNKNOWN, np.int32)
    if detector is None:
        return found
    seen = detector.detect(features, vocabulary).weights
    said = [
        {number for caption in group for number in vocabulary.encode(caption)}
        for group in captions
    ]
    for unsaid, numbers in zip(seen, said, strict=True):
        unsaid[list(numbers)] = 0
    for place, number in enumerate(range(known, len(vocabulary))):
        pictures = [i for i, numbers in enumerate(said) if number in numbers]
        if len(pictures) < _FEWEST_PICTURES:
            continue
        missing = np.quantile(seen[pictures], 0.5, axis=0, method="lower")
        if missing.max() >= _LEAST_WEIGHT:
            found[place] = missing.argmax()
    return found


def with_idfs_of(vocabulary: Vocabulary, stand_ins: np.ndarray) -> Vocabulary:
    """Return a vocabulary whose new words are as rare as those that they are like.

    In the few captions of a person's own they are not rare, and would count for little
    beside the words that they stand in the place of.

    Args:
        vocabulary: The words of the model, new ones at its end.
        stand_ins: For each of these the number of the known one that it is like.
    """
    if not vocabulary.idfs:
        return vocabulary
    words, special = vocabulary.words, len(Vocabulary.SPECIAL)
    idfs = list(vocabulary.idfs)
    new = range(len(words) - len(stand_ins), len(words))
    for number, like in zip(new, stand_ins.tolist(), strict=True):
        if like != Vocabulary.UNKNOWN:
            own = idfs[number - special]
            idfs[number - special] = max(own, vocabulary.idf(words[like]))
    return Vocabulary(words[special:], idfs)
