"""METEOR with a WordNet of two words, in WordNet's own files."""

from pathlib import Path

import nltk.data
import pytest

from imagecap.evaluation.metrics.meteor import MeteorError, load_meteor


@pytest.fixture(autouse=True)
def no_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever this machine has of NLTK's data is not to be found."""
    monkeypatch.setattr(nltk.data, "path", [])


@pytest.fixture
def wordnet(tmp_path: Path) -> Path:
    """The files that Debian has, with one synset: dog and hound."""
    for part in ("adj", "adv", "noun", "verb"):
        for name in (f"data.{part}", f"index.{part}", f"{part}.exc"):
            (tmp_path / name).touch()
    (tmp_path / "data.noun").write_text(
        "00000000 05 n 02 dog 0 hound 0 000 | it barks  \n"
    )
    (tmp_path / "index.noun").write_text(
        "dog n 1 0 1 0 00000000  \nhound n 1 0 1 0 00000000  \n"
    )
    (tmp_path / "noun.exc").write_text("oxen ox\n")
    return tmp_path


def test_the_formula(wordnet: Path) -> None:
    meteor = load_meteor(wordnet)
    # All four words match, in one chunk: F = 1, penalty 0.5 · (1/4)³.
    caption = ["a", "dog", "runs", "fast"]
    assert meteor.score(caption, [caption]) == pytest.approx(1 - 0.5 / 4**3)
    # Precision 2/2, recall 2/4, one chunk of two words.
    mean = (1 * 0.5) / (0.9 * 1 + 0.1 * 0.5)
    assert meteor.score(["a", "dog"], [caption]) == pytest.approx(
        mean * (1 - 0.5 / 2**3)
    )


def test_stems_and_synonyms_match(wordnet: Path) -> None:
    meteor = load_meteor(wordnet)
    same = meteor.score(["a", "dog", "runs"], [["a", "dog", "runs"]])
    assert meteor.score(["a", "dog", "running"], [["a", "dog", "runs"]]) == same
    assert meteor.score(["a", "hound", "runs"], [["a", "dog", "runs"]]) == same
    assert meteor.score(["a", "cat", "runs"], [["a", "dog", "runs"]]) < same


def test_the_best_reference_counts(wordnet: Path) -> None:
    meteor = load_meteor(wordnet)
    assert meteor.score(["a", "dog"], [["no"], ["a", "dog"]]) == meteor.score(
        ["a", "dog"], [["a", "dog"]]
    )


def test_a_caption_without_words_scores_zero(wordnet: Path) -> None:
    assert load_meteor(wordnet).score([], [["a", "dog"]]) == 0


def test_without_wordnet_a_sentence_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(MeteorError, match=r"python -m nltk\.downloader wordnet"):
        load_meteor(tmp_path / "missing")


def test_a_damaged_wordnet_is_named(wordnet: Path) -> None:
    (wordnet / "index.noun").write_text("dog n x\n")
    with pytest.raises(MeteorError, match=str(wordnet)):
        load_meteor(wordnet)
