"""An ensemble: two models as one, which both predict each word."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np
from keras import ops

from imagecap.datasets.dataset import Dataset
from imagecap.errors import ImagecapError
from imagecap.model.bundle import (
    DECODER_START,
    DECODER_STEP,
    DECODER_WEIGHTS,
    ENCODER,
    ENCODER_WEIGHTS,
    VOCABULARY,
    Bundle,
)
from imagecap.model.log_linear import LogLinear
from imagecap.model.manifest import Ensemble, Manifest, Notes
from imagecap.model.rankers import Likelihood, MinimumBayesRisk
from imagecap.training.export.backend import writing_model
from imagecap.training.export.ensemble_gate import (
    MOST,
    GateFit,
    pool,
    split_features,
)
from imagecap.training.export.finish import (
    TrainSplit,
    as_bundle,
    finish_bundle,
    unfinished_bundle,
)
from imagecap.training.networks.decoder import Decoder
from imagecap.training.networks.from_bundle import networks_from_bundle
from imagecap.training.networks.litert_conversion import (
    IN_8_BITS,
    convert_to_int8,
    convert_to_mixed,
)
from imagecap.training.networks.weight_files import save_weights

_PREFIXES = ("first_", "second_")


class EnsembleError(ImagecapError):
    """Two models cannot become one."""


@dataclass(frozen=True)
class _Members:
    """Two models, with their networks.

    Attributes:
        bundles: The first and the second.
        encoder: From pixels to the features of both, one after the other.
        exact: The names of the parts of it that are not stored in 8 bits.
        decoders: Those of both.
        translation: The number of each of the first one's words in the second one,
            `[vocabulary]`, int32; that of the unknown where it is none.
    """

    bundles: tuple[Bundle, Bundle]
    encoder: keras.Model
    exact: list[str]
    decoders: tuple[Decoder, Decoder]
    translation: np.ndarray

    @property
    def identities(self) -> tuple[str, ...]:
        """What the manifest calls them."""
        return tuple(bundle.identity for bundle in self.bundles)


def build_ensemble(
    first: Bundle, second: Bundle, folder: Path, dataset: Dataset | None = None
) -> list[str]:
    """Write a model that predicts each word with the probabilities of two.

    Each counts half. With a data set, how much the second counts in a picture, at most
    half, is learned from it, and so are a word detector and the confidence.

    Source: Vinyals et al. 2015, "Show and tell: lessons learned from the 2015 MSCOCO
    image captioning challenge", ensembles there; see also `fit_gate`.

    What the new model keeps for retraining is the first model alone, and so are its
    settings and its scores.

    Args:
        first: Gives attention, search and recipe.
        second: A model for pictures of the same size. It may know fewer words, and
            then gives those it does not know no probability; it knows no other ones.
        folder: The new model's place; a model already there is replaced.
        dataset: What both models have learned from.

    Returns:
        What was added to the model, in sentences.

    Raises:
        EnsembleError: If one is made of two itself, or the second knows words that
            the first does not, or reads pictures of another size.
        GateError: If none of the pictures can be read.
        BundleError: If a file is missing or damaged.
        ExportError: If the disk refuses to take more.
    """
    members = _load_members(first, second)
    folder = folder.resolve()
    kept = "Both stay as they are"
    with (
        writing_model(folder, kept, "run the same command again"),
        unfinished_bundle(folder) as new,
    ):
        for name in (VOCABULARY, ENCODER_WEIGHTS):
            first.verify(name)
            (new / name).write_bytes((first.folder / name).read_bytes())
        save_weights(members.decoders[0].training, new / DECODER_WEIGHTS)
        convert_to_mixed(members.encoder, new / ENCODER, exact=members.exact)
        manifest = _describe(members, folder.name)
        gate = train = None
        if dataset is not None:
            fit = GateFit(
                members.decoders,
                members.translation,
                first.vocabulary,
                dataset.train,
            )
            encoding = Bundle(new, manifest, first.vocabulary)
            train = TrainSplit(encoding, dataset, fit)
            gate = fit.fit()
            ensemble = Ensemble(members.identities, fit.pictures)
            manifest = replace(manifest, ensemble=ensemble)
        networks = join_decoders(
            *members.decoders,
            manifest.encoder.feature_shape,
            members.translation,
            gate,
        )
        for name, network in zip((DECODER_START, DECODER_STEP), networks, strict=True):
            convert_to_int8(network, new / name)
        bundle = as_bundle(new, manifest, first.vocabulary)
        return finish_bundle(bundle, dataset, train, folder, first)


def _load_members(first: Bundle, second: Bundle) -> _Members:
    for bundle in (first, second):
        if bundle.manifest.ensemble is not None:
            raise EnsembleError(
                f"{bundle.name} is made of two models already, and only the first of "
                "them could be read back: join single models."
            )
    if new := set(second.vocabulary.words) - set(first.vocabulary.words):
        raise EnsembleError(
            f"{second.name} knows words that {first.name} does not, such as "
            f"“{min(new)}”. Name the one that knows more words first."
        )
    if first.image_size != second.image_size:
        raise EnsembleError(
            f"{first.name} reads pictures of {first.image_size} pixels, {second.name} "
            f"of {second.image_size}; they must be the same."
        )
    bundles = (first, second)
    networks = [networks_from_bundle(bundle) for bundle in bundles]
    # Two of a kind have the same name, which Keras does not allow in one network.
    encoders = [
        keras.Model(encoder.input, encoder.output, name=prefix + encoder.name)
        for prefix, (encoder, _) in zip(_PREFIXES, networks, strict=True)
    ]
    exact = [
        encoder.name
        for encoder, bundle in zip(encoders, bundles, strict=True)
        if bundle.manifest.storage.encoder != IN_8_BITS
    ]
    return _Members(
        bundles,
        join_encoders(*encoders),
        exact,
        (networks[0][1], networks[1][1]),
        np.array(second.vocabulary.encode(first.vocabulary.words), np.int32),
    )


def _describe(members: _Members, name: str) -> Manifest:
    first, second = (bundle.manifest for bundle in members.bundles)
    return replace(
        first,
        name=name,
        experts=None,
        decoding=replace(first.decoding, language=None, ranker=_general(first)),
        encoder=replace(
            first.encoder,
            name=f"{first.encoder.name} + {second.encoder.name}",
            feature_shape=tuple(members.encoder.output_shape[1:]),
        ),
        storage=replace(
            first.storage,
            encoder=f"{first.storage.encoder} + {second.storage.encoder}",
        ),
        training=replace(
            first.training,
            recipe=f"That of {first.name} alone: {first.training.recipe}",
        ),
        scores=replace(
            first.scores, how=f"those of {first.name} alone, {first.scores.how}"
        ),
        ensemble=Ensemble(members.identities, gate_pictures=0),
        word_detector=None,
        confidence=None,
        failures=None,
        notes=Notes(),
        files={},
        language_model=None,
        ranker=None,
        memory=None,
    )


def _general(manifest: Manifest) -> Likelihood | MinimumBayesRisk:
    """Return a ranker for another model; weights that were fitted suit their own."""
    own = manifest.decoding.ranker
    return MinimumBayesRisk() if isinstance(own, LogLinear) else own


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
    gate: keras.Model | None = None,
) -> tuple[keras.Model, keras.Model]:
    """Make one decoder of two, which predicts with the probabilities of both.

    Args:
        first: A decoder.
        second: Another one.
        feature_shape: What `join_encoders` gives for one picture.
        translation: The number of each of the first one's words in the second one,
            `[vocabulary]`, int32; that of the unknown where it is none.
        gate: From pooled features to how much the second counts; half where `None`.

    Returns:
        `start` and `step` of it; see `Decoder`. Attention is that of the first.
    """
    features = keras.Input(feature_shape, name="features")
    decoders = (first, second)
    parts = split_features(features, first.start.input_shape[-1], decoders)
    pooled = pool(features)
    half = MOST * ops.ones_like(pooled[:, :1])
    began = {"share": gate(pooled) if gate else half}
    for prefix, decoder, part in zip(_PREFIXES, decoders, parts, strict=True):
        for name, array in decoder.start(part).items():
            began[prefix + name] = array
    start = keras.Model(features, began)

    word = keras.Input((), dtype="int32", name="word")
    state = {
        name: keras.Input(array.shape[1:], name=name) for name, array in began.items()
    }
    is_same = np.array_equal(translation, np.arange(len(translation)))
    words = (word, word if is_same else ops.take(translation, word))
    outputs, probabilities = {}, []
    for prefix, decoder, number in zip(_PREFIXES, decoders, words, strict=True):
        own = {
            name.removeprefix(prefix): array
            for name, array in state.items()
            if name.startswith(prefix)
        }
        predicted = dict(decoder.step({"word": number, **own}))
        probabilities.append(predicted.pop("probabilities"))
        attention = predicted.pop("attention", None)
        if attention is not None and prefix == _PREFIXES[0]:
            outputs["attention"] = attention
        for name, array in predicted.items():
            outputs[prefix + name] = array
    ours, theirs = probabilities
    if not is_same:
        theirs = ops.take(theirs, translation, axis=-1)
    share = state["share"]
    outputs["probabilities"] = (1 - share) * ours + share * theirs
    return start, keras.Model({"word": word, **state}, outputs)
