"""A real voice with players that do as they are told, as test files share them."""

from __future__ import annotations

import contextlib
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from patience import PATIENCE_SECONDS

from imagecap.speech import Speaker, players, synthesis

SENTENCE = "A brown dog runs along the beach with a stick in its mouth."


@pytest.fixture
def children() -> Callable[[], list[str]]:
    """Lists the processes that a test began, the unreaped ones included."""
    others = set(processes_below_this())
    return lambda: [
        command
        for process, command in processes_below_this().items()
        if process not in others
    ]


@pytest.fixture
def speaker(
    children: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Speaker]:
    # Other tests take the machine, so that a voice may need longer than a person waits.
    monkeypatch.setattr(synthesis, "SYNTHESIS_SECONDS", PATIENCE_SECONDS)
    monkeypatch.setattr(players, "SPARE_SECONDS", PATIENCE_SECONDS)
    speaker = Speaker()
    yield speaker
    speaker.close()
    assert children() == []


@pytest.fixture
def break_pyttsx3(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], None]:
    def install(code: str) -> None:
        folder = tmp_path / "broken"
        folder.mkdir()
        (folder / "pyttsx3.py").write_text(code)
        monkeypatch.setenv("PYTHONPATH", str(folder))

    return install


def processes_below_this() -> dict[str, str]:
    """The command line of each child; a zombie has none."""
    commands = {}
    for task in Path("/proc/self/task").iterdir():
        # Threads and children may end while they are looked at.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            for process in (task / "children").read_text().split():
                command = Path("/proc", process, "cmdline").read_bytes()
                commands[process] = command.replace(b"\0", b" ").decode()
    return commands


def until(condition: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "This never came true."
        time.sleep(0.005)


def seconds_and_level(path: Path) -> tuple[float, float]:
    with wave.open(str(path)) as sound:
        assert sound.getsampwidth() == 2
        samples = np.frombuffer(sound.readframes(sound.getnframes()), np.int16)
        duration = sound.getnframes() / sound.getframerate()
    return duration, float(np.sqrt(np.mean(samples.astype(float) ** 2)))


def sizes_played(log: Path) -> list[int]:
    return [int(line.split()[1]) for line in log.read_text().splitlines()]
