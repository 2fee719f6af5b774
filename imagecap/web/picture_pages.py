"""The page of one picture: seen, told, corrected, accepted."""

from __future__ import annotations

import tempfile
import threading
from contextlib import closing
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Header, Query, Request
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool

from imagecap.settings import load_settings
from imagecap.speech.speaker import Speaker
from imagecap.web.inline_pictures import attention_sheet
from imagecap.web.model_queue import BusyError
from imagecap.web.pages import MOST, entry_of, see
from imagecap.web.records import LONGEST_CAPTION, one_line
from imagecap.web.services import Behind
from imagecap.web.templates import render
from imagecap.web.thumbnails import SIDES
from imagecap.web.uploads import described

router = APIRouter(default_response_class=HTMLResponse)

_LIKE = 24
_HISTORY = 20
# Each voice is a process of its own.
_voices = threading.BoundedSemaphore(2)
_VOICE_SECONDS = 5.0
Caption = Annotated[str, Form(max_length=LONGEST_CAPTION)]


@router.get("/pictures/{number}")
def picture(behind: Behind, number: int) -> str:
    """Show a picture with all that was said of it."""
    entry = entry_of(behind, number)
    history = behind.library.captions(entry.picture)
    return render(
        "picture.html",
        entry=entry,
        is_there=entry.picture.is_file(),
        history=history[:_HISTORY],
        left_out=max(0, len(history) - _HISTORY),
        longest=LONGEST_CAPTION,
    )


@router.get("/pictures/{number}/{size}.jpg")
def copy(
    behind: Behind,
    number: int,
    size: Literal["small", "large"],
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Give a small copy of a picture."""
    entry = entry_of(behind, number)
    version = f'"{behind.thumbnails.version(entry.picture)}"'
    headers = {"etag": version, "cache-control": "private, no-cache"}
    if if_none_match == version:
        return Response(status_code=304, headers=headers)
    content = behind.thumbnails.copy(entry.picture, SIDES[size])
    return Response(content, media_type="image/jpeg", headers=headers)


@router.get("/pictures/{number}/like")
async def like(behind: Behind, number: int) -> str:
    """Show the pictures that are most like one."""
    entry = await run_in_threadpool(entry_of, behind, number)
    captioner = await run_in_threadpool(lambda: behind.model.captioner)
    model = captioner.bundle.identity
    _, vectors = await run_in_threadpool(behind.library.vectors, model, [number])
    if len(vectors):
        vector = vectors[0]
    else:
        features = (await described(behind.model, entry.picture)).features
        vector = captioner.embedding.embed_one(features)
    found = await run_in_threadpool(behind.like.find, model, vector, _LIKE, number)
    return await run_in_threadpool(render, "like.html", entry=entry, entries=found)


@router.get("/pictures/{number}/attention")
async def attention(behind: Behind, number: int) -> str:
    """Show where the model looks for each word of what it says of a picture."""
    entry = await run_in_threadpool(entry_of, behind, number)
    captions, _ = await described(behind.model, entry.picture)
    sheet = await run_in_threadpool(attention_sheet, entry.picture, captions[0])
    return await run_in_threadpool(
        render,
        "attention.html",
        entry=entry,
        caption=captions[0],
        attention=sheet,
        model=behind.model.captioner.name,
    )


@router.post("/pictures/{number}/caption")
def edit(
    request: Request,
    behind: Behind,
    number: int,
    caption: Caption = "",
    before: Caption = "",
    to: Annotated[Literal["picture", "review"], Form()] = "picture",
    start: Annotated[int, Form(ge=0, le=MOST)] = 0,
) -> Response:
    """Keep what a person says of a picture; nothing takes back what they said."""
    entry = entry_of(behind, number)
    text = one_line(caption)
    behind.library.keep_human(entry.picture, text or None, before or None)
    if to == "picture":
        return see(request, f"/pictures/{number}")
    # Where the next one can be accepted by the same key.
    return see(request, "/review", f"start={start}&last={number}#next")


@router.get("/speech.wav")
def speech(
    text: Annotated[str, Query(min_length=1, max_length=LONGEST_CAPTION)],
) -> Response:
    """Read a text aloud, as sound."""
    if not _voices.acquire(timeout=_VOICE_SECONDS):
        raise BusyError
    try:
        content = _spoken(text)
    finally:
        _voices.release()
    return Response(content, media_type="audio/wav")


def _spoken(text: str) -> bytes:
    settings, _ = load_settings()
    with (
        tempfile.TemporaryDirectory(prefix="imagecap-") as folder,
        closing(Speaker(settings.speech_options)) as speaker,
    ):
        file = Path(folder, "speech.wav")
        speaker.save(text, file)
        return file.read_bytes()
