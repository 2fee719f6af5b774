"""The library's captions of people as a data set."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_pictures import quarters, saved

from imagecap.library.store import Library
from imagecap.model.caption import Caption
from imagecap.training.adaptation.adapt import AdaptationError
from imagecap.training.adaptation.corrections import load_corrections


@pytest.fixture
def library(library_file: Path) -> Library:
    return Library(library_file)


def test_people_are_learned_from_and_machines_are_not(
    library: Library, tmp_path: Path
) -> None:
    names = ("written", "edited", "accepted", "machine", "gone")
    pictures = {name: saved(quarters(), tmp_path / f"{name}.png") for name in names}
    for name in ("edited", "accepted", "machine"):
        said = [Caption(("a", "dog"), -1.0, (0.5, 0.5))]
        library.keep_model_captions(pictures[name], "model@1", None, said)
    library.keep_human(pictures["written"], "Momo sleeps.")
    library.keep_human(pictures["edited"], "A dog called Momo.")
    library.keep_human(pictures["accepted"], said[0].text)
    library.keep_human(pictures["gone"], "Momo is gone.")
    pictures["gone"].unlink()
    found = load_corrections(library)
    assert {example.path: example.captions for example in found.train} == {
        pictures["written"]: ("Momo sleeps.",),
        pictures["edited"]: ("A dog called Momo.",),
    }
    (problem,) = found.report.problems
    assert problem.startswith("1 captioned picture is no longer there")
    assert found.name == "corrections"


def test_another_picture_in_the_place_of_one_has_its_own_caption(
    library: Library, tmp_path: Path
) -> None:
    dog, cat = saved(quarters(), tmp_path / "dog.png"), tmp_path / "cat.png"
    saved(quarters().rotate(90), cat)
    library.recognise([dog, cat])
    library.keep_human(dog, "A dog.")
    library.keep_human(cat, "A cat.")
    cat.replace(dog)
    (example,) = load_corrections(library).train
    assert (example.path, example.captions) == (dog, ("A cat.",))


def test_without_a_persons_captions_a_sentence_says_what_to_do(
    library: Library,
) -> None:
    with pytest.raises(AdaptationError, match="correct captions in the window first"):
        load_corrections(library)
