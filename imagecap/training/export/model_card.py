"""The model card: what a person should know before using a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imagecap.training.batches.distillation import TEACHER_SHARE
from imagecap.training.networks.architectures import ARCHITECTURES
from imagecap.training.settings import TEMPERATURE_AFTER_SMOOTHING, TrainingSettings

_STAGES = {
    "start": "It went on from the model {chosen.start}.",
    "decoder": "The decoder was trained on features of the fixed encoder: {epochs} epochs, "
    "Adam {chosen.decoder.learning_rate:g} falling along a cosine, batches of {chosen.decoder.batch_size} captions.",
    "fine-tune": "Encoder and decoder were trained together: {epochs} epochs, Adam "
    "{chosen.fine_tune.encoder_learning_rate:g} for the encoder ({part}) and {chosen.fine_tune.learning_rate:g} for the "
    "decoder, falling along a cosine; batches of {chosen.fine_tune.picture_batch_size} pictures; crops of up "
    "to {chosen.fine_tune.largest_zoom:g} times and mirroring; batch normalisation in inference mode.",
    "self-critical": "The decoder was trained on captions of its own, rewarded by CIDEr-D: "
    "{epochs} epochs, Adam {chosen.self_critical.learning_rate:g}.",
}
_CHOICES = {
    "fine_tune.teacher": "In that, predictions of {} counted for "
    f"{TEACHER_SHARE:.0%} of what was to be predicted.",
    "label_smoothing": "Labels were smoothed by {:g}; captions are searched for at a "
    f"temperature of {TEMPERATURE_AFTER_SMOOTHING:.2f}.",
    "weight_averaging": "Scored and kept is the running average of the weights, of which {:g} "
    "was kept at each step.",
    "decoder.scheduled_sampling": "In the last epoch of the decoder, {:.0%} of the words it read were "
    "its own.",
    "decoder.word_vectors": "The word vectors began with those of {}.",
    "fine_tune.mixed_precision": "The encoder learned in bfloat16.",
}
_SCORES = ("BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "CIDEr")


def write_model_card(manifest: Mapping[str, Any]) -> str:
    """Write the card of a model in Markdown from its manifest."""
    encoder, training = manifest["encoder"], manifest["training"]
    settings = TrainingSettings.from_json(training["settings"])
    data, scores = training["data"], manifest["scores"]
    splits = "\n".join(
        f"| {name} | {counts['pictures']:,} | {counts['captions']:,} |"
        for name, counts in data["splits"].items()
    )
    score_names = " | ".join(_SCORES)
    score_values = " | ".join(f"{scores[name]:.1f}" for name in _SCORES)
    joint = "joined in the softmax layer"
    if settings.decoder.hidden:
        joint = f"joined in a layer of {settings.decoder.hidden}"
    image = "a dense image vector"
    if ARCHITECTURES[manifest["architecture"]].reads_grid:
        rows, columns, _ = encoder["feature_shape"]
        image = f"a dense vector for each of {rows}×{columns} places"
    tuned = settings.fine_tune.first_layer
    part = f"from layer {tuned} on" if tuned else "all of it"
    recipe = " ".join(
        _STAGES[stage].format(chosen=settings, epochs=epochs, part=part)
        for stage, epochs in training["epochs"].items()
    )
    choices = "".join(
        f" {sentence.format(_named(settings.value(path)))}"
        for path, sentence in _CHOICES.items()
        if settings.value(path)
    )
    versions = ", ".join(f"{name} {v}" for name, v in training["versions"].items())
    return f"""# {manifest["name"]}

A model for imagecap: it describes a photograph in one English sentence.

| | |
|---|---|
| architecture | {manifest["architecture"]}: {encoder["name"]} features, \
{ARCHITECTURES[manifest["architecture"]].summary} |
| picture | {encoder["image_size"]}×{encoder["image_size"]} pixels; \
{encoder["preprocessing"]} |
| stored | encoder {manifest["storage"]["encoder"]}; decoder \
{manifest["storage"]["decoder"]}; for retraining int8 |
| says | {_describe_search(manifest["decoding"])} |
| trained | {training["date"]}, with {versions} |

## Data

{data["name"]}, captions in English.

| split | pictures | captions |
|---|---|---|
{splits}

The vocabulary is that of the train split: words used at least \
{settings.minimum_count} times.

## Recipe

Word vectors of {settings.decoder.embedding}, an LSTM of {settings.decoder.lstm}, {image} \
of {settings.decoder.image}, {joint}, dropout {settings.decoder.dropout:g}, seed {settings.seed}. {recipe}\
{choices} Kept was the epoch with the best CIDEr on dev: {training["best"]["stage"]} \
{training["best"]["epoch"]}.

## Scores

On the {scores["split"]} split, on which the best epoch was chosen too: {scores["how"]}.

| {score_names} |
|{"---|" * len(_SCORES)}
| {score_values} |

## Limits

- The model knows the scenes and the words of {data["name"]}. \
Whatever it is shown, it will say something of that kind, and it can be wrong without \
being unsure. Do not rely on it where a mistake would do harm.
- It counts poorly, mixes up colours and positions, reads no text and knows no names.
- It repeats what its annotators assumed about people, gender among them.
- English only.

## Licence

Apache-2.0 for this model's files. The photographs it was trained on belong to their \
authors and are not part of it.
"""


def _named(value: Any) -> Any:  # noqa: ANN401 - any setting
    """Name the several things of a setting in one phrase."""
    return " and ".join(value) if isinstance(value, tuple) else value


def _describe_search(decoding: Mapping[str, Any]) -> str:
    if decoding["consensus"] is None:
        return f"the most probable caption that a beam of {decoding['width']} finds"
    return (
        f"of the captions that a beam of {decoding['width']} finds the one that has most "
        "in common with all of them, rare words counting for more, and, if it learned "
        "from 2,000 pictures or more, whose words its word detector expects of the picture; "
        "such words gain in the search, too"
    )
