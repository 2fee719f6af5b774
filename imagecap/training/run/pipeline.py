"""From a data set to a trained model: a whole run, or what is left of it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import keras

import imagecap
from imagecap.datasets.dataset import Dataset
from imagecap.model.bundle import Bundle, find_bundle, load_bundle
from imagecap.text.tokenizer import tokenize
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.batches.distillation import Teacher, load_teacher
from imagecap.training.batches.teacher_forcing import (
    TokenizedExample,
    tokenize_examples,
)
from imagecap.training.features.encode import find_unreadable
from imagecap.training.features.extract import Extract, extract_split
from imagecap.training.networks.architectures import ARCHITECTURES, build_decoder
from imagecap.training.networks.decoder import Decoder
from imagecap.training.networks.devices import use_all_devices
from imagecap.training.networks.encoders import (
    ENCODERS,
    build_encoder,
    layers_before,
)
from imagecap.training.networks.from_bundle import (
    extend_vocabulary,
    load_decoder,
    load_encoder,
)
from imagecap.training.networks.word_vectors import begin_with_word_vectors
from imagecap.training.run.dev_splits import (
    OWN,
    all_of,
    tell_single_pictures,
    title_of,
    tokenize_dev,
)
from imagecap.training.run.machines import check_same, in_turn
from imagecap.training.run.run_folder import Progress, Run, TrainingError
from imagecap.training.run.stages import Stages
from imagecap.training.settings import TrainingSettings


@dataclass(frozen=True)
class TrainedModel:
    """What a run ends with: the best weights of it, loaded.

    Attributes:
        encoder: From pixels to features.
        decoder: The decoder in its three uses.
        vocabulary: Names the words.
        progress: The record of the run.
    """

    encoder: keras.Model
    decoder: Decoder
    vocabulary: Vocabulary
    progress: Progress


def train(
    dataset: Dataset,
    settings: TrainingSettings,
    run: Run,
    features_folder: Path,
    encoder_weights: Path | None,
    save_every: float,
    extract: Extract = extract_split,
) -> TrainedModel:
    """Do all of a training run, or what is left of it.

    Args:
        dataset: Pictures and captions; needs a train and a dev split.
        settings: What to do.
        run: Where state and record are kept.
        features_folder: Where feature pickles are kept.
        encoder_weights: A weight file for the encoder, or `None` to download it.
        save_every: Seconds between two savings of the state.
        extract: Extracts features.

    Raises:
        ImagecapError: If something is wrong that a person can mend.
        Interrupted: On Ctrl-C or SIGTERM, after saving.
    """
    use_all_devices(run.report)
    keras.utils.set_random_seed(settings.seed)
    progress = run.load_progress() or Progress()
    _keep_to_captions(progress, dataset, run)
    begun = [imagecap.__version__, asdict(settings), asdict(progress)]
    check_same(begun, "version of imagecap, settings, captions and run")
    start = load_bundle(find_bundle(settings.start)) if settings.start else None
    vocabulary = _choose_words(dataset, settings, start)
    train_split = tokenize_examples(dataset.train, vocabulary, settings.max_length)
    dev_splits = tokenize_dev(dataset, vocabulary, settings.max_length, run.report)
    if not train_split or not dev_splits[OWN]:
        raise TrainingError(
            f"{dataset.name}: training needs pictures with captions in a train and "
            f"a dev split; there are {len(train_split)} and {len(dev_splits[OWN])}."
        )
    extracts = bool(ENCODERS[settings.encoder].pretrained or start)
    if not extracts and extract is not extract_split:
        raise TrainingError(
            f"The encoder {settings.encoder} is not pretrained, so no features are "
            "extracted: leave out --engine."
        )
    extract = in_turn(extract)
    _refuse_to_learn_nothing(dataset.name, vocabulary, settings, start, extracts)
    teachers = _load_teachers(settings.fine_tune.teacher, vocabulary)
    encoder = build_encoder(
        settings.encoder,
        encoder_weights,
        download=not start,
        grid=ARCHITECTURES[settings.architecture].reads_grid,
    )
    if settings.fine_tune.epochs and settings.fine_tune.first_layer:
        layers_before(encoder, settings.fine_tune.first_layer)
    # Not before all that can be wrong has been looked at: a run that could not begin
    # must not be in the way of the next try.
    run.begin(settings, progress.captions)
    decoder = build_decoder(settings, len(vocabulary), encoder)
    if start:
        _begin_with(start, encoder, decoder, settings)
    vectors = settings.decoder.word_vectors
    if vectors and not progress.stage:
        run.report(begin_with_word_vectors(decoder, Path(vectors), vocabulary))
    stages = Stages(settings, run, progress, encoder, decoder, vocabulary, save_every)
    size = encoder.input_shape[1]
    # Of a split whose features are extracted, that tells these.
    if not (extracts and settings.decoder.epochs):
        train_split = _without_unreadable(train_split, size, "train split", run)
    if not extracts:
        dev_splits = {
            name: _without_unreadable(split, size, title_of(name), run)
            for name, split in dev_splits.items()
        }
    if extracts:
        read = all_of(dev_splits)
        if settings.decoder.epochs:
            read = [*train_split, *read]
        features = extract(
            encoder,
            settings,
            [item.example for item in read],
            features_folder / f"{dataset.name}-{settings.encoder}",
            run.report,
        )
        for sentence in features.unreadable:
            run.report(sentence)
        if settings.decoder.epochs:
            train_split = _readable(train_split, features.arrays, "train split")
        dev_splits = {
            name: _readable(split, features.arrays, title_of(name))
            for name, split in dev_splits.items()
        }
    splits = [train_split, *dev_splits.values()]
    names = [[item.example.name for item in split] for split in splits]
    check_same(names, "pictures that can be read")
    tell_single_pictures(dev_splits, run.report)
    if extracts:
        if start:
            stages.score_start(dev_splits, features.arrays)
        stages.train_decoder(train_split, dev_splits, features.arrays)
    if settings.fine_tune.epochs:
        stages.fine_tune(
            train_split, dev_splits, teachers, features_folder / dataset.name, extract
        )
    if settings.self_critical.epochs:
        stages.train_self_critically(train_split, dev_splits)
    run.load_best(stages.best_variables)
    return TrainedModel(encoder, decoder, vocabulary, progress)


def _keep_to_captions(progress: Progress, dataset: Dataset, run: Run) -> None:
    """Record the captions that decide; refuse to go on with others.

    The words of a model are numbered by how often train has them: with other captions
    its weights would belong to other words.
    """
    digest = hashlib.sha256()
    own = (("train", dataset.train), ("dev", dataset.dev))
    for split, examples in (*own, *dataset.more_dev.items()):
        for example in examples:
            entry = json.dumps([split, example.name, example.captions])
            digest.update(entry.encode())
    captions = digest.hexdigest()
    if progress.captions not in ("", captions):
        raise TrainingError(
            f"The run in {run.folder} cannot go on, because the captions changed since "
            "it began and its weights belong to the words of then: bring the captions "
            "and pictures back as they were, or choose another --name."
        )
    progress.captions = captions


def _load_teachers(names: Sequence[str], vocabulary: Vocabulary) -> list[Teacher]:
    bundles = [load_bundle(find_bundle(name)) for name in names]
    for name, count in Counter(bundle.name for bundle in bundles).items():
        # Their features would be kept in one and the same file.
        if count > 1:
            raise TrainingError(
                f"{count} teachers are called {name}. Rename the folders of all but "
                "one, or name each teacher once."
            )
    return [load_teacher(bundle, vocabulary) for bundle in bundles]


def _choose_words(
    dataset: Dataset, settings: TrainingSettings, start: Bundle | None
) -> Vocabulary:
    """Return the words of the train split, after those of the model to start from."""
    return extend_vocabulary(
        start.vocabulary if start else Vocabulary(()),
        (map(tokenize, example.captions) for example in dataset.train),
        settings.minimum_count,
    )


def _refuse_to_learn_nothing(
    data: str,
    vocabulary: Vocabulary,
    settings: TrainingSettings,
    start: Bundle | None,
    extracts: bool,
) -> None:
    """Raise a `TrainingError` where nothing would be learned.

    Args:
        data: The data set's name.
        vocabulary: Its words.
        settings: What is to be done.
        start: The model to start from.
        extracts: Whether the decoder can be trained on features of the encoder.
    """
    if len(vocabulary) == len(Vocabulary.SPECIAL):
        raise TrainingError(
            f"{data}: no word of the train captions occurs "
            f"{settings.minimum_count:,} times, so there is nothing to learn. Choose a "
            "smaller --minimum-count."
        )
    if start or settings.fine_tune.epochs or (extracts and settings.decoder.epochs):
        return
    if extracts:
        raise TrainingError(
            "Without epochs for the decoder and without fine-tuning nothing is "
            "learned: choose more --epochs, or --fine-tune-epochs."
        )
    raise TrainingError(
        f"The encoder {settings.encoder} is not pretrained, so all is learned while "
        "fine-tuning, and --epochs counts for nothing: choose more --fine-tune-epochs."
    )


def _begin_with(
    start: Bundle, encoder: keras.Model, decoder: Decoder, settings: TrainingSettings
) -> None:
    """Load the weights of a model to start from, which may know fewer words."""
    load_encoder(encoder, start)
    same_size = build_decoder(settings, len(start.vocabulary), encoder)
    load_decoder(decoder.training, same_size.training, start)


def _without_unreadable(
    examples: Sequence[TokenizedExample], size: int, split: str, run: Run
) -> list[TokenizedExample]:
    unreadable = find_unreadable([item.example for item in examples], size)
    for sentence in unreadable.values():
        run.report(sentence)
    names = {item.example.name for item in examples} - unreadable.keys()
    return _readable(examples, names, split)


def _readable(
    examples: Sequence[TokenizedExample], names: Container[str], split: str
) -> list[TokenizedExample]:
    readable = [item for item in examples if item.example.name in names]
    if not readable:
        raise TrainingError(f"None of the pictures of the {split} can be read.")
    return readable
