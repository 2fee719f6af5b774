"""What captions say against what people wrote, and why the worst fail."""

import pytest

from imagecap.evaluation.errors.causes import CAUSES, find_causes
from imagecap.evaluation.errors.failures import count_failures
from imagecap.model.measured import Tally

CAPTIONS = {
    "1": "A man in a red shirt.",
    "2": "Two women and a woman.",
    "3": "A boy in a grey coat.",
    "4": "A dog.",
}
REFERENCES = {
    "1": ("A woman in blue.", "A lady waits.", "Someone waits."),
    "2": ("Three women.", "Two girls in white."),
    "3": ("Somebody in a gray coat.", "One in black."),
    "4": ("A dog runs.",),
}


def test_genders_colours_and_numbers_are_counted() -> None:
    failures = count_failures(CAPTIONS, REFERENCES)
    assert failures.pictures == 4
    assert failures.model["gender"] == Tally(3, 1, 1, 1)
    assert failures.model["colour"] == Tally(2, 1, 0, 1)
    assert failures.model["number, “two” and up"] == Tally(1, 1, 0, 0)
    assert (failures.women_called_men, failures.women_gendered) == (1, 2)
    assert (failures.men_called_women, failures.men_gendered) == (0, 0)
    assert failures.repeated == 0


def test_people_are_counted_by_the_same_rule() -> None:
    failures = count_failures(CAPTIONS, REFERENCES)
    # "Three" against "two", and "gray" against "black".
    assert failures.people["number, “two” and up"] == Tally(1, 0, 0, 1)
    assert failures.people["colour"] == Tally(2, 0, 1, 1)
    assert failures.people["gender"] == Tally(2, 2, 0, 0)


CASES = {
    "unseen words": ("A dog runs.", ["A dog on a trampoline."] * 3),
    "wrong subject": ("A man sits in grass.", ["Flowers in the grass."] * 3),
    "wrong object": ("A dog on a sofa.", ["A dog in the water."] * 3),
    "wrong person": ("A man in a tent.", ["A woman in a tent."] * 3),
    "wrong count": ("A woman in a tent.", ["Two women in a tent."] * 3),
    "wrong colour": ("A dog in a red car.", ["A dog in a blue car."] * 3),
    "wrong action": ("A dog sleeping on grass.", ["A dog runs on grass."] * 3),
    "too little": ("A dog.", ["A dog runs on grass after a ball."] * 3),
    "people disagree": (
        "A dog runs.",
        ["A dog jumps.", "The end of summer", "Somebody is late", "Black fur"],
    ),
}


@pytest.mark.parametrize("cause", CAUSES)
def test_each_cause_is_found(cause: str) -> None:
    caption, references = CASES[cause]
    vocabulary = " ".join(
        [text for _, group in CASES.values() for text in group]
    ).lower()
    known = {word.strip(".") for word in vocabulary.split()} - {"trampoline"}
    everyone = {name: tuple(group) for name, (_, group) in CASES.items()}
    found = find_causes([cause], {cause: caption}, everyone, known)
    assert cause in found[cause]
    assert len(references) >= 3


def test_without_a_vocabulary_no_word_is_unseen() -> None:
    caption, references = CASES["unseen words"]
    found = find_causes(["1"], {"1": caption}, {"1": references, "2": ["A cat."]}, ())
    assert "unseen words" not in found["1"]
