"""Progress: seen on a terminal, and nowhere else."""

import io
import sys

import pytest

from imagecap.progress import progress, progress_bar


class _Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("error_stream", [_Screen, io.StringIO])
def test_items_pass_unchanged_and_only_a_terminal_shows_how_many(
    error_stream: type[io.StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = error_stream()
    monkeypatch.setattr(sys, "stderr", screen)
    assert list(progress(iter("abc"), "Reading", 3, "letter")) == ["a", "b", "c"]
    shown = screen.getvalue()
    assert bool(shown) == screen.isatty()
    assert not shown or ("Reading" in shown and "0/3" in shown)


def test_bytes_are_shown_in_larger_units(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = _Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    with progress_bar("Fetching", 5_000_000, "B", 2_000_000):
        pass
    assert "2.00M/5.00M" in screen.getvalue()
