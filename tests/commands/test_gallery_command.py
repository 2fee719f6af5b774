"""`imagecap gallery`, run as its users run it."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from imagecap.commands.main import main
from imagecap.library.store import Library, library_path
from imagecap.pictures.metadata import Description, write_described_copy
from imagecap.provenance import Provenance
from tests.made_pictures import quarters, saved


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    (folder / "below").mkdir(parents=True)
    saved(quarters(), folder / "one.png")
    saved(quarters(), folder / "below" / "two.jpg")
    return folder


def run(*arguments: object, status: int = 0) -> Result:
    result = CliRunner().invoke(main, ["gallery", *map(str, arguments)])
    assert result.exit_code == status, result.output
    return result


def page(site: Path) -> str:
    return (site / "index.html").read_text(encoding="utf-8")


def test_a_folder_becomes_a_site(
    untrained_bundle: Path, photos: Path, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    result = run(photos, "-o", site, "--model", untrained_bundle)
    assert result.stdout == f"2 pictures in {site / 'index.html'}.\n"
    assert page(site).count("<figure>") == 2
    assert "below/two.jpg" in page(site)
    assert f"model {untrained_bundle.name}, which may be wrong" in page(site)


def test_people_go_before_the_model(
    untrained_bundle: Path, photos: Path, tmp_path: Path
) -> None:
    library = Library(library_path())
    library.keep_human(photos / "one.png", "Said in the window.")
    library.close()
    (photos / "one.txt").write_text("In a text.")
    write_described_copy(
        photos / "below" / "two.jpg", "In the metadata.", photos / "copy.jpg"
    )
    saved(quarters(64, 32), photos / "text.png")
    (photos / "text.txt").write_text("In a text.")
    machine = Description("By a machine.", Provenance("old@0123456789ab"))
    write_described_copy(photos / "below" / "two.jpg", machine, photos / "old.jpg")
    run(photos, "-o", tmp_path / "site", "--model", untrained_bundle)
    content = page(tmp_path / "site")
    for caption in ("Said in the window.", "In the metadata.", "In a text."):
        assert content.count(caption) == 2  # read and seen
    assert "By a machine." not in content
    assert "3 captions are by people." in content
    # Looking is not taking: what changes in a file counts the next time.
    library = Library(library_path())
    assert library.human(photos / "text.png") is None
    library.close()


def test_without_need_of_a_model_none_is_loaded(photos: Path, tmp_path: Path) -> None:
    (photos / "one.txt").write_text("One.")
    (photos / "below" / "two.txt").write_text("Two.")
    run(photos, "-o", tmp_path / "site", "--model", "nosuch")


def test_a_gallery_among_its_pictures_does_not_show_its_copies(
    untrained_bundle: Path, photos: Path
) -> None:
    for _ in range(2):
        run(photos, "-o", photos, "--model", untrained_bundle)
        assert page(photos).count("<figure>") == 2


def test_broken_pictures_and_names_are_told(
    untrained_bundle: Path, photos: Path, tmp_path: Path
) -> None:
    (photos / "broken.jpg").write_bytes(b"no picture")
    os.rename(  # noqa: PTH104 - a name that is no text
        photos / "one.png", os.fsencode(photos) + b'/\xff<b>".png'
    )
    run_arguments = (photos, "-o", tmp_path / "site", "--model", untrained_bundle)
    result = run(*run_arguments, status=1)
    assert "broken.jpg is not a picture" in result.stderr
    assert result.stderr.endswith("Left out: 1.\n")
    assert '\\udcff&lt;b&gt;".png' in page(tmp_path / "site")
    (photos / "broken.jpg").unlink()
    run(*run_arguments)


def test_a_gallery_stays_where_all_its_pictures_vanish(
    untrained_bundle: Path, photos: Path, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    run(photos, "-o", site, "--model", untrained_bundle)
    before = {file: file.read_bytes() for file in site.rglob("*") if file.is_file()}
    photos.rename(tmp_path / "unplugged")
    result = run(photos, "-o", site, "--model", untrained_bundle, status=1)
    assert f"so the gallery {site} stays as it is" in result.stderr
    assert before == {file: file.read_bytes() for file in before}


def test_a_changed_page_is_kept_before_any_work(photos: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_text("Mine.")
    result = run(photos, "-o", site, "--model", "nosuch", status=1)
    assert "--force" in result.stderr
    assert page(site) == "Mine."


def test_a_folder_without_pictures_is_one_sentence(tmp_path: Path) -> None:
    result = run(tmp_path, "-o", tmp_path / "site", status=1)
    assert "There are no pictures in" in result.stderr
    assert not (tmp_path / "site").exists()
