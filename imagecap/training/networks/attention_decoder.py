"""The attention architecture: before each word, the decoder looks at the picture.

Source: Xu et al. 2015, "Show, Attend and Tell: Neural Image Caption Generation with
Visual Attention", its soft attention.
"""

from __future__ import annotations

import keras
from keras import ops

from imagecap.text.vocabulary import Vocabulary
from imagecap.training.networks.decoder import (
    FEATURE_SCALE,
    Decoder,
    DecoderConfig,
    build_output,
    probabilities,
)

_STATE = ("hidden", "cell", "places", "keys")
# Added to the mean loss of a word; the weight of Xu et al., too.
_SPREAD_WEIGHT = 1.0


class AttentionCell(keras.layers.Layer):
    """Looks at the picture, then reads a word: one step of the decoder.

    Called as a cell of `keras.layers.RNN` with the vector of a word and the state: the
    LSTM's `hidden` and `cell`, and `places` and `keys`, `[N, places, size]`, which
    stay as they are. Returns what the LSTM gives, what was seen and where it looked,
    `[N, units + size + places]`, and the state after it.

    Args:
        units: Units of the LSTM.
        size: Length of the vector of each place, and of its key.
        places: Number of places in the picture.
    """

    def __init__(self, units: int, size: int, places: int) -> None:
        super().__init__(name="attention_cell")
        self.units = units
        self.size = size
        self.state_size = [units, units, (places, size), (places, size)]
        self.output_size = units + size + places
        # The keys have a bias already, and one added to all scores changes nothing.
        self.query = keras.layers.Dense(size, use_bias=False, name="query")
        self.score = keras.layers.Dense(1, use_bias=False, name="score")
        self.gate = keras.layers.Dense(1, activation="sigmoid", name="gate")
        self.lstm = keras.layers.LSTMCell(units, name="lstm")

    def build(self, word_shape: tuple[int | None, int]) -> None:
        """Make the weights for words of a length."""
        self.query.build((None, self.units))
        self.score.build((None, None, self.size))
        self.gate.build((None, self.units))
        self.lstm.build((None, word_shape[-1] + self.size))

    def call(
        self, word: keras.KerasTensor, states: list[keras.KerasTensor]
    ) -> tuple[keras.KerasTensor, list[keras.KerasTensor]]:
        """Take one step; see the class."""
        hidden, cell, places, keys = states
        query = ops.expand_dims(self.query(hidden), 1)
        scores = ops.squeeze(self.score(ops.tanh(keys + query)), -1)
        attention = ops.softmax(scores)
        seen = ops.squeeze(ops.matmul(ops.expand_dims(attention, 1), places), 1)
        seen = self.gate(hidden) * seen
        hidden, (_, cell) = self.lstm(ops.concatenate([word, seen], -1), [hidden, cell])
        output = ops.concatenate([hidden, seen, attention], -1)
        return output, [hidden, cell, places, keys]


class SpreadAttention(keras.layers.Layer):
    """Adds to the loss, when trained, how unevenly a caption looked at the picture.

    Called with what `AttentionCell` gave for each word, `[N, T, units + size +
    places]`, and the words, `[N, T]`, zero where padded; returns the former without
    the attention.

    This is the doubly stochastic regularisation of Xu et al., the mean over places of
    (1 − s)², where s is the attention that a place gets from all words together. As
    the s of a caption of T words sum to T, that is the same as the mean of
    (s − T / places)² but for a number that training cannot change; the latter is what
    is added, so that the loss of the words stays in sight. The loss on dev is that of
    the words alone.

    Args:
        places: Number of places in the picture.
    """

    def __init__(self, places: int) -> None:
        super().__init__(name="spread")
        self.places = places

    def call(
        self,
        outputs: keras.KerasTensor,
        words: keras.KerasTensor,
        training: bool | None = None,
    ) -> keras.KerasTensor:
        """Add the loss; see the class."""
        if training:
            attention = outputs[..., -self.places :]
            self.add_loss(_SPREAD_WEIGHT * unevenness(attention, words))
        return outputs[..., : -self.places]


