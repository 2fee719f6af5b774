"""Files with a mark: whoever changes one is known to have."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagecap.gallery.marks import is_unchanged, marked


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_marked_is_unchanged(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    file = tmp_path_factory.mktemp("marked") / "page.html"
    file.write_bytes(marked(file.name, text))
    assert is_unchanged(file)


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.replace(b"dog", b"cat"),
        lambda content: content.replace(b"\n", b"\r\n"),
        lambda content: content + b" ",
        lambda content: content[:-1],
        lambda content: content.splitlines()[0],
        lambda _: b"",
        lambda _: b"\xff\xfe",
        lambda _: b"<p>My own page.</p>\n",
    ],
)
def test_a_change_is_noticed(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    file = tmp_path / "gallery.css"
    file.write_bytes(change(marked(file.name, "a dog\n")))
    assert not is_unchanged(file)
