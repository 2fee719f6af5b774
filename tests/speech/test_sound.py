"""Sounds of known loudness."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from imagecap.speech import sound

RATE = 8_000


@pytest.fixture(params=[1, 2], ids=["mono", "stereo"])
def words(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Four seconds of tone with gaps of 0.1 s at 0.5, 1.5, 2.5 and 3.5 s."""
    times = np.arange(4 * RATE) / RATE
    tone = 8_000 * np.sin(2 * np.pi * 200 * times)
    tone[(times % 1 >= 0.5) & (times % 1 < 0.6)] *= 0.01
    path = tmp_path / "words.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(request.param)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.repeat(tone, request.param).astype("<i2").tobytes())
    return path


def level(path: Path) -> float:
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    return float(np.sqrt(np.mean(np.square(samples.astype(float)))))


@pytest.mark.parametrize(
    ("heard", "gap"), [(2.0, 1.5), (2.4, 1.5), (3.2, 2.5), (60, 3.5)]
)
def test_the_rest_begins_in_the_gap_before_what_was_heard_last(
    words: Path, heard: float, gap: float
) -> None:
    assert gap <= sound.resume_point(words, 0, heard) <= gap + 0.1


@pytest.mark.parametrize(
    ("start", "heard"), [(0, 0), (0, 0.1), (1.7, 1.8), (2, 2.9), (4, 4), (0, 60)]
)
def test_the_rest_begins_neither_earlier_than_the_last_time_nor_behind_the_end(
    words: Path, start: float, heard: float
) -> None:
    assert start <= sound.resume_point(words, start, heard) <= 4


def test_the_rest_is_what_is_left(words: Path, tmp_path: Path) -> None:
    rest = tmp_path / "rest.wav"
    sound.write_rest(words, 1.25, rest)
    assert sound.seconds(rest) == pytest.approx(2.75)
    assert level(rest) == pytest.approx(level(words), rel=0.02)


def test_half_the_volume_is_half_the_amplitude(words: Path) -> None:
    before = level(words)
    sound.scale(words, 50)
    assert level(words) == pytest.approx(before / 2, rel=0.01)
    assert sound.seconds(words) == 4


@pytest.mark.parametrize("content", [None, b"", b"RIFF", b"FORM0000AIFF"])
def test_what_is_no_sound_lasts_for_nothing(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "sound.wav"
    if content is not None:
        path.write_bytes(content)
    assert sound.seconds(path) == 0
