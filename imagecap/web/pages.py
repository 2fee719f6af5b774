"""The pages that show many pictures: the gallery, what was found, what to review."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from imagecap.captions.formats import WRITERS
from imagecap.library.browsing import Order, page, to_review
from imagecap.library.entry import Entry
from imagecap.library.export_captions import export_captions
from imagecap.library.query import QueryError
from imagecap.library.upkeep import known_pictures
from imagecap.web.guard import LOGIN
from imagecap.web.problems import Problem
from imagecap.web.services import Behind, Services
from imagecap.web.templates import render

router = APIRouter(default_response_class=HTMLResponse)

ON_A_PAGE = 48
_ON_A_REVIEW_PAGE = 12
# SQLite counts no further.
MOST = 2**62
"""The largest number of a picture or a place."""
Start = Annotated[int, Query(ge=0, le=MOST)]


@router.get("/")
def gallery(
    behind: Behind,
    order: Order = "folder",
    folder: Annotated[str, Query(max_length=64)] = "",
    start: Start = 0,
) -> str:
    """Show the pictures of the library."""
    inside = behind.folder_keys.folder_of(folder) if folder else None
    shown, total = page(behind.library, order, inside, start, ON_A_PAGE)
    kept = {"order": order, "folder": folder}
    return render(
        "gallery.html",
        entries=shown,
        total=total,
        order=order,
        folder=folder,
        folder_name=inside.name or str(inside) if inside else "",
        links=links_to("/", kept, start, total, ON_A_PAGE),
        start=start,
    )


@router.get("/search")
def search(
    behind: Behind,
    words: Annotated[str, Query(max_length=1000)] = "",
    start: Start = 0,
) -> str:
    """Show the pictures that words find."""
    problem = ""
    numbers: Sequence[int] = ()
    try:
        numbers = behind.library.find(words)
    except QueryError as error:
        problem = str(error)
    shown = behind.library.entries_of(numbers[start : start + ON_A_PAGE])
    return render(
        "search.html",
        words=words,
        entries=shown,
        total=len(numbers),
        problem=problem,
        links=links_to("/search", {"words": words}, start, len(numbers), ON_A_PAGE),
        start=start,
    )


@router.get("/review")
def review(
    behind: Behind,
    start: Start = 0,
    last: Annotated[int | None, Query(ge=1, le=MOST)] = None,
) -> str:
    """Show the captions that the model doubts and no person has seen."""
    shown, total = to_review(behind.library, start, _ON_A_REVIEW_PAGE)
    if total and not shown:
        # The last ones of the last page have been seen.
        start = (total - 1) // _ON_A_REVIEW_PAGE * _ON_A_REVIEW_PAGE
        shown, total = to_review(behind.library, start, _ON_A_REVIEW_PAGE)
    return render(
        "review.html",
        entries=shown,
        total=total,
        last=last,
        links=links_to("/review", {}, start, total, _ON_A_REVIEW_PAGE),
        start=start,
    )


@router.get("/download")
def downloads() -> str:
    """Show in which formats all captions can be downloaded."""
    formats = [(end, writer.content) for end, writer in WRITERS.items()]
    return render("download.html", formats=formats)


@router.get("/download/captions.{end}")
def download(behind: Behind, end: Literal["csv", "json", "jsonl", "pkl"]) -> Response:
    """Give all captions in one file."""
    with tempfile.TemporaryDirectory(prefix="imagecap-") as folder:
        file = Path(folder, f"captions.{end}")
        export_captions(behind.library, known_pictures(behind.library), file)
        content = file.read_bytes()
    return Response(
        content,
        media_type="application/octet-stream",
        headers={"content-disposition": f'attachment; filename="{file.name}"'},
    )


@router.post(LOGIN)
def log_in(
    request: Request, behind: Behind, password: Annotated[str, Form(max_length=1000)]
) -> Response:
    """Let a person in who knows the password."""
    access = behind.access
    is_right = access.is_password(password)
    if is_right is None:
        raise Problem(
            429, "There were too many tries; wait a minute.", {"retry-after": "60"}
        )
    if not is_right:
        raise Problem(401, "This is not the password; go back and try again.")
    response = see(request, "/")
    access.let_stay(response)
    return response


def see(request: Request, path: str, query: str = "") -> Response:
    """Have a browser go on to a page, after what it has written."""
    target = str(request.url.replace(path=path, query=""))
    return RedirectResponse(f"{target}?{query}" if query else target, 303)


def links_to(
    path: str, kept: dict[str, str], start: int, total: int, count: int
) -> dict[str, str]:
    """Give the addresses of the pages before and after one, empty for none."""

    def address(at: int) -> str:
        values = {name: value for name, value in kept.items() if value}
        return f"{path}?{urlencode({**values, 'start': str(at)}, errors='replace')}"

    return {
        "before": address(max(0, start - count)) if start > 0 else "",
        "after": address(start + count) if start + count < total else "",
    }


def entry_of(behind: Services, number: int) -> Entry:
    """Give a picture by its number.

    Raises:
        Problem: If the library knows none.
    """
    found = behind.library.entries_of([number]) if 0 < number < MOST else []
    if not found:
        raise Problem(404, "The library does not know this picture; choose another.")
    return found[0]
