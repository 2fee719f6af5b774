import json
import shlex
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from training_runs import full_disk

from imagecap.training.run.run_config import RunConfig
from imagecap.training.run.run_folder import Progress, Run, TrainingError
from imagecap.training.settings import TrainingSettings


@pytest.fixture
def variables() -> list[keras.Variable]:
    return [keras.Variable(np.arange(6.0).reshape(2, 3)), keras.Variable(7)]


def test_a_saved_state_comes_back(
    tmp_path: Path, variables: list[keras.Variable]
) -> None:
    run = Run(tmp_path / "run")
    settings = TrainingSettings(seed=3)
    run.begin(settings, "")
    assert TrainingSettings.from_json(run.settings()) == settings
    assert run.load_progress() is None
    progress = Progress("decoder", epoch=2, batch=5, loss=1.5, words=9)
    run.save(progress, variables)
    for variable in variables:
        variable.assign(variable * 0)
    assert run.load_progress() == progress
    run.load(variables)
    np.testing.assert_array_equal(variables[0], np.arange(6.0).reshape(2, 3))
    assert int(variables[1]) == 7


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"{}"])
def test_a_damaged_state_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "state.npz").write_bytes(content)
    with pytest.raises(TrainingError, match=r"state\.npz is damaged"):
        Run(tmp_path).load_progress()


def test_a_state_of_another_model_is_refused(
    tmp_path: Path, variables: list[keras.Variable]
) -> None:
    run = Run(tmp_path)
    run.save_best(variables[::-1])
    with pytest.raises(TrainingError, match="does not fit"):
        run.load_best(variables)


def test_every_start_is_recorded_with_what_it_was_made(tmp_path: Path) -> None:
    run = Run(tmp_path, config=RunConfig(Path("photos"), (Path("/more"),)))
    run.begin(TrainingSettings(), "abc")
    run.begin(TrainingSettings(), "abc")
    lines = (tmp_path / "starts.jsonl").read_text().splitlines()
    starts = [json.loads(line) for line in lines]
    assert len(starts) == 2
    assert starts[0]["versions"]["keras"] == keras.__version__
    assert starts[0]["command"] == shlex.join(sys.argv)
    assert starts[0]["data"] == str(Path("photos").absolute())
    assert starts[0]["more_data"] == ["/more"]
    assert starts[0]["captions"] == "abc"
    assert len(starts[0]["revision"].removesuffix("-dirty")) == 40


def test_the_loss_decides_between_epochs_of_equal_cider() -> None:
    scores = [(0.0, 3.0), (0.0, 2.5), (0.0, 2.8)]
    history = [{"CIDEr": cider, "dev loss": loss} for cider, loss in scores]
    assert Progress(history=history).best is history[1]
    history.append({"CIDEr": 0.1, "dev loss": 9.0})
    assert Progress(history=history).best is history[3]


def test_history_and_curves_are_written(tmp_path: Path) -> None:
    row = {"stage": "decoder", "epoch": 1, "train loss": 3.0, "dev loss": 3.2}
    rows = [{**row, "BLEU-4": 10.0, "CIDEr": score} for score in (20.0, 30.0)]
    Run(tmp_path).write_history(rows)
    assert (tmp_path / "history.csv").read_text().splitlines()[1:] == [
        "decoder,1,3.0,3.2,10.0,20.0",
        "decoder,1,3.0,3.2,10.0,30.0",
    ]
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_a_run_that_was_begun_by_its_own_dev_alone_goes_on_by_it(
    tmp_path: Path,
) -> None:
    row = {"stage": "decoder", "epoch": 1, "train loss": 3.0, "dev loss": 3.2}
    first = {**row, "BLEU-4": 10.0, "CIDEr": 60.0}
    second = {**first, "CIDEr": 61.0, "CIDEr more": 20.0, "mean CIDEr": 40.5}
    assert Progress(history=[first, second]).best is second
    Run(tmp_path).write_history([first, second])
    assert (tmp_path / "history.csv").read_text().splitlines() == [
        "stage,epoch,train loss,dev loss,BLEU-4,CIDEr,CIDEr more,mean CIDEr",
        "decoder,1,3.0,3.2,10.0,60.0,,",
        "decoder,1,3.0,3.2,10.0,61.0,20.0,40.5",
    ]


def test_two_programs_do_not_work_on_one_run(tmp_path: Path) -> None:
    with (
        Run(tmp_path).exclusive_lock(),
        pytest.raises(TrainingError, match=r"Another train\.py is at work"),
        Run(tmp_path).exclusive_lock(),
    ):
        pass
    with Run(tmp_path).exclusive_lock():
        pass


def test_a_failed_write_keeps_what_was_there(
    tmp_path: Path, variables: list[keras.Variable]
) -> None:
    run = Run(tmp_path)
    run.save(Progress("decoder", 1), variables)
    with full_disk(100), pytest.raises(TrainingError, match="could not be written"):
        run.save(Progress("decoder", 2), variables)
    assert run.load_progress() == Progress("decoder", 1)


def test_a_killed_run_leaves_no_second_state(
    tmp_path: Path, variables: list[keras.Variable]
) -> None:
    program = (
        "import os, sys, pathlib\n"
        "from imagecap.files import atomic_write\n"
        "with atomic_write(pathlib.Path(sys.argv[1])): os._exit(0)\n"
    )
    state = tmp_path / "state.npz"
    subprocess.run([sys.executable, "-c", program, state], check=True)
    assert list(tmp_path.iterdir()) != []
    Run(tmp_path).save(Progress("decoder", 1), variables)
    assert list(tmp_path.iterdir()) == [state]
