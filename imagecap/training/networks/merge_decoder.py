"""The merge architecture: the LSTM reads words only, the picture joins after it."""

from __future__ import annotations

import keras
from keras import ops

from imagecap.training.networks.decoder import (
    FEATURE_SCALE,
    Decoder,
    DecoderConfig,
    build_output,
    probabilities,
)


def build_merge_decoder(sizes: DecoderConfig) -> Decoder:
    """Build the merge decoder.

    Source: Tanti, Gatt and Camilleri 2018, "Where to put the image in an image
    caption generator"; the joint layer is that of its popular Keras versions. Their
    vectors are concatenated: a dense layer over both is the sum of one over each.
    """
    layers = keras.layers
    embed = layers.Embedding(sizes.vocabulary, sizes.embedding, name="embedding")
    lstm = layers.LSTM(
        sizes.lstm,
        return_sequences=True,
        # On a GPU JAX would compute it by way of cuDNN, and so (Keras 3.15, JAX 0.11) a
        # model that had learned its captions began with a loss of 5.1. That cuDNN is
        # the cause was not proved.
        use_cudnn=False if keras.backend.backend() == "jax" else "auto",
        name="lstm",
    )
    project_image = layers.Dense(sizes.image, activation="relu", name="image")
    joint = sizes.hidden or sizes.vocabulary
    join_words = layers.Dense(joint, name="join_words")
    join_image = layers.Dense(joint, use_bias=False, name="join_image")
    drop = layers.Dropout(sizes.dropout)
    output = build_output(sizes)

    def predict_each(
        words: keras.KerasTensor,
        image: keras.KerasTensor,
        initial_state: list[keras.KerasTensor] | None = None,
    ) -> keras.KerasTensor:
        # No mask: with padding at the end and a causal LSTM, padding cannot reach a
        # word that counts, and the loss leaves its own places out.
        text = drop(lstm(embed(words), initial_state=initial_state))
        return output(join_words(text) + ops.expand_dims(image, 1))

    features = keras.Input((sizes.features,), name="features")
    words = keras.Input((None,), dtype="int32", name="words")
    image = join_image(project_image(features * FEATURE_SCALE))
    training = keras.Model(
        [features, words], predict_each(words, image), name="decoder"
    )

    zeros = ops.zeros_like(image[:, :1]) @ ops.zeros((1, sizes.lstm))
    start = keras.Model(features, {"image": image, "hidden": zeros, "cell": zeros})

    state = {
        "image": keras.Input((joint,), name="image"),
        "hidden": keras.Input((sizes.lstm,), name="hidden"),
        "cell": keras.Input((sizes.lstm,), name="cell"),
    }
    lstm_state = [state["hidden"], state["cell"]]
    from_state = keras.Model(
        {"words": words, **state}, predict_each(words, state["image"], lstm_state)
    )

    word = keras.Input((), dtype="int32", name="word")
    text, (hidden, cell) = lstm.cell(embed(word), lstm_state)
    logits = output(join_words(text) + state["image"])
    step = keras.Model(
        {"word": word, **state},
        {
            "probabilities": probabilities(logits, sizes.temperature),
            "hidden": hidden,
            "cell": cell,
        },
    )
    return Decoder(training, start, from_state, step)
