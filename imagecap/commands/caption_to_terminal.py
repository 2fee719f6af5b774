"""Pictures captioned by the command line, printed and read aloud."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from imagecap.captions.problems import printable
from imagecap.commands.console import tell_error
from imagecap.commands.speech import read_aloud
from imagecap.errors import ImagecapError
from imagecap.model.caption import Caption
from imagecap.model.captioner import Captioner
from imagecap.progress import progress
from imagecap.speech.options import SpeechOptions

if TYPE_CHECKING:
    from imagecap.speech.speaker import Speaker


@dataclass(frozen=True)
class Printed:
    """What shall be printed and heard.

    Attributes:
        candidates: How many captions each picture shall have.
        beam_width: Captions kept in parallel by the search; `None` for the model's own.
        as_json: Whether a JSON list is printed.
        speak: Whether captions are read aloud.
        save_speech: Where the caption of one picture is saved as speech, if it is.
        hedging: Whether a caption of which the model is unsure is printed as a guess.
        speech: How captions are read.
    """

    candidates: int
    beam_width: int | None
    as_json: bool
    speak: bool
    save_speech: Path | None
    hedging: bool
    speech: SpeechOptions


def print_captions(
    captioner: Captioner,
    rounds: Iterable[Sequence[Path]],
    wanted: Printed,
    named: bool,
) -> tuple[int, bool]:
    """Caption pictures and print each caption as it comes.

    Args:
        captioner: The model.
        rounds: The picture files; those of a round share a bar of progress.
        wanted: What shall be printed and heard.
        named: Whether each line begins with the picture's path.

    Returns:
        How many pictures could not be read, and whether speech failed.
    """
    failed, unheard = 0, False
    described: list[dict[str, object]] = []
    with _voice(wanted) as speaker:
        for pictures in rounds:
            results = captioner.caption_many(
                pictures, wanted.candidates, wanted.beam_width
            )
            if len(pictures) > 1 and (wanted.as_json or not sys.stdout.isatty()):
                results = progress(results, "Captioning", len(pictures))
            for path, result in results:
                if isinstance(result, ImagecapError):
                    tell_error(result)
                    failed += 1
                    continue
                texts = [
                    found.hedged_text if wanted.hedging else found.text
                    for found in result
                ]
                if wanted.as_json:
                    described.append(_json_object(path, result))
                else:
                    for text in texts:
                        prefix = f"{printable(str(path))}\t" if named else ""
                        click.echo(f"{prefix}{text}")
                try:
                    if speaker and wanted.save_speech:
                        speaker.save(texts[0], wanted.save_speech)
                    if speaker and wanted.speak:
                        read_aloud(speaker, texts[0])
                except ImagecapError as error:
                    tell_error(error)
                    unheard = True
    if wanted.as_json:
        click.echo(json.dumps(described, indent=2, ensure_ascii=False))
    return failed, unheard


@contextmanager
def _voice(wanted: Printed) -> Iterator[Speaker | None]:
    """Give what reads captions, which is loaded only where something is to be heard."""
    if not (wanted.speak or wanted.save_speech):
        yield None
        return
    from imagecap.speech.speaker import Speaker

    with closing(Speaker(wanted.speech)) as speaker:
        yield speaker


def _json_object(path: Path, captions: tuple[Caption, ...]) -> dict[str, object]:
    return {
        "path": str(path),
        "caption": captions[0].text,
        "probability": captions[0].probability,
        "confidence": captions[0].confidence,
        "unsure": captions[0].unsure,
        "candidates": [
            {"caption": found.text, "probability": found.probability}
            for found in captions
        ],
    }
