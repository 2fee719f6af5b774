"""What is measured of captions."""

import pytest

from imagecap.evaluation.evaluate import evaluate_captions
from imagecap.evaluation.metrics.ngram import CiderD, rouge_l, score_captions
from imagecap.text.tokenizer import tokenize

REFERENCES = {
    "a.jpg": ["A dog runs through grass.", "The dog is running."],
    "b.jpg": ["Two cats sit on a wall.", "Cats"],
    "c.jpg": ["A surfer rides a wave.", "A man on a wave"],
}
CAPTIONS = {
    "a.jpg": "A dog runs through the grass.",
    "b.jpg": "A dog runs.",
    "c.jpg": "A dog runs!",
}


def test_scores_are_those_of_all_pictures() -> None:
    found = evaluate_captions(CAPTIONS, REFERENCES, [], None)
    words = {name: tokenize(caption) for name, caption in CAPTIONS.items()}
    truths = {name: [tokenize(t) for t in group] for name, group in REFERENCES.items()}
    expected = score_captions(words, truths)
    expected["ROUGE-L"] = 100 * sum(rouge_l(words[n], truths[n]) for n in words) / 3
    assert list(found.scores) == [
        *(f"BLEU-{n}" for n in range(1, 5)),
        "ROUGE-L",
        "CIDEr",
    ]
    for name, score in found.scores.items():
        assert score.value == pytest.approx(expected[name], abs=1e-9)
        assert 0 <= score.low <= score.value <= score.high
    cider = CiderD(truths)
    assert found.cider == {
        name: pytest.approx(100 * cider.score(name, words[name])) for name in words
    }


def test_captions_are_described() -> None:
    found = evaluate_captions(
        CAPTIONS, REFERENCES, ["a dog runs", "nothing", "A dog runs."], None
    )
    assert found.distinct_captions == 2
    assert found.words == 6
    assert (found.lengths.shortest, found.lengths.longest) == (3, 6)
    assert found.lengths.mean == pytest.approx(4)
    assert found.lengths.deviation == pytest.approx(2**0.5)
    assert (found.reference_lengths.shortest, found.reference_lengths.longest) == (1, 6)
    assert found.seen == pytest.approx(2 / 3)


def test_one_picture_is_enough() -> None:
    found = evaluate_captions({"a.jpg": ""}, REFERENCES, [], None)
    assert found.scores["BLEU-1"].value == found.scores["ROUGE-L"].high == 0
    assert "CIDEr" not in found.scores
    assert found.notes[-1].startswith("CIDEr was left out: it weighs words by how few")
    assert not found.tells_pictures_apart
    # Nothing was to be seen in train.
    assert found.seen is None
