"""`imagecap dataset download`, against a server on this machine."""

import hashlib
import io
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest
from filelock import FileLock

from imagecap.downloads import DownloadError
from imagecap.published_data import PUBLISHED, PublishedArchive, download_dataset
from imagecap.training.datasets import load_dataset

ROOT = Path(__file__).resolve().parent.parent


class Server(ThreadingHTTPServer):
    """Serves what `files` holds, and fails in the ways that tests ask for.

    Attributes:
        files: Path → content.
        sent: Path → the bytes sent of it, of all answers together.
        ranges: The Range headers, in their order; "" where there was none.
        breaks: After so many bytes the connection is cut, once for each entry.
        stall: Where set, an answer stops half-way until the test sets the event.
        ignores_ranges: Whether Range is not understood.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.sent: dict[str, int] = {}
        self.ranges: list[str] = []
        self.breaks: list[int] = []
        self.stall: Event | None = None
        self.ignores_ranges = False

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        server = self.server
        # A proxy is asked for the whole address.
        path = re.sub(r"^http://[^/]*", "", self.path)
        content = server.files.get(path)
        wanted = self.headers.get("Range", "")
        server.ranges.append(wanted)
        if content is None:
            self.send_error(404)
            return
        start = int(wanted[6:-1]) if wanted and not server.ignores_ranges else 0
        if start and start >= len(content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(content)}")
            self.end_headers()
            return
        self.send_response(206 if start else 200)
        if start:
            last = len(content) - 1
            self.send_header("Content-Range", f"bytes {start}-{last}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        part = content[start:]
        if server.breaks:
            part = part[: server.breaks.pop(0)]
        half = len(part) // 2 if server.stall else len(part)
        self.wfile.write(part[:half])
        server.sent[path] = server.sent.get(path, 0) + half
        if server.stall:
            server.stall.wait(60)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def zipped(**files: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), data)
    return content.getvalue()


def publish(server: Server, name: str, content: bytes) -> PublishedArchive:
    server.files[f"/{name}"] = content
    digest = hashlib.sha256(content).hexdigest()
    return PublishedArchive(f"{server.address}/{name}", "sha256", digest)


@pytest.fixture
def archives(server: Server) -> tuple[PublishedArchive, ...]:
    """A data set of two archives; the second, 3 MB, takes several reads."""
    texts = zipped(captions_dot_csv=b"image,caption\na.jpg,A dog .\n")
    # Random, so that it does not shrink.
    pictures = zipped(images__a_dot_jpg=os.urandom(3_000_000))
    return (
        publish(server, "texts.zip", texts),
        publish(server, "pictures.zip", pictures),
    )


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def is_whole(folder: Path, server: Server) -> bool:
    with zipfile.ZipFile(io.BytesIO(server.files["/pictures.zip"])) as archive:
        picture = archive.read("images/a.jpg")
    beside = [path.name for path in folder.parent.iterdir()]
    return beside == [folder.name] and content(folder)["images/a.jpg"] == picture


def test_a_whole_download(
    server: Server, archives: tuple[PublishedArchive, ...], tmp_path: Path
) -> None:
    folder = tmp_path / "new" / "data"
    assert download_dataset(archives, folder)
    assert is_whole(folder, server)
    assert load_dataset(folder).train[0].captions == ("A dog .",)

    before = dict(server.sent)
    assert not download_dataset(archives, folder)
    assert server.sent == before


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


def limit_disk(monkeypatch: pytest.MonkeyPatch, *free: int) -> None:
    """Lets the disk have so much room, each time that it is asked."""
    answers = list(free)

    def disk_usage(_: object) -> object:
        left = answers.pop(0) if len(answers) > 1 else answers[0]
        return shutil._ntuple_diskusage(10**12, 10**12 - left, left)

    monkeypatch.setattr(shutil, "disk_usage", disk_usage)


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


def test_too_little_room_to_unpack(
    server: Server,
    archives: tuple[PublishedArchive, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limit_disk(monkeypatch, 10**9, 10**9, 10**6)
    with pytest.raises(DownloadError, match=r"too little room .* to unpack texts\.zip"):
        download_dataset(archives, tmp_path / "data")
    assert not (tmp_path / "data").exists()

    monkeypatch.undo()
    before = dict(server.sent)
    assert download_dataset(archives, tmp_path / "data")
    assert server.sent == before


def link(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name)
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    return member


@pytest.mark.parametrize(
    "name",
    [
        "../secret.txt",
        "images/../../secret.txt",
        "/tmp/secret.txt",
        "C:/secret.txt",
        "..\\secret.txt",
        link("images"),
    ],
)
def test_an_archive_that_leads_elsewhere_is_not_unpacked(
    server: Server, tmp_path: Path, name: str | zipfile.ZipInfo
) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("images/a.jpg", b"fine")
        archive.writestr(name, b"/etc")
    bad = publish(server, "bad.zip", data.getvalue())
    with pytest.raises(DownloadError, match=r"bad\.zip was not unpacked: .* leads out"):
        download_dataset((bad,), tmp_path / "here" / "data")
    assert list(content(tmp_path)) == ["here/data.part/bad.zip"]


def test_a_damaged_archive_is_an_error(server: Server, tmp_path: Path) -> None:
    good = bytearray(zipped(a_dot_txt=b"text " * 100))
    good[60] ^= 1
    for number, damaged in enumerate((bytes(good), b"no archive", b"")):
        archive = publish(server, "damaged.zip", damaged)
        with pytest.raises(DownloadError, match=r"damaged\.zip is damaged"):
            download_dataset((archive,), tmp_path / str(number))
        assert not (tmp_path / str(number)).exists()


def test_an_archive_that_declares_more_than_there_is_room_for(
    server: Server, tmp_path: Path
) -> None:
    """A bomb: a small archive of which 4 GB would come."""
    data = bytearray(zipped(bomb_dot_txt=b"0" * 1000))
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = (2**32 - 2).to_bytes(4, "little")
    name = publish(server, "bomb.zip", bytes(data))
    with pytest.MonkeyPatch.context() as patch:
        limit_disk(patch, 10**9)
        with pytest.raises(DownloadError, match=r"4\.40GB are needed to unpack"):
            download_dataset((name,), tmp_path / "data")


def test_an_archive_that_holds_more_than_it_declares(
    server: Server, tmp_path: Path
) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.txt", b"0" * 10_000_000)
    content = bytearray(data.getvalue())
    at = content.index(b"PK\x01\x02") + 24
    content[at : at + 4] = (10).to_bytes(4, "little")
    bomb = publish(server, "bomb.zip", bytes(content))
    with pytest.raises(DownloadError, match=r"bomb\.zip is damaged"):
        download_dataset((bomb,), tmp_path / "data")


def test_two_programs_do_not_download_into_one_folder(
    server: Server, archives: tuple[PublishedArchive, ...], tmp_path: Path
) -> None:
    (tmp_path / "data.part").mkdir()
    with (
        FileLock(tmp_path / "data.part" / ".lock"),
        pytest.raises(DownloadError, match="Another program is downloading"),
    ):
        download_dataset(archives, tmp_path / "data")
    assert not server.sent
    assert download_dataset(archives, tmp_path / "data")
    assert is_whole(tmp_path / "data", server)


def test_a_disk_that_fills_up_keeps_what_came(
    server: Server, archives: tuple[PublishedArchive, ...], tmp_path: Path
) -> None:
    """The room that was free when it was asked for may be gone later."""
    program = (
        "import resource; from pathlib import Path\n"
        "from imagecap.published_data import *\n"
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


def test_a_folder_with_other_files_is_left_alone(
    server: Server, archives: tuple[PublishedArchive, ...], tmp_path: Path
) -> None:
    (tmp_path / "mine.jpg").write_bytes(b"mine")
    with pytest.raises(DownloadError, match=r"holds something else; choose another"):
        download_dataset(archives, tmp_path)
    with pytest.raises(DownloadError, match=r"holds something else"):
        download_dataset(archives, tmp_path / "mine.jpg")
    assert list(content(tmp_path)) == ["mine.jpg"]


def test_what_the_server_refuses_is_said(server: Server, tmp_path: Path) -> None:
    missing = PublishedArchive(f"{server.address}/gone.zip", "sha256", "")
    with pytest.raises(DownloadError, match=r"the server answers 404 Not Found"):
        download_dataset((missing,), tmp_path / "data")


def test_no_connection_is_said_at_once(tmp_path: Path) -> None:
    nobody = PublishedArchive("http://127.0.0.1:9/a.zip", "sha256", "")
    started = time.monotonic()
    with pytest.raises(DownloadError, match=r"a\.zip cannot be downloaded: .*refused"):
        download_dataset((nobody,), tmp_path / "data")
    assert time.monotonic() - started < 5


def command(server: Server, folder: Path, name: str) -> subprocess.Popen[str]:
    """The command as its users run it; the server stands in for the internet."""
    return subprocess.Popen(
        [sys.executable, "-m", "imagecap", "dataset", "download", name],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "http_proxy": server.address},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_stopped_command_goes_on_when_called_again(
    server: Server, tmp_path: Path, how: signal.Signals
) -> None:
    address = "/annotations/annotations_trainval2017.zip"
    server.files[address] = os.urandom(4_000_000)
    server.stall = Event()
    process = command(server, tmp_path, "coco2017")
    partial = tmp_path / "dataset/coco2017.part/annotations_trainval2017.zip.part"
    # The answer stalls at 2 MB, of which whole megabytes are written.
    while not partial.exists() or partial.stat().st_size < 1_000_000:
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    process.send_signal(how)
    _, errors = process.communicate()
    server.stall.set()
    server.stall = None
    assert "Traceback" not in errors
    if how == signal.SIGINT:
        assert process.returncode == 130
        assert "Run the same command again to go on" in errors
    kept = partial.stat().st_size
    assert not (tmp_path / "dataset" / "coco2017").exists()

    # These are not the real annotations, which the checksum finds out.
    again = command(server, tmp_path, "coco2017")
    _, errors = again.communicate()
    assert again.returncode == 1
    assert errors.startswith("Error: http://images.cocodataset.org/annotations/")
    assert "its SHA256 is not the one known" in errors
    assert server.ranges == ["", f"bytes={kept}-"]


def test_the_command_offers_what_is_published() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "imagecap", "dataset", "download", "nothing"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    offered = re.findall(r"'(\w+)'", done.stderr.partition("not one of")[2])
    assert set(offered) == set(PUBLISHED)


@pytest.mark.parametrize("name", PUBLISHED)
def test_checksums_have_the_length_of_their_kind(name: str) -> None:
    for archive in PUBLISHED[name]:
        digest = hashlib.new(archive.algorithm).hexdigest()
        assert len(bytes.fromhex(archive.checksum)) * 2 == len(digest)
