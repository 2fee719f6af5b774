"""Captions of a file in the library, whoever said them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from imagecap.captions.caption_files import write_captions
from imagecap.library.import_captions import import_captions
from imagecap.library.replaceable import holds_only_model_captions
from imagecap.library.store import Library
from imagecap.model.caption import Caption
from imagecap.provenance import PERSON, Provenance

DOG = Caption(("a", "dog"), -1.0, (0.5, 0.5), confidence=0.25)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with closing(Library(tmp_path / "captions.db")) as library:
        yield library


@pytest.mark.parametrize("ending", [".csv", ".jsonl"])
def test_who_said_a_caption_comes_back(
    library: Library, tmp_path: Path, ending: str
) -> None:
    pictures = [tmp_path / f"{name}.jpg" for name in ("said", "chosen", "own", "new")]
    said, chosen, own, new = pictures
    for picture in (said, chosen, own):
        library.keep_model_captions(picture, "fast@1", None, [DOG])
    library.keep_human(chosen, DOG.text)
    library.keep_human(own, "My dog.")
    library.keep_human(new, "A new one.")
    entries = list(library.entries(pictures))
    provenance = {entry.picture: library.provenance(entry) for entry in entries}
    assert list(provenance.values()) == [
        Provenance("fast@1", confidence=0.25),
        Provenance("fast@1", accepted=True, confidence=0.25),
        Provenance(PERSON, edited=True),
        Provenance(PERSON),
    ]
    file = tmp_path / f"c{ending}"
    captions = [(entry.picture, entry.caption or "") for entry in entries]
    write_captions(captions, file, provenance)
    library.keep_human(chosen, None)
    library.keep_human(own, None)
    imported = import_captions(library, pictures, file)
    assert (imported.taken, imported.kept, imported.problems) == (3, 1, ())
    assert imported.human == {chosen: DOG.text, own: "My dog."}
    again = [library.provenance(entry) for entry in library.entries(pictures)]
    assert again == list(provenance.values())


def test_words_of_a_person_never_pass_for_a_models(
    library: Library, tmp_path: Path
) -> None:
    """A person may change a caption in the file and leave the other columns."""
    picture, file = tmp_path / "dog.jpg", tmp_path / "c.csv"
    library.keep_model_captions(picture, "fast@1", None, [DOG])
    write_captions([(picture, "My dog.")], file, {picture: Provenance("fast@1")})
    assert import_captions(library, [picture], file).human == {picture: "My dog."}


def test_only_what_models_have_said_is_replaced(
    library: Library, tmp_path: Path
) -> None:
    picture, file = tmp_path / "dog.jpg", tmp_path / "c.csv"

    def may_be_replaced() -> bool:
        return holds_only_model_captions(library, [picture], file)

    assert may_be_replaced()
    file.touch()
    assert may_be_replaced()
    write_captions([(picture, DOG.text)], file, {picture: Provenance("fast@1")})
    assert not may_be_replaced()
    library.keep_model_captions(picture, "fast@1", None, [DOG])
    assert may_be_replaced()
    # A picture that is gone since is no person's work.
    gone = tmp_path / "gone.jpg"
    library.keep_model_captions(gone, "fast@1", None, [DOG])
    write_captions([(picture, DOG.text), (gone, DOG.text)], file)
    assert may_be_replaced()
    whole = file.read_text()
    for by_hand in (
        whole.replace("dog.", "dog!"),
        whole.replace("caption", "caption,mine"),
        whole.replace("\n", "\r\n"),
        "My notes.",
    ):
        file.write_text(by_hand)
        assert not may_be_replaced()


@pytest.mark.parametrize("beside", ["out", "a", "b", "."])
@pytest.mark.parametrize("ending", [".csv", ".json", ".jsonl", ".pkl"])
def test_of_two_pictures_of_one_name_each_has_its_own_caption_again(
    library: Library, tmp_path: Path, beside: str, ending: str
) -> None:
    """Though only one of them had a caption when the file was written."""
    pictures = [tmp_path / name for name in ("a/dog.jpg", "b/dog.jpg", "b/cat.jpg")]
    file = tmp_path / beside / f"captions{ending}"
    file.parent.mkdir(exist_ok=True)
    said = {pictures[1]: "The other dog.", pictures[2]: "A cat."}
    write_captions(list(said.items()), file, among=pictures)
    taken = import_captions(library, pictures, file)
    assert taken.human == said
    assert taken.problems == ()
