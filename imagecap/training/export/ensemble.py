"""Two models as one: both predict each word, and both count."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import keras
import numpy as np
from keras import ops

from imagecap.datasets.dataset import Example
from imagecap.errors import ImagecapError
from imagecap.model.bundle import (
    DECODER_START,
    DECODER_STEP,
    ENCODER,
    MODEL_CARD,
    Bundle,
    update_bundle,
)
from imagecap.model.confidence import FAMILIARITY
from imagecap.model.word_detector import WORD_DETECTOR
from imagecap.training.export.ensemble_gate import (
    MOST,
    learn_share,
    mix,
    pool,
    split_features,
)
from imagecap.training.networks.decoder import Decoder
from imagecap.training.networks.from_bundle import rebuild
from imagecap.training.networks.litert_conversion import (
    IN_8_BITS,
    convert_to_int8,
    convert_to_mixed,
)

_PREFIXES = ("first_", "second_")


class JoiningError(ImagecapError):
    """Two models cannot become one."""


def join_models(
    first: Bundle, second: Bundle, folder: Path, examples: Sequence[Example] = ()
) -> None:
    """Write a model that predicts each word with the probabilities of two.

    Each counts half. With examples, how much the second counts in a picture, at most
    half, is learned from them.

    Source: Vinyals et al. 2015, "Show and tell: lessons learned from the 2015 MSCOCO
    image captioning challenge", ensembles there; see also `fit_share`.

    What the new model keeps for retraining is the first model alone, and so are its
    settings and its scores. It has no word detector until it learns words, and no
    confidence until it is calibrated.

    Args:
        first: Gives attention, search and recipe.
        second: A model for pictures of the same size. It may know fewer words, and
            then gives those it does not know no probability; it knows no other ones.
        folder: The new model's place; a model already there is replaced.
        examples: Pictures with captions that both models have learned from.

    Raises:
        JoiningError: If the second knows words that the first does not, or reads
            pictures of another size.
        ShareError: If none of the examples can be read.
        BundleError: If a file is missing or damaged, or the disk refuses to take more.
    """
    if new := set(second.vocabulary.words) - set(first.vocabulary.words):
        raise JoiningError(
            f"{second.name} knows words that {first.name} does not, such as "
            f"“{min(new)}”. Name the one that knows more words first."
        )
    if first.image_size != second.image_size:
        raise JoiningError(
            f"{first.name} reads pictures of {first.image_size} pixels, {second.name} "
            f"of {second.image_size}; they must be the same."
        )
    encoders, decoders = zip(rebuild(first), rebuild(second), strict=True)
    # Two of a kind have the same name, which Keras does not allow in one network.
    encoders = tuple(
        keras.Model(encoder.input, encoder.output, name=prefix + encoder.name)
        for prefix, encoder in zip(_PREFIXES, encoders, strict=True)
    )
    encoder = join_encoders(*encoders)
    translation = np.array(second.vocabulary.encode(first.vocabulary.words), np.int32)
    share = None
    if examples:
        share = learn_share(encoder, decoders, translation, first.vocabulary, examples)
    start, step = join_decoders(*decoders, encoder.output_shape[1:], translation, share)
    names = [bundle.manifest["encoder"]["name"] for bundle in (first, second)]
    stored = [bundle.manifest["storage"]["encoder"] for bundle in (first, second)]
    exact = [
        encoder.name
        for encoder, storage in zip(encoders, stored, strict=True)
        if storage != IN_8_BITS
    ]
    files: dict[str, bytes | None] = {FAMILIARITY: None, WORD_DETECTOR: None}
    with tempfile.TemporaryDirectory() as temporary:
        for name, network, convert in (
            (ENCODER, encoder, partial(convert_to_mixed, exact=exact)),
            (DECODER_START, start, convert_to_int8),
            (DECODER_STEP, step, convert_to_int8),
        ):
            convert(network, Path(temporary) / name)
            files[name] = (Path(temporary) / name).read_bytes()
    card = (first.folder / MODEL_CARD).read_text(encoding="utf-8")
    _, rest = card.split("\n", 1)
    counts = "the mean of their probabilities counts"
    if share:
        counts = (
            f"both count: `{second.name}` at most half, and less in pictures of which "
            "it knows less, as was learned from captions of training"
        )
    note = (
        f"Two models in one: `{first.name}` and `{second.name}`, with features of "
        f"{' and '.join(names)}. Both predict each word, and {counts}. Table, recipe "
        f"and scores are those of `{first.name}`."
    )
    files[MODEL_CARD] = f"# {folder.name}\n\n{note}\n{rest}".encode()
    update_bundle(
        first,
        {
            "name": folder.name,
            "joined": [first.identity, second.identity],
            "confidence": None,
            "encoder": {
                **first.manifest["encoder"],
                "name": " + ".join(names),
                "feature_shape": list(encoder.output_shape[1:]),
            },
            "storage": {**first.manifest["storage"], "encoder": " + ".join(stored)},
        },
        files,
        folder,
    )


def join_encoders(first: keras.Model, second: keras.Model) -> keras.Model:
    """Give the features of two encoders one after the other.

    A vector beside a grid is repeated in each of its cells.

    Args:
        first: From pixels to a vector or a grid.
        second: The same, for pixels of the same size. Two grids are of one size.

    Returns:
        A model from pixels to `[N, a + b]` or `[N, rows, columns, a + b]`.
    """
    pixels = keras.Input(first.input_shape[1:], name="pixels")
    features = [first(pixels), second(pixels)]
    grids = [one.shape[1:3] for one in features if len(one.shape) == 4]
    if grids:
        features = [
            one
            if len(one.shape) == 4
            else ops.ones((1, *grids[0], 1)) * ops.expand_dims(one, (1, 2))
            for one in features
        ]
    return keras.Model(pixels, ops.concatenate(features, axis=-1))


def join_decoders(
    first: Decoder,
    second: Decoder,
    feature_shape: tuple[int, ...],
    translation: np.ndarray,
    share: keras.Model | None = None,
) -> tuple[keras.Model, keras.Model]:
    """Make one decoder of two, which predicts with the probabilities of both.

    Args:
        first: A decoder.
        second: Another one.
        feature_shape: What `join_encoders` gives for one picture.
        translation: The number of each of the first one's words in the second one,
            `[vocabulary]`, int32; that of the unknown where it is none.
        share: From pooled features to how much the second counts; half where `None`.

    Returns:
        `start` and `step` of it; see `Decoder`. Attention is that of the first.
    """
    features = keras.Input(feature_shape, name="features")
    decoders = (first, second)
    parts = split_features(features, first.start.input_shape[-1], decoders)
    pooled = pool(features)
    half = MOST * ops.ones_like(pooled[:, :1])
    began = {"share": share(pooled) if share else half}
    for prefix, decoder, part in zip(_PREFIXES, decoders, parts, strict=True):
        for name, array in decoder.start(part).items():
            began[prefix + name] = array
    start = keras.Model(features, began)

    word = keras.Input((), dtype="int32", name="word")
    state = {
        name: keras.Input(array.shape[1:], name=name) for name, array in began.items()
    }
    words = (word, ops.take(translation, word))
    outputs, log_probabilities = {}, []
    for prefix, decoder, number in zip(_PREFIXES, decoders, words, strict=True):
        own = {
            name.removeprefix(prefix): array
            for name, array in state.items()
            if name.startswith(prefix)
        }
        predicted = dict(decoder.step({"word": number, **own}))
        log_probabilities.append(predicted.pop("log_probabilities"))
        attention = predicted.pop("attention", None)
        if attention is not None and prefix == _PREFIXES[0]:
            outputs["attention"] = attention
        for name, array in predicted.items():
            outputs[prefix + name] = array
    ours, theirs = log_probabilities
    theirs = ops.take(theirs, translation, axis=-1)
    outputs["log_probabilities"] = mix(ours, theirs, state["share"])
    return start, keras.Model({"word": word, **state}, outputs)
