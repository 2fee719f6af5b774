"""Downloads from a server on this machine that breaks off, lies or refuses."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from publishing import Server, content, is_whole, limit_disk

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
    missing = PublishedArchive(f"{server.address}/gone.zip", "sha256", "")
    with pytest.raises(DownloadError, match=r"the server answers 404 Not Found"):
        download_dataset((missing,), tmp_path / "data")


def test_no_connection_is_said_at_once(tmp_path: Path) -> None:
    nobody = PublishedArchive("http://127.0.0.1:9/a.zip", "sha256", "")
    started = time.monotonic()
    with pytest.raises(DownloadError, match=r"a\.zip cannot be downloaded: .*refused"):
        download_dataset((nobody,), tmp_path / "data")
    assert time.monotonic() - started < 5
