"""The classical way to train a merge captioner, written anew to be measured.

It is the progressive-loading generator of this field's tutorials: every prefix of
every caption becomes a row of its own, padded in front to the longest caption of the
data set, with the photograph's features repeated beside it and the next word as a
one-hot vector.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import keras
import numpy as np

from imagecap.training.batches.teacher_forcing import TokenizedExample
from imagecap.training.networks.decoder import DecoderConfig

Batch = tuple[tuple[np.ndarray, np.ndarray], np.ndarray]


class PrefixBatches:
    """Batches that hold the rows of a few photographs each.

    Each item is `([features, prefixes], next words)`: `[rows, feature size]`,
    `[rows, longest]` and one-hot `[rows, vocabulary]`.

    Args:
        features: Picture name → feature vector.
        examples: The photographs and their captions.
        vocabulary: Number of words.
        longest: Length of the longest caption, boundary tokens included.
        pictures: Photographs in a batch.
    """

    def __init__(
        self,
        features: Mapping[str, np.ndarray],
        examples: Sequence[TokenizedExample],
        vocabulary: int,
        longest: int,
        pictures: int,
    ) -> None:
        self._features = features
        self._examples = examples
        self._vocabulary = vocabulary
        self._longest = longest
        self._pictures = pictures

    def __len__(self) -> int:
        return -(-len(self._examples) // self._pictures)

    def __iter__(self) -> Iterator[Batch]:
        for first in range(0, len(self._examples), self._pictures):
            photographs, prefixes, next_words = [], [], []
            for item in self._examples[first : first + self._pictures]:
                for caption in item.captions:
                    for end in range(1, len(caption)):
                        prefix = keras.utils.pad_sequences(
                            [caption[:end]], maxlen=self._longest
                        )[0]
                        next_word = keras.utils.to_categorical(
                            [caption[end]], num_classes=self._vocabulary
                        )[0]
                        photographs.append(self._features[item.example.name])
                        prefixes.append(prefix)
                        next_words.append(next_word)
            yield (np.array(photographs), np.array(prefixes)), np.array(next_words)


def build_classical_model(
    sizes: DecoderConfig, longest: int, learning_rate: float
) -> keras.Model:
    """Build and compile the merge model that reads such rows.

    The sizes are those of the model it is compared with; as the two vectors are
    added, those of image and LSTM must be equal.

    Args:
        sizes: The sizes of all layers.
        longest: Length of the padded prefixes.
        learning_rate: Adam's rate.

    Returns:
        A compiled model: `[features, prefixes]` → probabilities of the next word.
    """
    if sizes.image != sizes.lstm:
        raise ValueError(
            f"Image and LSTM are added, so their sizes must be equal. Received: "
            f"image={sizes.image}, lstm={sizes.lstm}"
        )
    layers = keras.layers
    features = keras.Input((sizes.features,), name="features")
    image = layers.Dense(sizes.image, activation="relu")(features)

    prefix = keras.Input((longest,), name="prefix")
    embedded = layers.Embedding(sizes.vocabulary, sizes.embedding, mask_zero=True)(
        prefix
    )
    text = layers.Dropout(sizes.dropout)(layers.LSTM(sizes.lstm)(embedded))

    joined = layers.Dense(sizes.hidden, activation="relu")(layers.add([image, text]))
    joined = layers.Dropout(sizes.dropout)(joined)
    next_word = layers.Dense(sizes.vocabulary, activation="softmax")(joined)
    model = keras.Model([features, prefix], next_word)
    model.compile(keras.optimizers.Adam(learning_rate), "categorical_crossentropy")
    return model
