"""Who comes in, and who does not."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest
from starlette.testclient import TestClient

from imagecap.web.guard import MOST_BYTES
from imagecap.web.services import Services

PAGES = ("/", "/search", "/review", "/caption", "/pictures/1", "/static/page.css")


@pytest.mark.parametrize("path", [*PAGES, "/api/openapi.json", "/nowhere"])
def test_nothing_is_seen_without_the_token(stranger: TestClient, path: str) -> None:
    for query in ("", "?token=", "?token=wrong", "?token=a&token=b"):
        assert stranger.get(path + query).status_code == 401


def test_who_is_not_let_in_sees_that_in_the_look_of_the_pages(
    stranger: TestClient,
) -> None:
    answer = stranger.get("/")
    (look,) = re.findall("<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(look.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in answer.headers["content-security-policy"]
    assert "href" not in answer.text


def test_the_token_is_in_no_history(stranger: TestClient, services: Services) -> None:
    answer = stranger.get(f"/search?words=a%20dog&token={services.access.token}")
    assert answer.status_code == 303
    assert answer.headers["location"] == "http://127.0.0.1:8000/search?words=a+dog"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert stranger.get("/").status_code == 200


def test_the_token_leads_to_no_other_machine(
    stranger: TestClient, services: Services
) -> None:
    for path in ("//evil.com/", "/\\evil.com", "///evil.com", "/%2fevil.com"):
        target = f"http://127.0.0.1:8000{path}?token={services.access.token}"
        answer = stranger.get(target)
        location = answer.headers.get("location", "http://127.0.0.1:8000/")
        assert location.startswith("http://127.0.0.1:8000/")


@pytest.mark.parametrize(
    "host",
    [
        "evil.com",
        "127.0.0.1.evil.com",
        "127.0.0.1.evil.com:8000",
        "127.0.0.1",
        "127.0.0.1:80",
        "127.0.0.1:80000",
        "127.0.0.1:8000.evil.com",
        "evil.com@127.0.0.1:8000",
        "localhost.evil.com:8000",
        "localhost:8000.",
        "127.1:8000",
        "2130706433:8000",
        "0x7f.0.0.1:8000",
        "0.0.0.0:8000",
        "[::1]:8000",
        "",
    ],
)
def test_foreign_names_are_refused(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "LOCALHOST:8000"])
def test_own_names_are_known(client: TestClient, services: Services, host: str) -> None:
    token = {"authorization": f"Bearer {services.access.token}", "host": host}
    assert client.get("/", headers=token).status_code == 200


def test_two_names_are_none(client: TestClient) -> None:
    headers = [("host", "127.0.0.1:8000"), ("host", "evil.com")]
    assert client.get("/", headers=headers).status_code == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.com", "sec-fetch-site": "cross-site"},
        {"origin": "http://evil.com", "sec-fetch-site": "same-origin"},
        {"origin": "http://127.0.0.1:8000", "sec-fetch-site": "cross-site"},
        {"origin": "http://127.0.0.1:8000", "sec-fetch-site": "same-site"},
        {"origin": "http://127.0.0.1:9000", "sec-fetch-site": "same-origin"},
        {"origin": "https://127.0.0.1:8000", "sec-fetch-site": "same-origin"},
        {"origin": "null", "sec-fetch-site": "same-origin"},
        {"origin": "http://127.0.0.1:8000", "sec-fetch-site": "none"},
    ],
)
def test_other_sites_write_nothing(
    client: TestClient, services: Services, headers: dict[str, str]
) -> None:
    answer = client.post("/pictures/1/caption", data={"caption": "x"}, headers=headers)
    assert answer.status_code == 403
    assert not services.library.human_entries()


def test_a_write_says_where_it_comes_from(
    stranger: TestClient, services: Services
) -> None:
    token = services.access.token
    stranger.get(f"/?token={token}")
    edit = {"caption": "x"}
    assert stranger.post("/pictures/1/caption", data=edit).status_code == 403
    bearer = {"authorization": f"Bearer {token}"}
    answer = stranger.post("/pictures/1/caption", data=edit, headers=bearer)
    assert answer.status_code == 303


def test_every_answer_is_protected(stranger: TestClient, client: TestClient) -> None:
    for path in ("/", "/nowhere", "/pictures/1/small.jpg", "/static/page.js"):
        headers = client.get(path).headers
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "server" not in headers


def test_a_page_changes_nothing_when_it_is_read(
    client: TestClient, services: Services
) -> None:
    before = (
        services.library.database.read(
            lambda database: database.execute("PRAGMA data_version").fetchone()
        ),
        list(services.library.database.read(lambda d: d.iterdump())),
    )
    for path in (*PAGES, "/pictures/1/like", "/pictures/1/large.jpg", "/folders"):
        assert client.get(path).status_code == 200
    for path in ("/pictures/1/caption", "/login"):
        assert client.get(path).status_code == 405
    after = (
        services.library.database.read(
            lambda database: database.execute("PRAGMA data_version").fetchone()
        ),
        list(services.library.database.read(lambda d: d.iterdump())),
    )
    assert before == after


def test_too_much_is_refused_before_it_is_read(client: TestClient) -> None:
    length = {"content-type": "multipart/form-data; boundary=x"}
    length["content-length"] = str(MOST_BYTES + 1)
    answer = client.post("/caption", content=b"x", headers=length)
    assert answer.status_code == 413
    text = {"content-type": "application/json", "content-length": str(2**20 + 1)}
    assert client.post("/api/jobs", content=b"{", headers=text).status_code == 413
    for wrong in ("-1", "1e3", "x"):
        length = {"content-length": wrong}
        assert client.post("/caption", content=b"", headers=length).status_code == 413


def test_too_much_is_refused_while_it_comes(client: TestClient) -> None:
    def pieces() -> object:
        yield b'--x\r\nContent-Disposition: form-data; name="picture"; '
        yield b'filename="a"\r\n\r\n'
        for _ in range(MOST_BYTES // 2**20 + 1):
            yield bytes(2**20)

    kind = {"content-type": "multipart/form-data; boundary=x"}
    answer = client.post("/caption", content=pieces(), headers=kind)
    assert answer.status_code == 413


def test_a_password_opens_the_pages(stranger: TestClient) -> None:
    assert "Password" in stranger.get("/").text
    own = {"origin": "http://127.0.0.1:8000"}
    for _ in range(2):
        wrong = stranger.post("/login", data={"password": "x"}, headers=own)
        assert wrong.status_code == 401
    answer = stranger.post("/login", data={"password": "a long password"}, headers=own)
    assert answer.status_code == 303
    assert stranger.get("/").status_code == 200


def test_passwords_cannot_be_guessed(stranger: TestClient) -> None:
    own = {"origin": "http://127.0.0.1:8000"}
    answers = [
        stranger.post("/login", data={"password": str(guess)}, headers=own)
        for guess in range(6)
    ]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    right = {"password": "a long password"}
    assert stranger.post("/login", data=right, headers=own).status_code == 429
