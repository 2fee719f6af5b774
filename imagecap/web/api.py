"""The library for programs: captions made, found, read and corrected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, File, Path, Query, UploadFile
from starlette.concurrency import run_in_threadpool

import imagecap
from imagecap.library.browsing import Order, page
from imagecap.library.entry import Entry
from imagecap.model.caption import Caption
from imagecap.web.inside import path_inside
from imagecap.web.model_queue import ModelQueue
from imagecap.web.pages import MOST, Start, entry_of
from imagecap.web.problems import Problem
from imagecap.web.records import (
    CaptionList,
    CaptionRecord,
    Edit,
    Health,
    ModelRecord,
    PathRecord,
    PictureList,
    PictureRecord,
    PictureWithHistory,
    ProblemRecord,
    SaidRecord,
    one_line,
)
from imagecap.web.services import Behind
from imagecap.web.uploads import described, received

PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {
        "description": description,
        "content": {"application/problem+json": {}},
        "model": ProblemRecord,
    }
    for status, description in {
        400: "The request cannot be read.",
        401: "The token is missing or wrong.",
        403: "The request comes from another site, or does not say from where.",
        404: "There is no such thing.",
        409: "Somebody has changed it meanwhile.",
        413: "The upload is too large.",
        421: "The name in Host is not that of this server.",
        422: "Something in the request is wrong.",
        503: "Too many are waiting, or the library or the model cannot be used.",
    }.items()
}
router = APIRouter(prefix="/api", responses=PROBLEMS)

Count = Annotated[int, Query(ge=1, le=500)]
Number = Annotated[int, Path(ge=1, le=MOST)]


@router.get("/health")
def health(behind: Behind) -> Health:
    """Tell that the server answers."""
    _, total = page(behind.library, "folder", None, 0, 0)
    return Health(status="ok", version=imagecap.__version__, pictures=total)


@router.get("/model")
def model(behind: Behind) -> ModelRecord:
    """Tell which model makes captions."""
    captioner = behind.model.captioner
    return ModelRecord(name=captioner.name, identity=captioner.bundle.identity)


@router.post("/caption")
async def caption(
    behind: Behind, picture: Annotated[UploadFile, File()]
) -> CaptionList:
    """Describe a picture that is sent along; nothing is kept."""
    async with received(picture) as upload:
        captions, _ = await described(behind.model, upload.file)
    return _captions(behind.model, captions)


@router.post("/caption/path")
async def caption_path(behind: Behind, at: PathRecord) -> CaptionList:
    """Describe a picture that lies in a folder of the library; nothing is kept."""
    file = await run_in_threadpool(path_inside, behind.library, at.path)
    captions, _ = await described(behind.model, file)
    return _captions(behind.model, captions)


@router.post("/like")
async def like_upload(
    behind: Behind, picture: Annotated[UploadFile, File()], count: Count = 20
) -> PictureList:
    """Find the pictures that are most like one that is sent along."""
    async with received(picture) as upload:
        _, features = await described(behind.model, upload.file)

    def find() -> PictureList:
        captioner = behind.model.captioner
        vector = captioner.embedding.embed_one(features)
        return _list(behind.like.find(captioner.bundle.identity, vector, count))

    return await run_in_threadpool(find)


@router.get("/pictures")
def pictures(
    behind: Behind,
    words: Annotated[str | None, Query(max_length=1000)] = None,
    order: Order = "folder",
    start: Start = 0,
    count: Count = 100,
) -> PictureList:
    """List the pictures of the library, or those that words find, the best first."""
    if words is None:
        found, total = page(behind.library, order, None, start, count)
        return _list(found, total)
    numbers = behind.library.find(words)
    found = behind.library.entries_of(numbers[start : start + count])
    return _list(found, len(numbers))


@router.get("/pictures/{number}")
def picture(behind: Behind, number: Number) -> PictureWithHistory:
    """Give a picture with all that was said of it."""
    return _with_history(behind, entry_of(behind, number))


@router.get("/pictures/{number}/like")
def like(behind: Behind, number: Number, count: Count = 20) -> PictureList:
    """Find the pictures that are most like one of the library."""
    entry_of(behind, number)
    identity = behind.model.captioner.bundle.identity
    _, vectors = behind.library.vectors(identity, [number])
    if not len(vectors):
        raise Problem(
            409, "The model has not seen this picture yet; caption its folder."
        )
    return _list(behind.like.find(identity, vectors[0], count, number))


@router.put("/pictures/{number}/caption")
def edit(behind: Behind, number: Number, said: Edit) -> PictureWithHistory:
    """Keep what a person says of a picture; what the model says is so accepted."""
    text = one_line(said.caption)
    if not text:
        raise Problem(422, "The caption is empty; write one.")
    entry = entry_of(behind, number)
    if "instead_of" in said.model_fields_set:
        behind.library.keep_human(entry.picture, text, said.instead_of)
    else:
        behind.library.keep_human(entry.picture, text)
    return _with_history(behind, entry_of(behind, number))


@router.delete("/pictures/{number}/caption")
def take_back(behind: Behind, number: Number) -> PictureWithHistory:
    """Take back what a person has said of a picture; its history stays."""
    entry = entry_of(behind, number)
    if entry.human is not None:
        behind.library.keep_human(entry.picture, None)
    return _with_history(behind, entry_of(behind, number))


def _captions(model: ModelQueue, captions: Sequence[Caption]) -> CaptionList:
    made = [CaptionRecord.of(one) for one in captions]
    return CaptionList(model=model.captioner.bundle.identity, captions=made)


def _list(found: list[Entry], total: int | None = None) -> PictureList:
    records = [PictureRecord.of(one) for one in found]
    return PictureList(total=len(found) if total is None else total, pictures=records)


def _with_history(behind: Behind, entry: Entry) -> PictureWithHistory:
    said = behind.library.captions(entry.picture)
    return PictureWithHistory(
        **PictureRecord.of(entry).model_dump(),
        history=[SaidRecord.of(one) for one in said],
    )
