"""A model learns what a finished one predicts, beside the captions."""

from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image
from untrained_model import WORDS, export_untrained

from imagecap.datasets.dataset import load_dataset
from imagecap.model.bundle import load_bundle
from imagecap.model.litert import LiteRTDecoder
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.batches.distillation import (
    TEACHER_SHARE,
    TaughtBatches,
    TaughtModel,
    load_teacher,
    taught_caption_loss,
)
from imagecap.training.batches.teacher_forcing import PictureBatches, tokenize_examples
from imagecap.training.export.bundle_export import export_bundle
from imagecap.training.features.encode import encode_pictures
from imagecap.training.networks.decoder import DecoderConfig
from imagecap.training.networks.encoders import build_encoder
from imagecap.training.networks.merge_decoder import build_merge_decoder
from imagecap.training.run.pipeline import train
from imagecap.training.run.resolve_settings import choose_settings
from imagecap.training.run.run_folder import Run, TrainingError
from imagecap.training.settings import (
    DecoderSettings,
    FineTuneSettings,
    SearchSettings,
    TrainingSettings,
)

# Two captions each, that no other picture begins alike.
CAPTIONS = {
    "one.png": ("a dog runs", "on grass"),
    "two.png": ("the cat sits on the grass", "dog runs"),
    "three.png": ("cat sits", "grass"),
}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few captioned pictures to train, one for dev."""
    folder = tmp_path_factory.mktemp("pictures") / "few"
    folder.mkdir()
    lines = ["image,caption"]
    for colour, (name, captions) in enumerate(CAPTIONS.items()):
        pixels = np.zeros((64, 64, 3), np.uint8)
        pixels[20:50, 10:50, colour] = 255
        Image.fromarray(pixels).save(folder / name)
        lines += [f"{name},{caption}" for caption in captions]
    Image.fromarray(pixels[::-1]).save(folder / "dev.png")
    lines.append("dev.png,a dog sits")
    (folder / "captions.csv").write_text("\n".join(lines), encoding="utf-8")
    (folder / "trainImages.txt").write_text("\n".join(CAPTIONS), encoding="utf-8")
    (folder / "devImages.txt").write_text("dev.png\n", encoding="utf-8")
    return folder


def test_the_loss_is_the_cross_entropy_with_both() -> None:
    generator = np.random.default_rng(0)
    words = np.array([[[2, 5, 3, 0], [4, 3, 0, 0]]])
    logits = generator.normal(size=(1, 2, 4, 6)).astype(np.float32)
    taught = generator.dirichlet(np.ones(6), (1, 2, 4)).astype(np.float32)
    outputs = keras.ops.convert_to_tensor(np.concatenate([logits, taught], axis=-1))
    found = float(taught_caption_loss(words, outputs))

    losses = []
    for place in np.argwhere(words):
        row = logits[tuple(place)].astype(float)
        surprise = np.log(np.exp(row).sum()) - row
        true = surprise[words[tuple(place)]]
        losses.append(0.7 * (taught[tuple(place)] @ surprise) + 0.3 * true)
    assert len(losses) == 5
    assert found == pytest.approx(np.mean(losses), rel=1e-5)


@pytest.mark.parametrize("architecture", ["merge", "attention"])
def test_the_teacher_predicts_as_its_exported_network_does(
    tmp_path: Path, pictures: Path, architecture: str
) -> None:
    bundle = load_bundle(export_untrained(tmp_path / "old", architecture))
    # The learner counts words otherwise, and the teacher has no word for a zebra.
    vocabulary = Vocabulary(["zebra", *reversed(WORDS)])
    teacher = load_teacher(bundle, vocabulary)
    examples = load_dataset(pictures).train[:2]
    (batch,) = encode_pictures(teacher.encoder, examples)
    features = np.stack([batch.arrays[example.name] for example in examples])
    said = (("a", "dog"), ("zebra", "sits"), ("on", "grass"))
    numbers = [vocabulary.encode(words) for words in said]
    words = np.array([[(Vocabulary.START, *own) for own in numbers]] * 2, np.int32)
    predicted = np.asarray(teacher.predict(features, words))

    decoder = LiteRTDecoder(bundle)
    known = bundle.vocabulary.encode(vocabulary.words)
    zebra = predicted[..., vocabulary.encode(["zebra"])]
    assert not zebra.any()
    np.testing.assert_allclose(predicted.sum(axis=-1), 1, rtol=1e-5)
    for row, own in enumerate(said):
        state = dict(decoder.start(features))
        for place, word in enumerate(("<start>", *own)):
            number = np.array(bundle.vocabulary.encode([word] * 2), np.int32)
            log_probabilities, changed, _ = decoder.step(number, state)
            state.update(changed)
            np.testing.assert_allclose(
                predicted[:, row, place], np.exp(log_probabilities[:, known]), atol=2e-3
            )


def test_what_is_learned_lies_between_the_captions_and_the_teachers(
    tmp_path: Path, pictures: Path, untrained_attention_bundle: Path
) -> None:
    dataset = load_dataset(pictures)
    vocabulary = Vocabulary(WORDS)
    folders = (untrained_attention_bundle, export_untrained(tmp_path / "b", "merge"))
    teachers = [load_teacher(load_bundle(one), vocabulary) for one in folders]
    examples = tokenize_examples(dataset.train, vocabulary, 9)
    features: list[dict[str, np.ndarray]] = [{}, {}]
    for teacher, arrays in zip(teachers, features, strict=True):
        for batch in encode_pictures(teacher.encoder, dataset.train):
            arrays.update(batch.arrays)
    plain = PictureBatches(examples, 64, 3, 1.0, mirror=False, seed=0)
    batches = TaughtBatches(plain, features)
    keras.utils.set_random_seed(0)
    encoder = build_encoder("small")
    sizes = DecoderConfig(
        len(vocabulary), encoder.output_shape[-1], 16, 32, 16, dropout=0.0
    )
    model = TaughtModel(encoder, build_merge_decoder(sizes), teachers)
    model.compile(keras.optimizers.Adam(3e-3), loss=taught_caption_loss)
    for epoch in range(200):
        batches.start_epoch(epoch)
        model.train_on_batch(*batches[0])
    inputs, next_words = batches[0]
    true = np.eye(len(vocabulary))[next_words]
    first, second = (
        np.asarray(teacher.predict(own, inputs[1]))
        for teacher, own in zip(teachers, inputs[2:], strict=True)
    )
    wanted = TEACHER_SHARE * (first + second) / 2 + (1 - TEACHER_SHARE) * true
    logits = model.predict_on_batch(list(inputs))[..., : len(vocabulary)]
    found = np.asarray(keras.ops.softmax(logits))
    # At the first word, the captions of a picture share the truth between them.
    after = np.argwhere(next_words)
    after = after[after[:, 2] > 0]
    assert len(after) == 16
    for place in map(tuple, after):
        np.testing.assert_allclose(found[place], wanted[place], atol=0.05)


def test_a_run_with_a_teacher_keeps_its_features_and_says_so(
    tmp_path: Path, pictures: Path, untrained_attention_bundle: Path
) -> None:
    settings = TrainingSettings(
        encoder="small",
        minimum_count=1,
        decoder=DecoderSettings(embedding=8, lstm=8, image=8),
        fine_tune=FineTuneSettings(
            teacher=(str(untrained_attention_bundle),), epochs=2
        ),
        search=SearchSettings(beam_width=1),
    )
    run = Run(tmp_path / "run")
    trained = train(
        load_dataset(pictures), settings, run, tmp_path / "features", None, 60.0
    )
    assert [row["stage"] for row in trained.progress.history] == ["fine-tune"] * 2
    grids = np.load(tmp_path / "features" / "few-attentive-grid.npy", mmap_mode="r")
    assert len(grids) == 3
    export_bundle(trained, settings, load_dataset(pictures), tmp_path / "taught")
    card = (tmp_path / "taught" / "README.md").read_text(encoding="utf-8")
    said = f"predictions of {untrained_attention_bundle} counted for 70%"
    assert f"In that, {said} of what was to be predicted." in card


def test_two_teachers_of_one_name_are_refused(tmp_path: Path, pictures: Path) -> None:
    same = [export_untrained(tmp_path / place / "same", "merge") for place in "ab"]
    settings = TrainingSettings(
        encoder="small",
        minimum_count=1,
        fine_tune=FineTuneSettings(teacher=tuple(map(str, same)), epochs=1),
    )
    run = Run(tmp_path / "run")
    with pytest.raises(TrainingError, match="2 teachers are called same"):
        train(load_dataset(pictures), settings, run, tmp_path / "features", None, 60.0)


def test_what_does_not_go_with_a_teacher_is_named() -> None:
    with pytest.raises(TrainingError, match="add --fine-tune"):
        choose_settings(
            {"fine_tune.teacher": ("default",)}, fine_tune=False, scenes=False
        )
    both = {"fine_tune.teacher": ("default",), "label_smoothing": 0.1}
    with pytest.raises(TrainingError, match="leave out --teacher or --label-smoothing"):
        choose_settings(both, fine_tune=True, scenes=False)
