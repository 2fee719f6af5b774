"""A real voice writes real sound files; the players are real programs."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import threading
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import numpy as np
import pytest

from imagecap.speech import Ending, Speaker, SpeechError, synthesis

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
def speaker(children: Callable[[], list[str]]) -> Iterator[Speaker]:
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


def until(condition: Callable[[], object], seconds: float = 10) -> None:
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


def test_a_sentence_is_saved_as_audible_speech(
    speaker: Speaker, tmp_path: Path
) -> None:
    speaker.save(SENTENCE, tmp_path / "dog.wav")
    duration, level = seconds_and_level(tmp_path / "dog.wav")
    assert 1.5 < duration < 8
    assert level > 300


@pytest.mark.parametrize(
    "text",
    [
        "A dog; touch owned.txt",
        "$(touch owned.txt) `touch owned.txt` | & > owned.txt",
        "--help me",
        "-w owned.txt",
        "\"It's\" a 'dog'",
        "A dog\nand a cat\r\n\0and \x1b a bird",
        "Ein Hündchen läuft – 犬 \ud800",
    ],
)
def test_any_text_is_only_text(
    speaker: Speaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.chdir(tmp_path)
    speaker.save(text, "out.wav")
    duration, level = seconds_and_level(Path("out.wav"))
    assert 0.3 < duration < 12
    assert level > 300
    assert list(tmp_path.iterdir()) == [tmp_path / "out.wav"]


def test_text_after_a_control_character_is_read_too(
    speaker: Speaker, tmp_path: Path
) -> None:
    speaker.save("A dog", tmp_path / "short.wav")
    speaker.save("A dog\0\nruns along the beach", tmp_path / "long.wav")
    short, _ = seconds_and_level(tmp_path / "short.wav")
    long, _ = seconds_and_level(tmp_path / "long.wav")
    assert long > short + 0.5


def test_an_utterance_finishes(
    speaker: Speaker, install_player: Callable[[str], Path]
) -> None:
    log = install_player("")
    assert speaker.poll() is None
    assert not speaker.is_speaking
    speaker.speak(SENTENCE)
    assert speaker.is_speaking
    assert speaker.wait(10) == Ending("finished")
    assert not speaker.is_speaking
    _, size = log.read_text().split()
    assert int(size) > 50_000


def test_the_text_is_in_no_process_list(
    speaker: Speaker,
    children: Callable[[], list[str]],
    install_player: Callable[[str], Path],
) -> None:
    install_player("time.sleep(0.1)")
    seen = set()
    speaker.speak("Confidential")
    while speaker.is_speaking:
        seen.update(children())
    assert any("synthesise" in command for command in seen)
    assert any("aplay" in command for command in seen)
    assert not any("onfidential" in command for command in seen)


def test_stop_ends_the_player_at_once(
    speaker: Speaker,
    children: Callable[[], list[str]],
    install_player: Callable[[str], Path],
) -> None:
    log = install_player("time.sleep(60)")

    def is_heard() -> bool:
        return len(log.read_text().splitlines()) > len(took)

    took: list[float] = []
    while len(took) < 5:
        speaker.speak(SENTENCE)
        until(is_heard)
        took.append(seconds_to_stop(speaker))
        assert children() == []
    assert median(took) < 0.05


def test_stop_ends_the_synthesis_at_once(
    speaker: Speaker,
    children: Callable[[], list[str]],
    break_pyttsx3: Callable[[str], None],
) -> None:
    break_pyttsx3("import time; time.sleep(60)")
    took: list[float] = []
    while len(took) < 5:
        speaker.speak(SENTENCE)
        until(children)
        took.append(seconds_to_stop(speaker))
        assert children() == []
    assert median(took) < 0.05


def seconds_to_stop(speaker: Speaker) -> float:
    start = time.perf_counter()
    speaker.stop()
    seconds = time.perf_counter() - start
    assert speaker.wait(1) == Ending("stopped")
    return seconds


def test_stop_without_or_after_an_utterance_changes_nothing(
    speaker: Speaker, install_player: Callable[[str], Path]
) -> None:
    install_player("")
    speaker.stop()
    assert speaker.poll() is None
    speaker.speak("A dog.")
    speaker.wait(10)
    speaker.stop()
    assert speaker.poll() == Ending("finished")


def test_the_newest_of_many_requests_wins(
    speaker: Speaker,
    children: Callable[[], list[str]],
    install_player: Callable[[str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    log = install_player("time.sleep(0.3)")
    for _ in range(50):
        speaker.speak("A dog.")
    speaker.speak(SENTENCE * 2)
    assert speaker.wait(10) == Ending("finished")
    sizes = [int(line.split()[1]) for line in log.read_text().splitlines()]
    assert sizes[-1] > 200_000
    assert len([size for size in sizes if size > 200_000]) == 1
    assert children() == []
    assert list(temporary.iterdir()) == []


def test_a_new_utterance_silences_the_former_one(
    speaker: Speaker,
    children: Callable[[], list[str]],
    install_player: Callable[[str], Path],
) -> None:
    log = install_player("time.sleep(60)")
    speaker.speak("First.")
    until(lambda: log.exists() and len(log.read_text().splitlines()) == 1)
    speaker.speak("Second.")
    until(lambda: len(log.read_text().splitlines()) == 2)
    assert len(children()) == 1


def test_a_machine_without_sound_says_so(
    speaker: Speaker, install_player: Callable[[str], Path]
) -> None:
    install_player("sys.exit(1)")
    speaker.speak(SENTENCE)
    ending = speaker.wait(10)
    assert ending is not None
    assert ending.how == "failed"
    assert "no sound device" in ending.reason


def test_a_machine_without_a_player_says_so(speaker: Speaker, programs: Path) -> None:
    speaker.speak(SENTENCE)
    ending = speaker.wait(10)
    assert ending is not None
    assert ending.how == "failed"
    assert "No player for sound" in ending.reason


@pytest.mark.parametrize(
    "broken",
    ["raise ImportError", "import os; os._exit(0)", "import time; time.sleep(60)"],
    ids=["missing", "writes nothing", "hangs"],
)
def test_another_voice_steps_in_for_a_broken_one(
    speaker: Speaker,
    break_pyttsx3: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    broken: str,
) -> None:
    monkeypatch.setattr(synthesis, "_SYNTHESIS_SECONDS", 0.5)
    break_pyttsx3(broken)
    assert shutil.which("espeak-ng")
    speaker.save(SENTENCE, tmp_path / "dog.wav")
    duration, level = seconds_and_level(tmp_path / "dog.wav")
    assert 1.5 < duration < 8
    assert level > 300


def test_a_machine_without_a_voice_says_what_to_install(
    speaker: Speaker,
    programs: Path,
    break_pyttsx3: Callable[[str], None],
    tmp_path: Path,
) -> None:
    break_pyttsx3("raise ImportError")
    speaker.speak(SENTENCE)
    assert speaker.wait(10) == Ending(
        "failed",
        "No voice on this machine: install espeak-ng (sudo apt install espeak-ng).",
    )
    with pytest.raises(SpeechError, match="install espeak-ng"):
        speaker.save(SENTENCE, tmp_path / "dog.wav")
    assert not (tmp_path / "dog.wav").exists()


@pytest.mark.parametrize("text", ["", " \n", "\0"])
def test_nothing_to_read_is_said(speaker: Speaker, text: str) -> None:
    speaker.speak(text)
    assert speaker.wait(10) == Ending("failed", "There is nothing to read aloud.")


@pytest.mark.parametrize("name", ["dog.mp3", "dog"])
def test_speech_is_saved_as_wav_only(
    speaker: Speaker, tmp_path: Path, name: str
) -> None:
    with pytest.raises(SpeechError, match=r"ends in \.wav"):
        speaker.save(SENTENCE, tmp_path / name)
    assert not (tmp_path / name).exists()


def test_a_place_that_cannot_be_written_is_named(
    speaker: Speaker, tmp_path: Path
) -> None:
    with pytest.raises(SpeechError, match="missing"):
        speaker.save(SENTENCE, tmp_path / "missing" / "dog.wav")


def test_saving_leaves_an_utterance_alone(
    speaker: Speaker, install_player: Callable[[str], Path], tmp_path: Path
) -> None:
    log = install_player("time.sleep(60)")
    speaker.speak(SENTENCE)
    until(log.read_text)
    speaker.save("A cat.", tmp_path / "cat.wav")
    assert speaker.is_speaking
    assert len(log.read_text().splitlines()) == 1


def test_close_ends_a_file_being_saved(
    speaker: Speaker,
    children: Callable[[], list[str]],
    break_pyttsx3: Callable[[str], None],
    tmp_path: Path,
) -> None:
    break_pyttsx3("import time; time.sleep(60)")
    errors: list[SpeechError] = []

    def save() -> None:
        try:
            speaker.save(SENTENCE, tmp_path / "dog.wav")
        except SpeechError as error:
            errors.append(error)

    saving = threading.Thread(target=save)
    saving.start()
    until(children)
    speaker.close()
    saving.join(1)
    assert not saving.is_alive()
    assert "not saved" in str(errors[0])
    assert not (tmp_path / "dog.wav").exists()
