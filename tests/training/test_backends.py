"""Training does the same on each backend of Keras."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from imagecap.datasets.scenes import write_scenes

ROOT = Path(__file__).resolve().parents[2]
STEPS = """
import json
import numpy as np
from imagecap.training.networks.devices import use_all_devices
from imagecap.training.networks.merge_decoder import build_merge_decoder
from imagecap.training.networks.decoder import DecoderConfig
from imagecap.training.networks.losses import caption_loss
from imagecap.training.networks.optimizers import TwoRateAdam

use_all_devices(lambda _: None)
decoder = build_merge_decoder(DecoderConfig(12, 5, 4, 6, 3, 7, dropout=0.0)).training
chance = np.random.default_rng(0)
for weight in decoder.weights:
    weight.assign(chance.normal(size=weight.shape).astype(np.float32))
decoder.compile(TwoRateAdam(0.01), loss=caption_loss)
losses = []
for _ in range(10):
    features = chance.normal(size=(8, 5)).astype(np.float32)
    words, next_words = chance.integers(0, 12, (2, 8, 6)).astype(np.int32)
    decoder.reset_metrics()
    losses.append(float(decoder.train_on_batch([features, words], next_words)))
print(json.dumps(losses))
"""

needs_jax = pytest.mark.skipif(not find_spec("jax"), reason="JAX is not installed")


def run(backend: str, *arguments: object, folder: Path, devices: int = 1) -> str:
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=folder,
        env={
            **os.environ,
            "KERAS_BACKEND": backend,
            "PYTHONPATH": str(ROOT),
            "XLA_FLAGS": f"--xla_force_host_platform_device_count={devices}",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@needs_jax
def test_the_losses_of_the_first_steps_are_equal(tmp_path: Path) -> None:
    losses = [
        json.loads(run(backend, "-c", STEPS, folder=tmp_path, devices=devices))
        for backend, devices in (("tensorflow", 1), ("jax", 1), ("jax", 2))
    ]
    assert losses[0][3] != losses[0][0]
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-4)
    np.testing.assert_allclose(losses[2], losses[1], rtol=1e-5)


@needs_jax
def test_what_two_devices_have_trained_is_exported_by_tensorflow(
    tmp_path: Path,
) -> None:
    write_scenes(tmp_path / "few", train=23, dev=5, test=4)
    sizes = ("--embedding", 8, "--lstm", 8, "--image", 8, "--beam-width", 1)
    printed = run(
        "jax",
        *(ROOT / "train.py", "--data", "few", "--encoder", "small", *sizes),
        *("--fine-tune-epochs", 1),
        folder=tmp_path,
        devices=2,
    )
    assert "Each batch is shared by 2 devices." in printed
    assert "imagecap caption --model few-small" in printed
    assert (tmp_path / "models" / "few-small" / "manifest.json").is_file()
