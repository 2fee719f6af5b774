import pytest

from imagecap.text import Vocabulary, VocabularyError, sentence, tokenize


@pytest.mark.parametrize(
    ("caption", "words"),
    [
        ("A man's T-shirt .", ["a", "man", "'s", "t-shirt"]),
        ("She doesn’t run!", ["she", "does", "n't", "run"]),
        ("They can't; we cannot.", ["they", "ca", "n't", "we", "can", "not"]),
        ("A 12-year-old , no. 3,000", ["a", "12-year-old", "no", "3,000"]),
        ('The "big" dog (brown)', ["the", "big", "dog", "brown"]),
        ("Собака бежит по траве .", ["собака", "бежит", "по", "траве"]),
        (" ... ", []),
    ],
)
def test_words_are_those_of_the_penn_treebank(caption: str, words: list[str]) -> None:
    assert tokenize(caption) == words


def test_a_sentence_is_written_as_people_write() -> None:
    assert sentence(("a", "man", "'s", "dog", "does", "n't", "run")) == (
        "A man's dog doesn't run."
    )
    assert sentence(()) == ""


def test_vocabulary_keeps_frequent_words_the_most_frequent_first() -> None:
    captions = [["a", "dog"], ["a", "cat"], ["a", "dog", "runs"]]
    vocabulary = Vocabulary.from_captions(captions, minimum_count=2)
    assert list(vocabulary) == [*Vocabulary.SPECIAL, "a", "dog"]
    assert vocabulary.encode(["a", "cat", "dog"]) == [4, Vocabulary.UNKNOWN, 5]
    assert vocabulary.decode([4, 5]) == ("a", "dog")


def test_vocabulary_survives_json() -> None:
    vocabulary = Vocabulary(["a", "naïve", "犬"])
    assert list(Vocabulary.from_json(vocabulary.to_json())) == list(vocabulary)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"words": "a"}', '{"words": [1]}', '{"words": ["a", "a"]}']
)
def test_anything_else_is_not_a_vocabulary(text: str) -> None:
    with pytest.raises(VocabularyError):
        Vocabulary.from_json(text)
