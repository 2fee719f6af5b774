"""Real voices, and programs that stand in for broken ones."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from made_speech import SENTENCE, seconds_and_level, sizes_played
from patience import PATIENCE_SECONDS

from imagecap.speech import (
    Ending,
    Speaker,
    SpeechError,
    SpeechOptions,
    Voice,
    synthesis,
)
from imagecap.speech.engines import Espeak, Pyttsx3, Say
from imagecap.speech.job import Job

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
    if "sleep" in broken:
        monkeypatch.setattr(synthesis, "SYNTHESIS_SECONDS", 5)
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
    assert speaker.wait(PATIENCE_SECONDS) == Ending(
        "failed",
        "No voice on this machine: install espeak-ng (sudo apt install espeak-ng).",
    )
    with pytest.raises(SpeechError, match="install espeak-ng"):
        speaker.save(SENTENCE, tmp_path / "dog.wav")
    assert not (tmp_path / "dog.wav").exists()


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
    ending = speaker.wait(PATIENCE_SECONDS)
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
    monkeypatch.setattr(synthesis, "SYNTHESIS_SECONDS", 5)
    asked = tmp_path / "asked.txt"
    break_pyttsx3(f"import time; open({str(asked)!r}, 'a').write('.'); time.sleep(60)")
    for _ in range(2):
        speaker.save(SENTENCE, tmp_path / "dog.wav")
    assert asked.read_text() == "."


def test_speech_is_never_saved_in_another_voice(
    speaker: Speaker, tmp_path: Path
) -> None:
    speaker.options = SpeechOptions(voice="nosuch")
    with pytest.raises(SpeechError, match="“nosuch” is not on this machine; choose"):
        speaker.save(SENTENCE, tmp_path / "dog.wav")
    assert not (tmp_path / "dog.wav").exists()


@pytest.mark.parametrize("voice", ["a\0b", "a\ud800"])
def test_a_voice_that_nothing_can_be_called_is_none(tmp_path: Path, voice: str) -> None:
    speaker = Speaker(SpeechOptions(voice=voice))
    with pytest.raises(SpeechError, match="is not on this machine; choose"):
        speaker.save("A dog.", tmp_path / "dog.wav")


def test_a_system_that_has_run_out_is_not_called_voiceless(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(subprocess, "Popen", refuse)
    with pytest.raises(SpeechError, match=r"saved to .*: Too many open files"):
        Speaker().save("A dog.", tmp_path / "dog.wav")


@pytest.mark.parametrize("voice", ["", "nosuch"])
def test_a_voice_that_is_not_ready_in_time_is_not_called_missing(
    speaker: Speaker,
    programs: Path,
    break_pyttsx3: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    voice: str,
) -> None:
    monkeypatch.setattr(synthesis, "SYNTHESIS_SECONDS", 0.3)
    break_pyttsx3("import time; time.sleep(60)")
    speaker.options = SpeechOptions(voice=voice)
    with pytest.raises(SpeechError, match="not ready in time: the machine is busy"):
        speaker.save(SENTENCE, tmp_path / "dog.wav")
    speaker.speak(SENTENCE)
    ending = speaker.wait(PATIENCE_SECONDS)
    assert ending is not None
    assert "not ready in time" in ending.reason
    with pytest.raises(SpeechError, match="not ready in time"):
        speaker.voices()
    assert not (tmp_path / "dog.wav").exists()
