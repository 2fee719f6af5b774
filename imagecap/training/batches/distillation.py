"""Learning from teachers: what finished models predict, beside the true words.

Source: Hinton, Vinyals and Dean 2015, "Distilling the knowledge in a neural network".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import keras
import numpy as np
from keras import ops

from imagecap.model.bundle import Bundle
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.batches.teacher_forcing import DerivedBatches, PictureBatches
from imagecap.training.networks.decoder import (
    CaptioningModel,
    Decoder,
    predict_captions,
    probabilities,
)
from imagecap.training.networks.from_bundle import (
    networks_from_bundle,
    settings_of_bundle,
)
from imagecap.training.networks.losses import caption_loss, mean_over_words
from imagecap.training.networks.static_shapes import pad_batch
from imagecap.training.settings import TrainingSettings

TEACHER_SHARE = 0.7
"""How much the teachers' predictions count; the rest is for the true words."""


@dataclass(frozen=True)
class Teacher:
    """A finished model that another one learns from.

    Attributes:
        name: Its name.
        settings: Those that it was trained with.
        encoder: From pixels to its features.
        decoder: Its decoder.
        translation: The number of each of the learner's words in it, `[vocabulary]`,
            int32; that of the unknown, which is never predicted, where it is none.
    """

    name: str
    settings: TrainingSettings
    encoder: keras.Model
    decoder: Decoder
    translation: np.ndarray

    def predict(
        self, features: keras.KerasTensor, words: keras.KerasTensor
    ) -> keras.KerasTensor:
        """Predict each next word at the temperature that it is searched with.

        Args:
            features: Its features of pictures, `[N, ...]`, float32.
            words: K captions of each, as the learner numbers words, `[N, K, T]`,
                int32.

        Returns:
            Probabilities of the learner's words, `[N, K, T, vocabulary]`, float32.
        """
        logits = predict_captions(
            self.decoder.from_state,
            self.decoder.start(features),
            ops.take(self.translation, words),
            training=False,
        )
        every = probabilities(logits, self.settings.temperature)
        return ops.take(every, self.translation, axis=-1)


def load_teacher(bundle: Bundle, vocabulary: Vocabulary) -> Teacher:
    """Make a teacher of a finished model; of a joined one, its first model.

    Args:
        bundle: The model.
        vocabulary: The words of the one that learns.

    Raises:
        BundleWeightsError: If its weights are damaged.
        BundleError: If its files are missing or damaged.
    """
    encoder, decoder = networks_from_bundle(bundle)
    return Teacher(
        bundle.name,
        settings_of_bundle(bundle),
        encoder,
        decoder,
        np.array(bundle.vocabulary.encode(vocabulary.words), np.int32),
    )


class TaughtModel(CaptioningModel):
    """A model in training beside its teachers, which do not change.

    Called with `[pixels, words, features…]`, as of `TaughtBatches`. Returns the
    logits, and behind them the mean of what the teachers predict:
    `[N, K, T, vocabulary + vocabulary]`, float32.

    Args:
        encoder: From pixels to features.
        decoder: From features and words to logits.
        teachers: At least one.
    """

    def __init__(
        self, encoder: keras.Model, decoder: Decoder, teachers: Sequence[Teacher]
    ) -> None:
        super().__init__(encoder, decoder)
        self._teachers = teachers
        # Named here so that Keras knows of their weights.
        self.teacher_starts = [teacher.decoder.start for teacher in teachers]
        self.teacher_readers = [teacher.decoder.from_state for teacher in teachers]
        for network in (*self.teacher_starts, *self.teacher_readers):
            network.trainable = False

    def call(
        self, inputs: list[keras.KerasTensor], training: bool | None = None
    ) -> keras.KerasTensor:
        """Compute the logits and the predictions; see the class."""
        pixels, words, *features = inputs
        logits = super().call([pixels, words], training=training)
        predicted = sum(
            teacher.predict(own, words)
            for teacher, own in zip(self._teachers, features, strict=True)
        )
        mean = ops.stop_gradient(predicted / len(self._teachers))
        return ops.concatenate([logits, mean], axis=-1)


class TaughtBatches(DerivedBatches):
    """Batches of pictures with what the teachers see of them.

    Each item is `([pixels, words, features…], next_words)`, as of `PictureBatches`,
    but for the features of each teacher, `[N, ...]`, float32. The teachers see each
    picture as it is, the learner changed.

    Args:
        batches: The pictures and their captions.
        features: For each teacher picture name → features.
    """

    def __init__(
        self, batches: PictureBatches, features: Sequence[Mapping[str, np.ndarray]]
    ) -> None:
        super().__init__(batches)
        self._pictures = batches
        self._features = features

    def __getitem__(self, index: int) -> tuple[tuple[np.ndarray, ...], np.ndarray]:
        (pixels, words), next_words = self._pictures[index]
        names = self._pictures.names(index)
        seen = [
            pad_batch(np.stack([features[name] for name in names]), len(pixels))
            for features in self._features
        ]
        return (pixels, words, *seen), next_words


def taught_caption_loss(
    words: keras.KerasTensor, outputs: keras.KerasTensor
) -> keras.KerasTensor:
    """Compute the mean cross-entropy in nats with the teachers and with the true word.

    Args:
        words: The true next words, `[..., T]`, int32, zero where padded.
        outputs: `[..., T, vocabulary + vocabulary]`, float32; see `TaughtModel`.
    """
    logits, predicted = ops.split(outputs, 2, axis=-1)
    # That of the logits with predictions that sum to one.
    losses = ops.logsumexp(logits, axis=-1) - ops.sum(predicted * logits, axis=-1)
    taught = mean_over_words(words, losses)
    return TEACHER_SHARE * taught + (1 - TEACHER_SHARE) * caption_loss(words, logits)
