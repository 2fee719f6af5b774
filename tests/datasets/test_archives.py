import io
import stat
import zipfile
from pathlib import Path

import pytest
from publishing import Server, content, limit_disk, publish, zipped

from imagecap.datasets.downloads import DownloadError
from imagecap.datasets.published_data import PublishedArchive, download_dataset


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


@pytest.mark.parametrize(
    "names", [[""], ["a" * 300], ["a", "a/b"], ["a/b", "a"], ["a/", "a"], ["."]]
)
def test_an_archive_of_names_that_cannot_be_is_damaged(
    server: Server, tmp_path: Path, names: list[str]
) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in names:
            member = zipfile.ZipInfo("a")
            member.filename = name
            archive.writestr(member, b"" if name.endswith("/") else b"text")
    bad = publish(server, "odd.zip", data.getvalue())
    with pytest.raises(DownloadError, match=r"odd\.zip is damaged .* deleted"):
        download_dataset((bad,), tmp_path / "data")
    assert not list(tmp_path.glob("data*/odd.zip"))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_archive_that_cannot_be_decompressed_is_damaged(
    server: Server, tmp_path: Path, method: int
) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        archive.writestr("a.txt", b"text " * 100)
    content = bytearray(data.getvalue())
    content[40:60] = b"\xff" * 20
    bad = publish(server, "odd.zip", bytes(content))
    with pytest.raises(DownloadError, match=r"odd\.zip is damaged"):
        download_dataset((bad,), tmp_path / "data")
