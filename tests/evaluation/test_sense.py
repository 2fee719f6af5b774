"""Captions that no reader would write, told from what captions are like."""

import itertools
from xml.etree.ElementTree import tostring

import pytest

from imagecap.evaluation.errors.sense import (
    LINKED,
    TOGETHER,
    TWICE,
    CaptionStatistics,
    Suspicion,
    measure_sense,
)
from imagecap.evaluation.report.summary import sense_rows
from imagecap.evaluation.report.trust_sections import sense_section

PEOPLE = ("man", "woman", "boy", "girl", "child")
ANIMALS = ("horse", "camel", "pony")
PLACES = ("beach", "field", "street", "park")


@pytest.fixture(scope="module")
def statistics() -> CaptionStatistics:
    """Of captions in which people ride animals in places, and one meets another."""
    rides = [
        f"a {one} riding a {animal} on a {place}".split()
        for one, animal, place in itertools.product(PEOPLE, ANIMALS, PLACES)
    ]
    meetings = [
        f"a {one} and another {one} meeting a dog near a {place}".split()
        for one, place in itertools.product(PEOPLE, PLACES)
    ]
    cakes = [f"a cake on a plate with {n} candles".split() for n in range(60)]
    views = [f"a {one} watching a {p}".split() for one in PEOPLE for p in PLACES]
    return CaptionStatistics((rides + meetings + cakes + views * 4) * 20)


def kinds(statistics: CaptionStatistics, caption: str) -> set[str]:
    return {one.kind for one in statistics.suspicions(caption.split())}


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        ("a man riding a horse on a beach", set()),
        ("a man and another man meeting a dog near a park", set()),
        # Whoever is meeting is often said twice, but never what is ridden.
        ("a man riding a horse on a horse", {TWICE}),
        ("a man riding horses on a horse", {TWICE}),
        ("a man riding a beach on a field", {LINKED, TOGETHER}),
        ("a cake riding a horse on a field", {TOGETHER}),
        # Of words that nobody knows, nothing is said.
        ("a zebra grazing by a pond", set()),
        ("", set()),
    ],
)
def test_suspicions(
    statistics: CaptionStatistics, caption: str, expected: set[str]
) -> None:
    assert kinds(statistics, caption) >= expected
    assert bool(kinds(statistics, caption)) == bool(expected)


def test_a_suspicion_names_its_words(statistics: CaptionStatistics) -> None:
    (twice, *_) = statistics.suspicions(
        ["a", "man", "riding", "horses", "on", "a", "horse"]
    )
    assert twice == Suspicion(TWICE, ("horse", "horses"))
    assert str(twice) == "horse, horses: said twice"


def test_people_stand_beside_it(statistics: CaptionStatistics) -> None:
    captions = {"1": "A man riding a horse on a horse.", "2": "A girl riding a pony."}
    references = {
        "1": ("A man riding a horse.", "A boy riding a horse on a horse."),
        "2": ("A girl riding a pony on a beach.", "A pony."),
    }
    sense = measure_sense(statistics, captions, references)
    assert sense.learned == statistics.captions == 4400
    assert (sense.model.suspect, sense.model.share) == (1, 0.5)
    assert (sense.people.captions, sense.people.suspect) == (4, 1)
    assert (sense.model.kinds[TWICE], sense.people.kinds[TWICE]) == (1, 1)
    assert (sense.model.repeated, sense.people.repeated) == (1, 1)
    assert sense.model.low <= 0.5 <= sense.model.high
    assert list(sense.suspicions) == ["1"]
    assert "horse, horse: said twice" in sense.suspicions["1"]


def test_the_report_compares_with_people_and_names_what_is_suspect(
    statistics: CaptionStatistics,
) -> None:
    captions = {"1": "A man riding a horse on a horse.", "2": "A girl riding a pony."}
    references = {"1": ("A man riding a horse.",), "2": ("A pony.",)}
    sense = measure_sense(statistics, captions, references)
    rows = {name: (model, people) for name, model, people in sense_rows(sense)}
    assert rows["no reader would write"][0].startswith("50.0 % (")
    assert rows["no reader would write"][1].startswith("0.0 % (")
    assert rows["… said twice"] == ("50.0 %", "0.0 %")
    assert rows["a content word twice"] == ("50.0 %", "0.0 %")
    page = "".join(
        tostring(part, encoding="unicode") for part in sense_section(sense, captions)
    )
    assert "judged by 4,400 captions of other pictures" in page
    assert "<td>A man riding a horse on a horse.</td>" in page
    assert "horse, horse: said twice" in page
    assert "A girl" not in page
