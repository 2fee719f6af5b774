"""The pages of pictures that a person hands in: captioned, and compared with others."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, UploadFile
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from imagecap.library.browsing import number_of
from imagecap.library.picture_state import read_state
from imagecap.model.caption import Caption
from imagecap.web.guard import MOST_BYTES
from imagecap.web.inline_pictures import attention_sheet, inline
from imagecap.web.problems import Problem
from imagecap.web.services import Behind
from imagecap.web.templates import render
from imagecap.web.thumbnails import SIDES, make_copy
from imagecap.web.uploads import Upload, described, received

router = APIRouter(default_response_class=HTMLResponse)

_LIKE = 12
# Of words that are less probable a reader should think twice.
_DOUBTFUL = 0.3


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
            vector = captioner.embedding.embed_one(features)
            found = behind.like.find(captioner.bundle.identity, vector, _LIKE)
            return render(
                "captioned.html",
                name=upload.name,
                captions=captions,
                doubted=_doubted(captions[0]),
                entries=found,
                number=_known_as(behind, upload),
                picture=inline(make_copy(upload.file, SIDES["small"])),
                attention=attention_sheet(upload.file, captions[0]),
                model=captioner.name,
            )

        return await run_in_threadpool(write)


def _known_as(behind: Behind, upload: Upload) -> int | None:
    state = read_state(upload.file)
    return number_of(behind.library, state) if state else None


def _doubted(caption: Caption) -> list[str]:
    pairs = zip(caption.words, caption.word_probabilities, strict=True)
    return [word for word, probability in pairs if probability < _DOUBTFUL]
