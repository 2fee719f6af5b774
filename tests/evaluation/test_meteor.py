"""METEOR against figures of coco-caption's own code, and a program that fails."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from imagecap.evaluation.evaluate import evaluate_captions
from imagecap.evaluation.metrics.meteor import Meteor, MeteorError, run_meteor
from imagecap.text.tokenizer import tokenize

CAPTIONS = {
    "1.jpg": "A brown dog is running through the grass.",
    "2.jpg": "",
    "3.jpg": "Zwei Straßenkinder, two children.",
    "4.jpg": "A man’s T-shirt",
}
REFERENCES = {
    "1.jpg": ["A dog runs across the lawn.", "The dog, a brown one, is running!"],
    "2.jpg": ["Two children"],
    "3.jpg": ["Straßenkinder", "Two kids"],
    "4.jpg": ["…", "The man's shirt"],
}
# What pycocoevalcap's Meteor().compute_score gives for these words.
TOGETHER = 0.34009655207043604
EACH = [0.389878039078659, 0.0, 0.3314442552807973, 0.39190092689266487]


@pytest.mark.skipif(shutil.which("java") is None, reason="METEOR needs Java")
def test_scores_equal_those_of_the_public_code() -> None:
    words = {name: tokenize(caption) for name, caption in CAPTIONS.items()}
    truths = {name: [tokenize(t) for t in group] for name, group in REFERENCES.items()}
    with run_meteor() as meteor:
        assert meteor is not None
        evaluation = evaluate_captions(CAPTIONS, REFERENCES, [], meteor)
        statistics = [meteor.statistics(words[name], truths[name]) for name in words]
        alone = meteor.score(np.array(statistics))
    assert alone.tolist() == pytest.approx(EACH)
    score = evaluation.scores["METEOR"]
    assert list(evaluation.scores).index("METEOR") == 4
    assert score.value == pytest.approx(100 * TOGETHER)
    assert 0 <= score.low < score.value < score.high <= 100


@pytest.mark.usefixtures("programs")
def test_without_java_there_is_none() -> None:
    with run_meteor() as meteor:
        assert meteor is None


def test_without_the_package_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pycocoevalcap", None)
    with run_meteor() as meteor:
        assert meteor is None


@pytest.fixture(params=["import time; time.sleep(60)", "input()"])
def silent(request: pytest.FixtureRequest) -> Iterator[Meteor]:
    """A program that goes on without an answer, and one that ends without."""
    process = subprocess.Popen(
        [sys.executable, "-c", request.param],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    yield Meteor(process, seconds=2)
    process.kill()
    process.communicate()


def test_a_program_that_does_not_answer_is_one_sentence(silent: Meteor) -> None:
    with pytest.raises(MeteorError, match="its Java program broke off"):
        silent.statistics(["a", "dog"], [["a", "dog"]])


def test_a_program_that_does_not_start_is_one_sentence(programs: Path) -> None:
    java = programs / "java"
    java.write_text("#!/bin/sh\nexit 1\n")
    java.chmod(0o755)
    with (
        pytest.raises(MeteorError, match="its Java program broke off"),
        run_meteor() as meteor,
    ):
        assert meteor is not None
        time.sleep(0.5)
        meteor.statistics(["a", "dog"], [["a", "dog"]])
