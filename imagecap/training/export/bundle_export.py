"""From trained Keras models to a bundle."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import keras
import numpy as np

from imagecap.datasets.dataset import Dataset
from imagecap.model.beam_search import BeamSettings
from imagecap.model.bundle import (
    DECODER_START,
    DECODER_STEP,
    DECODER_WEIGHTS,
    DUAL_ENCODER,
    ENCODER,
    ENCODER_WEIGHTS,
    LANGUAGE_MODEL,
    MODEL_CARD,
    VOCABULARY,
    WORD_DETECTOR,
    Bundle,
    find_bundle,
    load_bundle,
)
from imagecap.model.decoding import Decoding
from imagecap.model.dual_encoder import load_dual_encoder
from imagecap.model.language_model import load_language_model
from imagecap.model.litert import THREADS, LiteRTDecoder, LiteRTEncoder, load_network
from imagecap.model.manifest import (
    BestEpoch,
    Encoder,
    Manifest,
    Notes,
    SplitSize,
    Storage,
    Training,
    TrainingData,
)
from imagecap.model.measured import Scores
from imagecap.model.rankers import MinimumBayesRisk
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.export.backend import ExportError, writing_model
from imagecap.training.export.finish import (
    TrainSplit,
    as_bundle,
    finish_bundle,
    unfinished_bundle,
)
from imagecap.training.export.language import name_language
from imagecap.training.export.recipe import describe_recipe
from imagecap.training.networks.litert_conversion import (
    ENCODER_STORAGES,
    convert_to_int8,
)
from imagecap.training.networks.weight_files import save_weights
from imagecap.training.run.environment import describe_environment
from imagecap.training.run.pipeline import TrainedModel
from imagecap.training.run.run_folder import MEAN_CIDER
from imagecap.training.run.validation import KerasDecoderStep
from imagecap.training.settings import TrainingSettings

# How near networks with rounded weights must come to the trained ones. On noise the
# features of MobileNetV2 in 8 bits keep a cosine of 0.99, or 0.98 in a grid, which cost
# an attention model 2 points of CIDEr; those of Xception 0.9996. Log-probabilities in
# 8 bits, given the same features, correlate by 0.9999, which cost nothing.
_LEAST_COSINE = 0.995
_LEAST_CORRELATION = 0.99
# How new bundles choose among captions. With this exponent, a caption a thousand times
# less likely than another has a quarter of its vote. What people are expected to write
# spreads less than what captions agree on: the weight gives it about three times the
# say.
_VOTE_EXPONENT = 0.2
_EXPECTED_CIDER_WEIGHT = 10.0
_WORD_BIAS = 3.0

_NOTHING_LEARNED = (
    "No epoch was better on dev than the model that training began with; nothing was "
    "learned. More photographs help."
)


def export_bundle(
    trained: TrainedModel, settings: TrainingSettings, dataset: Dataset, folder: Path
) -> list[str]:
    """Write a trained model as a bundle and check that it computes the same.

    Args:
        trained: The model with its best weights and the record of its run.
        settings: The settings of the run.
        dataset: What it was trained on; its features, computed once, teach the word
            detector and the confidence.
        folder: The bundle's place; a bundle already there is replaced.

    Returns:
        What was added to the model, in sentences.

    Raises:
        ExportError: If the exported networks differ from the trained ones, or the
            disk refuses to take them. A bundle already there then stays.
    """
    again = "run the same command with --resume"
    with (
        writing_model(folder, "What was trained is kept", again),
        unfinished_bundle(folder) as new,
    ):
        storage = _store_encoder(trained.encoder, new / ENCODER)
        _write_files(trained, new)
        manifest = _describe(trained, settings, dataset, folder.name, storage)
        bundle = as_bundle(new, manifest, trained.vocabulary)
        _check(trained, bundle)
        done = []
        start = load_bundle(find_bundle(settings.start)) if settings.start else None
        if start and trained.progress.best["stage"] == "start":
            done.append(_NOTHING_LEARNED)
            if WORD_DETECTOR in start.manifest.files:
                done.append("Its word detector and its confidence stay.")
                bundle = _with_additions_of(start, bundle)
                return [*done, *finish_bundle(bundle, None, None, folder)]
        train = TrainSplit(bundle, dataset, former=start)
        return [*done, *finish_bundle(bundle, dataset, train, folder, start)]


def _with_additions_of(start: Bundle, bundle: Bundle) -> Bundle:
    """Take over what was added to the networks that training began with, unchanged."""
    for name in start.manifest.files:
        if name != MODEL_CARD and not (bundle.folder / name).exists():
            (bundle.folder / name).parent.mkdir(exist_ok=True)
            shutil.copyfile(start.folder / name, bundle.folder / name)
    words = len(bundle.vocabulary) - len(start.vocabulary)
    new = np.full(words, Vocabulary.UNKNOWN)
    for file, known in (
        (LANGUAGE_MODEL, load_language_model(start)),
        (DUAL_ENCODER, load_dual_encoder(start)),
    ):
        if known is not None:
            (bundle.folder / file).write_bytes(known.with_words(new).to_bytes())
    manifest = replace(
        bundle.manifest,
        decoding=start.manifest.decoding,
        word_detector=start.manifest.word_detector,
        language_model=start.manifest.language_model,
        ranker=start.manifest.ranker,
        confidence=start.manifest.confidence,
        failures=start.manifest.failures,
        experts=start.manifest.experts,
        memory=start.manifest.memory,
    )
    return as_bundle(bundle.folder, manifest, bundle.vocabulary)


def _describe(
    trained: TrainedModel,
    settings: TrainingSettings,
    dataset: Dataset,
    name: str,
    encoder_storage: str,
) -> Manifest:
    shape = trained.encoder.output_shape[1:]
    best = trained.progress.best
    epochs = dict(Counter(row["stage"] for row in trained.progress.history))
    sizes = {
        split: SplitSize(len(examples), sum(len(one.captions) for one in examples))
        for split, examples in dataset.splits.items()
    }
    scores = trained.progress.best_scores
    language = name_language(
        caption for example in dataset.train for caption in example.captions
    )
    others = (
        "; after CIDEr stands the name of another data set whose dev was scored too, "
        "and the mean of all chose the epoch"
    )
    return Manifest(
        name=name,
        version="",
        architecture=settings.architecture,
        encoder=Encoder(
            name=settings.encoder,
            image_size=trained.encoder.input_shape[1],
            preprocessing="upright RGB, whole frame squashed to a square, bilinear; "
            "pixels 0-255 as float32, scaled inside the network",
            feature_shape=tuple(shape),
        ),
        decoding=_decoding(settings),
        training=Training(
            data=TrainingData(
                name=dataset.name,
                scope=dataset.name,
                description=f"{dataset.name}, captions in {language}.",
                splits=sizes,
                language=language,
            ),
            date=date.today().isoformat(),
            recipe=describe_recipe(settings, shape, epochs),
            minimum_count=settings.minimum_count,
            settings=settings.to_json(),
            epochs=epochs,
            best=BestEpoch(
                best["stage"],
                best["epoch"],
                best.get("dev loss"),
                best.get("train loss"),
            ),
            **describe_environment(),
        ),
        scores=Scores(
            split="dev",
            how=f"beam search of width {settings.search.beam_width}, words as in the "
            "Penn Treebank, lower case, no punctuation, no boundary tokens, all "
            "references, times 100" + (others if MEAN_CIDER in scores else ""),
            values=scores,
        ),
        storage=Storage(encoder=encoder_storage, decoder="int8"),
        ensemble=None,
        word_detector=None,
        confidence=None,
        failures=None,
        notes=Notes(),
        files={},
    )


def _decoding(settings: TrainingSettings) -> Decoding:
    if not settings.search.consensus_width:
        return Decoding(BeamSettings(settings.search.beam_width))
    return Decoding(
        BeamSettings(settings.search.consensus_width, word_bias=_WORD_BIAS),
        MinimumBayesRisk(
            vote_exponent=_VOTE_EXPONENT, expected_cider_weight=_EXPECTED_CIDER_WEIGHT
        ),
    )


def _write_files(trained: TrainedModel, folder: Path) -> None:
    vocabulary = trained.vocabulary.to_json() + "\n"
    (folder / VOCABULARY).write_text(vocabulary, encoding="utf-8")
    convert_to_int8(trained.decoder.start, folder / DECODER_START)
    convert_to_int8(trained.decoder.step, folder / DECODER_STEP)
    save_weights(trained.encoder, folder / ENCODER_WEIGHTS)
    save_weights(trained.decoder.training, folder / DECODER_WEIGHTS)


def _store_encoder(encoder: keras.Model, path: Path) -> str:
    """Write the encoder as small as it stays right; say how it is stored."""
    pixels = _made_up_pixels(encoder.input_shape[1]).astype(np.float32)
    expected = np.asarray(encoder.predict_on_batch(pixels))
    for storage, convert in ENCODER_STORAGES:
        convert(encoder, path)
        # Kept, since a signature does not keep its interpreter alive.
        interpreter, run = load_network(path, THREADS)
        (features,) = run(pixels=pixels).values()
        del interpreter, run
        cosine = min(map(_cosine, features, expected))
        if cosine >= _LEAST_COSINE:
            return storage
    raise ExportError(
        f"The exported encoder differs from the trained one (cosine of features "
        f"{cosine:.3f}), so the model was not kept; please report this."
    )


def _made_up_pixels(size: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (2, size, size, 3), np.uint8)


def _check(trained: TrainedModel, bundle: Bundle) -> None:
    """Compare two words of made-up pictures."""
    LiteRTEncoder(bundle)
    pixels = _made_up_pixels(bundle.image_size)
    expected = np.asarray(trained.encoder.predict_on_batch(pixels.astype(np.float32)))
    correlations = []
    ours, theirs = (
        LiteRTDecoder(bundle),
        KerasDecoderStep(trained.decoder.start, trained.decoder.step),
    )
    words = np.full(2, Vocabulary.START, np.int32)
    our_state, their_state = dict(ours.start(expected)), dict(theirs.start(expected))
    for _ in range(2):
        found, changed, our_map = ours.step(words, our_state)
        wanted, their_changed, their_map = theirs.step(words, their_state)
        possible = np.isfinite(wanted)
        correlations.append(
            _cosine(*(one[possible] - one[possible].mean() for one in (found, wanted)))
        )
        if our_map is not None and their_map is not None:
            correlations.append(_cosine(our_map, their_map))
        our_state.update(changed)
        their_state.update(their_changed)
        words = wanted.argmax(axis=1).astype(np.int32)
    correlation = min(correlations)
    if not correlation >= _LEAST_CORRELATION:
        raise ExportError(
            f"The exported decoder differs from the trained one (correlation of words "
            f"{correlation:.3f}), so the model was not kept; please report this."
        )


def _cosine(one: np.ndarray, other: np.ndarray) -> float:
    lengths = np.linalg.norm(one) * np.linalg.norm(other)
    return float(np.vdot(one, other) / lengths)
