"""Two models as one predict with the mean of their probabilities."""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from untrained_model import WORDS, export_untrained

from imagecap.commands.main import main
from imagecap.datasets.scenes import write_scenes
from imagecap.model.bundle import MEMORY, load_bundle
from imagecap.model.captioner import Captioner
from imagecap.model.litert import LiteRTDecoder, LiteRTEncoder
from imagecap.model.manifest import Notes, SplitSize
from imagecap.model.sealing import update_bundle
from imagecap.pictures.reading import encoder_pixels, open_picture
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.export import ensemble
from imagecap.training.export.backend import ExportError
from imagecap.training.export.ensemble import EnsembleError, build_ensemble


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("drawn") / "scenes"
    write_scenes(folder, train=2, dev=1, test=1)
    return sorted(folder.rglob("*.png"))


@pytest.fixture(scope="module")
def joined(
    tmp_path_factory: pytest.TempPathFactory,
    untrained_attention_bundle: Path,
    untrained_bundle: Path,
) -> Path:
    folder = tmp_path_factory.mktemp("joined") / "both"
    first, second = map(load_bundle, (untrained_attention_bundle, untrained_bundle))
    notes = Notes("It was trained twice.", "Elsewhere its CIDEr is 12.")
    manifest = replace(first.manifest, notes=notes, memory=SplitSize(2, 3))
    build_ensemble(replace(first, manifest=manifest), second, folder)
    return folder


def test_each_word_has_the_mean_probability(
    joined: Path,
    untrained_attention_bundle: Path,
    untrained_bundle: Path,
    pictures: list[Path],
) -> None:
    words = np.array([Vocabulary.START, 5], np.int32)
    found = []
    for folder in (joined, untrained_attention_bundle, untrained_bundle):
        bundle = load_bundle(folder)
        size = bundle.image_size
        pixels = np.stack([encoder_pixels(open_picture(p), size) for p in pictures[:2]])
        decoder = LiteRTDecoder(bundle)
        state = dict(decoder.start(LiteRTEncoder(bundle).encode(pixels)))
        steps = []
        for _ in range(2):
            log_probabilities, changed, attention = decoder.step(words, state)
            state.update(changed)
            steps.append((np.exp(log_probabilities), attention))
        found.append(steps)
    for both, first, second in zip(*found, strict=True):
        np.testing.assert_allclose(both[0], (first[0] + second[0]) / 2, atol=2e-3)
        np.testing.assert_allclose(both[1], first[1], atol=5e-3)
        assert second[1] is None


def test_a_joined_model_describes_pictures_and_says_what_it_is(
    joined: Path, pictures: list[Path]
) -> None:
    captioner = Captioner.load(joined)
    caption = captioner.caption(pictures[0])
    assert caption.words
    assert caption.attention is not None
    assert caption.confidence is None
    card = (joined / "README.md").read_text(encoding="utf-8")
    assert card.startswith("# both\n")
    assert "Two models in one" in card
    members = captioner.bundle.manifest.ensemble
    assert members is not None
    assert [one.split("@")[0] for one in members.members] == ["attentive", "untrained"]


def test_the_card_of_a_joined_model_says_whose_recipe_and_scores_it_has(
    joined: Path,
) -> None:
    card = (joined / "README.md").read_text(encoding="utf-8")
    assert "## Recipe\n\nThat of attentive alone: Word vectors of 8" in card
    assert "those of attentive alone, " in card
    assert "trained twice" not in card
    assert "Elsewhere" not in card
    manifest = load_bundle(joined).manifest
    assert manifest.notes == Notes()
    # Nor does it hold words of a person that only the first one holds.
    assert manifest.memory is None


