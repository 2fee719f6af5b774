"""Models that have learned nothing, exported as trained ones are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagecap.datasets.dataset import Dataset

WORDS = ("a", "dog", "cat", "runs", "sits", "on", "grass", "the")


def export_untrained(
    folder: Path,
    architecture: str,
    words: Sequence[str] = WORDS,
    dataset: Dataset | None = None,
) -> Path:
    """Export a model that has learned nothing, from a data set or none."""
    import keras

    from imagecap.datasets.dataset import Dataset, Report
    from imagecap.text.vocabulary import Vocabulary
    from imagecap.training.export.bundle_export import export_bundle
    from imagecap.training.networks.architectures import ARCHITECTURES, build_decoder
    from imagecap.training.networks.encoders import build_encoder
    from imagecap.training.run.pipeline import TrainedModel
    from imagecap.training.run.run_folder import Progress
    from imagecap.training.settings import (
        DecoderSettings,
        FineTuneSettings,
        TrainingSettings,
    )

    keras.utils.set_random_seed(1)
    settings = TrainingSettings(
        encoder="small",
        architecture=architecture,
        decoder=DecoderSettings(embedding=8, lstm=8, image=8, hidden=16),
        fine_tune=FineTuneSettings(epochs=1),
    )
    vocabulary = Vocabulary(words)
    kind = ARCHITECTURES[architecture]
    encoder = build_encoder("small", grid=kind.reads_grid)
    decoder = build_decoder(settings, len(vocabulary), encoder)
    scores = dict.fromkeys(("BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "CIDEr"), 0.0)
    progress = Progress(
        history=[{"stage": "fine-tune", "epoch": 1, "dev loss": 3.0, **scores}]
    )
    export_bundle(
        TrainedModel(encoder, decoder, vocabulary, progress),
        settings,
        dataset or Dataset("made-up", {"train": (), "dev": (), "test": ()}, Report(())),
        folder,
    )
    return folder
