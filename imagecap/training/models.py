"""The decoder: which word comes next, given the picture and the words so far."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import keras
from keras import ops

from imagecap.text import Vocabulary

LARGE = 1e9
# Encoders give vectors of length one. Taken as they are, a fresh decoder hardly sees
# the picture: after three epochs on Flickr8k CIDEr was 30 on dev, with this 44.
_FEATURE_SCALE = 10.0


@dataclass(frozen=True)
class DecoderSizes:
    """The sizes of a merge decoder.

    Attributes:
        vocabulary: Number of words, the special ones included.
        features: Length of the encoder's feature vector.
        embedding: Length of a word vector.
        lstm: Units of the LSTM.
        image: Length of the dense image vector.
        hidden: Units of the layer that joins picture and words; 0 joins them in the
            softmax layer itself.
        dropout: Fraction dropped after the LSTM and the joint layer.
    """

    vocabulary: int
    features: int
    embedding: int = 256
    lstm: int = 256
    image: int = 256
    hidden: int = 512
    dropout: float = 0.5

    def to_json(self) -> dict[str, int | float]:
        """Give the sizes as a JSON object."""
        return asdict(self)


@dataclass(frozen=True)
class Decoder:
    """One decoder in its three uses; the layers, and so the weights, are shared.

    Attributes:
        training: `[features, words]` → logits `[N, T, vocabulary]`, float32, of the
            word after each word. `words` is `[N, T]`, int32, padded with zeros at
            the end; what comes out behind padding means nothing and is ignored.
        start: features → the decoder's first state, a dictionary of arrays.
        step: `{"word": [N], ...state}` → `{"log_probabilities": [N, vocabulary],
            ...the parts of the state that change}`.
    """

    training: keras.Model
    start: keras.Model
    step: keras.Model


def build_merge_decoder(sizes: DecoderSizes) -> Decoder:
    """Build the merge decoder: the LSTM reads words only, the picture joins after it.

    Source: Tanti, Gatt and Camilleri 2018, "Where to put the image in an image
    caption generator"; the joint layer is that of its popular Keras versions. Their
    vectors are concatenated: a dense layer over both is the sum of one over each.
    """
    layers = keras.layers
    embed = layers.Embedding(sizes.vocabulary, sizes.embedding, name="embedding")
    lstm = layers.LSTM(sizes.lstm, return_sequences=True, name="lstm")
    project_image = layers.Dense(sizes.image, activation="relu", name="image")
    joint = sizes.hidden or sizes.vocabulary
    join_words = layers.Dense(joint, name="join_words")
    join_image = layers.Dense(joint, use_bias=False, name="join_image")
    next_word = layers.Dense(sizes.vocabulary, name="next_word", dtype="float32")
    activate = layers.Activation("relu")
    drop = layers.Dropout(sizes.dropout)

    def predict(joined: keras.KerasTensor) -> keras.KerasTensor:
        return next_word(drop(activate(joined))) if sizes.hidden else joined

    features = keras.Input((sizes.features,), name="features")
    words = keras.Input((None,), dtype="int32", name="words")
    image = join_image(project_image(features * _FEATURE_SCALE))

    # No mask: with padding at the end and a causal LSTM, padding cannot reach a
    # word that counts, and the loss leaves its own places out.
    text = drop(lstm(embed(words)))
    joined = join_words(text) + ops.expand_dims(image, 1)
    training = keras.Model([features, words], predict(joined), name="decoder")

    zeros = ops.zeros_like(image[:, :1]) @ ops.zeros((1, sizes.lstm))
    start = keras.Model(features, {"image": image, "hidden": zeros, "cell": zeros})

    word = keras.Input((), dtype="int32", name="word")
    image_state = keras.Input((joint,), name="image")
    hidden = keras.Input((sizes.lstm,), name="hidden")
    cell = keras.Input((sizes.lstm,), name="cell")
    text, (new_hidden, new_cell) = lstm.cell(embed(word), [hidden, cell])
    logits = predict(join_words(text) + image_state)
    step = keras.Model(
        {"word": word, "image": image_state, "hidden": hidden, "cell": cell},
        {
            "log_probabilities": ops.log_softmax(
                logits + _never_predicted(sizes.vocabulary)
            ),
            "hidden": new_hidden,
            "cell": new_cell,
        },
    )
    return Decoder(training, start, step)


def _never_predicted(vocabulary: int) -> keras.KerasTensor:
    """What keeps padding, start and unknown from being predicted."""
    number = ops.arange(vocabulary)
    banned = (number < Vocabulary.END) | (number == Vocabulary.UNKNOWN)
    return ops.where(banned, -LARGE, 0.0)


def caption_loss(
    words: keras.KerasTensor, logits: keras.KerasTensor
) -> keras.KerasTensor:
    """Mean cross-entropy per word in nats; padding does not count.

    Args:
        words: The true next words, `[..., T]`, int32, zero where padded.
        logits: `[..., T, vocabulary]`, float32.
    """
    counts = ops.cast(ops.not_equal(words, Vocabulary.PADDING), "float32")
    losses = ops.sparse_categorical_crossentropy(words, logits, from_logits=True)
    return ops.sum(losses * counts) / ops.maximum(ops.sum(counts), 1.0)


def advantage_loss(
    target: keras.KerasTensor, logits: keras.KerasTensor
) -> keras.KerasTensor:
    """Cross-entropy of sampled words, each weighted by how good its caption was.

    Its gradient is that of the expected reward (Williams 1992, REINFORCE).

    Args:
        target: `[N, T, 2]`, float32: the sampled next words, zero where padded, and
            the advantage of the caption they belong to.
        logits: `[N, T, vocabulary]`, float32.
    """
    words = ops.cast(target[..., 0], "int32")
    counts = ops.cast(ops.not_equal(words, Vocabulary.PADDING), "float32")
    losses = ops.sparse_categorical_crossentropy(words, logits, from_logits=True)
    return ops.sum(losses * counts * target[..., 1]) / ops.sum(counts)


def build_policy(decoder: keras.Model) -> keras.Model:
    """Give a decoder's training model the form of what is sampled from its steps.

    It drops nothing when trained, and what is never predicted has no probability:
    otherwise that is where training would push all probability.
    """
    inputs = [keras.Input(i.shape[1:], dtype=i.dtype) for i in decoder.inputs]
    logits = decoder(inputs, training=False)
    allowed = logits + _never_predicted(logits.shape[-1])
    return keras.Model(inputs, allowed, name="policy")


class CaptioningModel(keras.Model):
    """Encoder and decoder as one model, so that both can be trained together.

    Batch normalisation stays in inference mode: batches are small, and the exported
    network uses the stored statistics.

    Called with `[pixels, words]`, where `pixels` is `[N, size, size, 3]`, float32,
    and `words` is `[N, K, T]`, int32: K captions for each of N pictures. Returns
    logits `[N, K, T, vocabulary]`.

    Args:
        encoder: From pixels to features.
        decoder: From features and words to logits, in its use for training.
    """

    def __init__(self, encoder: keras.Model, decoder: keras.Model) -> None:
        super().__init__(name="captioning_model")
        self.encoder = encoder
        self.decoder = decoder

    def call(
        self, inputs: list[keras.KerasTensor], training: bool | None = None
    ) -> keras.KerasTensor:
        """Compute the logits; see the class."""
        pixels, words = inputs
        pictures, captions, length = ops.shape(words)
        features = self.encoder(pixels, training=False)
        features = ops.broadcast_to(
            ops.expand_dims(features, 1), (pictures, captions, features.shape[-1])
        )
        logits = self.decoder(
            [
                ops.reshape(features, (-1, features.shape[-1])),
                ops.reshape(words, (-1, length)),
            ],
            training=training,
        )
        return ops.reshape(logits, (pictures, captions, length, logits.shape[-1]))
