"""Pages as a browser without script has them."""

from __future__ import annotations

import re
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from made_pictures import quarters, saved
from screen import StandIn
from served_library import HOST, number
from starlette.testclient import TestClient

from imagecap.captions.caption_files import read_captions
from imagecap.captions.formats import WRITERS
from imagecap.library.doubles import Doubles
from imagecap.library.store import Library
from imagecap.library.upkeep import forget
from imagecap.model.caption import Caption
from imagecap.web.access import Access
from imagecap.web.application import make_application
from imagecap.web.folder_keys import FolderKeys
from imagecap.web.services import Services, make_services


def test_the_gallery_shows_all_pictures(client: TestClient) -> None:
    page = client.get("/").text
    assert "3 pictures" in page
    assert "A dog." in page
    assert "Possibly: a cat." in page
    assert "bird &lt;b&gt;&amp;.png" in page
    assert "<b>" not in page


def test_the_gallery_shows_one_folder(client: TestClient) -> None:
    folders = client.get("/folders").text
    top, sub = re.findall(r"\?folder=(\w+)", folders)
    assert "3 pictures" in client.get(f"/?folder={top}").text
    assert "2 pictures" in client.get(f"/?folder={sub}").text
    assert client.get("/?folder=nowhere").status_code == 404


def test_a_folder_keeps_its_address_while_pictures_lie_in_it(
    client: TestClient, library: Library, pictures: list[Path]
) -> None:
    top, sub = re.findall(r"\?folder=(\w+)", client.get("/folders").text)
    # As after another start, when no page has shown it yet.
    keys = FolderKeys(library)
    assert keys.folder_of(sub) == pictures[1].parent
    assert keys.folder_of(top) == pictures[0].parent
    forget(library, [pictures[1].parent])
    assert client.get(f"/?folder={sub}").status_code == 404
    assert client.get(f"/?folder={top}").status_code == 200


def test_words_find_pictures(client: TestClient) -> None:
    page = client.get("/search", params={"words": "dog"}).text
    assert "1 picture found" in page
    assert "No picture was found" in client.get("/search?words=violin").text
    odd = client.get("/search", params={"words": 'by:"<script>'})
    assert odd.status_code == 200
    assert "<script>" not in odd.text


def test_a_caption_is_edited_accepted_and_taken_back(
    client: TestClient, library: Library, pictures: list[Path]
) -> None:
    dog = number(library, pictures[0])

    def post(caption: str, before: str) -> int:
        form = {"caption": caption, "before": before}
        return client.post(f"/pictures/{dog}/caption", data=form).status_code

    assert post("A brown  dog.\r\n", "") == 303
    assert library.human(pictures[0]) == "A brown dog."
    assert "edited by you" in client.get(f"/pictures/{dog}").text
    # Who has the page of before does not overwrite it.
    assert post("Mine.", "") == 409
    assert post("", "A brown dog.") == 303
    assert library.human(pictures[0]) is None
    assert post("A dog.", "") == 303
    assert "accepted by you" in client.get(f"/pictures/{dog}").text


def test_what_is_reviewed_is_no_longer_in_doubt(
    client: TestClient, library: Library, pictures: list[Path]
) -> None:
    assert "1 caption in doubt" in client.get("/review").text
    form = {"caption": "A cat.", "to": "review"}
    answer = client.post(f"/pictures/{number(library, pictures[1])}/caption", data=form)
    place = number(library, pictures[1])
    assert answer.headers["location"].endswith(f"/review?start=0&last={place}#next")
    page = client.get(answer.headers["location"]).text
    assert "Nothing is in doubt" in page
    assert f'<a href="/pictures/{place}">the last one</a>' in page


def test_reviewing_goes_on_where_it_was(
    client: TestClient, library: Library, tmp_path: Path
) -> None:
    said = Caption(("a", "cat"), -1.0, (1.0, 0.1), confidence=0.3, unsure=True)
    for place in range(13):
        picture = saved(quarters(80 + 2 * place), tmp_path / f"{place:02}.png")
        library.keep_model_captions(picture, "stand-in@1", None, [said])
    page = client.get("/review?start=12").text
    assert page.count("<li>\n<a") == 2
    assert page.count('id="next"') == 1
    assert 'rel="prev"' in page
    assert 'rel="next"' in client.get("/review").text
    for left in (1, 12):
        (place, *_) = re.findall(r'action="/pictures/(\d+)/caption"', page)
        form = {"caption": "A cat.", "to": "review", "start": "12"}
        page = client.post(
            f"/pictures/{place}/caption", data=form, follow_redirects=True
        ).text
        # After those of the last page come those before.
        assert page.count("<li>\n<a") == left


