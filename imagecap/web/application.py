"""The pages and the interface for programs as one application."""

from __future__ import annotations

from importlib.resources import files

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

import imagecap
from imagecap.errors import ImagecapError
from imagecap.web import api, job_api, pages, picture_pages, upload_pages, work_pages
from imagecap.web.guard import Guard
from imagecap.web.problems import answer_error
from imagecap.web.services import Services


def make_application(services: Services) -> ASGIApp:
    """Make the application that answers requests.

    Args:
        services: What works behind the pages.

    Returns:
        The application with its guard, as ASGI has it.
    """
    # The pages that come with it would load scripts from elsewhere.
    app = FastAPI(
        title="imagecap",
        version=imagecap.__version__,
        summary="Captions of pictures: made, found and corrected.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.services = services
    # Routes are tried in this order, and programs ask the most.
    app.include_router(api.router)
    app.include_router(job_api.router)
    for room in (pages, picture_pages, upload_pages, work_pages):
        app.include_router(room.router, include_in_schema=False)
    static = str(files("imagecap.web").joinpath("static"))
    app.mount("/static", StaticFiles(directory=static))
    for kind in (HTTPException, RequestValidationError, ImagecapError, Exception):
        app.add_exception_handler(kind, answer_error)
    return Guard(app, services.access)
