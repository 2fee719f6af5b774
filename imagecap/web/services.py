"""What works behind the pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from imagecap.library.store import Library
from imagecap.web.access import Access
from imagecap.web.doubles_run import DoublesRun
from imagecap.web.folder_keys import FolderKeys
from imagecap.web.jobs import Jobs
from imagecap.web.likeness import LikePictures
from imagecap.web.model_queue import ModelQueue
from imagecap.web.thumbnails import Thumbnails

if TYPE_CHECKING:
    from imagecap.model.captioner import Captioner


@dataclass(frozen=True)
class Services:
    """What works behind the pages.

    Attributes:
        library: The captions.
        access: Who may use the server.
        folder_keys: The names of folders in addresses.
        model: What describes pictures.
        like: What finds pictures that are like one.
        thumbnails: Small copies of pictures.
        jobs: Folders that are captioned in the background.
        doubles: What finds pictures that are there twice.
    """

    library: Library
    access: Access
    folder_keys: FolderKeys
    model: ModelQueue
    like: LikePictures
    thumbnails: Thumbnails
    jobs: Jobs
    doubles: DoublesRun

    def close(self) -> None:
        """End what works behind the pages."""
        self.doubles.close()
        self.jobs.close()
        self.model.close()


def make_services(
    library: Library, access: Access, load: Callable[[], Captioner]
) -> Services:
    """Put together what works behind the pages of a library.

    Args:
        library: The library, which is closed by who has opened it.
        access: Who may use the server.
        load: Loads the model, when it is first needed.
    """
    model = ModelQueue(load)
    jobs = Jobs(lambda: model.captioner, library)
    return Services(
        library,
        access,
        FolderKeys(library),
        model,
        LikePictures(library),
        Thumbnails(),
        jobs,
        DoublesRun(library),
    )


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


Behind = Annotated[Services, Depends(_services)]
"""The services, for what answers a request."""
