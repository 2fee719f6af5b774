"""The pages of what takes long: folders captioned, doubles looked for."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from imagecap.library.browsing import folders
from imagecap.web.inside import path_inside
from imagecap.web.pages import Start, links_to, see
from imagecap.web.problems import Problem
from imagecap.web.services import Behind
from imagecap.web.templates import render

router = APIRouter(default_response_class=HTMLResponse)

# On a page; a group may be all pictures of the library.
_FOLDERS = 100
_GROUPS, _OF_A_GROUP = 16, 10


@router.get("/folders")
def folder_list(behind: Behind, start: Start = 0) -> str:
    """Show the folders in which pictures lie, and those that are being captioned."""
    found = folders(behind.library)
    common = Path(os.path.commonpath(found)) if found else Path()
    listed = [
        (behind.folder_keys.key_of(folder), _below(folder, common), count)
        for folder, count in itertools.islice(found.items(), start, start + _FOLDERS)
    ]
    jobs = [(job, job.state, job.progress) for job in reversed(behind.jobs.all())]
    return render(
        "folders.html",
        folders=listed,
        common=common,
        jobs=jobs,
        start=start,
        total=len(found),
        links=links_to("/folders", {}, start, len(found), _FOLDERS),
    )


@router.post("/folders/{key}/caption")
def caption_folder(request: Request, behind: Behind, key: str) -> Response:
    """Caption what is new in a folder and below, in the background."""
    folder = behind.folder_keys.folder_of(key)
    behind.jobs.start(path_inside(behind.library, str(folder)))
    return see(request, "/folders")


@router.post("/jobs/{number}/{action}")
def change_job(
    request: Request,
    behind: Behind,
    number: int,
    action: Literal["pause", "resume", "cancel"],
) -> Response:
    """Hold a job, go on with it, or end it."""
    job = behind.jobs.find(number)
    if job is None:
        raise Problem(404, "This is over; go back to the folders.")
    {"pause": job.pause, "resume": job.go_on, "cancel": job.cancel}[action]()
    return see(request, "/folders")


@router.get("/doubles")
def doubles(behind: Behind, start: Start = 0) -> str:
    """Show the pictures that are there twice, as far as that is known."""
    run = behind.doubles
    found = []
    if run.result and not run.is_running:
        found = [("the same", group) for group in run.result.same]
        found += [("alike", group) for group in run.result.alike]
    groups = [
        (kind, list(behind.library.entries(group[:_OF_A_GROUP])), len(group))
        for kind, group in found[start : start + _GROUPS]
    ]
    return render(
        "doubles.html",
        run=run,
        groups=groups,
        start=start,
        total=len(found),
        links=links_to("/doubles", {}, start, len(found), _GROUPS),
    )


@router.post("/doubles")
def find_doubles(request: Request, behind: Behind) -> Response:
    """Look for pictures that are there twice."""
    behind.doubles.start()
    return see(request, "/doubles")


def _below(folder: Path, common: Path) -> str:
    return str(folder.relative_to(common)) if folder != common else folder.name
