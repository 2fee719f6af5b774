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

from imagecap.speech import (
    Ending,
    Speaker,
    SpeechError,
    SpeechOptions,
    Voice,
    players,
    synthesis,
)
from imagecap.speech.engines import Espeak, Pyttsx3, Say
from imagecap.speech.job import Job

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
    took: list[float] = []
    while len(took) < 9:
        speaker.speak(SENTENCE)
        until(lambda: len(log.read_text().splitlines()) > len(took))
        took.append(seconds_to_silence(speaker))
        assert children() == []
    print(f"Stopping the player took {describe(took)}.")
    # Some milliseconds; the limit is for slow machines.
    assert median(took) < 0.2


def test_stop_ends_the_synthesis_at_once(
    speaker: Speaker,
    children: Callable[[], list[str]],
    break_pyttsx3: Callable[[str], None],
) -> None:
    break_pyttsx3("import time; time.sleep(60)")
    took: list[float] = []
    while len(took) < 9:
        speaker.speak(SENTENCE)
        until(children)
        took.append(seconds_to_silence(speaker))
        assert children() == []
    print(f"Stopping the synthesis took {describe(took)}.")
    # Some milliseconds; the limit is for slow machines.
    assert median(took) < 0.2


def seconds_to_silence(speaker: Speaker) -> float:
    """From the request until the process is gone and cleared away."""
    start = time.perf_counter()
    speaker.stop()
    assert speaker.wait(10) == Ending("stopped")
    return time.perf_counter() - start


def describe(seconds: list[float]) -> str:
    return f"{median(seconds) * 1e3:.1f} ms (median), {max(seconds) * 1e3:.1f} at most"


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
    took: list[float] = []
    for number in range(200):
        start = time.perf_counter()
        speaker.speak(SENTENCE * 2 if number == 199 else "A dog.")
        took.append(time.perf_counter() - start)
        # Some wait for the voice, some reach it, none may reach the player to its end.
        time.sleep(0.02 if number % 20 == 0 else 0)
    print(f"A request took {describe(took)}.")
    assert median(took) < 0.05
    assert len(children()) <= 1
    assert speaker.wait(30) == Ending("finished")
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


# What pyttsx3 writes at times where the machine is busy: the end of the sentence.
CUT_OFF = """
import os, sys, wave
with wave.open(sys.argv[4], "wb") as sound:
    sound.setparams((1, 2, 22050, 0, "NONE", ""))
    sound.writeframes(bytes([1, 16]) * 3000)
os._exit(0)
"""


@pytest.mark.parametrize(
    "broken",
    [
        "raise ImportError",
        "import os; os._exit(0)",
        CUT_OFF,
        "import time; time.sleep(60)",
    ],
    ids=["missing", "writes nothing", "cuts off", "hangs"],
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


# Takes as long as the sound does.
PLAY = """
import wave
with wave.open(sys.argv[1]) as sound:
    time.sleep(sound.getnframes() / sound.getframerate())
"""


def sizes_played(log: Path) -> list[int]:
    return [int(line.split()[1]) for line in log.read_text().splitlines()]


def test_a_pause_is_silent_at_once_and_the_rest_comes_after_it(
    speaker: Speaker,
    children: Callable[[], list[str]],
    install_player: Callable[[str], Path],
) -> None:
    log = install_player(PLAY)
    speaker.speak(SENTENCE)
    until(lambda: sizes_played(log))
    assert speaker.is_speaking
    assert not speaker.is_paused
    time.sleep(2)
    start = time.perf_counter()
    speaker.pause()
    until(lambda: not children())
    assert time.perf_counter() - start < 0.5
    assert speaker.is_paused
    assert speaker.is_speaking
    assert speaker.wait(0.1) is None
    speaker.resume()
    assert not speaker.is_paused
    assert speaker.wait(20) == Ending("finished")
    whole, rest = sizes_played(log)
    # Two seconds were heard, more on a slow machine; the rest begins up to one before.
    assert 0.95 < (whole - rest) / (2 * 22_050) < 3.5
    assert rest > 10_000


def test_pausing_again_and_again_goes_forward(
    speaker: Speaker, install_player: Callable[[str], Path]
) -> None:
    log = install_player(PLAY)
    speaker.speak(SENTENCE)
    for number in range(1, 6):
        until(lambda: len(sizes_played(log)) == number)  # noqa: B023
        time.sleep(0.1)
        speaker.pause()
        speaker.resume()
    assert speaker.wait(20) == Ending("finished")
    sizes = sizes_played(log)
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) == 6


def test_a_pause_before_the_first_sound_holds_it_back(
    speaker: Speaker, install_player: Callable[[str], Path]
) -> None:
    log = install_player("")
    speaker.speak(SENTENCE)
    speaker.pause()
    assert speaker.wait(1) is None
    assert sizes_played(log) == []
    speaker.resume()
    assert speaker.wait(10) == Ending("finished")
    assert len(sizes_played(log)) == 1


