"""Uploads that are meant to do harm."""

from __future__ import annotations

import gzip
import io
import struct
import zlib

import pytest
from made_pictures import quarters
from PIL import Image
from starlette.testclient import TestClient

from imagecap.pictures import limits


def chunk(kind: bytes, data: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + check


def png(width: int, height: int, *more: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    parts = chunk(b"IHDR", header), *more, chunk(b"IDAT", pixels), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def gif(side: int) -> bytes:
    screen = b"GIF89a" + struct.pack("<HHBBB", side, side, 0, 0, 0)
    return screen + b"," + struct.pack("<HHHHB", 0, 0, side, side, 0) + b"\2\0;"


def icon(picture: bytes) -> bytes:
    entry = struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(picture), 22)
    return b"\0\0\1\0\1\0" + entry + picture


def jpeg(scans: int) -> bytes:
    file = io.BytesIO()
    Image.new("L", (300, 300), 128).save(file, "JPEG", progressive=True)
    content = file.getvalue()
    last = content.rindex(b"\xff\xda")
    return content[:-2] + content[last:-2] * scans + content[-2:]


def tiff(side: int) -> bytes:
    file = io.BytesIO()
    Image.new("1", (side, side)).save(file, "TIFF", compression="group4")
    return file.getvalue()


_ZEROS = zlib.compress(bytes(20_000_000))
BOMBS = {
    "png": png(60_000, 60_000),
    "png, just too large": png(14_100, 14_100),
    "png, colours": png(8, 8, chunk(b"iCCP", b"a\0\0" + _ZEROS)),
    "png, text": png(8, 8, chunk(b"zTXt", b"a\0\0" + _ZEROS)),
    "gif": gif(65_535),
    "ico": icon(png(13_300, 13_300)),
    "ico, entries": b"\0\0\1\0\xff\xff" + icon(b"")[6:] * 20_000,
    "jpeg, scans": jpeg(40_000),
    "tiff": tiff(20_000),
    "webp": b"RIFF\x16\0\0\0WEBPVP8L\x0a\0\0\0\x2f"
    + struct.pack("<I", 16_382 | 16_382 << 14)
    + bytes(6),
    "bmp": b"BM"
    + struct.pack(
        "<IHHIIiiHHIIiiII", 54, 0, 0, 54, 40, 60_000, 60_000, 1, 24, *[0] * 6
    ),
    "ppm": b"P6\n60000 60000\n255\n",
    "qoi": b"qoif" + struct.pack(">IIBB", 9000, 9000, 3, 0) + bytes(100),
    "psd": b"8BPS\0\1"
    + bytes(6)
    + struct.pack(">HIIHH", 3, 30_000, 30_000, 8, 3)
    + bytes(14),
    "tga": bytes(2) + b"\x0a" + bytes(9) + b"\xff\xff\xff\xff\x18\0" + bytes(100),
    "gzip": gzip.compress(bytes(10_000_000)),
    "zip": b"PK\3\4" + bytes(100),
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>',
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n{ } loop\n",
    "html": b"<html><script>alert(1)</script>",
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_is_answered_in_a_sentence(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    # That an endless picture ends is what counts, not when.
    monkeypatch.setattr(limits, "_SECONDS", 0.2)
    for name in ("a.png", "a.jpg"):
        files = {"picture": (name, BOMBS[kind])}
        answer = client.post("/api/caption", files=files)
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"].startswith(name)
        assert "<script>" not in answer.text
    page = client.post("/caption", files={"picture": ("a", BOMBS[kind])})
    assert page.status_code == 422
    assert "<script>" not in page.text


def part(head: str, content: bytes = b"x") -> bytes:
    return f"--x\r\n{head}\r\n\r\n".encode() + content + b"\r\n"


FIELD = 'Content-Disposition: form-data; name="picture"'
FILE = FIELD + '; filename="a.png"'
FORMS = {
    "nothing": b"",
    "no end": b"--x\r\n" + FILE.encode(),
    "no boundary": b"hello",
    "another boundary": part(FILE).replace(b"--x", b"--y"),
    "no file": part(FIELD) + b"--x--",
    "no name": part("Content-Disposition: form-data") + b"--x--",
    "no head": b"--x\r\n\r\n\r\nx\r\n--x--",
    "another name": part(FILE.replace("picture", "other")) + b"--x--",
    "many files": part(FILE) * 1200 + b"--x--",
    "many fields": part(FIELD) * 1200 + b"--x--",
    "a long field": part(FIELD, b"x" * 2_000_000) + b"--x--",
    "a long head": part(FILE + "; a=" + "b" * 100_000) + b"--x--",
    "many heads": part(FILE + "\r\nA: b" * 10_000) + b"--x--",
    "a head that is none": part("\0\1\2") + b"--x--",
    "odd charset": part(FILE + "\r\nContent-Type: a; charset=\xff\xfe") + b"--x--",
    "a transfer encoding": part(FILE + "\r\nContent-Transfer-Encoding: base64", b"!!")
    + b"--x--",
}


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("path", ["/api/caption", "/api/like", "/caption"])
def test_a_form_that_is_none_is_answered_in_a_sentence(
    client: TestClient, path: str, kind: str
) -> None:
    headers = {"content-type": "multipart/form-data; boundary=x"}
    answer = client.post(path, content=FORMS[kind], headers=headers)
    assert answer.status_code in (400, 413, 422)
    assert answer.headers["content-type"].startswith(
        "application/problem+json" if path.startswith("/api") else "text/html"
    )
    if path.startswith("/api"):
        assert answer.json()["detail"].endswith(".")


@pytest.mark.parametrize(
    "kind",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=" + "x" * 5000,
        "multipart/form-data; boundary=\xff",
        "multipart/mixed; boundary=x",
        "application/x-www-form-urlencoded",
        "application/json",
        "image/png",
        "",
    ],
)
def test_what_is_no_form_is_answered_in_a_sentence(
    client: TestClient, kind: str
) -> None:
    headers = {"content-type": kind.encode("latin-1")}
    for path in ("/api/caption", "/caption"):
        answer = client.post(path, content=part(FILE) + b"--x--", headers=headers)
        assert answer.status_code in (400, 422)


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/passwd",
        "..\\..\\windows\\win.ini",
        "C:\\a.png",
        "/etc/passwd",
        "a\0.png",
        "a\r\nSet-Cookie: x=1.png",
        "a" * 2000 + ".png",
        "<script>alert(1)</script>.png",
        '"onload="alert(1).png',
        "\u202egnp.exe",
        "CON",
        ".",
        "..",
        "a.png/",
        "a." + "p" * 300,
        "\ud800.png".encode("utf-8", "replace").decode(),
        "{{7*7}}.png",
        "%2e%2e%2fa.png",
        "$(touch x).png",
        "a;b|c&d.png",
    ],
)
def test_a_name_does_no_harm(client: TestClient, name: str) -> None:
    file = io.BytesIO()
    quarters().save(file, "PNG")
    page = client.post("/caption", files={"picture": (name, file.getvalue())})
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert '"onload=' not in page.text
    assert "49.png" not in page.text
    assert "set-cookie" not in page.headers
    assert (
        client.post(
            "/api/caption", files={"picture": (name, b"no picture")}
        ).status_code
        == 422
    )
