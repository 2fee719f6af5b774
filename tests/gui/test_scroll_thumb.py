"""The thumb of a scroll bar, translated forth and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.widgets.scroll_thumb import ScrollThumb


@given(
    shown=st.integers(100, 3000),
    length=st.integers(1, 10**7),
    share=st.floats(0, 1),
)
def test_the_thumb_can_be_grabbed_and_leads_back(
    shown: int, length: int, share: float
) -> None:
    thumb = ScrollThumb(36)
    offset = share * max(0, length - shown)
    start, end = thumb.ends(offset, shown, length)
    assert 0 <= start <= end <= 1 + 1e-9
    assert (end - start) * shown >= 35.9
    if length > shown:
        assert thumb.offset(start, shown, length) == pytest.approx(offset, abs=1)
    else:
        assert (start, end) == (0, 1)


def test_of_few_the_thumb_is_as_large_as_what_is_in_sight() -> None:
    assert ScrollThumb(36).ends(0, 500, 1000) == (0, 0.5)
