"""The nearest pictures are those that all vectors compared one by one would give."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from imagecap import Captioner
from imagecap.library.batch import BatchRun
from imagecap.library.missing_vectors import make_vectors
from imagecap.library.store import Library
from imagecap.pictures.reading import PictureError
from tests.made_pictures import quarters, saved


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = Library(tmp_path / "captions.db")
    yield opened
    opened.close()


def keep(library: Library, folder: Path, vectors: np.ndarray) -> list[Path]:
    """Keep vectors of made-up pictures, which have something said of them."""
    pictures = [folder / f"{number}.jpg" for number in range(len(vectors))]
    library.keep_all_human(dict.fromkeys(pictures, "A picture."))
    for picture, vector in zip(pictures, vectors, strict=True):
        library.keep_vector(picture, "m@1", vector)
    return pictures


def random_vectors(count: int, length: int = 512) -> np.ndarray:
    """Vectors whose first numbers matter most, as those of models."""
    drawn = np.random.default_rng(3).normal(size=(count, length))
    drawn /= np.sqrt(np.arange(1, length + 1))
    return (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)


def test_the_nearest_are_the_true_ones(library: Library, tmp_path: Path) -> None:
    vectors = random_vectors(1000)
    pictures = keep(library, tmp_path, vectors)
    likeness = library.likeness("m@1")
    assert len(likeness) == 1000
    kept = 0
    for query in vectors[:50]:
        found = likeness.nearest(query, 10)
        names = {one.picture for one in library.entries_of(n for n, _ in found)}
        true = np.argsort(-(vectors @ query))[:10]
        kept += len(names & {pictures[at] for at in true})
        products = sorted(vectors @ query, reverse=True)[:3]
        assert [one.likeness for one in found[:3]] == pytest.approx(products, abs=5e-3)
    assert kept >= 0.95 * 500


def test_words_choose_and_likeness_orders(library: Library, tmp_path: Path) -> None:
    vectors = random_vectors(300)
    keep(library, tmp_path, vectors)
    likeness = library.likeness("m@1")
    all_found = [one.number for one in likeness.nearest(vectors[0], 300)]
    among = set(all_found[::7])
    found = [one.number for one in likeness.nearest(vectors[0], 300, among)]
    assert found == [number for number in all_found if number in among]
    assert likeness.nearest(vectors[0], 10, []) == []


def test_vectors_of_another_model_are_not_compared(
    library: Library, tmp_path: Path
) -> None:
    keep(library, tmp_path, random_vectors(3))
    assert library.likeness("m@2").nearest(random_vectors(1)[0], 10) == []
    assert len(library.pictures_without_vector("m@2")) == 3
    assert library.pictures_without_vector("m@1") == []


def test_short_vectors_are_compared_whole(library: Library, tmp_path: Path) -> None:
    vectors = random_vectors(20, length=8)
    keep(library, tmp_path, vectors)
    (first, *_) = library.likeness("m@1").nearest(vectors[4], 3)
    assert first.likeness == pytest.approx(1, abs=5e-3)


def test_what_is_captioned_is_found_by_a_picture_that_is_not(
    untrained_bundle: Path, library: Library, tmp_path: Path
) -> None:
    pictures = [
        saved(quarters(), tmp_path / "quarters.png"),
        saved(quarters().rotate(180), tmp_path / "turned.png"),
        saved(quarters().convert("L"), tmp_path / "grey.png"),
    ]
    captioner = Captioner.load(untrained_bundle)
    BatchRun(captioner, library, pictures).run()
    likeness = library.likeness(captioner.bundle.identity)
    other = saved(quarters(96, 64), tmp_path / "elsewhere.png")
    number, alike = likeness.nearest(captioner.embed(other), 1)[0]
    (entry,) = library.entries_of([number])
    assert entry.picture == pictures[0]
    assert alike == pytest.approx(1, abs=0.01)


def test_vectors_are_made_anew_for_another_model(
    untrained_bundle: Path, library: Library, tmp_path: Path
) -> None:
    picture = saved(quarters(), tmp_path / "quarters.png")
    gone = tmp_path / "gone.png"
    library.keep_human(picture, "Four colours.")
    library.keep_human(gone, "Nothing.")
    captioner = Captioner.load(untrained_bundle)
    missing = library.pictures_without_vector(captioner.bundle.identity)
    made = dict(make_vectors(captioner, library, missing))
    assert made.pop(picture) is None
    assert isinstance(made.pop(gone), PictureError)
    assert len(library.likeness(captioner.bundle.identity)) == 1


def test_words_and_likeness_together(
    untrained_bundle: Path, library: Library, tmp_path: Path
) -> None:
    pictures = {
        "quarters": saved(quarters(), tmp_path / "quarters.png"),
        "turned": saved(quarters().rotate(180), tmp_path / "turned.png"),
        "grey": saved(quarters().convert("L"), tmp_path / "grey.png"),
    }
    captioner = Captioner.load(untrained_bundle)
    BatchRun(captioner, library, list(pictures.values())).run()
    library.keep_human(pictures["grey"], "Four squares in a library.")
    library.keep_human(pictures["turned"], "Colours on their head.")

    def like(words: str | None = None, limit: int = 20) -> list[str]:
        found = library.like(pictures["quarters"], captioner, words, limit=limit)
        return [entry.picture.stem for entry in found]

    assert sorted(like()) == ["grey", "turned"]
    assert like(limit=1) == like()[:1]
    assert like("squares") == ["grey"]
    assert like("nothing") == []


def test_paths_may_be_text(untrained_bundle: Path, tmp_path: Path) -> None:
    pictures = [saved(quarters().rotate(90 * n), tmp_path / f"{n}.png") for n in (0, 1)]
    names, captioner = list(map(str, pictures)), Captioner.load(untrained_bundle)
    with closing(Library.open(str(tmp_path / "captions.db"))) as library:
        library.keep_human(pictures[0], "My squares.")
        library.keep_human(pictures[1], "Your squares.")
        list(make_vectors(captioner, library, pictures))
        assert [said.text for said in library.captions(names[0])] == ["My squares."]
        (found,) = library.search("my squares", names)
        assert found.picture == pictures[0]
        (found,) = library.like(names[0], captioner, pictures=names)
        assert found.picture == pictures[1]