def unevenness(
    attention: keras.KerasTensor, words: keras.KerasTensor
) -> keras.KerasTensor:
    """Mean over captions and places of (s − T / places)²; see `SpreadAttention`."""
    counts = ops.cast(ops.not_equal(words, Vocabulary.PADDING), attention.dtype)
    total = ops.sum(attention * ops.expand_dims(counts, -1), axis=1)
    length = ops.sum(counts, axis=1, keepdims=True)
    uneven = ops.mean(ops.square(total - length / attention.shape[-1]), axis=-1)
    # Rows without words only fill up a batch.
    captions = ops.sum(ops.cast(length > 0, attention.dtype))
    return ops.sum(uneven) / ops.maximum(captions, 1.0)


def build_attention_decoder(sizes: DecoderConfig) -> Decoder:
    """Build the attention decoder.

    As in the paper: additive attention, a gate that may turn from the picture, a first
    state from the mean of the picture, and a deep output over the LSTM, what was seen
    and the word before. Other than there, the features of each place first go through
    a dense layer, as in most later work: what the decoder carries is smaller.
    """
    layers = keras.layers
    rows, columns = sizes.grid
    places = rows * columns
    embed = layers.Embedding(sizes.vocabulary, sizes.embedding, name="embedding")
    project_image = layers.Dense(sizes.image, activation="relu", name="image")
    project_keys = layers.Dense(sizes.image, name="keys")
    first_hidden = layers.Dense(sizes.lstm, activation="tanh", name="first_hidden")
    first_cell = layers.Dense(sizes.lstm, activation="tanh", name="first_cell")
    attention_cell = AttentionCell(sizes.lstm, sizes.image, places)
    read = layers.RNN(attention_cell, return_sequences=True, name="reader")
    spread = SpreadAttention(places)
    join = layers.Dense(sizes.hidden or sizes.vocabulary, name="join")
    drop = layers.Dropout(sizes.dropout)
    output = build_output(sizes)

    def begin(features: keras.KerasTensor) -> dict[str, keras.KerasTensor]:
        flat = layers.Reshape((places, sizes.features))(features)
        image = project_image(flat * FEATURE_SCALE)
        mean = ops.mean(image, axis=1)
        return {
            "hidden": first_hidden(mean),
            "cell": first_cell(mean),
            "places": image,
            "keys": project_keys(image),
        }

    def predict(
        read_and_seen: keras.KerasTensor, vectors: keras.KerasTensor
    ) -> keras.KerasTensor:
        return output(join(ops.concatenate([drop(read_and_seen), vectors], -1)))

    def predict_each(
        words: keras.KerasTensor, state: dict[str, keras.KerasTensor]
    ) -> keras.KerasTensor:
        vectors = embed(words)
        outputs = read(vectors, initial_state=[state[name] for name in _STATE])
        return predict(spread(outputs, words), vectors)

    features = keras.Input((rows, columns, sizes.features), name="features")
    words = keras.Input((None,), dtype="int32", name="words")
    first = begin(features)
    training = keras.Model(
        [features, words], predict_each(words, first), name="decoder"
    )
    start = keras.Model(features, first)

    state = {
        name: keras.Input(array.shape[1:], name=name) for name, array in first.items()
    }
    from_state = keras.Model({"words": words, **state}, predict_each(words, state))

    word = keras.Input((), dtype="int32", name="word")
    vector = embed(word)
    outputs, (hidden, cell, _, _) = attention_cell(
        vector, [state[name] for name in _STATE]
    )
    logits = predict(outputs[..., :-places], vector)
    step = keras.Model(
        {"word": word, **state},
        {
            "probabilities": probabilities(logits, sizes.temperature),
            "hidden": hidden,
            "cell": cell,
            "attention": ops.reshape(outputs[..., -places:], (-1, rows, columns)),
        },
    )
    return Decoder(training, start, from_state, step)
