"""The library for programs."""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from made_pictures import quarters, saved
from patience import PATIENCE_SECONDS
from screen import StandIn
from served_library import HOST, number
from starlette.testclient import TestClient

from imagecap.library.store import Library
from imagecap.model.bundle import BundleError
from imagecap.model.captioner import Captioner
from imagecap.web.access import Access
from imagecap.web.application import make_application
from imagecap.web.model_queue import WORKERS, ModelQueue
from imagecap.web.services import Services, make_services

JSON = {"content-type": "application/json"}


@pytest.fixture
def program(stranger: TestClient, services: Services) -> TestClient:
    """A program that brings the token and nothing else."""
    stranger.headers["authorization"] = f"Bearer {services.access.token}"
    return stranger


def test_a_picture_is_described(program: TestClient, pictures: list[Path]) -> None:
    answer = program.post("/api/caption", files={"picture": pictures[0].open("rb")})
    captions = answer.json()["captions"]
    assert answer.json()["model"] == "stand-in@1"
    first, second = (one["text"] for one in captions[:2])
    name = re.fullmatch(r"A (upload-\w+)\.", first)
    assert name
    assert second == f"The {name[1]}."
    by_path = program.post("/api/caption/path", json={"path": str(pictures[0])})
    assert by_path.json()["captions"][0]["text"] == "A dog."


def test_pictures_are_listed_and_found(program: TestClient, library: Library) -> None:
    everything = program.get("/api/pictures", params={"order": "unsure"}).json()
    assert everything["total"] == 3
    assert everything["pictures"][0]["caption"] == "A cat."
    found = program.get("/api/pictures", params={"words": "dog"}).json()
    assert [one["caption"] for one in found["pictures"]] == ["A dog."]
    dog = found["pictures"][0]["number"]
    like = program.get(f"/api/pictures/{dog}/like", params={"count": 1}).json()
    assert like["total"] == 1


def test_a_caption_is_corrected(
    program: TestClient, library: Library, pictures: list[Path]
) -> None:
    path = f"/api/pictures/{number(library, pictures[0])}/caption"
    said = program.put(
        path, json={"caption": "A \0 brown\u0085dog.", "instead_of": None}
    )
    assert said.json()["human"] == "A brown dog."
    assert said.json()["history"][0]["kind"] == "edited"
    other = program.put(path, json={"caption": "Mine.", "instead_of": None})
    assert other.status_code == 409
    assert other.headers["content-type"] == "application/problem+json"
    assert "A brown dog." in other.json()["detail"]
    assert program.put(path, json={"caption": "Mine."}).status_code == 200
    assert program.delete(path).json()["human"] is None
    assert program.delete(path).json()["history"][0]["text"] is None


def test_what_is_wrong_is_told_as_problem_details(program: TestClient) -> None:
    wrong = [
        program.get("/api/nothing"),
        program.get("/api/pictures?words=by:nobody"),
        program.get("/api/pictures?count=x"),
        program.get("/api/pictures/99"),
        program.post("/api/caption"),
        program.post("/api/caption", files={"picture": ("a.png", b"no picture")}),
        program.put("/api/pictures/1/caption", json={"caption": " "}),
        program.put("/api/pictures/1/caption", content=b"{"),
        program.post("/api/health"),
        program.get("/api/health", headers={"host": "evil.com"}),
        program.get("/api/health", headers={"authorization": "Bearer no"}),
    ]
    for answer in wrong:
        kind = answer.headers["content-type"]
        assert kind == "application/problem+json", answer.url
        assert answer.json()["status"] == answer.status_code
        assert answer.json()["detail"].endswith((".", "!"))
        assert 400 <= answer.status_code < 500
        assert "upload-" not in answer.text


def test_a_model_that_is_not_there_is_told(services: Services) -> None:
    def load() -> Captioner:
        raise BundleError("There is no model “none”.")

    with closing(make_services(services.library, services.access, load)) as without:
        client = TestClient(
            make_application(without),
            base_url=f"http://{HOST}",
            headers={"authorization": f"Bearer {services.access.token}"},
        )
        answer = client.get("/api/model")
    assert (answer.status_code, answer.json()["detail"]) == (
        503,
        "There is no model “none”.",
    )


