"""The usual way to caption a photograph in this field, written anew to be measured.

TensorFlow is imported, the Keras models are rebuilt and their weights loaded; then
`model.predict` reads the whole padded caption so far to give one more word. The
weights are those of a bundle, so the captions can be compared with ours.

In one thing it is no copy: the bundle's decoder predicts a word at every place of the
caption, of which one is used. Against what a call of `predict` costs, that is little.
"""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import dataclass
from pathlib import Path

# TensorFlow reads this when it is imported; its start-up notes help nobody here.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np

from imagecap.model.bundle import Bundle, load_bundle
from imagecap.text.tokenizer import detokenize
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.networks.from_bundle import networks_from_bundle

_NEVER_SAID = [Vocabulary.PADDING, Vocabulary.START, Vocabulary.UNKNOWN]


@dataclass(frozen=True)
class Described:
    """A caption and what it took.

    Attributes:
        text: The caption.
        reading: Seconds for reading the picture file.
        encoder: Seconds for the convolutional network.
        words: Seconds for all words.
    """

    text: str
    reading: float
    encoder: float
    words: float


class ClassicalCaptioner:
    """Captions photographs with Keras models.

    Args:
        bundle: Gives the weights and the sizes.
    """

    def __init__(self, bundle: Bundle) -> None:
        self._vocabulary = bundle.vocabulary
        self._size = bundle.image_size
        self._longest = bundle.manifest.decoding.search.max_length
        self._encoder, decoder = networks_from_bundle(bundle)
        self._decoder = decoder.training

    def describe(self, path: Path, beam: int) -> Described:
        """Caption a picture file.

        Args:
            path: The file.
            beam: Captions kept in parallel; 1 is greedy search.
        """
        start = time.perf_counter()
        image = keras.utils.load_img(
            path, target_size=(self._size, self._size), interpolation="bilinear"
        )
        pixels = np.expand_dims(keras.utils.img_to_array(image), 0)
        read = time.perf_counter()
        features = self._encoder.predict(pixels, verbose=0)
        encoded = time.perf_counter()
        numbers = self._search(features, beam)
        words = self._vocabulary.decode(numbers)
        finished = time.perf_counter()
        return Described(
            detokenize(words), read - start, encoded - read, finished - encoded
        )

    def _search(self, features: np.ndarray, beam: int) -> list[int]:
        captions: list[tuple[list[int], float]] = [([Vocabulary.START], 0.0)]
        for _ in range(self._longest):
            candidates = []
            for numbers, score in captions:
                if numbers[-1] == Vocabulary.END:
                    candidates.append((numbers, score))
                    continue
                probabilities = self._next_word(features, numbers)
                for word in np.argsort(probabilities)[-beam:]:
                    better = score + float(np.log(probabilities[word]))
                    candidates.append(([*numbers, int(word)], better))
            candidates.sort(key=lambda candidate: candidate[1], reverse=True)
            captions = candidates[:beam]
            if all(numbers[-1] == Vocabulary.END for numbers, _ in captions):
                break
        best, _ = captions[0]
        return [number for number in best[1:] if number != Vocabulary.END]

    def _next_word(self, features: np.ndarray, numbers: list[int]) -> np.ndarray:
        padded = keras.utils.pad_sequences(
            [numbers], maxlen=self._longest, padding="post"
        )
        logits = self._decoder.predict([features, padded], verbose=0)
        logits = logits[0, len(numbers) - 1]
        logits[_NEVER_SAID] = -np.inf
        probabilities = np.exp(logits - logits.max())
        return probabilities / probabilities.sum()


def main() -> None:
    """Print the caption of a picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle", type=Path, help="the folder of a model")
    parser.add_argument("image", type=Path)
    parser.add_argument("--beam", type=int, default=1, help="beam width (1, greedy)")
    options = parser.parse_args()
    captioner = ClassicalCaptioner(load_bundle(options.bundle))
    print(captioner.describe(options.image, options.beam).text)


if __name__ == "__main__":
    main()
