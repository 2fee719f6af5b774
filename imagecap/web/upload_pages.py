"""The pages of pictures that a person hands in: captioned, and compared with others."""

from __future__ import annotations

import base64
from typing import Annotated

from fastapi import APIRouter, File, UploadFile
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from imagecap.gallery.copies import shrink
from imagecap.library.browsing import number_of
from imagecap.library.picture_state import read_state
from imagecap.model.attention_overlay import draw_attention
from imagecap.model.caption import Caption
from imagecap.pictures.reading import open_picture
from imagecap.web.guard import MOST_BYTES
from imagecap.web.problems import Problem
from imagecap.web.services import Behind
from imagecap.web.templates import render
from imagecap.web.thumbnails import SIDES, make_copy
from imagecap.web.uploads import Upload, described, received

router = APIRouter(default_response_class=HTMLResponse)

_LIKE = 12
# Of words that are less probable a reader should think twice.
_DOUBTFUL = 0.3
# Pixels of a panel of the drawing, and of the drawing.
_PANEL, _SHEET = 448, 1200


@router.get("/caption")
def choose() -> str:
    """Let a person choose a picture."""
    return render("caption.html", megabytes=MOST_BYTES >> 20)


@router.post("/caption")
async def caption(behind: Behind, picture: Annotated[UploadFile, File()]) -> str:
    """Describe a picture, and show those that are like it."""
    if not picture.filename:
        raise Problem(422, "There was no picture; go back and choose one.")
    async with received(picture) as upload:
        captions, features = await described(behind.model, upload.file)

        def write() -> str:
            captioner = behind.model.captioner
            vector = captioner.embedding.embed(features[None])[0]
            found = behind.like.find(captioner.bundle.identity, vector, _LIKE)
            return render(
                "captioned.html",
                name=upload.name,
                captions=captions,
                doubted=_doubted(captions[0]),
                entries=found,
                number=_known_as(behind, upload),
                picture=_inline(make_copy(upload.file, SIDES["small"])),
                attention=_attention(upload, captions[0]),
                model=captioner.name,
            )

        return await run_in_threadpool(write)


def _inline(picture: bytes) -> str:
    return base64.b64encode(picture).decode()


def _attention(upload: Upload, caption: Caption) -> str:
    """Draw where the model looked for each word; nothing of one without attention."""
    if caption.attention is None:
        return ""
    picture = open_picture(upload.file, at_least=(_PANEL, _PANEL))
    return _inline(shrink(draw_attention(picture, caption), _SHEET))


def _known_as(behind: Behind, upload: Upload) -> int | None:
    state = read_state(upload.file)
    return number_of(behind.library, state) if state else None


def _doubted(caption: Caption) -> list[str]:
    pairs = zip(caption.words, caption.word_probabilities, strict=True)
    return [word for word, probability in pairs if probability < _DOUBTFUL]