def test_a_picture_is_handed_in(
    client: TestClient, pictures: list[Path], tmp_path: Path
) -> None:
    known = client.post("/caption", files={"picture": pictures[0].open("rb")}).text
    assert re.search(r"A upload-\w+\.", known)
    assert "It could also be" in known
    assert "Least sure of: <em>upload-" in known
    assert "This picture is in the library" in known
    assert "Pictures like it" in known
    new = saved(quarters(90), tmp_path / "new.png")
    page = client.post("/caption", files={"picture": new.open("rb")}).text
    assert "This picture is in the library" not in page


def test_it_is_shown_where_the_model_looked(
    library: Library, pictures: list[Path]
) -> None:
    access = Access([HOST])
    maps = np.full((2, 7, 7), 1 / 49, np.float32)
    services = make_services(library, access, lambda: StandIn(attention=maps))
    with closing(services):
        client = TestClient(make_application(services), f"http://{HOST}")
        client.headers["authorization"] = f"Bearer {access.token}"
        page = client.post("/caption", files={"picture": pictures[0].open("rb")}).text
        of_library = client.get(f"/pictures/{number(library, pictures[0])}/attention")
    assert "Where the model looked" in page
    assert page.count('src="data:image/jpeg;base64,') == 2
    assert of_library.text.count('src="data:image/jpeg;base64,') == 1
    assert "A dog." in of_library.text


def test_a_model_without_attention_says_so(
    client: TestClient, library: Library, pictures: list[Path]
) -> None:
    page = client.get(f"/pictures/{number(library, pictures[0])}/attention").text
    assert "does not tell where it looks" in page
    assert "data:image" not in page


def test_what_is_no_picture_is_one_sentence(client: TestClient) -> None:
    for content in (b"", b"no picture", b"\x89PNG\r\n\x1a\n" + bytes(100)):
        files = {"picture": ("../../etc/<b>.png", content)}
        answer = client.post("/caption", files=files)
        assert answer.status_code == 422
        assert "&lt;b&gt;.png" in answer.text
        assert "etc" not in answer.text
    assert client.post("/caption", data={"picture": ""}).status_code == 422
    assert client.post("/caption").status_code == 422


def test_pictures_are_small_copies(
    client: TestClient, library: Library, pictures: list[Path]
) -> None:
    dog = number(library, pictures[0])
    answer = client.get(f"/pictures/{dog}/small.jpg")
    assert answer.content.startswith(b"\xff\xd8")
    known = {"if-none-match": answer.headers["etag"]}
    assert client.get(f"/pictures/{dog}/small.jpg", headers=known).status_code == 304
    pictures[0].unlink()
    assert client.get(f"/pictures/{dog}/small.jpg").status_code == 422
    assert "not there now" in client.get(f"/pictures/{dog}").text


def test_like_pictures_are_found(
    client: TestClient, library: Library, pictures: list[Path]
) -> None:
    dog = number(library, pictures[0])
    page = client.get(f"/pictures/{dog}/like").text
    assert page.count("<figure>") == 2


@pytest.mark.parametrize("end", WRITERS)
def test_captions_are_downloaded(client: TestClient, tmp_path: Path, end: str) -> None:
    file = tmp_path / f"captions{end}"
    answer = client.get(f"/download/captions{end}")
    assert "attachment" in answer.headers["content-disposition"]
    file.write_bytes(answer.content)
    assert sorted(read_captions(file).values()) == ["A bird <b>&.", "A cat.", "A dog."]


