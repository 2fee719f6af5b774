"""A library behind pages, as test files share it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from made_pictures import quarters, saved
from screen import StandIn
from served_library import HOST, NAMES
from starlette.testclient import TestClient

from imagecap.library.batch import BatchRun
from imagecap.library.store import Library
from imagecap.model.caption import Caption
from imagecap.pictures.reading import open_picture
from imagecap.web.access import Access
from imagecap.web.application import make_application
from imagecap.web.services import Services, make_services


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    """Three pictures in two folders."""
    (tmp_path / "photos" / "sub").mkdir(parents=True)
    return [
        saved(quarters(16 + 2 * place), tmp_path / "photos" / name)
        for place, name in enumerate(NAMES)
    ]


@pytest.fixture
def library(tmp_path: Path, pictures: list[Path]) -> Iterator[Library]:
    """What a model has said of them; it doubts what it says of the cat."""
    with closing(Library(tmp_path / "captions.db")) as library:
        BatchRun(StandIn(), library, pictures).run()
        said = Caption(("a", "cat"), -1.0, (1.0, 0.1), confidence=0.2, unsure=True)
        library.keep_model_captions(pictures[1], "stand-in@1", None, [said])
        for picture in pictures:
            library.keep_vector(picture, "stand-in@1", np.ones(4) / 2)
        yield library


@pytest.fixture
def services(library: Library) -> Iterator[Services]:
    """What works behind the pages, with a model that names a file's stem."""
    access = Access([HOST, "localhost:8000"], "a long password")
    services = make_services(library, access, lambda: StandIn(open_picture))
    with closing(services):
        yield services


@pytest.fixture
def stranger(services: Services) -> TestClient:
    """A browser that knows nothing but where the server is."""
    return TestClient(
        make_application(services),
        f"http://{HOST}",
        raise_server_exceptions=False,
        follow_redirects=False,
    )


@pytest.fixture
def client(stranger: TestClient, services: Services) -> TestClient:
    """A browser in which the address was opened that the server printed."""
    stranger.get(f"/?token={services.access.token}")
    stranger.headers.update(
        {"origin": f"http://{HOST}", "sec-fetch-site": "same-origin"}
    )
    return stranger
