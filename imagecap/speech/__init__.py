"""A caption read aloud, or saved as a sound file.

Speech is made in two steps, each a process of its own: a synthesiser writes a sound
file, a player plays it. So a voice that hangs or crashes harms nobody, silence is
noticed (without a sound device voices report success, players do not), and stopping
means killing one process.

A window uses it like this; no call but `wait`, `save`, `voices` and `close` waits for
anything, and nothing is called back:

    speaker = Speaker(SpeechOptions(rate=200))
    speaker.speak("A dog runs.")      # whole sentences; the newest request wins
    speaker.poll()                    # None while it lasts, then how it ended
    speaker.pause(); speaker.resume() # silent at once; goes on between two words
    speaker.stop()                    # silent at once
    speaker.repeat()                  # the last text from its beginning
    speaker.options = SpeechOptions(volume=50)   # from the next utterance on
    speaker.preview(SpeechOptions(voice="gmw/en-us"))   # a sample sentence
    speaker.voices()                  # the machine's voices; call it off the window
    speaker.save("A dog runs.", "dog.wav")       # likewise
    speaker.close()                   # ends every process
"""

from typing import TYPE_CHECKING, Any

from imagecap.speech.options import (
    FASTEST,
    LOUDEST,
    SLOWEST,
    SpeechError,
    SpeechOptions,
    Voice,
)

if TYPE_CHECKING:
    from imagecap.speech.speaker import Speaker
    from imagecap.speech.utterance import Ending

__all__ = [
    "FASTEST",
    "LOUDEST",
    "SLOWEST",
    "Ending",
    "Speaker",
    "SpeechError",
    "SpeechOptions",
    "Voice",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401
    # The settings need the options alone, and the window is there before its voice.
    if name == "Speaker":
        from imagecap.speech.speaker import Speaker

        return Speaker
    if name == "Ending":
        from imagecap.speech.utterance import Ending

        return Ending
    raise AttributeError(f"module 'imagecap.speech' has no attribute {name!r}")
