"""Pictures found by what is written in the search field."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from imagecap.library.query import QueryError
from imagecap.library.store import Library
from imagecap.model.caption import Caption

CAPTIONS = {
    "beach/1.jpg": "a dog runs on the beach",
    "beach/2.jpg": "two dogs play with a ball on the sand",
    "city/3.jpg": "a man rides a red bicycle",
    "city/skyline.jpg": "tall buildings at night",
}


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with closing(Library(tmp_path / "captions.db")) as library:
        for name, words in CAPTIONS.items():
            caption = Caption(tuple(words.split()), -1.0, (), unsure="night" in words)
            library.keep_model_captions(tmp_path / name, "m@1", None, (caption,))
        yield library


@pytest.fixture
def found(library: Library) -> Callable[..., list[str]]:
    def found(words: str, **how: int) -> list[str]:
        return [entry.picture.name for entry in library.search(words, **how)]

    return found


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("dog", ["1.jpg", "2.jpg"]),
        ("DOGS", ["1.jpg", "2.jpg"]),
        ("running dog", ["1.jpg"]),
        ("bea", ["1.jpg"]),
        ("bic* man", ["3.jpg"]),
        ('"red bicycle"', ["3.jpg"]),
        ('"bicycle red"', []),
        ("dog -ball", ["1.jpg"]),
        ('dog -"a ball"', ["1.jpg"]),
        ("-dog", ["3.jpg", "skyline.jpg"]),
        ("in:beach", ["1.jpg", "2.jpg"]),
        ("in:city by:machine -unsure", ["3.jpg"]),
        ("unsure", ["skyline.jpg"]),
        ('"unsure"', []),
        ("skyline", ["skyline.jpg"]),
        ("by:me", []),
        ("the dog is on the beach", ["1.jpg"]),
        ("zebra", []),
    ],
)
def test_words_find_pictures(
    found: Callable[..., list[str]], words: str, names: list[str]
) -> None:
    assert sorted(found(words)) == names


def test_what_a_person_says_counts_and_comes_first(
    library: Library, found: Callable[..., list[str]], tmp_path: Path
) -> None:
    library.keep_human(tmp_path / "city/skyline.jpg", "Where my dog Rex was born.")
    assert found("dog")[0] == "skyline.jpg"
    assert found("by:me") == ["skyline.jpg"]
    assert found("unsure") == []
    assert sorted(found("by:machine")) == ["1.jpg", "2.jpg", "3.jpg"]
    library.keep_human(tmp_path / "city/skyline.jpg", None)
    assert found("rex") == []


def test_a_word_that_no_caption_has_finds_what_is_near(
    library: Library, found: Callable[..., list[str]], tmp_path: Path
) -> None:
    assert set(found("puppy")) == {"1.jpg", "2.jpg"}
    library.keep_human(tmp_path / "puppy.jpg", "Rex, very young.")
    assert found("puppy")[0] == "puppy.jpg"
    assert set(found("puppy")[1:]) == {"1.jpg", "2.jpg"}
    library.keep_human(tmp_path / "4.jpg", "My puppy.")
    assert set(found("puppy")) == {"4.jpg", "puppy.jpg"}


def test_a_limit_gives_the_best(found: Callable[..., list[str]]) -> None:
    assert found("dog", limit=1) == found("dog")[:1]


def test_time_and_words_in_metadata_are_searched(
    library: Library, found: Callable[..., list[str]], tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[0x010E] = "Grandmother in her garden"
    exif.get_ifd(0x8769)[0x9003] = "2024:07:31 18:05:00"
    picture = tmp_path / "old.jpg"
    Image.new("RGB", (8, 8)).save(picture, exif=exif)
    library.keep_model_captions(picture, "m@1", None, (Caption(("x",), -1.0, ()),))
    for words in ("taken:2024", "taken:2024-07", "taken:2024-07-31", "grandmother"):
        assert found(words) == ["old.jpg"]
    assert found("taken:2024-08") == []
    assert "old.jpg" not in found("-taken:2024 by:machine")


def test_where_a_photograph_was_taken_is_searched(
    library: Library, found: Callable[..., list[str]], tmp_path: Path
) -> None:
    picture = tmp_path / "temple.jpg"
    Image.new("RGB", (8, 8)).save(
        picture,
        xmp=b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description xmlns:p="http://ns.adobe.com/photoshop/1.0/" '
        b'p:City="Kyoto" p:Country="Japan"/></rdf:RDF>',
    )
    library.keep_model_captions(picture, "m@1", None, (Caption(("x",), -1.0, ()),))
    for words in ("kyoto", "japan", '"kyoto japan"', "by:machine -dog kyoto"):
        assert found(words) == ["temple.jpg"]


@pytest.mark.parametrize("most", [3, 2000])
@pytest.mark.parametrize("limit", [2, None])
def test_what_chooses_and_is_not_ranked_by_chooses(
    library: Library,
    found: Callable[..., list[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    most: int,
    limit: int | None,
) -> None:
    monkeypatch.setattr("imagecap.library.searching._MOST_RANKED", most)
    captions = {
        "long.jpg": "a zebra and more words than any other caption here has by far",
        "short.jpg": "a zebra",
        "mine.jpg": "a zebra",
        "ball.jpg": "a zebra with a ball",
        "middle.jpg": "a zebra on a large meadow",
    }
    for name, words in captions.items():
        said = Caption(tuple(words.split()), -1.0, ())
        library.keep_model_captions(tmp_path / name, "m@1", None, (said,))
    library.keep_human(tmp_path / "mine.jpg", "My zebra.")
    ranked = ["short.jpg", "middle.jpg", "long.jpg"]
    how = {} if limit is None else {"limit": limit}
    assert found("zebra -ball by:machine", **how) == ranked[:limit]
    assert found("zebra -by:me -ball", **how) == ranked[:limit]
    newest = ["middle.jpg", "ball.jpg", "short.jpg", "long.jpg"][:limit]
    assert found("by:machine -dog -man -unsure", **how) == newest


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("by:nobody", "by:nobody means nothing; write by:me"),
        ("taken:summer", "taken:summer is no year, month or day"),
        (" ".join(map(str, range(5000))), "5,000 words are too many"),
    ],
)
def test_what_means_nothing_is_said(
    library: Library, words: str, sentence: str
) -> None:
    with pytest.raises(QueryError, match=sentence):
        library.search(words)


ODD = (
    *("", " ", '"', "-", "*", "AND OR NOT", "NEAR(", "^", "{a}:", "by:", "--", '""'),
    *("\0", "a" * 10_000, '"' * 10_000, "(" * 10_000, "'x'; DROP TABLE words"),
)


@pytest.mark.parametrize("words", ODD)
def test_operators_alone_are_no_error(library: Library, words: str) -> None:
    library.search(words)
    library.search(words, [Path("/elsewhere/words.jpg")])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_searched_for_or_a_sentence(library: Library, words: str) -> None:
    try:
        library.search(words)
    except QueryError as error:
        assert str(error).endswith(".")


def test_names_of_pictures_that_are_not_known_are_searched(library: Library) -> None:
    pictures = [Path("/elsewhere/rex.jpg"), Path("/elsewhere/cat.jpg")]
    assert [entry.picture for entry in library.search("rex", pictures)] == pictures[:1]
    assert library.search("rex by:machine", pictures) == []
    odd = Path(os.fsdecode(b"/elsewhere/rex \xff.jpg"))
    assert [entry.picture for entry in library.search("rex", [odd])] == [odd]
