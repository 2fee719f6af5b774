"""A real voice writes real sound files; the players are real programs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from made_speech import SENTENCE, seconds_and_level, sizes_played, until
from patience import PATIENCE_SECONDS

from imagecap.speech import Ending, Speaker, SpeechError, SpeechOptions, players


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
    assert speaker.wait(PATIENCE_SECONDS) == Ending("finished")
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


def test_a_machine_without_sound_says_so(
    speaker: Speaker, install_player: Callable[[str], Path]
) -> None:
    install_player("sys.exit(1)")
    speaker.speak(SENTENCE)
    ending = speaker.wait(PATIENCE_SECONDS)
    assert ending is not None
    assert ending.how == "failed"
    assert "no sound device" in ending.reason


def test_a_machine_without_a_player_says_so(speaker: Speaker, programs: Path) -> None:
    speaker.speak(SENTENCE)
    ending = speaker.wait(PATIENCE_SECONDS)
    assert ending is not None
    assert ending.how == "failed"
    assert "No player for sound" in ending.reason


@pytest.mark.parametrize("text", ["", " \n", "\0"])
def test_nothing_to_read_is_said(speaker: Speaker, text: str) -> None:
    speaker.speak(text)
    assert speaker.wait(PATIENCE_SECONDS) == Ending(
        "failed", "There is nothing to read aloud."
    )


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


def test_the_last_text_is_repeated(
    speaker: Speaker, install_player: Callable[[str], Path]
) -> None:
    log = install_player("")
    speaker.repeat()
    assert speaker.poll() is None
    speaker.speak("A dog.")
    speaker.wait(PATIENCE_SECONDS)
    speaker.preview(SpeechOptions(rate=300))
    speaker.wait(PATIENCE_SECONDS)
    speaker.repeat()
    assert speaker.wait(PATIENCE_SECONDS) == Ending("finished")
    first, sample, again = sizes_played(log)
    assert first == again != sample


def test_a_player_that_hangs_is_given_up(
    speaker: Speaker,
    children: Callable[[], list[str]],
    install_player: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(players, "SPARE_SECONDS", -0.5)
    install_player("time.sleep(60)")
    speaker.speak("A dog.")
    ending = speaker.wait(PATIENCE_SECONDS)
    assert ending is not None
    assert ending.how == "failed"
    assert "no sound device answers" in ending.reason
    assert children() == []


def test_saving_leaves_an_utterance_alone(
    speaker: Speaker, install_player: Callable[[str], Path], tmp_path: Path
) -> None:
    log = install_player("time.sleep(60)")
    speaker.speak(SENTENCE)
    until(log.read_text)
    speaker.save("A cat.", tmp_path / "cat.wav")
    assert speaker.is_speaking
    assert len(log.read_text().splitlines()) == 1


@pytest.mark.parametrize("text", ["A dog runs. " * 600, "a" * 7000])
def test_a_long_text_is_saved_whole(
    speaker: Speaker, tmp_path: Path, text: str
) -> None:
    speaker.options = SpeechOptions(rate=450)
    speaker.save(text[:1200], tmp_path / "part.wav")
    speaker.save(text, tmp_path / "whole.wav")
    part, _ = seconds_and_level(tmp_path / "part.wav")
    whole, _ = seconds_and_level(tmp_path / "whole.wav")
    assert whole == pytest.approx(part * len(text) / 1200, rel=0.1)


def test_a_long_text_is_heard_part_by_part(
    speaker: Speaker, install_player: Callable[[str], Path]
) -> None:
    log = install_player("")
    speaker.speak("A dog runs. " * 600)
    assert speaker.wait(PATIENCE_SECONDS) == Ending("finished")
    first, second, third = sizes_played(log)
    assert first == pytest.approx(second, rel=0.1)
    assert third < second
