"""Genders and colours that captions say, held against what is expected of a picture."""

import json
from dataclasses import replace

import numpy as np
import pytest

from imagecap.model.attributes import (
    count_colours,
    expected_colour,
    expected_gender,
)
from imagecap.model.caption import Caption
from imagecap.model.decoding import Decoding, without_unused
from imagecap.model.log_linear import LogLinear
from imagecap.model.rankers import order_candidates
from imagecap.model.records import RecordError, from_json
from imagecap.text.vocabulary import Vocabulary

VOCABULARY = Vocabulary(
    ["a", "man", "woman", "girl", "red", "grey", "gray"],
    [0.1, 1.0, 2.0, 2.0, 2.0, 4.0, 4.0],
)
EXPECTED = np.zeros(len(VOCABULARY), np.float32)
for word, weight in [
    ("man", 0.25), ("woman", 0.25), ("girl", 0.75), ("red", 1.0), ("grey", 1.0),
    ("gray", 0.5),
]:  # fmt: skip
    EXPECTED[VOCABULARY.encode([word])] = weight


def split(*captions: str) -> list[tuple[str, ...]]:
    return [tuple(caption.split()) for caption in captions]


def test_a_gender_counts_by_how_much_more_it_is_expected_than_the_other() -> None:
    captions = split("a man", "a woman", "a girl and a woman", "a man a girl", "a", "")
    found = expected_gender(captions, EXPECTED, VOCABULARY)
    # A man 0.25, a woman or girl (0.25 + 0.75) / 2.
    assert found == pytest.approx([-0.25, 0.25, 0.25, 0.0, 0.0, 0.0])


def test_colours_count_by_how_much_they_are_expected_however_they_are_written() -> None:
    captions = split("a red man", "a grey red", "gray gray grey", "a purple man", "a")
    found = expected_colour(captions, EXPECTED, VOCABULARY)
    assert found == pytest.approx([0.5, 0.875, 0.375, 0.0, 0.0])
    assert [count_colours(words) for words in captions] == [1, 2, 1, 1, 0]


def test_words_in_nearly_all_captions_do_not_count_without_end() -> None:
    frequent = Vocabulary(["man", "woman"], [0.0, 0.0])
    found = expected_gender(split("man"), np.ones(len(frequent), np.float32), frequent)
    assert np.isfinite(found).all()


def test_the_choice_weighs_them() -> None:
    def caption(text: str, **known: float) -> Caption:
        return Caption(tuple(text.split()), -1.0, (), **known)  # type: ignore[arg-type]

    man = caption("a man", expected_gender=-0.2)
    woman = caption("a woman", expected_gender=0.2)
    red = caption("a red red", expected_colour=0.9)
    nothing = {"agreement": 0.0, "expected_cider": 0.0}
    for weights, best in [
        ({"gender": 1.0}, woman),
        ({"gender": -1.0}, man),
        ({"colour": 1.0}, red),
        ({"colours": 1.0}, red),
        ({"colour": 1.0, "colours": -1.0}, man),
    ]:
        ranker = LogLinear(**nothing, **weights)  # type: ignore[arg-type]
        assert order_candidates(ranker, [man, woman, red], VOCABULARY)[0] == best


def test_bundles_without_such_weights_stay_as_they_were() -> None:
    former = Decoding(ranker=LogLinear())
    said = without_unused(former)
    assert not {"gender", "colour", "colours"} & said["ranker"].keys()
    assert from_json(Decoding, json.loads(json.dumps(said))) == former
    own = replace(former, ranker=LogLinear(gender=2.0, colour=3.0, colours=-1.0))
    assert from_json(Decoding, without_unused(own)) == own


@pytest.mark.parametrize("value", ["high", 1e7, float("nan"), True])
def test_forged_weights_are_refused(value: object) -> None:
    said = without_unused(Decoding(ranker=LogLinear(gender=1.0)))
    said["ranker"]["gender"] = value
    with pytest.raises(RecordError, match=r"ranker\.gender is"):
        from_json(Decoding, said)
