"""Downloads from a server on this machine that breaks off, lies or refuses."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from publishing import Server, content, is_whole, limit_disk

from imagecap.datasets import downloads
from imagecap.datasets.downloads import DownloadError
from imagecap.datasets.published_data import PublishedArchive, download_dataset

ROOT = Path(__file__).resolve().parents[2]


def test_a_broken_connection_goes_on_by_itself(
    server: Server, archives: tuple[PublishedArchive, ...], tmp_path: Path
) -> None:
    size = len(server.files["/pictures.zip"])
    server.breaks = [size, 1_200_000, 700_000]
    assert download_dataset(archives, tmp_path / "data")
    assert is_whole(tmp_path / "data", server)
    assert server.ranges == ["", "", "bytes=1200000-", "bytes=1900000-"]
    assert server.sent["/pictures.zip"] == size


def test_a_server_that_ignores_ranges_sends_all_again(
    server: Server, archives: tuple[PublishedArchive, ...], tmp_path: Path
) -> None:
    server.ignores_ranges = True
    server.breaks = [10_000_000, 1_200_000]
    assert download_dataset(archives, tmp_path / "data")
    assert is_whole(tmp_path / "data", server)


def test_a_download_that_is_whole_but_not_verified_is_not_repeated(
    server: Server, archives: tuple[PublishedArchive, ...], tmp_path: Path
) -> None:
    (tmp_path / "data.part").mkdir()
    partial = tmp_path / "data.part" / "pictures.zip.part"
    partial.write_bytes(server.files["/pictures.zip"])
    assert download_dataset(archives, tmp_path / "data")
    assert is_whole(tmp_path / "data", server)
    assert "/pictures.zip" not in server.sent


def test_a_wrong_checksum_is_not_unpacked(
    server: Server, archives: tuple[PublishedArchive, ...], tmp_path: Path
) -> None:
    right = server.files["/pictures.zip"]
    server.files["/pictures.zip"] = right[:-50_000] + b"x" + right[-49_999:]
    with pytest.raises(DownloadError, match=r"pictures\.zip .* its SHA256 is not"):
        download_dataset(archives, tmp_path / "data")
    assert not (tmp_path / "data").exists()
    assert list(content(tmp_path / "data.part")) == ["texts.zip"]

    server.files["/pictures.zip"] = right
    assert download_dataset(archives, tmp_path / "data")
    assert is_whole(tmp_path / "data", server)
    assert server.sent["/texts.zip"] == len(server.files["/texts.zip"])


def test_too_little_room_to_download(
    server: Server,
    archives: tuple[PublishedArchive, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limit_disk(monkeypatch, 110_000_000)
    with pytest.raises(DownloadError, match=r"111MB are needed for pictures\.zip"):
        download_dataset(archives, tmp_path / "data")
    assert list(content(tmp_path)) == ["data.part/texts.zip"]


def test_a_disk_that_fills_up_keeps_what_came(
    server: Server, archives: tuple[PublishedArchive, ...], tmp_path: Path
) -> None:
    """The room that was free when it was asked for may be gone later."""
    program = (
        "import resource; from pathlib import Path\n"
        "from imagecap.datasets.published_data import *\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))\n"
        f"archives = {archives!r}\n"
        "try:\n"
        f"    download_dataset(archives, Path({str(tmp_path / 'data')!r}))\n"
        "except DownloadError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert "cannot be written (File too large). What was downloaded is" in done.stdout
    assert download_dataset(archives, tmp_path / "data")
    assert is_whole(tmp_path / "data", server)
    assert server.ranges[-1] == "bytes=2000000-"


def test_what_the_server_refuses_is_said(server: Server, tmp_path: Path) -> None:
    missing = PublishedArchive(f"{server.address}/gone.zip", 1, "sha256", "")
    with pytest.raises(DownloadError, match=r"the server answers 404 Not Found"):
        download_dataset((missing,), tmp_path / "data")


def test_no_connection_is_said_at_once(tmp_path: Path) -> None:
    nobody = PublishedArchive("http://127.0.0.1:9/a.zip", 1, "sha256", "")
    started = time.monotonic()
    with pytest.raises(DownloadError, match=r"a\.zip cannot be downloaded: .*refused"):
        download_dataset((nobody,), tmp_path / "data")
    assert time.monotonic() - started < 5


FILE = b"x" * 1000


def published(server: Server) -> PublishedArchive:
    return PublishedArchive(f"{server.address}/a.zip", len(FILE), "sha256", "0" * 64)


@pytest.mark.parametrize(
    "headers",
    [
        "Content-Length: 999",
        "Content-Length: 20000000000",
        "Content-Length: -1",
        "Content-Length: many",
        "Content-Length: " + "9" * 5000,
        "Transfer-Encoding: chunked",
    ],
)
def test_an_answer_of_another_size_is_refused_before_anything_is_kept(
    server: Server, tmp_path: Path, headers: str
) -> None:
    server.raw["/a.zip"] = f"HTTP/1.1 200 OK\r\n{headers}\r\n\r\n".encode() + FILE
    with pytest.raises(DownloadError, match=r"a\.zip is not the file known: .* 1000 "):
        download_dataset((published(server),), tmp_path / "data")
    assert content(tmp_path) == {}


def test_no_more_than_the_published_size_is_kept(
    server: Server, tmp_path: Path
) -> None:
    server.raw["/a.zip"] = b"HTTP/1.1 200 OK\r\n\r\n" + FILE * 5000
    with pytest.raises(DownloadError, match=r"a\.zip is not the file known"):
        download_dataset((published(server),), tmp_path / "data")
    assert sum(map(len, content(tmp_path).values())) <= len(FILE)


@pytest.mark.parametrize(
    "location",
    [
        "ftp://127.0.0.1/a.zip",
        "file:///etc/passwd",
        "data:,x",
        "http://[::1/a.zip",
        "http://127.0.0.1:port/a.zip",
        "http://" + "a" * 70 + ".example/a.zip",
        "//",
        "/a.zip",
        None,
    ],
)
def test_a_redirect_that_leads_nowhere_is_said(
    server: Server, tmp_path: Path, location: str | None
) -> None:
    header = f"Location: {location}\r\n" if location else ""
    server.raw["/a.zip"] = f"HTTP/1.1 302 \x1b[2J\r\n{header}\r\n".encode()
    with pytest.raises(DownloadError, match=r"a\.zip cannot be downloaded: ") as caught:
        download_dataset((published(server),), tmp_path / "data")
    assert str(caught.value).isprintable()
    assert "passwd" not in str(caught.value)
    assert content(tmp_path) == {}


def test_a_redirect_to_the_web_is_followed(server: Server, tmp_path: Path) -> None:
    server.files["/b.zip"] = FILE
    server.raw["/a.zip"] = b"HTTP/1.1 302 Found\r\nLocation: /b.zip\r\n\r\n"
    with pytest.raises(DownloadError, match="its SHA256 is not the one known"):
        download_dataset((published(server),), tmp_path / "data")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x1b[2J\0\xff\r\n\r\n",
        b"HTTP/1.1 999999 \x07\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 204 None\r\n\r\n",
        b"HTTP/1.1 206 Part\r\nContent-Range: \xff\r\n\r\n" + FILE,
    ],
)
def test_an_answer_that_is_none_is_said(
    server: Server, tmp_path: Path, answer: bytes
) -> None:
    server.raw["/a.zip"] = answer
    with pytest.raises(DownloadError, match=r"a\.zip ") as caught:
        download_dataset((published(server),), tmp_path / "data")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n"])
def test_a_server_that_sends_letter_by_letter_is_given_up(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, head: bytes
) -> None:
    monkeypatch.setattr(downloads, "PATIENCE_SECONDS", 0.3)
    monkeypatch.setattr(downloads, "TRIES_WITHOUT_PROGRESS", 1)
    server.drip = 0.002 if head else 0.02
    server.raw["/a.zip"] = head + b"\r\n" + FILE if head else b"HTTP/1.1 200 OK" * 9
    started = time.monotonic()
    with pytest.raises(DownloadError, match=r"too slowly|too long to answer"):
        download_dataset((published(server),), tmp_path / "data")
    assert time.monotonic() - started < 10


def test_a_server_that_sends_a_byte_at_a_time_and_breaks_off_is_given_up(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "TRIES_WITHOUT_PROGRESS", 1)
    server.files["/a.zip"] = FILE
    server.breaks = [1] * 999
    with pytest.raises(DownloadError, match="broke off"):
        download_dataset((published(server),), tmp_path / "data")
    assert len(server.ranges) == 2
