"""What the voice does in a process of its own; started by its parent package only.

pyttsx3 may hang, crash or report a success that was none. Here it can do so without
harm: the process is killed and what it wrote is looked at. Run as a plain file, not as
part of the package, so that it starts without loading anything else.
"""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path


def _synthesise(rate: str, voice: str, wav_file: str) -> None:
    """Write the text on standard input as speech into a sound file."""
    import pyttsx3

    engine = pyttsx3.init()
    engine.setProperty("rate", int(rate))
    if voice:
        if all(known.id != voice for known in engine.getProperty("voices")):
            # pyttsx3 would say nothing and take another.
            sys.exit(f"There is no voice {voice}.")
        engine.setProperty("voice", voice)
    finished = threading.Event()
    engine.connect("finished-utterance", lambda **_: finished.set())
    engine.save_to_file(sys.stdin.buffer.read().decode("utf-8"), wav_file)
    engine.runAndWait()
    if engine.driver_name == "espeak":
        # Its own thread is still at work then; to end now may lose the file.
        finished.wait()


def _list_voices(json_file: str) -> None:
    """Write id, name and language of each voice into a file."""
    import pyttsx3

    engine = pyttsx3.init()
    voices = [
        [voice.id, voice.name, str(voice.languages[0]) if voice.languages else ""]
        for voice in engine.getProperty("voices")
    ]
    Path(json_file).write_text(json.dumps(voices), encoding="utf-8")


def _play(wav_file: str) -> None:
    """Play a sound file on Windows, which has no command for it."""
    if sys.platform == "win32":
        import winsound

        winsound.PlaySound(wav_file, winsound.SND_FILENAME | winsound.SND_NODEFAULT)


if __name__ == "__main__":
    if sys.argv[1] == "synthesise":
        _synthesise(*sys.argv[2:])
    elif sys.argv[1] == "voices":
        _list_voices(*sys.argv[2:])
    else:
        _play(*sys.argv[2:])
