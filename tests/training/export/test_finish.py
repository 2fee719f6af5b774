"""What a bundle learns from features before its seal; each picture is read once."""

import math
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from untrained_model import export_untrained

from imagecap import Captioner
from imagecap.datasets.dataset import Dataset, Example, Report
from imagecap.datasets.scenes import write_scenes
from imagecap.evaluation.calibration import dev_split
from imagecap.model import picture_encoder
from imagecap.model.bundle import WORD_DETECTOR, Bundle, load_bundle
from imagecap.model.confidence import OUT_OF_DISTRIBUTION
from imagecap.model.language_model import load_language_model
from imagecap.model.word_detector import load_word_detector
from imagecap.training.export import finish, fit_word_detector
from imagecap.training.export.finish import TrainSplit, finish_bundle

Finish = Callable[[Sequence[Example]], list[str]]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Where the finished model will be."""
    return tmp_path / "models" / "small"


@pytest.fixture
def finish_with(untrained_bundle: Path, model: Path) -> Finish:
    """Finishes a copy of an untrained model with a train split."""

    def finish_copy(examples: Sequence[Example]) -> list[str]:
        unfinished = load_bundle(untrained_bundle)
        folder = Path(shutil.copytree(untrained_bundle, model.with_name(".small.new")))
        dataset = dataset_of(train=examples)
        bundle = Bundle(folder, unfinished.manifest, unfinished.vocabulary)
        return finish_bundle(bundle, dataset, TrainSplit(bundle, dataset), model)

    return finish_copy


def dataset_of(train: Sequence[Example] = (), dev: Sequence[Example] = ()) -> Dataset:
    return Dataset(
        "made-up", {"train": tuple(train), "dev": tuple(dev), "test": ()}, Report(())
    )


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> list[Example]:
    folder = tmp_path_factory.mktemp("drawn") / "scenes"
    write_scenes(folder, train=40, dev=1, test=1)
    pictures = sorted(folder.rglob("*.png"))[:40]
    return [
        Example(path.name, path, ("a dog runs on the grass", f"a dog sits {number}"))
        for number, path in enumerate(pictures)
    ]


def test_a_model_learns_words_and_says_them(
    model: Path,
    untrained_bundle: Path,
    examples: list[Example],
    finish_with: Finish,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before, path = load_bundle(untrained_bundle), examples[0].path
    plain = Captioner(before).candidates(path, 24)
    monkeypatch.setattr(fit_word_detector, "FEWEST_PICTURES", 40)
    assert finish_with(examples)[0] == "Learned to tell 7 words from pictures."
    bundle = load_bundle(model)
    bundle.verify(*bundle.manifest.files)
    assert bundle.manifest.files.keys() - before.manifest.files.keys() == {
        WORD_DETECTOR
    }
    card = (model / "README.md").read_text(encoding="utf-8")
    assert "that knows 7 words, was fitted to the features of the 40 photo" in card
    detector = load_word_detector(bundle)
    assert detector is not None
    known = {bundle.vocabulary.words[number] for number in detector.numbers}
    assert known == {"a", "dog", "runs", "sits", "on", "the", "grass"}

    found = Captioner.load(model).candidates(path, 24)
    # All pictures were described alike, so no word gains in one of them.
    assert {caption.text for caption in found} == {caption.text for caption in plain}
    assert found != plain
    # Nobody wrote of cats.
    cats = [caption.words.count("cat") / len(caption.words) for caption in found]
    assert max(cats) > 0
    assert np.mean(cats[:12]) < np.mean(cats[12:])


def test_captions_of_train_teach_language_and_the_former_model_keeps_its_own(
    model: Path,
    untrained_bundle: Path,
    examples: list[Example],
    finish_with: Finish,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(finish, "FEWEST_CAPTIONS", 80)
    sentence = finish_with(examples)[1]
    assert sentence == "Learned from 80 captions which words follow which."
    former = load_bundle(model)
    assert former.manifest.language_model is not None
    assert former.manifest.language_model.captions == 80
    assert former.manifest.decoding.language is not None
    learned = load_language_model(former)
    assert learned is not None

    # A person's own photographs have too few captions.
    folder = Path(shutil.copytree(untrained_bundle, model.with_name(".next.new")))
    bundle = Bundle(folder, load_bundle(folder).manifest, former.vocabulary)
    dataset = dataset_of(train=examples[:5])
    place = model.with_name("next")
    train = TrainSplit(bundle, dataset)
    sentences = finish_bundle(bundle, dataset, train, place, former)
    assert sentences[1] == "The language model of small stays."
    kept = load_language_model(load_bundle(place))
    assert kept is not None
    assert kept.to_bytes() == learned.to_bytes()
    assert load_bundle(place).manifest.language_model == former.manifest.language_model


def test_few_pictures_teach_nothing(
    model: Path, untrained_bundle: Path, examples: list[Example], finish_with: Finish
) -> None:
    words, confidence = finish_with(examples)
    assert words == "Without a word detector: that needs at least 2,000 pictures."
    assert confidence.startswith("Without confidence: ")
    former = load_bundle(untrained_bundle).manifest
    assert load_bundle(model).manifest == former


def test_pictures_that_cannot_be_read_do_not_count(
    model: Path,
    examples: list[Example],
    finish_with: Finish,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fit_word_detector, "FEWEST_PICTURES", 40)
    broken = Example("none.png", model / "none.png", ("a dog",))
    assert finish_with([*examples[1:], broken])[0].startswith("Without")
    assert finish_with([*examples, broken])[0].startswith("Learned")


def noise(folder: Path, count: int) -> list[Path]:
    folder.mkdir()
    generator = np.random.default_rng(0)
    paths = [folder / f"{number:03}.png" for number in range(count)]
    for path in paths:
        pixels = generator.integers(0, 256, (8, 8, 3), np.uint8)
        Image.fromarray(pixels).resize((64, 64)).save(path)
    return paths


def test_each_picture_is_read_and_encoded_once_and_the_bundle_placed_once(
    tmp_path: Path, untrained_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fit_word_detector, "FEWEST_PICTURES", 320)
    paths = noise(tmp_path / "pictures", 440)
    captioner = Captioner.load(untrained_bundle)
    splits: dict[str, list[Example]] = {"train": [], "dev": []}
    for number, path in enumerate(paths):
        text = "Something else."
        if number >= 320 and number % 2:
            text = captioner.caption(path).text
        splits["train" if number < 320 else "dev"].append(
            Example(path.name, path, (text,))
        )
    read: Counter[Path] = Counter()
    encoded, placed = [], []
    open_picture, place_bundle = picture_encoder.open_picture, finish.place_bundle
    encode = picture_encoder.PictureEncoder.encode

    def count_reading(path: Path, **options: object) -> Image.Image:
        read[path] += 1
        return open_picture(path, **options)  # type: ignore[arg-type]

    def count_encoding(
        encoder: picture_encoder.PictureEncoder, pixels: np.ndarray
    ) -> np.ndarray:
        encoded.append(len(pixels))
        return encode(encoder, pixels)

    def count_placing(bundle: Path, folder: Path) -> None:
        placed.append(folder)
        place_bundle(bundle, folder)

    monkeypatch.setattr(picture_encoder, "open_picture", count_reading)
    monkeypatch.setattr(picture_encoder.PictureEncoder, "encode", count_encoding)
    monkeypatch.setattr(finish, "place_bundle", count_placing)
    folder = tmp_path / "models" / "whole"
    export_untrained(folder, "merge", dataset=dataset_of(**splits))
    assert read == Counter(dict.fromkeys(paths, 1))
    assert sum(encoded) == len(paths)
    assert placed == [folder]

    manifest = load_bundle(folder).manifest
    assert manifest.word_detector is not None
    assert manifest.word_detector.pictures == 320
    assert manifest.confidence is not None
    assert manifest.confidence.evidence == "expected_cider"
    assert manifest.confidence.measured.pictures == 120
    assert manifest.failures is not None
    assert {WORD_DETECTOR, OUT_OF_DISTRIBUTION} < manifest.files.keys()
    # What was measured is what users meet: seven of a hundred of dev are odd.
    finished = Captioner.load(folder)
    found = [c for _, (c, *_) in finished.caption_many(e.path for e in splits["dev"])]
    assert sum(caption.confidence is None for caption in found) == math.ceil(0.07 * 120)


def test_an_interrupted_export_leaves_what_was_there(
    tmp_path: Path, untrained_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(untrained_bundle, tmp_path / "models" / "kept"))
    before = load_bundle(folder)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as interrupted:
        interrupted.setattr(dev_split, "judge_captions", interrupt)
        with pytest.raises(KeyboardInterrupt):
            export_untrained(folder, "merge")
    assert load_bundle(folder).manifest == before.manifest
    assert [path.name for path in folder.parent.iterdir()] == ["kept"]
    export_untrained(folder, "merge")
    assert load_bundle(folder).manifest.files.keys() == before.manifest.files.keys()
