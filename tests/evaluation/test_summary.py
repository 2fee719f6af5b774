"""Figures as they are printed and saved."""

import json
from dataclasses import replace

import pytest

from imagecap.evaluation.errors.failures import count_failures
from imagecap.evaluation.evaluate import Evaluation, Lengths, Score
from imagecap.evaluation.report.summary import Subject, rules, to_scores_json, to_table
from imagecap.model.beam_search import BeamSettings
from imagecap.model.decoding import Decoding

EVALUATION = Evaluation(
    scores={"BLEU-4": Score(19.84, 18.0, 21.26), "CIDEr": Score(46.58, 44.0, 49.0)},
    cider={"a.jpg": 40.0, "b.jpg": 53.16},
    distinct_captions=2,
    words=7,
    lengths=Lengths(9.5, 0.5, 9, 10),
    reference_lengths=Lengths(10.25, 2.0, 1, 1234),
    seen=0.5,
)
SUBJECT = Subject(
    "default", "flickr8k", "dev", Decoding(BeamSettings(3)), 2919, ("A note.",)
)


def test_the_table_shows_every_figure() -> None:
    lines = to_table(SUBJECT, EVALUATION).splitlines()
    assert lines[0] == "default on flickr8k, dev: 2 pictures, beam 3"
    assert "| BLEU-4 | 19.8 | 18.0 – 21.3 |" in lines
    assert "| vocabulary used | 7 words of 2,919 |" in lines
    assert "| words in a reference | 10.2 ± 2.0 (1 to 1,234) |" in lines
    assert "| captions seen word for word in train | 50.0 % |" in lines
    assert lines[-1] == "A note."
    assert "1,000 resamples" in lines[-2]
    assert "CIDEr is CIDEr-D" in lines[-3]


def test_captions_from_a_file_have_no_beam_and_no_vocabulary() -> None:
    subject = replace(SUBJECT, name="others.json", search=None, vocabulary_size=None)
    table = to_table(subject, replace(EVALUATION, cider={"a.jpg": 1.0}))
    assert table.startswith("others.json on flickr8k, dev: 1 picture\n")
    assert "| vocabulary used | 7 words |" in table


def test_without_train_nothing_is_said_of_it() -> None:
    table = to_table(SUBJECT, replace(EVALUATION, seen=None))
    assert "in a reference" in table
    assert "train" not in table


def test_json_holds_every_figure_unrounded() -> None:
    failures = count_failures({"a.jpg": "A red man."}, {"a.jpg": ("A blue man.",)})
    content = json.loads(to_scores_json(SUBJECT, EVALUATION, failures))
    assert content["failures"]["model"]["colour"]["contradicted"] == 1
    assert content["scores"]["CIDEr"] == {"value": 46.58, "low": 44.0, "high": 49.0}
    assert content["lengths"]["deviation"] == 0.5
    assert content["cider"] == EVALUATION.cider
    assert content["pictures"] == 2
    assert content["rules"] == rules(EVALUATION)
    assert content["notes"] == ["A note."]


@pytest.mark.parametrize("present", [True, False])
def test_the_rule_of_meteor_comes_with_meteor(present: bool) -> None:
    scores = {**EVALUATION.scores, **({"METEOR": Score(38, 35, 41)} if present else {})}
    assert (
        any("METEOR 1.5" in rule for rule in rules(replace(EVALUATION, scores=scores)))
        == present
    )
