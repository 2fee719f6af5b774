"""train.py as its users run it, on drawn scenes."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import keras
import pytest
from click.testing import CliRunner
from filelock import FileLock
from permissions import as_nobody
from PIL import Image
from training_runs import QUICK, ROOT, history, train

from imagecap import Captioner
from imagecap.commands.train import main
from imagecap.datasets.dataset import load_dataset
from imagecap.datasets.scenes import write_scenes
from imagecap.evaluation.metrics.ngram import score_captions
from imagecap.text.tokenizer import tokenize
from imagecap.training.networks.encoders import ENCODERS


def test_scenes_are_learned_from_nothing(trained_scenes: Path) -> None:
    printed = (trained_scenes / "printed.txt").read_text()
    assert "imagecap caption --model scenes-small" in printed

    model = trained_scenes / "models" / "scenes-small"
    captioner = Captioner.load(model)
    unseen = load_dataset(trained_scenes / "dataset" / "scenes").test
    found = {
        path.name: captions[0].words
        for path, captions in captioner.caption_many(item.path for item in unseen)
    }
    references = {
        item.name: [tokenize(caption) for caption in item.captions] for item in unseen
    }
    assert score_captions(found, references)["BLEU-4"] > 90
    # The frame of a sentence alone earns much BLEU; most must be right to the word.
    right = [list(found[name]) in truths for name, truths in references.items()]
    assert sum(right) > 0.6 * len(right)

    card = (model / "README.md").read_text()
    scores = json.loads((model / "manifest.json").read_text())["scores"]["values"]
    assert f"{scores['CIDEr']:.1f}" in card
    run = trained_scenes / "models" / "scenes-small-training"
    assert (run / "curves.png").exists()


def test_the_whole_way_with_a_pretrained_encoder(tmp_path: Path) -> None:
    """Check data, extract, train, fine-tune, export, resume to more epochs."""
    data = tmp_path / "few"
    write_scenes(data, train=16, dev=4, test=4)
    keras.utils.set_random_seed(0)
    weights = tmp_path / "mobilenetv2.weights.h5"
    ENCODERS["mobilenetv2"].network(None).save_weights(weights)
    given = ["--data", data, "--encoder", "mobilenetv2", "--encoder-weights", weights]
    first = train(tmp_path, *given, *QUICK, "--epochs", 2)
    assert "few: train 16, dev 4, test 4 pictures" in first
    assert (tmp_path / "features" / "few-mobilenetv2.pkl").exists()
    assert [row["stage"] for row in history(tmp_path, "few-mobilenetv2")] == [
        *["decoder"] * 2
    ]
    again = train(tmp_path, *given, "--mixed-precision", status=1)
    assert "Error: A run named few-mobilenetv2 is there already" in again
    assert "bfloat16" not in again

    train(tmp_path, *given, "--resume", "--fine-tune", "--fine-tune-epochs", 1)
    rows = history(tmp_path, "few-mobilenetv2")
    assert [row["stage"] for row in rows] == ["decoder", "decoder", "fine-tune"]
    bundle = tmp_path / "models" / "few-mobilenetv2"
    picture = next((data / "Images").iterdir())
    assert Captioner.load(bundle).caption(picture).words

    other = train(tmp_path, *given, "--resume", "--lstm", 32, status=1)
    assert "was started with other values of --lstm" in other


def test_attention_is_trained_by_one_option(tmp_path: Path, data: Path) -> None:
    given = ["--data", data, "--encoder", "small", "--architecture", "attention"]
    printed = train(tmp_path, *given, *QUICK, "--fine-tune-epochs", 1)
    assert "imagecap caption --model few-small-attention" in printed
    bundle = tmp_path / "models" / "few-small-attention"
    manifest = json.loads((bundle / "manifest.json").read_text())
    assert manifest["architecture"] == "attention"
    assert manifest["training"]["settings"]["decoder"]["lstm"] == 16
    other = train(
        tmp_path,
        *given[:-1],
        "merge",
        *("--name", "few-small-attention", "--resume"),
        status=1,
    )
    assert "was started with other values of --architecture" in other


def test_other_scripts_and_odd_captions_are_learned_and_scored(tmp_path: Path) -> None:
    texts = ["كلبٌ يركضُ على العشب", "כֶּלֶב רץ", "一只狗在草地上跑", "A dog 🐶 runs"]
    data = tmp_path / "odd"
    (data / "images").mkdir(parents=True)
    lines = []
    for number in range(16):
        name = f"{number}.png"
        colour = (60 * (number % 4), 90, 40)
        Image.new("RGB", (64, 64), colour).save(data / "images" / name)
        text = texts[number % 4]
        lines += [f"{name},{text}"] * 2
    lines += ["0.png,🐶", "0.png,", f"0.png,{'كلب ' * 10_000}", "99.png,missing"]
    (data / "captions.csv").write_text("\n".join(["image,caption", *lines]))
    (data / "devImages.txt").write_text("0.png\n1.png\n2.png\n3.png\n")
    (data / "testImages.txt").write_text("3.png\n4.png\n")
    given = ["--data", data, "--encoder", "small", *QUICK, "--name", "odd"]
    printed = train(tmp_path, *given, "--fine-tune-epochs", 2)
    assert "1 picture of the test list stayed in an earlier list: 3.png." in printed
    assert "odd: train 11, dev 4, test 1 picture\n" in printed
    words = set(Captioner.load(tmp_path / "models" / "odd").bundle.vocabulary.words)
    assert {"كلبٌ", "כֶּלֶב", "狗", "dog"} <= words

    command = [sys.executable, "-m", "imagecap", "evaluate", "--data", str(data)]
    done = subprocess.run(
        [*command, "--model", "odd", "-o", "out"],
        cwd=tmp_path,
        env={
            **os.environ,
            "PATH": str(tmp_path),  # without Java, so without METEOR
            "PYTHONPATH": str(ROOT),
            "PYTHONIOENCODING": "ascii",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    annotations = json.loads((tmp_path / "out" / "annotations.json").read_text())
    written = {entry["caption"] for entry in annotations["annotations"]}
    assert {*texts, "🐶"} <= written
    report = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    # Three of the four pictures are shown.
    assert sum(f'<li dir="auto">{text}</li>' in report for text in texts) >= 2


def test_a_forbidden_folder_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").mkdir()
    # From inside, it does not matter who may come here.
    tmp_path.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    # Nobody may be barred from Python's own folders, so all is imported before.
    train(tmp_path, "--data", "secret", status=1)
    (tmp_path / "secret").chmod(0)
    try:
        with as_nobody():
            done = CliRunner().invoke(main, ["--data", "secret"])
    finally:
        (tmp_path / "secret").chmod(0o755)
    assert done.exit_code == 1
    assert done.stderr.startswith(
        "Error: secret cannot be read (Permission denied); see that"
    )


def test_pictures_of_dev_that_nobody_can_read_are_one_sentence(
    tmp_path: Path, data: Path
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(data, broken)
    for name in (broken / "devImages.txt").read_text().split():
        (broken / "Images" / name).write_text("no picture")
    given = ["--data", broken, "--encoder", "small", *QUICK]
    printed = train(tmp_path, *given, "--fine-tune-epochs", 1, status=1)
    assert "None of the pictures of the dev split can be read." in printed
    # What failed before anything was learned is not in the way of the next try.
    mended = ["--data", data, *given[2:], "--name", "broken-small"]
    train(tmp_path, *mended, "--fine-tune-epochs", 2)
    assert len(history(tmp_path, "broken-small")) == 2
    weights = tmp_path / "mobilenetv2.weights.h5"
    ENCODERS["mobilenetv2"].network(None).save_weights(weights)
    given = ["--data", broken, "--encoder", "mobilenetv2", "--encoder-weights", weights]
    printed = train(tmp_path, *given, *QUICK, status=1)
    assert "None of the pictures of the dev split can be read." in printed


def test_a_run_that_another_program_works_on_is_left_alone(
    tmp_path: Path, data: Path
) -> None:
    lock = tmp_path / "models" / "run-training" / "run.lock"
    lock.parent.mkdir(parents=True)
    with FileLock(lock):
        given = ["--data", data, "--encoder", "small", *QUICK, "--name", "run"]
        printed = train(tmp_path, *given, status=1)
    assert "Error: Another train.py is at work in models/run-training." in printed


def test_what_is_wrong_is_one_sentence(tmp_path: Path, data: Path) -> None:
    assert "Error: Say what to train on" in train(tmp_path, status=1)
    assert "Error: There is no folder" in train(tmp_path, "--data", "no", status=1)
    missing = train(tmp_path, "--data", data, "--encoder-weights", "none.h5", status=1)
    assert "Error: There is no weight file none.h5" in missing
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("dog 1 2 3\n")
    given = ["--data", data, "--word-vectors", vectors]
    other_length = train(tmp_path, *given, "--embedding", 4, status=1)
    assert "have 3 numbers: leave out --embedding" in other_length
    known = train(tmp_path, *given, "--from", "default", status=1)
    assert "leave out --word-vectors or --from" in known
    nothing = train(tmp_path, "--data", data, "--resume", status=1)
    assert "Error: There is no run to go on with" in nothing


def test_weights_that_cannot_be_downloaded_are_explained(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nothing listens there: a machine without internet.
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    printed = train(tmp_path, "--data", data, "--encoder", "xception", status=1)
    assert "The ImageNet weights of xception could not be downloaded" in printed
    assert "--encoder-weights FILE" in printed


def test_weights_of_another_network_are_refused(tmp_path: Path, data: Path) -> None:
    weights = tmp_path / "other.weights.h5"
    keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]).save_weights(weights)
    given = ["--data", data, "--encoder", "mobilenetv2", "--encoder-weights", weights]
    assert "does not hold weights of mobilenetv2" in train(tmp_path, *given, status=1)


def test_the_help_ends_with_examples_as_they_are_typed() -> None:
    lines = CliRunner().invoke(main, ["--help"], terminal_width=80).output.splitlines()
    examples = [line.strip() for line in lines[lines.index("  Examples:") :]]
    assert "python train.py --dataset scenes" in examples
    assert "python train.py --from default --data corrections" in examples
    assert not any("\\b" in line for line in lines)


def test_who_stops_learning_from_few_pictures_is_told_that_it_starts_anew(
    untrained_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("imagecap.commands.train.run_adaptation", stop)
    write_scenes(tmp_path / "mine", train=2, dev=1, test=1)
    arguments = ["--data", "mine", "--from", str(untrained_bundle)]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 130
    assert "Stopped. Nothing was changed: the same command" in done.output
    assert "--resume" not in done.output
