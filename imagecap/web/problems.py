"""What goes wrong, told to a person as a page and to a program as problem details."""

from __future__ import annotations

import http

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Match

from imagecap.errors import ImagecapError, explain
from imagecap.library.errors import ChangedElsewhereError, LibraryError
from imagecap.library.query import QueryError
from imagecap.model.bundle import BundleError
from imagecap.pictures.errors import PictureError
from imagecap.speech.options import NothingToReadError, SpeechError
from imagecap.web.model_queue import BusyError
from imagecap.web.templates import render

API = "/api/"
"""How the addresses begin that are for programs."""
# What people read instead of the names that HTTP has.
_TITLES = {401: "Not open here", 404: "Not found", 409: "Changed meanwhile"}
_TITLE = "That did not work"
_DETAILS = {
    400: "The request cannot be read; send what its Content-Type says.",
    404: "There is nothing at this address; go back and choose a link.",
}
_NOTHING_SENT = "Nothing was sent along; /api/openapi.json tells what is to be."
# What pydantic tells of a fault, and the words for it.
_LIMITS = {
    "ge": "must be {} or more",
    "le": "must be {} or less",
    "min_length": "is too short; write at least {} characters",
    "max_length": "is too long; write at most {} characters",
    "expected": "must be {}",
}
_FAULT = "is not what can be here; /api/openapi.json tells what can"
_FAULTS = {
    "int_parsing": "must be a whole number",
    "int_parsing_size": "is too large a number",
    "string_type": "must be a text",
    "value_error": "must be a file; choose one",
}
_STATUSES: tuple[tuple[type[ImagecapError], int], ...] = (
    (ChangedElsewhereError, 409),
    (QueryError, 422),
    (LibraryError, 503),
    (BundleError, 503),
    (PictureError, 422),
    (NothingToReadError, 422),
    (SpeechError, 503),
)


class Problem(HTTPException):
    """A request that cannot be answered.

    Args:
        status: The status of HTTP.
        detail: A sentence: what is wrong, and what to do.
        headers: More headers of the answer.
    """

    def __init__(
        self, status: int, detail: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(status, detail, headers)


def answer(problem: Problem, path: str, asks_for_password: bool = False) -> Response:
    """Make the answer that says what is wrong.

    Args:
        problem: What is wrong.
        path: That of the request, which decides who is told.
        asks_for_password: Whether the page lets a person type a password.

    Returns:
        Problem details (RFC 9457) for programs, else a page.
    """
    if path.startswith(API):
        content = {
            "type": "about:blank",
            "title": http.HTTPStatus(problem.status_code).phrase,
            "status": problem.status_code,
            "detail": problem.detail,
        }
        return JSONResponse(
            content,
            problem.status_code,
            headers=problem.headers,
            media_type="application/problem+json",
        )
    page = render(
        "problem.html",
        title=_TITLES.get(problem.status_code, _TITLE),
        detail=problem.detail,
        is_let_in=problem.status_code not in (401, 421),
        asks_for_password=asks_for_password,
    )
    return HTMLResponse(page, problem.status_code, headers=problem.headers)


def problem_of(error: Exception) -> Problem:
    """Say in a sentence and a status what went wrong."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, HTTPException):
        return Problem(error.status_code, _detail(error), dict(error.headers or {}))
    if isinstance(error, RequestValidationError):
        return Problem(422, _first_fault(error))
    if isinstance(error, BusyError):
        return Problem(503, str(error), {"retry-after": "5"})
    for kind, status in _STATUSES:
        if isinstance(error, kind):
            return Problem(status, str(error))
    return Problem(500, explain(error))


def answer_error(request: Request, error: Exception) -> Response:
    """Answer a request that has failed; for `FastAPI.exception_handler`."""
    problem = problem_of(error)
    if problem.status_code == 405:
        problem = Problem(
            405,
            "This address cannot be used in this way; the header Allow says in which.",
            {"allow": ", ".join(sorted(_methods(request)))},
        )
    return answer(problem, request.url.path)


def _methods(request: Request) -> set[str]:
    """List the methods that an address has; each is a route of its own."""
    # The files of the pages, which are no routes.
    if request.scope.get("root_path"):
        return {"GET", "HEAD"}
    found: set[str] = set()
    for method in ("GET", "PUT", "POST", "DELETE"):
        scope = {**request.scope, "method": method}
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes):
            found.add(method)
    # Of a page the guard makes one of the other.
    if "GET" in found and not request.url.path.startswith(API):
        found.add("HEAD")
    return found


def _detail(error: HTTPException) -> str:
    return _DETAILS.get(error.status_code) or f"{str(error.detail).rstrip('.')}."


def _first_fault(error: RequestValidationError) -> str:
    """Say in words of our own what is wrong first; those of pydantic are for makers."""
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"][1:])
    kind, limits = first["type"], first.get("ctx") or {}
    if kind == "json_invalid":
        return "What was sent is no JSON; mend it and send it anew."
    if kind == "missing":
        return f"“{name}” is missing; send it along." if name else _NOTHING_SENT
    place = f"“{name}”" if name else "What was sent"
    for limit, sentence in _LIMITS.items():
        if limit in limits:
            return f"{place} {sentence.format(limits[limit])}."
    return f"{place} {_FAULTS.get(kind, _FAULT)}."