def test_a_model_is_replaced_only_by_a_whole_one(
    tmp_path: Path, untrained_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own"
    shutil.copytree(untrained_bundle, own)
    before = load_bundle(own)
    with monkeypatch.context() as broken:

        def fail(*_: object) -> None:
            raise RuntimeError("the converter gave up")

        broken.setattr(ensemble, "convert_to_int8", fail)
        with pytest.raises(ExportError, match="gave up"):
            build_ensemble(before, load_bundle(untrained_bundle), own)
    assert load_bundle(own).identity == before.identity
    build_ensemble(before, load_bundle(untrained_bundle), own)
    assert load_bundle(own).manifest.ensemble is not None


def test_a_word_that_the_second_does_not_know_has_the_first_s_share_alone(
    tmp_path: Path, untrained_attention_bundle: Path, pictures: list[Path]
) -> None:
    fewer = [word for word in reversed(WORDS) if word != "cat"]
    folders = (
        untrained_attention_bundle,
        export_untrained(tmp_path / "other", "merge", fewer),
        tmp_path / "both",
    )
    build_ensemble(*map(load_bundle, folders[:2]), folders[2])
    predicted = []
    for bundle in map(load_bundle, folders):
        size = bundle.image_size
        pixels = encoder_pixels(open_picture(pictures[0]), size)[None]
        decoder = LiteRTDecoder(bundle)
        state = dict(decoder.start(LiteRTEncoder(bundle).encode(pixels)))
        # A dog first, then what the second has no word for.
        for word in ("dog", "cat"):
            number = np.array(bundle.vocabulary.encode([word]), np.int32)
            log_probabilities, changed, _ = decoder.step(number, state)
            state.update(changed)
        numbers = bundle.vocabulary.encode([*WORDS, "<end>"])
        predicted.append(np.exp(log_probabilities[0, numbers]))
    first, second, both = predicted
    # For the second, a cat is the unknown word, which is never predicted.
    assert second[WORDS.index("cat")] == 0
    np.testing.assert_allclose(both, (first + second) / 2, atol=2e-3)
    assert both.sum() == pytest.approx(1, abs=1e-3)


def test_a_model_with_words_of_its_own_is_not_the_second(
    tmp_path: Path, untrained_bundle: Path
) -> None:
    one = load_bundle(untrained_bundle)
    other = load_bundle(export_untrained(tmp_path / "other", "merge", ["zebra"]))
    with pytest.raises(EnsembleError, match="does not, such as “zebra”"):
        build_ensemble(one, other, tmp_path / "both")
    assert not (tmp_path / "both").exists()


def test_what_is_joined_already_is_not_joined_without_its_second(
    joined: Path, untrained_bundle: Path, tmp_path: Path
) -> None:
    both, one = load_bundle(joined), load_bundle(untrained_bundle)
    for pair in ((both, one), (one, both)):
        with pytest.raises(EnsembleError, match="both is made of two models already"):
            build_ensemble(*pair, tmp_path / "new")


def test_what_a_joined_model_leaves_behind_is_said(
    untrained_bundle: Path, tmp_path: Path
) -> None:
    first = Path(shutil.copytree(untrained_bundle, tmp_path / "first"))
    one = load_bundle(first)
    update_bundle(one, replace(one.manifest, memory=SplitSize(2, 3)), {MEMORY: b"1"})
    (said,) = build_ensemble(load_bundle(first), one, tmp_path / "both")
    assert said.startswith("The pictures that first remembers are not remembered")


def test_the_command_says_which_model_there_is_not(
    untrained_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["join", str(untrained_bundle), "nowhere", "both"])
    assert done.exit_code == 1
    assert "There is no model “nowhere”." in done.output
    assert not (tmp_path / "models").exists()


def test_the_command_loads_keras_only_for_models_that_there_are(
    untrained_bundle: Path, tmp_path: Path
) -> None:
    code = (
        "import sys\n"
        "from imagecap.commands.main import main\n"
        "try:\n    main()\n"
        "finally:\n    print({'keras', 'tensorflow'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "join", str(untrained_bundle), "nowhere", "both"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == "set()\n"
    assert done.stderr.startswith("Error: There is no model “nowhere”.")
