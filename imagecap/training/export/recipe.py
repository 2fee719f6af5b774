"""How a model was trained, in the words of its card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from imagecap.counted import counted
from imagecap.training.batches.distillation import TEACHER_SHARE
from imagecap.training.settings import TEMPERATURE_AFTER_SMOOTHING, TrainingSettings


def describe_recipe(
    settings: TrainingSettings, feature_shape: Sequence[int], epochs: Mapping[str, int]
) -> str:
    """Return in sentences how a model was built and trained.

    Args:
        settings: The settings of the run.
        feature_shape: Of the encoder's output for one picture.
        epochs: Stage → its epochs, in order.
    """
    decoder, fine_tune = settings.decoder, settings.fine_tune
    lengths = {stage: counted(count, "epoch") for stage, count in epochs.items()}
    stages = {
        "start": f"It went on from the model {settings.start}.",
        "decoder": "The decoder was trained on features of the fixed encoder: "
        f"{lengths.get('decoder')}, Adam {decoder.learning_rate:g} falling "
        f"along a cosine, batches of {counted(decoder.batch_size, 'caption')}.",
        "fine-tune": "Encoder and decoder were trained together: "
        f"{lengths.get('fine-tune')}, Adam {fine_tune.encoder_learning_rate:g} "
        f"for the encoder ({_trained_part(settings)}) and "
        f"{fine_tune.learning_rate:g} for the decoder, falling along a "
        f"cosine; batches of {counted(fine_tune.picture_batch_size, 'picture')}; "
        f"crops of up to {fine_tune.largest_zoom:g} times and mirroring; batch "
        "normalisation in inference mode.",
        "self-critical": "The decoder was trained on captions of its own, rewarded by "
        f"CIDEr-D: {lengths.get('self-critical')}, Adam "
        f"{settings.self_critical.learning_rate:g}.",
    }
    sentences = [_sizes(settings, feature_shape), *(stages[stage] for stage in epochs)]
    return " ".join((*sentences, *_choices(settings)))


def _sizes(settings: TrainingSettings, feature_shape: Sequence[int]) -> str:
    decoder = settings.decoder
    joint = "joined in the softmax layer"
    if decoder.hidden:
        joint = f"joined in a layer of {decoder.hidden}"
    image = "a dense image vector"
    if len(feature_shape) > 1:
        rows, columns, _ = feature_shape
        image = f"a dense vector for each of {rows}×{columns} places"
    return (
        f"Word vectors of {decoder.embedding}, an LSTM of {decoder.lstm}, {image} of "
        f"{decoder.image}, {joint}, dropout {decoder.dropout:g}, seed "
        f"{settings.seed}."
    )


def _trained_part(settings: TrainingSettings) -> str:
    first = settings.fine_tune.first_layer
    return f"from layer {first} on" if first else "all of it"


def _choices(settings: TrainingSettings) -> list[str]:
    """Return a sentence for each of what most runs leave out."""
    decoder, fine_tune = settings.decoder, settings.fine_tune
    sentences = []
    if fine_tune.teacher:
        sentences.append(
            f"In that, predictions of {' and '.join(fine_tune.teacher)} counted for "
            f"{TEACHER_SHARE:.0%} of what was to be predicted."
        )
    if settings.label_smoothing:
        sentences.append(
            f"Labels were smoothed by {settings.label_smoothing:g}; captions are "
            f"searched for at a temperature of {TEMPERATURE_AFTER_SMOOTHING:.2f}."
        )
    if settings.weight_averaging:
        sentences.append(
            "Scored and kept is the running average of the weights, of which "
            f"{settings.weight_averaging:g} was kept at each step."
        )
    if decoder.scheduled_sampling:
        sentences.append(
            f"In the last epoch of the decoder, {decoder.scheduled_sampling:.0%} of "
            "the words it read were its own."
        )
    if decoder.word_vectors:
        sentences.append(
            f"The word vectors began with those of {decoder.word_vectors}."
        )
    if fine_tune.mixed_precision:
        sentences.append("The encoder learned in bfloat16.")
    return sentences
