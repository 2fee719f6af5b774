"""train.py goes on with a model as it ships, on few pictures."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from training_runs import train

from imagecap.commands.train_adaptation import NOT_BETTER, verdict
from imagecap.datasets.scenes import write_scenes
from imagecap.evaluation.comparison import Comparison
from imagecap.evaluation.gains import MoreInCommon, NewWordsSaid
from imagecap.library.store import Library
from imagecap.model.bundle import (
    DUAL_ENCODER,
    ENCODER,
    LANGUAGE_MODEL,
    Bundle,
    load_bundle,
)
from imagecap.model.captioner import Captioner
from imagecap.model.dual_encoder import DualEncoder, load_dual_encoder
from imagecap.model.language_model import load_language_model
from imagecap.model.log_linear import LogLinear
from imagecap.model.manifest import RankerRecord
from imagecap.model.sealing import update_bundle
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.export.fit_language_model import (
    fit_language_model,
    with_language,
)


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("few") / "scenes"
    write_scenes(folder, train=18, dev=2, test=2)
    return folder


class GoneOn(NamedTuple):
    """A model, what train.py printed as it went on with it, and what came of it."""

    old: Bundle
    printed: str
    new: Bundle


@pytest.fixture(scope="module")
def gone_on(
    untrained_bundle: Path, few: Path, tmp_path_factory: pytest.TempPathFactory
) -> GoneOn:
    """Of a model that has learned nothing, but has all that a shipped one has."""
    folder = tmp_path_factory.mktemp("gone on")
    first = add_all_besides(shutil.copytree(untrained_bundle, folder / "models/first"))
    printed = train(folder, "--data", few, "--from", "first", "--seed", 1)
    return GoneOn(first, printed, load_bundle(folder / "models" / "scenes-first"))


def add_all_besides(folder: Path) -> Bundle:
    bundle = load_bundle(folder)
    words = list(bundle.vocabulary.words[len(Vocabulary.SPECIAL) :])
    language = fit_language_model([words], bundle.vocabulary)
    generator = np.random.default_rng(0)
    length, size = bundle.feature_shape[-1], len(bundle.vocabulary)
    maps = [generator.normal(size=shape) for shape in [(length, 3), 3, (size, 3), 3]]
    manifest = with_language(bundle.manifest, language, 1)
    decoding = replace(
        manifest.decoding, ranker=LogLinear(similarity=0.01, rarity=0.01)
    )
    manifest = replace(
        manifest, decoding=decoding, ranker=RankerRecord(3000, 1000, 60.0, 64.0)
    )
    files = {
        LANGUAGE_MODEL: language.to_bytes(),
        DUAL_ENCODER: DualEncoder.of_maps(*maps).to_bytes(),
    }
    update_bundle(bundle, manifest, files)
    return load_bundle(folder)


def test_a_model_that_knew_nothing_learns_and_is_called_better(
    gone_on: GoneOn, few: Path
) -> None:
    old, printed, new = gone_on
    assert "New words: " in printed
    assert "Better by " in printed
    assert "20 pictures that it had not learned from" in printed
    assert "imagecap caption --model scenes-first" in printed
    assert new.manifest.training.epochs["adaptation"] > 0
    assert new.manifest.training.settings["start"] == "first"
    assert load_bundle(old.folder).manifest == old.manifest
    words = old.vocabulary.words
    assert new.vocabulary.words[: len(words)] == words
    assert (new.folder / ENCODER).read_bytes() == (old.folder / ENCODER).read_bytes()
    picture = next((few / "Images").iterdir())
    before, after = (
        [one.text for one in Captioner(each).candidates(picture, 8)]
        for each in (old, new)
    )
    assert after != before


def test_what_a_model_has_besides_stays(gone_on: GoneOn, few: Path) -> None:
    old, _, new = gone_on
    assert new.manifest.decoding == old.manifest.decoding
    assert new.manifest.ranker == old.manifest.ranker
    assert new.manifest.language_model == old.manifest.language_model
    assert len(new.vocabulary) > len(old.vocabulary)
    numbers = [*range(4, len(old.vocabulary))]
    features = np.ones((1, *old.feature_shape), np.float32)
    for load, ask in (
        (
            load_dual_encoder,
            lambda one: one.look_at(features).similarities([[numbers]])[0],
        ),
        (load_language_model, lambda one: one.word_means([numbers])),
    ):
        before, after = load(old), load(new)
        assert before is not None
        assert ask(after) == pytest.approx(ask(before), abs=0.01)
    picture = next((few / "Images").iterdir())
    found = Captioner(new).candidates(picture, 5)
    assert all(one.similarity is not None for one in found)


@pytest.mark.parametrize(
    ("start", "new"),
    [
        ("first", "scenes-first"),
        ("scenes-first", "scenes-first-2"),
        ("scenes-first-2", "scenes-first-3"),
        ("scenes-first-not-better", "scenes-first-2"),
    ],
)
def test_where_the_new_one_cannot_be_written_nothing_is_learned(
    tmp_path: Path, untrained_bundle: Path, few: Path, start: str, new: str
) -> None:
    shutil.copytree(untrained_bundle, tmp_path / "models" / start)
    (tmp_path / "models" / f".{new}.new").touch()
    printed = train(tmp_path, "--data", few, "--from", start, status=1)
    assert f"The model could not be written to models/{new} (File exists)" in printed
    assert "New words" not in printed


@pytest.mark.parametrize("how", [(), ("--epochs", 1)])
@pytest.mark.parametrize("start", ["first", "first-not-better"])
def test_a_new_model_does_not_take_the_place_of_its_start(
    tmp_path: Path, untrained_bundle: Path, few: Path, start: str, how: tuple[object]
) -> None:
    shutil.copytree(untrained_bundle, tmp_path / "models" / start)
    given = ("--data", few, "--from", start, "--name", "first", *how)
    printed = train(tmp_path, *given, status=1)
    assert f"would take the place of models/{start}" in printed


def test_what_is_not_better_is_kept_beside_and_not_called_done(
    tmp_path: Path, untrained_bundle: Path, library_file: Path, few: Path
) -> None:
    shutil.copytree(untrained_bundle, tmp_path / "models" / "first")
    library = Library(library_file)
    for picture in sorted((few / "Images").iterdir())[:3]:
        library.keep_human(picture, "A dog sits on the grass.")
    library.close()
    given = ["--data", "corrections", "--from", "first"]
    printed = train(tmp_path, *given, status=NOT_BETTER)
    assert "first stays the model to use" in printed
    assert "Done" not in printed
    assert not (tmp_path / "models" / "corrections-first").exists()
    load_bundle(tmp_path / "models" / "corrections-first-not-better")
    lines = train(tmp_path, *given, "--json", status=NOT_BETTER).splitlines()
    said = [json.loads(line) for line in lines if line.startswith("{")]
    assert said[-1]["better"] is False
    assert [one["done"] for one in said if "done" in one][-1] == 1


def test_one_picture_is_too_few(
    tmp_path: Path, untrained_bundle: Path, library_file: Path, few: Path
) -> None:
    shutil.copytree(untrained_bundle, tmp_path / "models" / "first")
    library = Library(library_file)
    library.keep_human(next((few / "Images").iterdir()), "A dog sits.")
    library.close()
    printed = train(tmp_path, "--data", "corrections", "--from", "first", status=1)
    assert "needs at least two pictures" in printed


def test_captions_without_words_are_no_captions(
    tmp_path: Path, untrained_bundle: Path, few: Path
) -> None:
    shutil.copytree(untrained_bundle, tmp_path / "models" / "first")
    shutil.copytree(few / "Images", tmp_path / "dots" / "images")
    names = sorted(one.name for one in (few / "Images").iterdir())[:4]
    rows = ["image,caption", *(f"{name},..." for name in names)]
    (tmp_path / "dots" / "captions.csv").write_text("\n".join(rows))
    printed = train(tmp_path, "--data", "dots", "--from", "first", status=1)
    # One of the four is kept for the test.
    assert "3 of the 3 pictures have no caption with words." in printed
    assert "needs at least two pictures" in printed


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ((60.0, 66.0, 1.0, 11.0), "Better by 6.0 (95 % +1.0 to +11.0): CIDEr 60.0 "),
        ((60.0, 59.0, -5.0, 3.0), "No difference beyond chance, -1.0 (95 % -5.0 to "),
        ((60.0, 50.0, -15.0, -5.0), "Worse by 10.0 (95 % -15.0 to -5.0): CIDEr 60.0 "),
    ],
)
def test_one_sentence_says_what_came_of_it(
    numbers: tuple[float, float, float, float], said: str
) -> None:
    sentence = verdict(Comparison(150, *numbers), "default")
    assert sentence.startswith(said)
    assert ("default stays the model to use" in sentence) == (numbers[2] < 0)


def test_more_of_what_people_write_being_found_is_better() -> None:
    in_common = MoreInCommon(0.02, 0.01, 0.03)
    comparison = Comparison(150, 60.0, 59.0, -5.0, 3.0, in_common)
    assert verdict(comparison, "default") == (
        "Better by 2.0 % (95 % +1.0 to +3.0): so much more of the words of what people "
        "wrote is in the captions that it finds, on 150 pictures that it had not "
        "learned from. CIDEr 60.0 before, 59.0 after, -1.0 (95 % -5.0 to +3.0)."
    )
    unclear = replace(
        comparison,
        in_common=MoreInCommon(0.02, -0.01, 0.03),
        new_words=NewWordsSaid(("rex",), 2, 3, 0),
    )
    assert verdict(unclear, "default") == (
        "Better: it says “rex” of 2 of the 3 pictures that it belongs to, and of 0 "
        "others, on 150 pictures that it had not learned from. CIDEr 60.0 before, "
        "59.0 after, -1.0 (95 % -5.0 to +3.0)."
    )
    worse = Comparison(150, 60.0, 50.0, -15.0, -5.0, in_common)
    assert verdict(worse, "default").startswith("Worse by 10.0 ")