@pytest.mark.parametrize(
    "path",
    [
        "/pictures/0",
        "/pictures/-1",
        "/pictures/99999999999999999999999",
        "/pictures/x",
        "/pictures/1/huge.jpg",
        "/pictures/..%2f..%2fetc%2fpasswd",
        "/static/../services.py",
        "/static/%2e%2e/services.py",
        "/static/..%5cservices.py",
        "/static//etc/passwd",
        "/?start=-1",
        "/?start=99999999999999999999",
        "/?order=path;",
        "/download/captions.tar",
        "/%00",
        "/static/%00",
        "/pictures/1/small.jpg%00",
    ],
)
def test_odd_addresses_are_refused_in_a_sentence(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in (404, 422)
    assert "Traceback" not in answer.text


def test_heads_of_pages_are_those_of_their_answers(client: TestClient) -> None:
    for path in ("/", "/pictures/1", "/pictures/1/small.jpg", "/static/page.css", "/x"):
        head, answer = client.head(path), client.get(path)
        assert head.content == b""
        assert head.status_code == answer.status_code
        assert head.headers["content-length"] == answer.headers["content-length"]
        assert head.headers["content-type"] == answer.headers["content-type"]


def test_pages_are_light(client: TestClient) -> None:
    parts = [client.get(f"/static/page.{end}").content for end in ("css", "js")]
    for path in ("/", "/pictures/1", "/review", "/search?words=a", "/caption"):
        assert len(client.get(path).content) + sum(map(len, parts)) < 100_000


def test_pages_of_a_large_library_are_light(
    client: TestClient, services: Services, tmp_path: Path
) -> None:
    library = services.library
    # In Chinese or Arabic, each letter has several bytes.
    words = tuple("犬" * 9 for _ in range(200))
    said = Caption(words, -1.0, (0.1,) * 200, confidence=0.1, unsure=True)
    pictures = []
    for place in range(120):
        folder = tmp_path / f"folder {place:03} {'x' * 40}"
        folder.mkdir()
        pictures.append(folder / "a.png")
        pictures[-1].write_bytes(f"{place}".encode())
        library.keep_model_captions(pictures[-1], "stand-in@1", None, [said])
        library.keep_vector(pictures[-1], "stand-in@1", np.ones(4) / 2)
    for one in range(30):
        library.keep_human(pictures[0], f"{one}" + "犬" * 1990)
    pairs = tuple(tuple(pictures[place : place + 2]) for place in range(0, 120, 2))
    services.doubles.result = Doubles((tuple(pictures), *pairs), (), ())
    first = number(library, pictures[0])
    parts = [client.get(f"/static/page.{end}").content for end in ("css", "js")]
    paths = ["/", "/?order=unsure&start=48", "/search?words=unsure", "/review"]
    paths += ["/folders", "/folders?start=100", "/doubles", "/doubles?start=48"]
    for path in [*paths, f"/pictures/{first}", f"/pictures/{first}/like"]:
        answer = client.get(path)
        assert answer.status_code == 200
        assert len(answer.content) + sum(map(len, parts)) < 100_000, path
    assert 'href="/folders?start=100"' in client.get("/folders").text
    shown = client.get("/doubles").text
    assert "And 110 more pictures" in shown
    assert 'href="/doubles?start=16"' in shown


def until(client: TestClient, path: str, text: str) -> str:
    for _ in range(500):
        page = client.get(path).text
        if text in page:
            return page
        time.sleep(0.01)
    raise AssertionError(page)


def test_a_folder_is_captioned_by_a_button(
    client: TestClient, pictures: list[Path]
) -> None:
    saved(quarters(70), pictures[1].with_name("new.png"))
    sub = re.findall(r'action="(/folders/\w+/caption)"', client.get("/folders").text)[1]
    assert client.post(sub).status_code == 303
    page = until(client, "/folders", "done: 3 of 3 pictures")
    assert "Hold" not in page
    assert "A new." in client.get("/").text
    assert client.post("/jobs/1/pause").status_code == 303
    assert client.post("/jobs/9/pause").status_code == 404
    assert client.post("/folders/nowhere/caption").status_code == 404


def test_doubles_are_shown(
    client: TestClient, library: Library, pictures: list[Path]
) -> None:
    copy = pictures[0].with_name("copy.png")
    copy.write_bytes(pictures[0].read_bytes())
    library.keep_human(copy, "A copy.")
    assert "Look for doubles" in client.get("/doubles").text
    assert client.post("/doubles").status_code == 303
    page = until(client, "/doubles", "several times")
    assert "1. The same" in page
    assert "A copy." in page
