import os
from pathlib import Path

import numpy as np
import pytest

from imagecap.text.vocabulary import Vocabulary
from imagecap.training.networks.word_vectors import (
    WordVectorsError,
    read_word_vectors,
    vector_length,
)

VOCABULARY = Vocabulary(("dog", "käse", "runs"))


def write(folder: Path, text: str) -> Path:
    path = folder / "vectors.txt"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("first", ["", "400000 3\n"], ids=["GloVe", "word2vec"])
def test_vectors_of_known_words_are_read(tmp_path: Path, first: str) -> None:
    lines = "the 1 2 3\ndog 0.5 -1 2e-1\n. . . 7 8 9\nkäse 4 5 6\n"
    path = write(tmp_path, first + lines)
    assert vector_length(path) == 3
    vectors = read_word_vectors(path, VOCABULARY)
    assert sorted(vectors) == [4, 5]
    np.testing.assert_allclose(vectors[4], [0.5, -1, 0.2])
    np.testing.assert_allclose(vectors[5], [4, 5, 6])
    assert vectors[4].dtype == np.float32


@pytest.mark.parametrize("line", ["dog 1 2", "dog 1 x 3", "dog 1 nan 3"])
def test_a_damaged_line_is_named(tmp_path: Path, line: str) -> None:
    path = write(tmp_path, f"the 1 2 3\n{line}\n")
    with pytest.raises(WordVectorsError, match=r"vectors\.txt, line 2: “dog”"):
        read_word_vectors(path, VOCABULARY)


@pytest.mark.parametrize("text", ["", "one\ntwo\n", "cat 1 2 3\n"])
def test_a_file_of_something_else_is_one_sentence(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(WordVectorsError, match="has no vectors of the words"):
        read_word_vectors(path, VOCABULARY)


def test_a_pipe_is_one_sentence(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(WordVectorsError, match=r"pipe cannot be read .*no ordinary"):
        vector_length(tmp_path / "pipe")


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(WordVectorsError, match="cannot be read"):
        vector_length(tmp_path / "none.txt")
