"""What several test files share."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

# Tests run on all cores already. More threads of each would wait busily for each other;
# it is read when NumPy and TensorFlow are loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")

import pytest
from made_speech import break_pyttsx3, children, speaker  # noqa: F401
from publishing import archives, server  # noqa: F401
from screen import choose, picture, picture_folder, said, screen, show  # noqa: F401
from training_runs import run_train_script
from untrained_model import export_untrained
from virtual_screen import virtual_screen

from imagecap.files import exclusive_lock

MakeOnce = Callable[[str, Callable[[Path], object]], Path]


def pytest_configure() -> None:
    """Let the programs that tests start be stopped by Ctrl-C.

    They would inherit that it is ignored, as it is where the tests run behind `nohup`.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)


if TYPE_CHECKING:
    pass


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """A screen for windows: the one there is, else one that nobody sees."""
    if "DISPLAY" in os.environ:
        yield os.environ["DISPLAY"]
        return
    with virtual_screen("1280x1024x24", 96) as name:
        os.environ["DISPLAY"] = name
        yield name
        del os.environ["DISPLAY"]


@pytest.fixture(autouse=True)
def settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where each test keeps settings of its own; nothing is there yet."""
    path = tmp_path / "settings" / "settings.json"
    monkeypatch.setenv("IMAGECAP_SETTINGS", str(path))
    return path


@pytest.fixture(autouse=True)
def library_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where each test keeps captions of its own; nothing is there yet."""
    path = tmp_path / "library" / "captions.db"
    monkeypatch.setenv("IMAGECAP_LIBRARY", str(path))
    return path


@pytest.fixture(autouse=True)
def cache_folder(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Where all tests remember which models were tried, so that none is tried twice."""
    path = shared_folder(tmp_path_factory) / "cache"
    monkeypatch.setenv("IMAGECAP_CACHE", str(path))
    return path


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the only programs that can be found."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def install_player(programs: Path) -> Callable[[str], Path]:
    """Puts a player of sound in place, which does as it is told.

    It first notes its process and the size of what it plays, one line each time, in the
    file that is returned.
    """

    def install(then: str) -> Path:
        log = programs / "played.txt"
        log.touch()
        player = programs / "aplay"
        player.write_text(
            f"#!{sys.executable}\n"
            "import os, sys, time\n"
            f"with open({str(log)!r}, 'a') as log:\n"
            "    log.write(f'{os.getpid()} {os.path.getsize(sys.argv[1])}\\n')\n"
            f"{then}\n"
        )
        player.chmod(0o755)
        return log

    return install


def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The temporary folder that all workers share."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session")
def make_once(tmp_path_factory: pytest.TempPathFactory) -> MakeOnce:
    """Makes a folder for all tests of all workers, whoever needs it first."""
    shared = shared_folder(tmp_path_factory)

    def make(name: str, fill: Callable[[Path], object]) -> Path:
        folder = shared / "made-once" / name
        with exclusive_lock(folder.with_name(f"{name}.lock"), patience=600):
            if not folder.exists():
                unfinished = folder.with_name(f"{name}.unfinished") / name
                fill(unfinished)
                unfinished.rename(folder)
        return folder

    return make


@pytest.fixture(scope="session")
def untrained_bundle(make_once: MakeOnce) -> Path:
    """A real bundle of a small model that has learned nothing; never change it."""
    return make_once("untrained", lambda folder: export_untrained(folder, "merge"))


@pytest.fixture(scope="session")
def untrained_attention_bundle(make_once: MakeOnce) -> Path:
    """The same with attention."""
    return make_once("attentive", lambda folder: export_untrained(folder, "attention"))


@pytest.fixture(scope="session")
def trained_scenes(make_once: MakeOnce) -> Path:
    """Where `train.py --dataset scenes` has run as its users run it; never change it.

    The finished model is in models/scenes-small, the data set in dataset/scenes.
    """

    def fill(folder: Path) -> None:
        folder.mkdir(parents=True)
        printed = run_train_script(folder, "--dataset", "scenes")
        (folder / "printed.txt").write_text(printed)

    return make_once("scenes-run", fill)


@pytest.fixture(scope="session")
def data(make_once: MakeOnce) -> Path:
    """A data set of a few drawn scenes; never change it."""
    from imagecap.datasets.scenes import write_scenes

    return make_once("few", lambda to: write_scenes(to, train=48, dev=8, test=8))


@pytest.fixture
def photographs() -> Path:
    """The folder of the freely licensed photographs inside scikit-image."""
    import skimage

    return Path(skimage.__file__).parent / "data"
