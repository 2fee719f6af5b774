"""How well a decoder captions a split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras
import numpy as np

from imagecap.evaluation.examples import references_of
from imagecap.evaluation.metrics.ngram import score_captions
from imagecap.model.beam_search import BeamSettings, DecoderStep, State
from imagecap.model.caption import Caption
from imagecap.model.decoding import Decoding, decode
from imagecap.pictures.reading import PictureError
from imagecap.progress import progress_bar
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.batches.teacher_forcing import CaptionBatches, TokenizedExample
from imagecap.training.networks.decoder import Decoder
from imagecap.training.networks.devices import own_share, whole_shares
from imagecap.training.networks.static_shapes import needs_static_shapes, pad_batch
from imagecap.training.run.dev_splits import OWN, DevSplits, title_of
from imagecap.training.run.run_folder import MEAN_CIDER

_PICTURES_AT_ONCE = 100
_CAPTIONS_AT_ONCE = 128


class KerasDecoderStep:
    """A Keras decoder in the form that beam search asks for.

    Args:
        start: From features to the first state; see
            `imagecap.training.networks.decoder.Decoder`.
        step: From a word and the state to the next; see there.
    """

    def __init__(self, start: keras.Model, step: keras.Model) -> None:
        self._start = start
        self._step = step
        self._most = 0

    def start(self, features: np.ndarray) -> State:
        """Begin captions; see `DecoderStep`."""
        count = len(features)
        if needs_static_shapes():
            features = pad_batch(features, whole_shares(count))
        state = _to_arrays(self._start.predict_on_batch(features))
        return {name: array[:count] for name, array in state.items()}

    def step(
        self, words: np.ndarray, state: State
    ) -> tuple[np.ndarray, State, np.ndarray | None]:
        """Predict the next words; see `DecoderStep`."""
        inputs = {"word": words, **state}
        count = len(words)
        # Rows become fewer as captions end.
        if needs_static_shapes():
            self._most = max(self._most, whole_shares(count))
            inputs = {name: pad_batch(a, self._most) for name, a in inputs.items()}
        outputs = {
            name: array[:count]
            for name, array in _to_arrays(self._step.predict_on_batch(inputs)).items()
        }
        # Words that may not come have none, whose logarithm is minus infinity.
        with np.errstate(divide="ignore"):
            log_probabilities = np.log(outputs.pop("probabilities"))
        attention = outputs.pop("attention", None)
        return log_probabilities, outputs, attention


def _to_arrays(outputs: Mapping[str, keras.KerasTensor]) -> dict[str, np.ndarray]:
    return {name: np.asarray(output) for name, output in outputs.items()}


def caption_features(
    decoder: DecoderStep,
    features: Mapping[str, np.ndarray],
    names: Sequence[str],
    vocabulary: Vocabulary,
    decoding: Decoding,
) -> dict[str, Caption]:
    """Caption pictures of which the features are known; shows progress.

    Args:
        decoder: The model.
        features: Picture name → features; fetched a few at a time.
        names: The pictures.
        vocabulary: Names the words.
        decoding: How captions are found.

    Returns:
        Picture name → its best caption.
    """
    captions: dict[str, Caption] = {}
    with progress_bar("Captioning", len(names)) as bar:
        for first in range(0, len(names), _PICTURES_AT_ONCE):
            chosen = names[first : first + _PICTURES_AT_ONCE]
            found = decode(
                decoder,
                np.stack([features[name] for name in chosen]),
                vocabulary,
                decoding,
            )
            captions.update(
                (name, beams[0]) for name, beams in zip(chosen, found, strict=True)
            )
            bar.update(len(chosen))
    return captions


def evaluate_decoder(
    decoder: Decoder,
    features: Mapping[str, np.ndarray],
    splits: DevSplits,
    vocabulary: Vocabulary,
    beam_width: int,
) -> dict[str, float]:
    """Score a decoder on dev.

    Args:
        decoder: The decoder; its training model must be compiled with the loss.
        features: Picture name → features of all splits.
        splits: The dev splits; `OWN` among them.
        vocabulary: Names the words.
        beam_width: Captions kept in parallel.

    Returns:
        Of the run's own split `dev loss` in nats per word, `BLEU-1` to `BLEU-4` and
        `CIDEr`, times 100. Where there are others, too, `CIDEr` of each with the name
        of its data set after it, and `mean CIDEr`, in which all count alike.

    Raises:
        PictureError: If there are features of no picture of one of them.
    """
    known = {
        name: [item for item in split if item.example.name in features]
        for name, split in splits.items()
    }
    for name, split in known.items():
        if not split:
            raise PictureError(
                f"None of the pictures of the {title_of(name)} can be read."
            )
    scores = {
        name: _score(decoder, features, split, vocabulary, beam_width)
        for name, split in known.items()
    }
    found = {"dev loss": mean_loss(decoder, features, known[OWN]), **scores[OWN]}
    if len(scores) == 1:
        return found
    ciders = {name: one["CIDEr"] for name, one in scores.items()}
    mean = sum(ciders.values()) / len(ciders)
    del ciders[OWN]
    others = {f"CIDEr {name}": cider for name, cider in ciders.items()}
    return {**found, **others, MEAN_CIDER: mean}


def mean_loss(
    decoder: Decoder,
    features: Mapping[str, np.ndarray],
    examples: Sequence[TokenizedExample],
) -> float:
    """Compute the mean cross-entropy per word in nats.

    Args:
        decoder: The decoder; its training model must be compiled with the loss.
        features: Picture name → what the decoder reads of it.
        examples: Pictures with captions.
    """
    loss = words = 0.0
    for inputs, next_words in CaptionBatches(
        features, examples, _CAPTIONS_AT_ONCE, 0, needs_static_shapes()
    ):
        count = np.count_nonzero(next_words != Vocabulary.PADDING)
        decoder.training.reset_metrics()
        share = own_share((inputs, next_words))
        loss += float(decoder.training.test_on_batch(*share)) * count
        words += count
    return loss / words


def _score(
    decoder: Decoder,
    features: Mapping[str, np.ndarray],
    examples: Sequence[TokenizedExample],
    vocabulary: Vocabulary,
    beam_width: int,
) -> dict[str, float]:
    captions = caption_features(
        KerasDecoderStep(decoder.start, decoder.step),
        features,
        [item.example.name for item in examples],
        vocabulary,
        Decoding(BeamSettings(width=beam_width)),
    )
    return score_captions(
        {name: caption.words for name, caption in captions.items()},
        references_of([item.example for item in examples]),
    )