def test_an_address_says_how_it_can_be_used(program: TestClient) -> None:
    for path, methods in {
        "/api/pictures/1/caption": "DELETE, PUT",
        "/api/jobs": "GET, POST",
        "/api/health": "GET",
        "/caption": "GET, HEAD, POST",
        "/static/page.js": "GET, HEAD",
    }.items():
        answer = program.options(path)
        assert (answer.status_code, answer.headers["allow"]) == (405, methods)


@pytest.mark.parametrize(
    ("request_of", "status", "sentence"),
    [
        (("POST", "/api/caption", {}), 422, "“picture” is missing; send it along."),
        (
            ("POST", "/api/caption", {"files": {"picture": (None, "text")}}),
            422,
            "“picture” must be a file; choose one.",
        ),
        (
            ("POST", "/api/like?count=0", {"files": {"picture": b""}}),
            422,
            "“count” must be 1 or more.",
        ),
        (
            ("GET", "/api/pictures?count=501", {}),
            422,
            "“count” must be 500 or less.",
        ),
        (
            ("GET", "/api/pictures?order=path", {}),
            422,
            "“order” must be 'folder', 'date' or 'unsure'.",
        ),
        (("GET", "/api/pictures/x", {}), 422, "“number” must be a whole number."),
        (
            ("POST", "/api/jobs", {"content": "{", "headers": JSON}),
            422,
            "What was sent is no JSON; mend it and send it anew.",
        ),
        (
            ("POST", "/api/jobs", {"headers": JSON}),
            422,
            "Nothing was sent along; /api/openapi.json tells what is to be.",
        ),
        (
            ("POST", "/api/jobs", {"json": {"path": ""}}),
            422,
            "“path” is too short; write at least 1 characters.",
        ),
        (
            ("POST", "/api/jobs", {"json": {"path": 1}}),
            422,
            "“path” must be a text.",
        ),
        (
            ("POST", "/api/jobs", {"json": []}),
            422,
            "What was sent is not what can be here; /api/openapi.json tells what can.",
        ),
        (
            ("POST", "/api/jobs", {"content": b"\xff", "headers": JSON}),
            400,
            "The request cannot be read; send what its Content-Type says.",
        ),
        (
            ("GET", "/speech.wav?text=%00", {}),
            422,
            "There is nothing to read aloud.",
        ),
    ],
)
def test_what_is_wrong_is_said_in_words_of_our_own(
    program: TestClient,
    request_of: tuple[str, str, dict],
    status: int,
    sentence: str,
) -> None:
    method, path, others = request_of
    answer = program.request(method, path, **others)
    assert answer.status_code == status
    assert sentence in html.unescape(answer.text).replace("\\u201c", "“")


def test_nobody_has_taken_back_what_nobody_wrote(
    program: TestClient, library: Library, pictures: list[Path]
) -> None:
    path = f"/api/pictures/{number(library, pictures[0])}/caption"
    said = {"caption": "Mine.", "instead_of": "Yours."}
    answer = program.put(path, json=said)
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        "Nobody has written a caption of dog.png that could be replaced; “Mine.” was "
        "not kept.",
    )


def outside(tmp_path: Path) -> Iterator[str]:
    secret = saved(quarters(), tmp_path / "secret.png")
    photos = tmp_path / "photos"
    (photos / "link.png").symlink_to(secret)
    (photos / "away").symlink_to(tmp_path)
    yield from (
        str(secret),
        f"{photos}/../secret.png",
        f"{photos}/sub/../../secret.png",
        f"{photos}//..//secret.png",
        f"{photos}/./../secret.png",
        f"{photos}/link.png",
        f"{photos}/away/secret.png",
        f"{photos}/away",
        f"{photos}/dog.png\0.txt",
        f"{photos}\0",
        f"{photos}/%2e%2e/secret.png",
        f"{photos}/..%2fsecret.png",
        f"{photos}/..%c0%afsecret.png",
        f"{photos}/..\\secret.png",
        f"{photos}/....//secret.png",
        f"{photos}/..;/secret.png",
        f"{photos}/nothing.png",
        f"{photos}x/dog.png",
        f"{photos.parent}",
        "/",
        "/etc/passwd",
        "//etc/passwd",
        "/proc/self/root/etc/passwd",
        "dog.png",
        "./photos/dog.png",
        "~/photos",
        "C:\\Windows\\win.ini",
        "C:/Windows/win.ini",
        "\\\\server\\share\\a.png",
        "//server/share/a.png",
        f"file://{photos}/dog.png",
        "\\\\?\\C:\\a.png",
        "/dev/zero",
        "a" * 4000,
    )


