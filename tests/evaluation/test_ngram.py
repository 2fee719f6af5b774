"""Scores against the public COCO scoring code, on the same words."""

import numpy as np
import pytest
from nltk.translate.bleu_score import corpus_bleu
from pycocoevalcap.bleu.bleu import Bleu
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.rouge.rouge import Rouge

from imagecap.evaluation.metrics.ngram import (
    bleu,
    bleu_statistics,
    rouge_l,
    score_captions,
)

# Each: a caption, then what people wrote.
PICTURES = [
    [
        "a brown dog is running through the grass",
        "a brown dog runs through the grass",
        "the dog is running on grass",
        "a dog runs",
    ],
    ["two two two children play", "two children play with a ball", "kids playing ball"],
    [
        "a man in a red shirt is standing in front of a building",
        "a man in a red shirt climbs a rock",
        "a climber on a rock face",
    ],
    ["a", "a man in a red shirt", "a man stands"],
    ["dog", "dog", "a dog"],
    ["", "a girl on a swing", "the girl 's swing"],
    ["a girl swings", "a girl on a swing in the park with her friends and two dogs"],
    ["a girl on a swing in the park with her friends and two dogs", "a girl swings"],
    [
        "the the the the the the the",
        "the cat is on the mat",
        "there is a cat on the mat",
    ],
    ["snow", "a man skis", "a skier"],
    ["a man skis down a hill", "a man skis down a hill", "a man skis down a hill"],
    ["hill a down skis man a", "a man skis down a hill", "the skier"],
    ["a woman 's t-shirt", "a woman 's t-shirt is red", "she does n't smile"],
    ["an b a b a b a", "a b a b", "b a b a b a b"],
    ["no word in common", "a surfer rides waves", "surfing", "on the sea he stands"],
]
WORDS = ["a", "the", "dog", "man", "girl", "runs", "sits", "on", "red", "two", "with"]


def made_up() -> list[list[str]]:
    generator = np.random.default_rng(3)

    def sentence() -> str:
        return " ".join(generator.choice(WORDS, generator.integers(1, 20)))

    return [
        [sentence() for _ in range(1 + generator.integers(1, 7))] for _ in range(40)
    ]


@pytest.mark.parametrize(
    "pictures",
    [
        PICTURES,
        made_up(),
        PICTURES + made_up(),
        *([picture] for picture in PICTURES),
        PICTURES[3:6],
        PICTURES[9:12],
    ],
)
def test_scores_equal_those_of_the_public_code(pictures: list[list[str]]) -> None:
    captions = {f"{number}.jpg": [p[0]] for number, p in enumerate(pictures)}
    references = {f"{number}.jpg": p[1:] for number, p in enumerate(pictures)}
    words = {name: text.split() for name, (text,) in captions.items()}
    truths = {
        name: [text.split() for text in group] for name, group in references.items()
    }

    ours = score_captions(words, truths)
    theirs, _ = Bleu(4).compute_score(references, captions, verbose=0)
    for n in range(4):
        assert ours[f"BLEU-{n + 1}"] == pytest.approx(100 * theirs[n], abs=1e-6)
    cider, _ = Cider().compute_score(references, captions)
    assert ours["CIDEr"] == pytest.approx(100 * cider, abs=1e-6)
    _, rouge = Rouge().compute_score(references, captions)
    assert [rouge_l(words[name], truths[name]) for name in words] == pytest.approx(
        list(rouge), abs=1e-8
    )


@pytest.mark.parametrize("pictures", [PICTURES, made_up()])
def test_bleu_is_that_of_nltk(pictures: list[list[str]]) -> None:
    # In a caption of fewer words than n, NLTK counts an n-gram all the same.
    texts = [[text.split() for text in picture] for picture in pictures]
    texts = [picture for picture in texts if len(picture[0]) >= 4]
    captions = {str(number): picture[0] for number, picture in enumerate(texts)}
    references = {str(number): picture[1:] for number, picture in enumerate(texts)}
    ours = score_captions(captions, references)
    for n in range(1, 5):
        theirs = corpus_bleu(references.values(), captions.values(), (1 / n,) * n)
        assert ours[f"BLEU-{n}"] == pytest.approx(100 * theirs, abs=1e-6)


def test_empty_captions_score_zero() -> None:
    scores = score_captions({"a.jpg": []}, {"a.jpg": [["a", "dog"]]})
    assert set(scores.values()) == {0.0}
    assert rouge_l([], [["a", "dog"]]) == 0


def test_bleu_of_many_corpora_at_once_equals_each_alone() -> None:
    rows = [
        bleu_statistics(caption.split(), [text.split() for text in references])
        for caption, *references in made_up()
    ]
    sums = np.array([np.sum(rows[:20], axis=0), np.sum(rows[20:], axis=0)])
    assert bleu(sums).shape == (2, 4)
    assert np.array_equal(bleu(sums), [bleu(sums[0]), bleu(sums[1])])
