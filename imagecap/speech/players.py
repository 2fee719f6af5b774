"""The programs that play a WAV file."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from imagecap.speech import sound
from imagecap.speech.job import CHILD, Job, Paused
from imagecap.speech.options import SpeechError

SPARE_SECONDS = 10.0
"""What a player may take longer than the sound itself before it counts as stuck."""


def play(wav_file: Path, job: Job) -> None:
    """Play a sound to its end with the first player that can.

    A paused player is ended and another one plays the rest: that is silent at once and
    the same everywhere. A suspended player would go on for as long as its sound
    system has sound in store, and Windows cannot suspend one at all.

    Args:
        wav_file: The sound.
        job: What runs the players.

    Raises:
        SpeechError: If it cannot be heard.
        JobStopped: If the job is stopped.
    """
    players = list(_available_players())
    if not players:
        raise SpeechError(
            "No player for sound on this machine: install alsa-utils "
            "(sudo apt install alsa-utils)."
        )
    part, start = wav_file, 0.0
    while True:
        job.wait_while_paused()
        began = time.monotonic()
        limit = sound.seconds(part) + SPARE_SECONDS
        try:
            if any(
                job.run((*player, str(part)), timeout=limit, pausable=True)
                for player in players
            ):
                return
        except Paused:
            end = start + time.monotonic() - began
            start = sound.resume_point(wav_file, start, end)
            part = wav_file.with_name("rest.wav")
            sound.write_rest(wav_file, start, part)
        else:
            raise SpeechError(
                "The voice cannot be heard: no sound device answers. "
                "Connect or switch on a loudspeaker."
            )


def _available_players() -> Iterator[tuple[str, ...]]:
    """List commands that play a WAV file and fail where it cannot be heard."""
    if sys.platform == "win32":
        yield (*CHILD, "play")
    for name in ("afplay", "pw-play", "paplay", "aplay"):
        if program := shutil.which(name):
            yield (program,)