def test_paths_never_leave_the_library(program: TestClient, tmp_path: Path) -> None:
    for path in outside(tmp_path):
        for place in ("/api/caption/path", "/api/jobs"):
            answer = program.post(place, json={"path": path})
            assert answer.status_code == 404, path
            assert "in no folder of the library" in answer.text, path


def test_a_folder_is_captioned(
    program: TestClient, library: Library, tmp_path: Path
) -> None:
    saved(quarters(60), tmp_path / "secret.png")
    (tmp_path / "photos" / "away.png").symlink_to(tmp_path / "secret.png")
    new = saved(quarters(50), tmp_path / "photos" / "new.png")
    answer = program.post("/api/jobs", json={"path": str(tmp_path / "photos")})
    assert answer.status_code == 202
    place = answer.headers["location"]
    events = program.get(f"{place}/events").text
    assert '"state":"done"' in events
    assert events.startswith("data: {")
    end = program.get(place).json()
    assert (end["done"], end["total"]) == (4, 4)
    assert next(library.entries([new])).machine == "A new."
    assert program.get("/api/jobs").json() == [end]
    assert program.post(f"{place}/cancel").json()["state"] == "done"


def test_a_job_is_held_and_ended(library: Library, tmp_path: Path) -> None:
    for width in range(60, 66):
        saved(quarters(width), tmp_path / "photos" / f"new{width}.png")
    began, may_go = threading.Event(), threading.Event()

    def work(_: Path) -> None:
        began.set()
        may_go.wait(PATIENCE_SECONDS)

    access = Access([HOST])
    services = make_services(library, access, lambda: StandIn(work))
    with (
        closing(services),
        TestClient(make_application(services), f"http://{HOST}") as c,
    ):
        c.headers["authorization"] = f"Bearer {access.token}"
        place = c.post("/api/jobs", json={"path": str(tmp_path / "photos")}).headers[
            "location"
        ]
        # The same folder twice is one job; another one waits.
        again = c.post("/api/jobs", json={"path": str(tmp_path / "photos")})
        assert again.headers["location"] == place
        sub = c.post("/api/jobs", json={"path": str(tmp_path / "photos" / "sub")})
        assert sub.json()["state"] == "waiting"
        assert began.wait(PATIENCE_SECONDS)
        assert c.post(f"{place}/pause").json()["state"] == "paused"
        assert c.post(f"{place}/resume").json()["state"] == "running"
        c.post(f"{sub.headers['location']}/cancel")
        c.post(f"{place}/cancel")
        may_go.set()
        assert '"state":"cancelled"' in c.get(f"{place}/events").text
        assert c.get(place).json()["done"] < 9


def test_a_full_queue_says_when_to_come_again(
    library: Library, pictures: list[Path]
) -> None:
    began, may_go = threading.Semaphore(0), threading.Event()

    def work(_: Path) -> None:
        began.release()
        may_go.wait(PATIENCE_SECONDS)

    queue = ModelQueue(lambda: StandIn(work), 2)
    access = Access([HOST])
    services = make_services(library, access, StandIn)
    services.model.close()
    services = replace(services, model=queue)
    with (
        closing(services),
        TestClient(make_application(services), f"http://{HOST}") as c,
    ):
        c.headers["authorization"] = f"Bearer {access.token}"
        waiting = []
        for _ in range(WORKERS):
            waiting.append(queue.describe(pictures[0]))
            assert began.acquire(timeout=PATIENCE_SECONDS)
        waiting += [queue.describe(pictures[0]) for _ in range(2)]
        answer = c.post("/api/caption", files={"picture": pictures[0].open("rb")})
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert c.get("/api/health").json()["status"] == "ok"
        may_go.set()
        assert [one.result(10).captions[0].text for one in waiting] == ["A dog."] * len(
            waiting
        )


def test_the_description_is_whole(program: TestClient) -> None:
    described = program.get("/api/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    assert all(path.startswith("/api/") for path in described["paths"])
    assert "/api/jobs/{number}/events" in described["paths"]
