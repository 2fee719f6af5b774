"""Stopping, pausing and replacing what is read aloud, with real processes."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pytest
from made_speech import SENTENCE, sizes_played, until
from patience import PATIENCE_SECONDS

from imagecap.speech import Ending, Speaker, SpeechError


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
    assert speaker.wait(PATIENCE_SECONDS) == Ending("stopped")
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
    speaker.wait(PATIENCE_SECONDS)
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
    assert speaker.wait(PATIENCE_SECONDS) == Ending("finished")
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


# Takes as long as the sound does.
PLAY = """
import wave
with wave.open(sys.argv[1]) as sound:
    time.sleep(sound.getnframes() / sound.getframerate())
"""


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
    assert speaker.wait(PATIENCE_SECONDS) == Ending("finished")
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
    assert speaker.wait(PATIENCE_SECONDS) == Ending("finished")
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
    assert speaker.wait(PATIENCE_SECONDS) == Ending("finished")
    assert len(sizes_played(log)) == 1


def test_a_pause_ends_with_stop_and_with_a_new_request(
    speaker: Speaker, install_player: Callable[[str], Path]
) -> None:
    install_player(PLAY)
    speaker.speak(SENTENCE)
    speaker.pause()
    speaker.stop()
    assert speaker.wait(PATIENCE_SECONDS) == Ending("stopped")
    assert not speaker.is_paused
    speaker.speak(SENTENCE)
    speaker.pause()
    speaker.speak("A dog.")
    assert not speaker.is_paused
    assert speaker.wait(PATIENCE_SECONDS) == Ending("finished")
    speaker.pause()
    assert not speaker.is_paused


def test_speech_goes_on_after_close(
    speaker: Speaker, install_player: Callable[[str], Path]
) -> None:
    install_player("")
    speaker.speak("A dog.")
    speaker.close()
    assert speaker.poll() == Ending("stopped")
    speaker.speak("A cat.")
    assert speaker.wait(PATIENCE_SECONDS) == Ending("finished")


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
    saving.join(PATIENCE_SECONDS)
    assert not saving.is_alive()
    assert "not saved" in str(errors[0])
    assert not (tmp_path / "dog.wav").exists()
