"""What the voice does in a process of its own; started by `speech.py` only.

pyttsx3 may hang, crash or report a success that was none. Here it can do so without
harm: the process is killed and what it wrote is looked at. Run as a plain file, not as
part of the package, so that it starts without loading anything else.
"""

from __future__ import annotations

import sys
import threading


def _synthesise(wav_file: str) -> None:
    """Write the text on standard input as speech into a sound file."""
    import pyttsx3

    engine = pyttsx3.init()
    finished = threading.Event()
    engine.connect("finished-utterance", lambda **_: finished.set())
    engine.save_to_file(sys.stdin.buffer.read().decode("utf-8"), wav_file)
    engine.runAndWait()
    if engine.driver_name == "espeak":
        # Its own thread is still at work then; to end now may lose the file.
        finished.wait()


def _play(wav_file: str) -> None:
    """Play a sound file on Windows, which has no command for it."""
    if sys.platform == "win32":
        import winsound

        winsound.PlaySound(wav_file, winsound.SND_FILENAME | winsound.SND_NODEFAULT)


if __name__ == "__main__":
    {"synthesise": _synthesise, "play": _play}[sys.argv[1]](sys.argv[2])
