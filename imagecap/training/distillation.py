"""Learning from a teacher: what a finished model predicts, beside the true words.

Source: Hinton, Vinyals and Dean 2015, "Distilling the knowledge in a neural network".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import keras
import numpy as np
from keras import ops

from imagecap.bundle import Bundle
from imagecap.text import Vocabulary
from imagecap.training.loader import DerivedBatches, PictureBatches
from imagecap.training.models import (
    Decoder,
    caption_loss,
    log_probabilities,
    mean_over_words,
)
from imagecap.training.settings import TrainingSettings
from imagecap.training.starting_point import rebuild

TEACHER_SHARE = 0.7
"""How much the teacher's predictions count; the rest is for the true words."""


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

    def predict(self, features: np.ndarray, words: np.ndarray) -> np.ndarray:
        """Predict each next word at the temperature that it is searched with.

        Args:
            features: Its features of pictures, `[N, ...]`, float32.
            words: K captions of each, as the learner numbers words, `[N, K, T]`,
                int32.

        Returns:
            Probabilities of the learner's words, `[N, K, T, vocabulary]`, float32.
        """
        pictures, captions, length = words.shape
        logits = self.decoder.training.predict_on_batch(
            [
                np.repeat(features, captions, axis=0),
                self.translation[words.reshape(-1, length)],
            ]
        )
        temperature = self.settings.temperature
        every = ops.exp(log_probabilities(ops.convert_to_tensor(logits), temperature))
        known = ops.take(every, self.translation, axis=-1)
        return np.asarray(known).reshape(pictures, captions, length, -1)


def load_teacher(bundle: Bundle, vocabulary: Vocabulary) -> Teacher:
    """Make a teacher of a finished model; of a joined one, its first model.

    Args:
        bundle: The model.
        vocabulary: The words of the one that learns.

    Raises:
        StartingPointError: If its weights are damaged.
        BundleError: If its files are missing or damaged.
    """
    encoder, decoder = rebuild(bundle)
    return Teacher(
        bundle.name,
        TrainingSettings(**bundle.manifest["training"]["settings"]),
        encoder,
        decoder,
        np.array(bundle.vocabulary.encode(vocabulary.words), np.int32),
    )


class TaughtBatches(DerivedBatches):
    """Batches of pictures whose target is what the teacher predicts, too.

    Each item is `([pixels, words], target)`, as of `PictureBatches`, but for the
    target: `[N, K, T, 1 + vocabulary]`, float32, the true next word before the
    teacher's probabilities. The teacher sees each picture as it is, the learner
    changed.

    Args:
        batches: The pictures and their captions.
        teacher: The teacher.
        features: Picture name → the teacher's features.
    """

    def __init__(
        self,
        batches: PictureBatches,
        teacher: Teacher,
        features: Mapping[str, np.ndarray],
    ) -> None:
        super().__init__(batches)
        self._pictures = batches
        self._teacher = teacher
        self._features = features

    def __getitem__(
        self, index: int
    ) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
        (pixels, words), next_words = self._pictures[index]
        features = np.stack(
            [self._features[name] for name in self._pictures.names(index)]
        )
        predicted = self._teacher.predict(features, words)
        true = next_words[..., None].astype(np.float32)
        return (pixels, words), np.concatenate([true, predicted], axis=-1)


def taught_caption_loss(
    target: keras.KerasTensor, logits: keras.KerasTensor
) -> keras.KerasTensor:
    """Mean cross-entropy per word in nats, with the teacher and with the true word.

    Args:
        target: `[..., T, 1 + vocabulary]`; see `TaughtBatches`.
        logits: `[..., T, vocabulary]`, float32.
    """
    words = ops.cast(target[..., 0], "int32")
    predicted = target[..., 1:]
    # That of the logits with predictions that sum to one.
    losses = ops.logsumexp(logits, axis=-1) - ops.sum(predicted * logits, axis=-1)
    taught = mean_over_words(words, losses)
    return TEACHER_SHARE * taught + (1 - TEACHER_SHARE) * caption_loss(words, logits)
