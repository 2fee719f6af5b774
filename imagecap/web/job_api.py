"""Folders captioned in the background, for programs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path as FilePath

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from imagecap.web.api import PROBLEMS, Number
from imagecap.web.inside import path_inside
from imagecap.web.jobs import OVER, Job
from imagecap.web.problems import Problem
from imagecap.web.records import JobRecord, PathRecord
from imagecap.web.services import Behind

router = APIRouter(prefix="/api/jobs", responses=PROBLEMS)

_LOOK_SECONDS = 0.25
# Often enough that nothing in between takes the connection for dead.
_LOOKS_TO_SIGN = 40


@router.post("", status_code=202)
def start(behind: Behind, at: PathRecord, response: Response) -> JobRecord:
    """Caption a folder of the library, and all below it, in the background."""
    folder: FilePath = path_inside(behind.library, at.path)
    if not folder.is_dir():
        raise Problem(404, "This is a file; name a folder.")
    job = behind.jobs.start(folder)
    response.headers["location"] = f"/api/jobs/{job.number}"
    return JobRecord.of(job)


@router.get("")
def jobs(behind: Behind) -> list[JobRecord]:
    """List the jobs of lately, the oldest first."""
    return [JobRecord.of(job) for job in behind.jobs.all()]


@router.get("/{number}")
def job(behind: Behind, number: Number) -> JobRecord:
    """Tell how far a job is."""
    return JobRecord.of(_job(behind, number))


@router.post("/{number}/pause")
def pause(behind: Behind, number: Number) -> JobRecord:
    """Hold a job after the picture being captioned."""
    found = _job(behind, number)
    found.pause()
    return JobRecord.of(found)


@router.post("/{number}/resume")
def resume(behind: Behind, number: Number) -> JobRecord:
    """Go on with a job that is held."""
    found = _job(behind, number)
    found.go_on()
    return JobRecord.of(found)


@router.post("/{number}/cancel")
def cancel(behind: Behind, number: Number) -> JobRecord:
    """End a job; what is captioned stays kept."""
    found = _job(behind, number)
    found.cancel()
    return JobRecord.of(found)


@router.get(
    "/{number}/events",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Server-sent events, a job's record each, up to its end.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    },
)
def events(behind: Behind, number: Number) -> StreamingResponse:
    """Tell how far a job is whenever that changes, as server-sent events."""
    return StreamingResponse(
        _changes(_job(behind, number)), media_type="text/event-stream"
    )


async def _changes(job: Job) -> AsyncIterator[str]:
    before, looks = "", 0
    while True:
        is_over = job.state in OVER
        record = JobRecord.of(job).model_dump_json()
        looks += 1
        if record != before:
            yield f"data: {record}\n\n"
            before, looks = record, 0
        elif looks % _LOOKS_TO_SIGN == 0:
            yield ": still going on\n\n"
        if is_over:
            return
        await asyncio.sleep(_LOOK_SECONDS)


def _job(behind: Behind, number: int) -> Job:
    found = behind.jobs.find(number)
    if found is None:
        raise Problem(404, "There is no such job; those of an earlier start are gone.")
    return found
