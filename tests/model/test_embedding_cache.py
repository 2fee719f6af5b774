"""Axes that were found once are kept, and never believed blindly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from imagecap.model.embedding import make_embedding
from imagecap.model.word_detector import WordDetector

GENERATOR = np.random.default_rng(0)
DETECTOR = WordDetector.of_map(
    np.arange(4, 10, dtype=np.int32),
    GENERATOR.normal(size=(12, 6)),
    np.zeros(6),
    np.zeros(6),
)
FEATURES = GENERATOR.random((3, 12), np.float32)


@pytest.mark.parametrize("detector", [DETECTOR, None])
def test_axes_are_found_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, detector: WordDetector | None
) -> None:
    kept = tmp_path / "cache" / "embeddings" / "abc"
    found = make_embedding(12, detector, None, kept)
    assert kept.is_file()
    monkeypatch.delattr(np.linalg, "eigh")
    monkeypatch.delattr(np.linalg, "qr")
    again = make_embedding(12, detector, None, kept)
    assert (again.axes == found.axes).all()
    assert (again.embed(FEATURES) == found.embed(FEATURES)).all()


@pytest.mark.parametrize("content", [b"", b"no array", np.ones((6, 6)).tobytes()])
def test_what_is_damaged_is_found_anew(tmp_path: Path, content: bytes) -> None:
    kept = tmp_path / "abc"
    kept.write_bytes(content)
    found = make_embedding(12, DETECTOR, None, kept)
    assert (found.axes == make_embedding(12, DETECTOR, None).axes).all()
    np.save(tmp_path / "wrong.npy", np.ones((6, 6), np.float32))
    (tmp_path / "wrong.npy").replace(kept)
    assert (make_embedding(12, DETECTOR, None, kept).axes == found.axes).all()


def test_where_nothing_can_be_kept_it_works_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    found = make_embedding(12, DETECTOR, None, tmp_path / "file" / "abc")
    assert np.linalg.norm(found.embed(FEATURES), axis=1) == pytest.approx(np.ones(3))
