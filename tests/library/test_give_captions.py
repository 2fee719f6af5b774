"""Captions of many pictures written into a file each, and taken from metadata."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PIL import ExifTags, Image

from imagecap.library.give_captions import Form, Given, describe, give_captions
from imagecap.library.store import Library
from imagecap.library.take_metadata import take_metadata
from imagecap.model.caption import Caption
from imagecap.pictures.metadata import (
    Description,
    read_metadata,
    read_xmp_sidecar,
    write_described_copy,
    write_xmp_sidecar,
)
from imagecap.provenance import Provenance

MODEL = "default@0123456789ab"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with closing(Library(tmp_path / "captions.db")) as opened:
        yield opened


def picture(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8), "red").save(path)
    return path


def say(library: Library, path: Path, *words: str, sure: float | None = 0.5) -> None:
    caption = Caption(words, -1.0, (0.5,) * len(words), confidence=sure)
    library.keep_model_captions(path, MODEL, None, [caption])


def give(library: Library, pictures: list[Path], form: Form, **how: object) -> Given:
    entries = [library.entry_of(path, MODEL) for path in pictures]
    return give_captions(library, entries, form, **how)


def test_texts_and_xmp_stand_beside_the_pictures(
    library: Library, tmp_path: Path
) -> None:
    dog, cat = picture(tmp_path / "dog.jpg"), picture(tmp_path / "cat.png")
    say(library, dog, "a", "dog")
    say(library, cat, "a", "cat")
    library.keep_human(cat, "My cat Minka.")
    assert give(library, [dog, cat], Form.SIDECAR).count == 2
    assert (tmp_path / "dog.txt").read_text() == "A dog.\n"
    assert (tmp_path / "cat.txt").read_text() == "My cat Minka.\n"
    given = give(library, [dog, cat], Form.XMP, keywords=lambda _: ("pet",))
    assert given == Given(count=2)
    captions, provenance = read_xmp_sidecar(tmp_path / "dog.xmp")
    assert captions["description"] == "A dog."
    assert provenance == Provenance(MODEL, False, False, 0.5)
    captions, provenance = read_xmp_sidecar(tmp_path / "cat.xmp")
    assert captions["alt-text"] == "My cat Minka."
    assert provenance == Provenance("person", edited=True, accepted=True)
    assert b"<rdf:li>pet</rdf:li>" in (tmp_path / "cat.xmp").read_bytes()


def test_a_model_s_caption_that_a_person_chose_is_accepted(
    library: Library, tmp_path: Path
) -> None:
    dog = picture(tmp_path / "dog.jpg")
    say(library, dog, "a", "dog", sure=None)
    library.keep_human(dog, "A dog.")
    entry = library.entry_of(dog, MODEL)
    assert describe(library, entry).provenance == Provenance(MODEL, False, True)
    library.keep_human(dog, "My dog.")
    entry = library.entry_of(dog, MODEL)
    assert describe(library, entry).provenance == Provenance("person", True, True)


@pytest.mark.parametrize("form", [Form.SIDECAR, Form.XMP, Form.COPIES])
def test_what_a_person_wrote_stays_without_force(
    library: Library, tmp_path: Path, form: Form
) -> None:
    dog, folder = picture(tmp_path / "dog.jpg"), tmp_path / "copies"
    say(library, dog, "a", "dog")
    place = {
        Form.SIDECAR: tmp_path / "dog.txt",
        Form.XMP: tmp_path / "dog.xmp",
        Form.COPIES: folder / "dog.jpg",
    }[form]
    place.parent.mkdir(exist_ok=True)
    if form is Form.SIDECAR:
        place.write_text("Rex.\n")
    elif form is Form.XMP:
        write_xmp_sidecar(place, Description("Rex."))
    else:
        picture(place)
    before = place.read_bytes()
    assert give(library, [dog], form, folder=folder) == Given(left=[place])
    assert place.read_bytes() == before
    assert give(library, [dog], form, folder=folder, force=True).count == 1
    assert b"A dog." in place.read_bytes()
    # What a model said before is replaced without being told to.
    say(library, dog, "a", "cat")
    library.keep_model_captions(
        dog, "other", None, [Caption(("a", "dog"), -1.0, (0.5, 0.5))]
    )
    assert give(library, [dog], form, folder=folder).count == 1
    assert b"A cat." in place.read_bytes()


def run_exiftool(file: Path, *changes: str) -> None:
    program = shutil.which("exiftool")
    if program is None:
        pytest.skip("exiftool is not installed")
    subprocess.run(
        [program, "-q", "-overwrite_original", *changes, file], check=True, timeout=60
    )


def test_a_model_s_xmp_that_a_person_changed_stays(
    library: Library, tmp_path: Path
) -> None:
    dog, cat = picture(tmp_path / "dog.jpg"), picture(tmp_path / "cat.jpg")
    for path in (dog, cat):
        say(library, path, "a", "dog")
    assert give(library, [dog, cat], Form.XMP).count == 2
    # Provenance stays as it is where other programs change the caption.
    dogs, cats = tmp_path / "dog.xmp", tmp_path / "cat.xmp"
    dogs.write_bytes(dogs.read_bytes().replace(b"A dog.</rdf:li>", b"Rex.</rdf:li>", 1))
    cats.write_bytes(cats.read_bytes().replace(b"</rdf:RDF>", b"<!-- 1 --></rdf:RDF>"))
    changed = dogs.read_bytes()
    assert give(library, [dog, cat], Form.XMP) == Given(count=1, left=[dogs])
    assert dogs.read_bytes() == changed
    # What else a file says stays where its caption is written again.
    assert b"<!-- 1 -->" in cats.read_bytes()
    assert give(library, [dog], Form.XMP, force=True).count == 1


@pytest.mark.parametrize(
    "change",
    [
        "-XMP-dc:Description=Rex.",
        "-EXIF:ImageDescription=Rex.",
        "-XMP-iptcCore:AltTextAccessibility=Rex.",
        "-XMP-dc:Subject+=Rex",
        "-XMP-xmp:Rating=5",
        "-IPTC:City=Berlin",
        "-Orientation#=6",
    ],
)
def test_a_copy_that_a_person_changed_stays(
    library: Library, tmp_path: Path, change: str
) -> None:
    dog, folder = picture(tmp_path / "dog.jpg"), tmp_path / "copies"
    say(library, dog, "a", "dog")
    assert give(library, [dog], Form.COPIES, folder=folder).count == 1
    copy = folder / "dog.jpg"
    run_exiftool(copy, change)
    changed = copy.read_bytes()
    assert give(library, [dog], Form.COPIES, folder=folder) == Given(left=[copy])
    assert copy.read_bytes() == changed
    assert give(library, [dog], Form.COPIES, folder=folder, force=True).count == 1


@pytest.mark.parametrize("name", ["dog.jpg", "dog.png", "dog.webp", "dog.tif"])
def test_a_copy_that_nobody_changed_is_written_again(
    library: Library, tmp_path: Path, name: str
) -> None:
    dog, folder = picture(tmp_path / name), tmp_path / "copies"
    for word in ("dog", "cat"):
        say(library, dog, "a", word, sure=0.123456)
        said = Caption(("a", "dog"), -1.0, (0.5, 0.5))
        library.keep_model_captions(dog, "other", None, [said])
        for keywords in ((), ("pet", "dog")):
            how = {"folder": folder, "force": bool(keywords)}
            how["keywords"] = lambda _, chosen=keywords: chosen
            assert give(library, [dog], Form.COPIES, **how) == Given(count=1)
            how["force"] = False
            assert give(library, [dog], Form.COPIES, **how) == Given(count=1)
        give(library, [dog], Form.COPIES, folder=folder, force=True)


def test_copies_with_one_stem_have_xmp_of_their_own(
    library: Library, tmp_path: Path
) -> None:
    paths = [picture(tmp_path / name) for name in ("z.bmp", "z.jpg")]
    for path, word in zip(paths, ("dog", "cat"), strict=True):
        say(library, path, "a", word)
    folder = tmp_path / "copies"
    for _ in range(2):
        assert give(library, paths, Form.COPIES, folder=folder).count == 2
        names = sorted(file.name for file in folder.iterdir())
        assert names == ["z.bmp", "z.bmp.xmp", "z.jpg"]
    assert read_metadata(folder / "z.bmp").caption() == "A dog."
    assert read_metadata(folder / "z.jpg").caption() == "A cat."


def test_copies_lie_as_the_pictures_do(library: Library, tmp_path: Path) -> None:
    paths = [picture(tmp_path / "a" / one / "1.jpg") for one in ("b", "c")]
    for path in paths:
        say(library, path, "a", "dog")
    given = give(library, paths, Form.COPIES, folder=tmp_path / "out")
    assert given == Given(count=2)
    for one in ("b", "c"):
        copy = tmp_path / "out" / one / "1.jpg"
        assert read_metadata(copy).caption() == "A dog."
        assert read_metadata(copy).provenance.by == MODEL


def test_dots_in_a_path_lead_no_copy_out_of_its_folder(
    library: Library, tmp_path: Path
) -> None:
    first = picture(tmp_path / "a" / "1.jpg")
    picture(tmp_path / "b" / "2.jpg")
    paths = [first, tmp_path / "a" / ".." / "b" / "2.jpg"]
    for path in paths:
        say(library, path, "a", "dog")
    given = give(library, paths, Form.COPIES, folder=tmp_path / "out" / "in")
    assert given == Given(count=2)
    copies = [tmp_path / "out" / "in" / name for name in ("a/1.jpg", "b/2.jpg")]
    assert sorted((tmp_path / "out").rglob("*.jpg")) == copies


def test_what_cannot_be_written_is_told_and_the_rest_is_written(
    library: Library, tmp_path: Path
) -> None:
    dog, cat = picture(tmp_path / "dog.jpg"), picture(tmp_path / "cat.bmp")
    for path in (dog, cat):
        say(library, path, "a", "dog")
    # In their own folder copies would be the pictures themselves.
    for force in (False, True):
        given = give(library, [dog], Form.COPIES, folder=tmp_path, force=force)
        assert "never changed" in str(given.failed[0])
    (tmp_path / "file").write_text("")
    given = give(library, [dog], Form.COPIES, folder=tmp_path / "file" / "in")
    assert "cannot be made" in str(given.failed[0])
    given = give(library, [cat, dog], Form.COPIES, folder=tmp_path / "out")
    assert given.count == 2
    assert "cat.xmp" in given.notes[0]


def test_xmp_of_a_person_beside_a_copy_stays(library: Library, tmp_path: Path) -> None:
    cat = picture(tmp_path / "cat.bmp")
    say(library, cat, "a", "cat")
    (tmp_path / "out").mkdir()
    write_xmp_sidecar(tmp_path / "out" / "cat.xmp", Description("Minka."))
    given = give(library, [cat], Form.COPIES, folder=tmp_path / "out")
    assert given == Given(left=[tmp_path / "out" / "cat.bmp"])
    assert not (tmp_path / "out" / "cat.bmp").exists()


def described(path: Path, description: Description) -> Path:
    original = picture(path.parent / "original" / path.name)
    write_described_copy(original, description, path)
    return path


def test_captions_of_other_programs_are_taken_as_a_person_s(
    library: Library, tmp_path: Path
) -> None:
    one = described(tmp_path / "one.jpg", Description("Rex & Co."))
    own = described(tmp_path / "own.jpg", Description("Theirs."))
    machine = Provenance(MODEL, False, False)
    model = described(tmp_path / "model.jpg", Description("A dog.", machine))
    accepted = Provenance(MODEL, False, True)
    chosen = described(tmp_path / "chosen.jpg", Description("A cat.", accepted))
    said = described(tmp_path / "said.jpg", Description("A dog."))
    say(library, said, "a", "dog")
    library.keep_human(own, "Mine.")
    taken, problems = take_metadata(library, [one, own, model, chosen, said])
    assert taken == {one: "Rex & Co.", chosen: "A cat."}
    assert not problems
    assert library.human(one) == "Rex & Co."
    assert library.human(own) == "Mine."


def test_the_field_that_is_chosen_wins(library: Library, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = "In EXIF."
    exif[ExifTags.Base.XPComment] = "For Windows.".encode("utf-16-le")
    paths = [tmp_path / f"{number}.jpg" for number in range(3)]
    for number, path in enumerate(paths):
        # The same picture would come with what is said of the first.
        Image.new("RGB", (8, 8 + number)).save(path, exif=exif)
    assert take_metadata(library, paths[:1])[0] == {paths[0]: "In EXIF."}
    taken, _ = take_metadata(library, paths[1:2], ("iptc", "windows-comment"))
    assert taken == {paths[1]: "For Windows."}
    assert take_metadata(library, paths[2:], ("iptc",)) == ({}, [])


@pytest.mark.parametrize(
    "words", ["OLYMPUS DIGITAL CAMERA         ", "SONY DSC", "\0 "]
)
def test_what_cameras_write_themselves_is_no_caption(
    library: Library, tmp_path: Path, words: str
) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = words
    Image.new("RGB", (8, 8)).save(tmp_path / "a.jpg", exif=exif)
    assert take_metadata(library, [tmp_path / "a.jpg"]) == ({}, [])


def test_xmp_beside_a_picture_goes_before_what_is_in_it(
    library: Library, tmp_path: Path
) -> None:
    path = described(tmp_path / "a.jpg", Description("Within."))
    write_xmp_sidecar(tmp_path / "a.xmp", Description("Beside."))
    assert read_metadata(path).caption() == "Beside."
    # What only a model has said does not hide what a person has.
    machine = Provenance(MODEL, False, False)
    write_xmp_sidecar(tmp_path / "a.xmp", Description("A dog.", machine))
    assert take_metadata(library, [path]) == ({path: "Within."}, [])


def test_pictures_with_one_stem_have_files_of_their_own(
    library: Library, tmp_path: Path
) -> None:
    jpg, png = picture(tmp_path / "a.jpg"), picture(tmp_path / "a.png")
    say(library, jpg, "a", "dog")
    say(library, png, "a", "cat")
    assert give(library, [jpg, png], Form.XMP).count == 2
    assert read_metadata(jpg).caption() == "A dog."
    assert read_metadata(png).caption() == "A cat."
    assert {file.name for file in tmp_path.glob("*.xmp")} == {
        "a.jpg.xmp",
        "a.png.xmp",
    }


def test_a_file_that_is_no_xmp_is_not_replaced(
    library: Library, tmp_path: Path
) -> None:
    dog = picture(tmp_path / "dog.jpg")
    say(library, dog, "a", "dog")
    (tmp_path / "dog.xmp").write_text("no XMP")
    for force in (False, True):
        given = give(library, [dog], Form.XMP, force=force)
        assert "is no XMP" in str(given.failed[0])
    assert (tmp_path / "dog.xmp").read_text() == "no XMP"
