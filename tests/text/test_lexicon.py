"""What words say, and when they say it twice."""

import pytest

from imagecap.text.lexicon import GENDERS, content_stems, repeats_itself, stem


@pytest.mark.parametrize(
    "caption",
    [
        "a white and white dog",
        "a man and a man",
        "a man sits on a bench on a bench",
        "a red jacket and a red jacket",
    ],
)
def test_repetition_is_seen(caption: str) -> None:
    assert repeats_itself(caption.split())


@pytest.mark.parametrize(
    "caption",
    [
        "a man in a red jacket is riding a red sled",
        "a black dog and a brown dog",
        "a dog is chasing a dog",
        "a man in a hat is in a boat",
    ],
)
def test_what_may_come_twice_is_no_repetition(caption: str) -> None:
    assert not repeats_itself(caption.split())


@pytest.mark.parametrize(
    "forms",
    [
        "ride rides riding",
        "run runs running",
        "jump jumps jumping jumped",
        "baby babies",
        "bench benches",
        "carry carries carrying carried",
    ],
)
def test_forms_of_a_word_have_one_stem(forms: str) -> None:
    assert len({stem(word) for word in forms.split()}) == 1


def test_gender_is_said_by_the_published_words() -> None:
    assert {GENDERS[word] for word in ["waitress", "queen", "pregnant", "aunt"]} == {
        "female"
    }
    assert {GENDERS[word] for word in ["dude", "uncle", "gentlemen"]} == {"male"}
    assert "person" not in GENDERS


def test_different_words_have_different_stems() -> None:
    words = "dog man red beach grass water snow ball bike boy bed car cat"
    assert len(content_stems(words.split())) == len(words.split())
