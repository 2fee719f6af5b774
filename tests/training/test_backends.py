"""Training does the same on each backend of Keras."""

import json
import os
import socket
import subprocess
import sys
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from imagecap.datasets.scenes import write_scenes
from imagecap.training.run.machines import VARIABLES, Machine, this_machine
from imagecap.training.run.run_folder import TrainingError

ROOT = Path(__file__).resolve().parents[2]
STEPS = """
import json
from pathlib import Path
import keras
import numpy as np
from imagecap.training.networks.devices import own_share, use_all_devices
from imagecap.training.networks.merge_decoder import build_merge_decoder
from imagecap.training.networks.decoder import DecoderConfig
from imagecap.training.networks.losses import caption_loss
from imagecap.training.networks.optimizers import TwoRateAdam
from imagecap.training.run.machines import check_same, joined, this_machine
from imagecap.training.run.run_folder import Run, TrainingError

def main():
    use_all_devices(lambda _: None)
    keras.utils.set_random_seed(0)
    sizes = DecoderConfig(12, 5, 4, 6, 3, 7, dropout=0.0)
    decoder = build_merge_decoder(sizes).training
    chance = np.random.default_rng(0)
    for weight in decoder.weights:
        weight.assign(chance.normal(size=weight.shape).astype(np.float32))
    decoder.compile(TwoRateAdam(0.01), loss=caption_loss)
    losses = []
    for _ in range(10):
        features = chance.normal(size=(8, 5)).astype(np.float32)
        words, next_words = chance.integers(0, 12, (2, 8, 6)).astype(np.int32)
        share = own_share(([features, words], next_words))
        decoder.reset_metrics()
        losses.append(float(decoder.train_on_batch(*share)))
    said = None
    try:
        check_same(this_machine().number, "numbers")
    except TrainingError as error:
        said = str(error)
    print(json.dumps([losses, said]))

with joined(this_machine(), Run(Path("none"))):
    main()
"""

needs_jax = pytest.mark.skipif(not find_spec("jax"), reason="JAX is not installed")


def run(
    backend: str,
    *arguments: object,
    folder: Path,
    devices: int = 1,
    machines: int = 1,
    status: int = 0,
) -> list[str]:
    """Start a program of this Python, on each machine; give what each prints."""
    environment = {
        **os.environ,
        "KERAS_BACKEND": backend,
        "PYTHONPATH": str(ROOT),
        "XLA_FLAGS": f"--xla_force_host_platform_device_count={devices}",
    }
    if machines > 1:
        environment["KERAS_DISTRIBUTION_JOB_ADDRESSES"] = f"127.0.0.1:{free_port()}"
        environment["KERAS_DISTRIBUTION_NUM_PROCESSES"] = str(machines)
    started = [
        subprocess.Popen(
            [sys.executable, *map(str, arguments)],
            cwd=folder,
            env={**environment, "KERAS_DISTRIBUTION_PROCESS_ID": str(number)}
            if machines > 1
            else environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(machines)
    ]
    told = [process.communicate() for process in started]
    assert {process.returncode for process in started} == {status}, told
    return [printed + (errors if status else "") for printed, errors in told]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@needs_jax
def test_the_losses_of_the_first_steps_are_equal(tmp_path: Path) -> None:
    kinds = (("tensorflow", 1, 1), ("jax", 1, 1), ("jax", 2, 2))
    printed = [
        run(backend, "-c", STEPS, folder=tmp_path, devices=devices, machines=machines)
        for backend, devices, machines in kinds
    ]
    # Before it stands with whom it is connected.
    told = (json.loads(one.splitlines()[-1]) for one in chain.from_iterable(printed))
    losses, said = zip(*told, strict=True)
    tensorflow, jax, first, second = losses
    assert tensorflow[3] != tensorflow[0]
    np.testing.assert_allclose(jax, tensorflow, rtol=1e-4)
    np.testing.assert_allclose(first, jax, rtol=1e-5)
    assert first == second
    # Their numbers are not the same, which has to be found out on all of them.
    assert said[:2] == (None, None)
    assert said[2] == said[3]
    assert said[2].startswith("The machines do not have the same numbers: let them")


@needs_jax
def test_what_two_machines_have_trained_is_exported_by_tensorflow(
    tmp_path: Path,
) -> None:
    write_scenes(tmp_path / "few", train=23, dev=5, test=4)
    sizes = ("--embedding", 8, "--lstm", 8, "--image", 8, "--beam-width", 1)
    first, second = run(
        "jax",
        *(ROOT / "train.py", "--data", "few", "--encoder", "small", *sizes),
        *("--fine-tune-epochs", 1),
        folder=tmp_path,
        machines=2,
    )
    assert "Each batch is shared by 2 devices of 2 machines." in first
    assert "imagecap caption --model few-small" in first
    assert (tmp_path / "models" / "few-small" / "manifest.json").is_file()
    assert second.startswith("The first machine tells how it goes")


@pytest.mark.parametrize(
    ("address", "count", "number", "sentence"),
    [
        ("127.0.0.1:8476", "2", "", "set all three, or none"),
        ("127.0.0.1:8476", "2", "2", "set all three, or none"),
        ("127.0.0.1", "2", "1", "has to be HOST:PORT of the first one"),
        ("127.0.0.1:8476", "2", "1", "with JAX alone: set KERAS_BACKEND=jax"),
    ],
)
def test_what_cannot_be_of_other_machines_is_said(
    monkeypatch: pytest.MonkeyPatch,
    address: str,
    count: str,
    number: str,
    sentence: str,
) -> None:
    for name, value in zip(VARIABLES, (address, count, number), strict=True):
        monkeypatch.setenv(name, value)
    with pytest.raises(TrainingError, match=sentence):
        this_machine()


def test_one_machine_is_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert this_machine() == Machine(0, 1, "")
    for name, value in zip(VARIABLES, ("127.0.0.1:8476", "1", "0"), strict=True):
        monkeypatch.setenv(name, value)
    assert this_machine() == Machine(0, 1, "")
