"""Scores against the public COCO scoring code, on the same words."""

import pytest
from pycocoevalcap.bleu.bleu import Bleu
from pycocoevalcap.cider.cider import Cider

from imagecap.evaluation.scores import score_captions

REFERENCES = {
    "one.jpg": [
        "a brown dog runs through the grass",
        "the dog is running on grass",
        "a dog runs",
    ],
    "two.jpg": ["two children play with a ball", "kids playing ball outside"],
    "three.jpg": ["a man in a red shirt climbs a rock", "a climber on a rock face"],
    "four.jpg": ["a man in a red shirt", "a man stands"],
}
CAPTIONS = {
    "one.jpg": "a brown dog is running through the grass",
    "two.jpg": "two two two children play",
    "three.jpg": "a man in a red shirt is standing in front of a building",
    "four.jpg": "a",
}


def test_scores_equal_those_of_the_public_code() -> None:
    captions = {name: text.split() for name, text in CAPTIONS.items()}
    references = {
        name: [text.split() for text in texts] for name, texts in REFERENCES.items()
    }
    ours = score_captions(captions, references)
    hypotheses = {name: [text] for name, text in CAPTIONS.items()}
    bleu, _ = Bleu(4).compute_score(REFERENCES, hypotheses, verbose=0)
    cider, _ = Cider().compute_score(REFERENCES, hypotheses)
    for n in range(4):
        assert ours[f"BLEU-{n + 1}"] == pytest.approx(100 * bleu[n], abs=1e-6)
    assert ours["CIDEr"] == pytest.approx(100 * cider, abs=1e-6)


def test_empty_captions_score_zero() -> None:
    scores = score_captions({"a.jpg": []}, {"a.jpg": [["a", "dog"]]})
    assert set(scores.values()) == {0.0}
