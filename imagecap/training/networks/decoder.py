"""The decoder: which word comes next, given the picture and the words so far.

What all architectures share; each has a file of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import keras
from keras import ops

from imagecap.text.vocabulary import Vocabulary

LARGE = 1e9
# Encoders give vectors, or cells of a grid, of length one. Taken as they are, a fresh
# decoder hardly sees the picture: after three epochs on Flickr8k CIDEr was 30 on dev,
# with this 44 (merge).
FEATURE_SCALE = 10.0


@dataclass(frozen=True)
class DecoderConfig:
    """The sizes of a decoder.

    Attributes:
        vocabulary: Number of words, the special ones included.
        features: Length of the encoder's feature vector, or of each cell of its grid.
        embedding: Length of a word vector.
        lstm: Units of the LSTM.
        image: Length of the dense image vector, or of that of each cell.
        hidden: Units of the layer that joins picture and words; 0 joins them in the
            softmax layer itself.
        dropout: Fraction dropped after the LSTM and the joint layer.
        grid: Rows and columns of the encoder's grid; empty where it gives a vector.
        temperature: By which `Decoder.step` divides the logits; training does not.
    """

    vocabulary: int
    features: int
    embedding: int = 256
    lstm: int = 256
    image: int = 256
    hidden: int = 0
    dropout: float = 0.5
    grid: tuple[int, ...] = ()
    temperature: float = 1.0


@dataclass(frozen=True)
class Decoder:
    """One decoder in its uses; the layers, and so the weights, are shared.

    Attributes:
        training: `[features, words]` → logits `[N, T, vocabulary]`, float32, of the
            word after each word. `words` is `[N, T]`, int32, padded with zeros at
            the end; what comes out behind padding means nothing and is ignored.
        start: features → the decoder's first state, a dictionary of arrays.
        from_state: `{"words": [N, T], ...state}` → logits, as `training` gives them
            where the features have become the state already.
        step: `{"word": [N], ...state}` → `{"probabilities": [N, vocabulary],
            ...the parts of the state that change}`, with attention also
            `"attention"`, `[N, rows, columns]`: where it looked, summing to one.
    """

    training: keras.Model
    start: keras.Model
    from_state: keras.Model
    step: keras.Model


def build_output(
    sizes: DecoderConfig,
) -> Callable[[keras.KerasTensor], keras.KerasTensor]:
    """Build what follows where picture and words are joined.

    Returns:
        A function from the joint layer, `[..., hidden]`, or where there is none from
        the logits themselves, to the logits `[..., vocabulary]`.
    """
    layers = keras.layers
    next_word = layers.Dense(sizes.vocabulary, name="next_word", dtype="float32")
    activate = layers.Activation("relu")
    drop = layers.Dropout(sizes.dropout)

    def output(joined: keras.KerasTensor) -> keras.KerasTensor:
        return next_word(drop(activate(joined))) if sizes.hidden else joined

    return output


def probabilities(
    logits: keras.KerasTensor, temperature: float = 1.0
) -> keras.KerasTensor:
    """Predict the next word: logits `[..., vocabulary]` → probabilities.

    LiteRT computes these several times as fast as their logarithms.

    Args:
        logits: Of all words, float32; the special ones but the end are left out.
        temperature: By which they are divided; below one, what is probable gets more
            probable (Hinton et al. 2015, "Distilling the knowledge in a neural
            network").
    """
    return ops.softmax(mask_special_tokens(logits / temperature))


def mask_special_tokens(logits: keras.KerasTensor) -> keras.KerasTensor:
    """Keep padding, start and unknown from being predicted."""
    number = ops.arange(logits.shape[-1])
    banned = (number < Vocabulary.END) | (number == Vocabulary.UNKNOWN)
    return logits + ops.where(banned, -LARGE, 0.0)


class CaptioningModel(keras.Model):
    """Encoder and decoder as one model, so that both can be trained together.

    Batch normalisation stays in inference mode: batches are small, and the exported
    network uses the stored statistics.

    Called with `[pixels, words]`, where `pixels` is `[N, size, size, 3]`, float32,
    and `words` is `[N, K, T]`, int32: K captions for each of N pictures. Returns
    logits `[N, K, T, vocabulary]`.

    Args:
        encoder: From pixels to features.
        decoder: From features and words to logits.
    """

    def __init__(self, encoder: keras.Model, decoder: Decoder) -> None:
        super().__init__(name="captioning_model")
        self.encoder = encoder
        self.start = decoder.start
        self.from_state = decoder.from_state

    def call(
        self, inputs: list[keras.KerasTensor], training: bool | None = None
    ) -> keras.KerasTensor:
        """Compute the logits; see the class."""
        pixels, words = inputs
        state = self.start(self.encoder(pixels, training=False))
        return predict_captions(self.from_state, state, words, training)


def predict_captions(
    from_state: keras.Model,
    state: dict[str, keras.KerasTensor],
    words: keras.KerasTensor,
    training: bool | None,
) -> keras.KerasTensor:
    """Compute the logits of several captions of each picture.

    Args:
        from_state: See `Decoder`.
        state: What its `start` made of N pictures.
        words: K captions of each, `[N, K, T]`, int32.
        training: Whether to drop what training drops.

    Returns:
        `[N, K, T, vocabulary]`, float32.
    """
    pictures, captions, length = ops.shape(words)
    # What the decoder makes of a picture is computed once and then repeated.
    repeated = {
        name: ops.repeat(array, captions, axis=0) for name, array in state.items()
    }
    logits = from_state(
        {"words": ops.reshape(words, (-1, length)), **repeated}, training=training
    )
    return ops.reshape(logits, (pictures, captions, length, logits.shape[-1]))
