"""What is said of words that a model did not know."""

from imagecap.text.vocabulary import Vocabulary
from imagecap.training.adaptation.new_words import find_new_words

KNOWN = Vocabulary(("a", "dog"))
CAPTIONS = [
    ["a", "dog", "momo"],
    ["momo", "sleeps"],
    ["a", "momo"],
    ["rex", "sleeps"],
]


def test_new_words_are_told_from_those_that_are_too_rare() -> None:
    found = find_new_words(KNOWN, CAPTIONS, 2)
    assert found.learned == ("momo", "sleeps")
    assert found.rare == ("rex",)
    learned, rare = found.sentences()
    assert learned == "New words: “momo”, “sleeps”."
    assert "fewer than 2 captions have them: “rex”" in rare
    assert "--minimum-count 1" in rare


def test_nothing_is_said_where_all_is_known() -> None:
    assert find_new_words(KNOWN, [["a", "dog"]], 1).sentences() == []


def test_a_long_list_is_cut_short() -> None:
    captions = [[f"word{number:02}"] for number in range(20)]
    (said,) = find_new_words(KNOWN, captions, 1).sentences()
    assert "“word11” and 8 more" in said