def test_a_pause_ends_with_stop_and_with_a_new_request(
    speaker: Speaker, install_player: Callable[[str], Path]
) -> None:
    install_player(PLAY)
    speaker.speak(SENTENCE)
    speaker.pause()
    speaker.stop()
    assert speaker.wait(10) == Ending("stopped")
    assert not speaker.is_paused
    speaker.speak(SENTENCE)
    speaker.pause()
    speaker.speak("A dog.")
    assert not speaker.is_paused
    assert speaker.wait(10) == Ending("finished")
    speaker.pause()
    assert not speaker.is_paused


def test_the_last_text_is_repeated(
    speaker: Speaker, install_player: Callable[[str], Path]
) -> None:
    log = install_player("")
    speaker.repeat()
    assert speaker.poll() is None
    speaker.speak("A dog.")
    speaker.wait(10)
    speaker.preview(SpeechOptions(rate=300))
    speaker.wait(10)
    speaker.repeat()
    assert speaker.wait(10) == Ending("finished")
    first, sample, again = sizes_played(log)
    assert first == again != sample


def test_rate_and_volume_and_voice_are_heard(speaker: Speaker, tmp_path: Path) -> None:
    def saved(**options: object) -> tuple[float, float, bytes]:
        path = tmp_path / "saved.wav"
        speaker.options = SpeechOptions(**options)
        speaker.save(SENTENCE, path)
        return *seconds_and_level(path), path.read_bytes()

    usual, level, _ = saved()
    slow, *_ = saved(rate=100)
    fast, *_ = saved(rate=350)
    assert slow > 1.4 * usual
    assert fast < 0.7 * usual
    # At 175 words a minute, 13 words take about four and a half seconds.
    assert usual == pytest.approx(13 / 175 * 60, rel=0.35)
    same, half, _ = saved(volume=50)
    assert same == usual
    assert half == pytest.approx(level / 2, rel=0.02)
    assert saved(volume=0)[1] == 0
    english = [v.id for v in speaker.voices() if v.language.startswith("en-")]
    sounds = {saved(voice=voice)[2] for voice in english}
    assert len(sounds) == len(english) > 3


def test_a_voice_that_is_gone_is_said(
    speaker: Speaker, install_player: Callable[[str], Path]
) -> None:
    log = install_player("")
    speaker.options = SpeechOptions(voice="nosuch")
    speaker.speak(SENTENCE)
    ending = speaker.wait(10)
    assert ending is not None
    assert ending.how == "finished"
    assert "“nosuch” is not on this machine" in ending.reason
    assert len(sizes_played(log)) == 1


def test_both_engines_list_the_same_voices_which_speak(tmp_path: Path) -> None:
    espeak = shutil.which("espeak-ng")
    assert espeak
    engines = (Pyttsx3(), Espeak(espeak))
    ours, theirs = (engine.voices(Job(), str(tmp_path)) for engine in engines)
    assert {v.id for v in ours} == {v.id for v in theirs}
    assert len(ours) > 50
    american = next(voice for voice in ours if voice.language == "en-us")
    assert american == Voice("gmw/en-us", "English (America)", "en-us")
    sounds = set()
    for engine in engines:
        wav_file = tmp_path / f"{type(engine).__name__}.wav"
        command = engine.command(SpeechOptions(voice=american.id), wav_file)
        assert Job().run(command, text=SENTENCE, timeout=30)
        sounds.add(round(seconds_and_level(wav_file)[0]))
    assert len(sounds) == 1


def test_the_voices_of_macos_are_understood(tmp_path: Path) -> None:
    program = tmp_path / "say"
    program.write_text(
        "#!/bin/sh\n"
        "[ $1 = -v ] && [ $2 = '?' ] && cat <<'END'\n"
        "Alex                en_US    # Most people recognize me by my voice.\n"
        "Eddy (English (UK)) en_GB    # Hello! My name is Eddy.\n"
        "Majed               ar_001   # \u0645\u0631\u062d\u0628\u064b\u0627\n"
        "END\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    assert Say(str(program)).voices(Job(), str(tmp_path)) == [
        Voice("Alex", "Alex", "en-us"),
        Voice("Eddy (English (UK))", "Eddy (English (UK))", "en-gb"),
        Voice("Majed", "Majed", "ar-001"),
    ]


def test_a_voice_that_hung_is_asked_last_from_then_on(
    speaker: Speaker,
    break_pyttsx3: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(synthesis, "_SYNTHESIS_SECONDS", 3)
    break_pyttsx3("import time; time.sleep(60)")
    took = []
    for _ in range(2):
        start = time.monotonic()
        speaker.save(SENTENCE, tmp_path / "dog.wav")
        took.append(time.monotonic() - start)
    assert took[0] > 3
    assert took[1] < 3


def test_a_player_that_hangs_is_given_up(
    speaker: Speaker,
    children: Callable[[], list[str]],
    install_player: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(players, "_SPARE_SECONDS", -0.5)
    install_player("time.sleep(60)")
    speaker.speak("A dog.")
    ending = speaker.wait(10)
    assert ending is not None
    assert ending.how == "failed"
    assert "no sound device answers" in ending.reason
    assert children() == []


def test_speech_goes_on_after_close(
    speaker: Speaker, install_player: Callable[[str], Path]
) -> None:
    install_player("")
    speaker.speak("A dog.")
    speaker.close()
    assert speaker.poll() == Ending("stopped")
    speaker.speak("A cat.")
    assert speaker.wait(10) == Ending("finished")


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
