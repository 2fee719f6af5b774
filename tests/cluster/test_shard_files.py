"""Rows as files and back, whatever stands in them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagecap.captions.cells import escape_name
from imagecap.cluster.shards import FORMS, Row, make_row

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
PATHS = st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=20)
SHARES = st.none() | st.floats(0, 1)
ROWS = st.one_of(
    st.builds(
        lambda path, text, share: make_row(path, "m", text, share, "by@1", "ab"),
        PATHS,
        TEXTS,
        SHARES,
    ),
    st.builds(
        lambda path, why: make_row(path, "m", error=why),
        PATHS,
        st.text(min_size=1, max_size=20),
    ),
)


@pytest.mark.parametrize("form", FORMS)
@settings(deadline=None)
@given(rows=st.lists(ROWS, max_size=4))
def test_what_is_written_is_read_again(form: str, rows: list[Row]) -> None:
    assert list(FORMS[form].read(FORMS[form].write(rows))) == rows


def test_a_path_of_no_characters_is_known_again() -> None:
    row = make_row("/photos/\udce9.jpg", "m", "A dog.")
    assert row.path == escape_name("/photos/\udce9.jpg") == "/photos/\\udce9.jpg"
