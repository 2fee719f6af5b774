import os
import subprocess
import sys
from pathlib import Path

import pytest
from training_runs import ROOT

from imagecap.training.keras_ready import keras_ready

# What TensorFlow does at its start and in its first computation, and what Python says.
NOISY = """
import os, sys
from imagecap.training.keras_ready import keras_ready
with keras_ready():
    import keras
    keras.ops.ones(2) + 1
    import tensorflow
    tensorflow.get_logger().warning("note of its Python part")
    os.write(2, b"note of a native library\\n")
    print("a sentence of ours", file=sys.stderr)
os.write(2, b"after\\n")
"""


def run(folder: Path, *arguments: str, **variables: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_nothing_of_a_native_library_reaches_the_terminal(tmp_path: Path) -> None:
    status, _, errors = run(tmp_path, "-c", NOISY)
    assert (status, errors) == (0, "a sentence of ours\nafter\n")


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"KERAS_BACKEND": "torch"}, "compute with torch, says KERAS_BACKEND"),
        ({"KERAS_HOME": "home"}, "No module named 'openvino'"),
    ],
)
def test_a_backend_that_is_not_for_training_is_one_sentence(
    tmp_path: Path, variables: dict[str, str], said: str
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "keras.json").write_text('{"backend": "openvino"}')
    train = str(ROOT / "train.py")
    status, printed, errors = run(tmp_path, train, "--dataset", "scenes", **variables)
    assert (status, printed) == (1, "")
    assert said in errors
    assert errors.startswith("Error: Keras ")
    assert errors.count("\n") == 1


def test_where_keras_is_missing_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with (
        pytest.raises(Exception, match=r"pip install 'imagecap\[train\]'"),
        keras_ready(),
    ):
        pass


def test_what_is_needed_at_the_end_of_training_is_missed_at_its_beginning(
    tmp_path: Path,
) -> None:
    start = "from imagecap.commands.start_training import start; start()"
    # What is none there is not installed.
    code = f"import sys; sys.modules['py3langid'] = None; {start}"
    status, printed, errors = run(tmp_path, "-c", code, "--dataset", "scenes")
    assert (status, printed) == (1, "")
    assert errors == (
        "Error: Training needs py3langid, which is not installed: pip install "
        "'imagecap[train]'.\n"
    )
