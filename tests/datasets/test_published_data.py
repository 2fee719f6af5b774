"""`imagecap dataset download`, against a server on this machine."""

import hashlib
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from filelock import FileLock
from publishing import Server, content, is_whole

from imagecap.datasets.dataset import load_dataset
from imagecap.datasets.downloads import DownloadError
from imagecap.datasets.published_data import (
    PUBLISHED,
    PublishedArchive,
    download_dataset,
)

ROOT = Path(__file__).resolve().parents[2]
ANNOTATIONS = "/annotations/annotations_trainval2017.zip"


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


def test_a_folder_with_other_files_is_left_alone(
    server: Server, archives: tuple[PublishedArchive, ...], tmp_path: Path
) -> None:
    (tmp_path / "mine.jpg").write_bytes(b"mine")
    with pytest.raises(DownloadError, match=r"holds something else; choose another"):
        download_dataset(archives, tmp_path)
    with pytest.raises(DownloadError, match=r"holds something else"):
        download_dataset(archives, tmp_path / "mine.jpg")
    assert list(content(tmp_path)) == ["mine.jpg"]


def command(server: Server, folder: Path, name: str) -> subprocess.Popen[str]:
    """The command as its users run it; the server stands in for the internet."""
    archive = PublishedArchive(
        f"{server.address}{ANNOTATIONS}", 4_000_000, "sha256", ""
    )
    program = (
        "import sys; from imagecap.__main__ import main\n"
        "from imagecap.datasets.published_data import *\n"
        f"PUBLISHED[{name!r}] = ({archive!r},)\n"
        f"sys.argv[1:] = ['dataset', 'download', {name!r}]\n"
        "main()\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_stopped_command_goes_on_when_called_again(
    server: Server, tmp_path: Path, how: signal.Signals
) -> None:
    server.files[ANNOTATIONS] = os.urandom(4_000_000)
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
    assert errors.startswith(f"Error: {server.address}/annotations/")
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


@pytest.mark.parametrize("name", PUBLISHED)
def test_archives_come_through_https(name: str) -> None:
    assert all(archive.url.startswith("https://") for archive in PUBLISHED[name])


def test_a_data_set_of_an_address_that_has_changed_is_still_known(
    server: Server, archives: tuple[PublishedArchive, ...], tmp_path: Path
) -> None:
    assert download_dataset(archives, tmp_path / "data")
    moved = tuple(replace(archive, url="https://else.where/a") for archive in archives)
    assert not download_dataset(moved, tmp_path / "data")
    for damaged in ("", "[1]", "{}", "[" * 100_000):
        (tmp_path / "data" / "download.json").write_text(damaged)
        with pytest.raises(DownloadError, match="holds something else"):
            download_dataset(archives, tmp_path / "data")
