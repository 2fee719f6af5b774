import math
import time

import pytest

from imagecap.text.tokenizer import detokenize, tokenize
from imagecap.text.vocabulary import Vocabulary, VocabularyError


@pytest.mark.parametrize(
    ("caption", "words"),
    [
        ("A man's T-shirt .", ["a", "man", "'s", "t-shirt"]),
        ("She doesn’t run!", ["she", "does", "n't", "run"]),
        ("They can't; we cannot.", ["they", "ca", "n't", "we", "can", "not"]),
        ("A 12-year-old , no. 3,000", ["a", "12-year-old", "no", "3,000"]),
        ('The "big" dog (brown)', ["the", "big", "dog", "brown"]),
        ("Собака бежит по траве .", ["собака", "бежит", "по", "траве"]),
        ("كلبٌ يركضُ على العشب، بسرعة.", ["كلبٌ", "يركضُ", "على", "العشب", "بسرعة"]),
        ("כֶּלֶב רץ על הדשא.", ["כֶּלֶב", "רץ", "על", "הדשא"]),
        ("او می\u200cدود", ["او", "می\u200cدود"]),
        ("एक कुत्ता दौड़ता है।", ["एक", "कुत्ता", "दौड़ता", "है"]),
        ("3只狗穿T恤。", ["3", "只", "狗", "穿", "t", "恤"]),
        ("犬がスーパー、走る", [*"犬がスーパー走る"]),
        ("개가 달린다", ["개가", "달린다"]),
        ("หมาวิ่ง", ["ห", "ม", "า", "วิ่", "ง"]),
        ("Cafe\u0301 CAFÉ", ["café", "café"]),
        ("A dog 🐶 runs ❤️ 👨‍👩‍👧 .", ["a", "dog", "runs"]),
        ("half an emoji \ud83d", ["half", "an", "emoji"]),
        (" ... ", []),
    ],
)
def test_words_are_those_of_the_penn_treebank(caption: str, words: list[str]) -> None:
    assert tokenize(caption) == words


def test_a_sentence_is_written_as_people_write() -> None:
    assert detokenize(("a", "man", "'s", "dog", "does", "n't", "run")) == (
        "A man's dog doesn't run."
    )
    assert detokenize(()) == ""
    assert detokenize(tuple("一只狗")) == "一只狗。"
    assert detokenize(("หมา", "วิ่", "ง")) == "หมาวิ่ง."
    assert detokenize(("كلب", "يركض")) == "كلب يركض."


@pytest.mark.parametrize(
    "caption",
    ["A man's T-shirt .", "一只狗穿T恤", "犬が走る", "หมาวิ่ง", "כלב רץ", "एक कुत्ता"],
)
def test_a_sentence_has_the_words_that_it_was_made_of(caption: str) -> None:
    words = tokenize(caption)
    assert tokenize(detokenize(words)) == words


@pytest.mark.parametrize("part", ["dog ", "a.", "1.", "a-", "n't", "狗", "e\u0301"])
def test_a_caption_of_any_length_is_split_at_once(part: str) -> None:
    began = time.perf_counter()
    tokenize(part * 30_000)
    assert time.perf_counter() - began < 5


def test_vocabulary_keeps_frequent_words_the_most_frequent_first() -> None:
    pictures = [[["a", "dog"], ["a", "cat"]], [["a", "dog", "runs"]]]
    vocabulary = Vocabulary.from_captions(pictures, minimum_count=2)
    assert list(vocabulary) == [*Vocabulary.SPECIAL, "a", "dog"]
    assert vocabulary.encode(["a", "cat", "dog"]) == [4, Vocabulary.UNKNOWN, 5]
    assert vocabulary.decode([4, 5]) == ("a", "dog")


def test_a_word_is_as_rare_as_pictures_with_it_are() -> None:
    pictures = [[["a", "dog"], ["dog"]], [["a", "cat"]], [["a"]], [["a", "dog"]]]
    vocabulary = Vocabulary.from_captions(pictures, minimum_count=1)
    found = [vocabulary.idf(word) for word in ("a", "dog", "cat")]
    assert found == pytest.approx([0, math.log(2), math.log(4)])


@pytest.mark.parametrize("idfs", [(), (0.25, 3, 1.125)])
def test_vocabulary_survives_json(idfs: tuple[float, ...]) -> None:
    vocabulary = Vocabulary(["a", "naïve", "犬"], idfs)
    read = Vocabulary.from_json(vocabulary.to_json())
    assert read.words == vocabulary.words
    assert read.idfs == idfs


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"words": "a"}',
        '{"words": [1]}',
        '{"words": ["a", "a"]}',
        '{"words": ["a"], "rarities": [1, 2]}',
        '{"words": ["a"], "rarities": ["b"]}',
        '{"words": ["a"], "rarities": [NaN]}',
        '{"words": ["a"], "rarities": [-1]}',
    ],
)
def test_anything_else_is_not_a_vocabulary(text: str) -> None:
    with pytest.raises(VocabularyError):
        Vocabulary.from_json(text)
