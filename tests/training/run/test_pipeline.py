"""All stages of a run, in one process and on a few drawn scenes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from imagecap import Captioner
from imagecap.datasets.dataset import load_dataset
from imagecap.datasets.scenes import write_scenes
from imagecap.model.decoding import decode
from imagecap.pictures.reading import encoder_pixels, open_picture
from imagecap.training.export.bundle_export import export_bundle
from imagecap.training.networks.encoders import ENCODERS
from imagecap.training.run.pipeline import train
from imagecap.training.run.run_folder import Run
from imagecap.training.run.validation import KerasDecoderStep
from imagecap.training.settings import (
    DecoderSettings,
    FineTuneSettings,
    SearchSettings,
    SelfCriticalSettings,
    TrainingSettings,
)


def test_attention_goes_all_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with a pretrained encoder, and with all that training can do."""
    kind = replace(ENCODERS["small"], pretrained=True)
    monkeypatch.setitem(ENCODERS, "small", kind)
    weights = tmp_path / "small.weights.h5"
    kind.network(None).save_weights(weights)
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("red 1 2 3 4 5 6 7 8\nzebra 8 7 6 5 4 3 2 1\n")
    write_scenes(tmp_path / "few", train=12, dev=4, test=3)
    dataset = load_dataset(tmp_path / "few")
    settings = TrainingSettings(
        encoder="small",
        architecture="attention",
        minimum_count=1,
        label_smoothing=0.1,
        weight_averaging=0.9,
        patience=5,
        decoder=DecoderSettings(
            embedding=8,
            lstm=12,
            image=10,
            hidden=0,
            epochs=2,
            batch_size=20,
            scheduled_sampling=0.2,
            word_vectors=str(vectors),
        ),
        fine_tune=FineTuneSettings(
            epochs=1, picture_batch_size=6, mixed_precision=True
        ),
        self_critical=SelfCriticalSettings(epochs=1),
        search=SearchSettings(beam_width=2),
    )
    said: list[str] = []
    run = Run(tmp_path / "run", said.append)
    trained = train(dataset, settings, run, tmp_path / "features", weights, 60.0)
    stages = [row["stage"] for row in trained.progress.history]
    assert f"vectors.txt: vectors of 1 of {len(trained.vocabulary) - 4} words" in said
    assert stages == ["decoder", "decoder", "fine-tune", "self-critical"]
    grids = np.load(tmp_path / "features" / "few-small-grid.npy", mmap_mode="r")
    assert grids.shape == (16, 4, 4, 64)
    assert not list(run.folder.glob("*grid*"))

    folder = tmp_path / "models" / "attentive"
    export_bundle(trained, settings, dataset, folder)
    captioner = Captioner.load(folder)
    assert captioner.bundle.manifest.architecture == "attention"
    assert captioner.bundle.feature_shape == (4, 4, 64)
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert "each of 4×4 places" in card
    smoothed = "Labels were smoothed by 0.1; captions are searched for at a temperature"
    assert f"{smoothed} of 0.83. Scored and kept is the running" in card
    assert "20% of the words it read were its own." in card
    paths = [example.path for example in dataset.test]
    pixels = np.stack([encoder_pixels(open_picture(path), 64) for path in paths])
    expected = decode(
        KerasDecoderStep(trained.decoder.start, trained.decoder.step),
        np.asarray(trained.encoder.predict_on_batch(pixels.astype(np.float32))),
        trained.vocabulary,
        captioner.bundle.manifest.decoding,
    )
    for path, captions in zip(paths, expected, strict=True):
        found = captioner.caption(path)
        assert found.words == captions[0].words
        assert found.attention is not None
        assert captions[0].attention is not None
        assert found.attention.shape == (len(found.words), 4, 4)
        np.testing.assert_allclose(found.attention.sum(axis=(1, 2)), 1, rtol=1e-5)
        # The networks of a bundle are stored in 8 bits.
        np.testing.assert_allclose(found.attention, captions[0].attention, atol=5e-3)
