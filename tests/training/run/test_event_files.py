from pathlib import Path

import pytest

from imagecap.training.run.event_files import EventFiles
from imagecap.training.run.run_folder import Run

tf = pytest.importorskip("tensorflow")


def events(folder: Path) -> list[tuple[int, str, float]]:
    found = []
    for path in sorted(folder.glob("events.out.tfevents.*")):
        for event in tf.compat.v1.train.summary_iterator(str(path)):
            for value in event.summary.value:
                found.append((event.step, value.tag, value.simple_value))
    return found


def test_each_epoch_is_written_once(tmp_path: Path) -> None:
    row = {"stage": "decoder", "epoch": 1, "train loss": None, "dev loss": 3.5}
    row = {**row, "BLEU-4": 10.0, "CIDEr": 20.0, "ended": "x"}
    run = Run(tmp_path, events=EventFiles(tmp_path / "events"))
    run.write_history([row])
    run.write_history([row, {**row, "train loss": 3.25}])
    run.write_history([row, {**row, "train loss": 3.25}])
    same = [("dev_loss", 3.5), ("BLEU-4", 10.0), ("CIDEr", 20.0)]
    assert sorted(events(tmp_path / "events")) == sorted(
        [
            *((0, *one) for one in same),
            *((1, *one) for one in [*same, ("train_loss", 3.25)]),
        ]
    )
    resumed = Run(tmp_path, events=EventFiles(tmp_path / "later"))
    resumed.write_history([row, row, row])
    assert {step for step, _, _ in events(tmp_path / "later")} == {2}
