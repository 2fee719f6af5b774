"""Numbers with what they count."""

import pytest

from imagecap.counted import are, counted, were


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 captions were"),
        (1, "1 caption was"),
        (2, "2 captions were"),
        (1200, "1,200 captions were"),
    ],
)
def test_one_thing_is_no_several(count: int, said: str) -> None:
    assert f"{counted(count, 'caption')} {were(count)}" == said


@pytest.mark.parametrize(("count", "verb"), [(0, "are"), (1, "is"), (2, "are")])
def test_the_verb_of_what_is_now_goes_with_the_number(count: int, verb: str) -> None:
    assert are(count) == verb
