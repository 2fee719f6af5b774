"""The options of train.py against the settings that they choose."""

import re

import pytest
from click.testing import CliRunner

from imagecap.commands.train import main
from imagecap.training.run.resolve_settings import describe_default
from imagecap.training.settings import SETTINGS

SETTINGS_OF_OPTIONS = {
    setting.option: setting for setting in SETTINGS.values() if setting.option
}


def refused(*arguments: str) -> str:
    done = CliRunner().invoke(main, ["--dataset", "scenes", *arguments])
    assert done.exit_code == 2
    return done.output


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--lstm", "0"),
        ("--embedding", "0"),
        ("--image", "-1"),
        ("--hidden", "-1"),
        ("--dropout", "7"),
        ("--dropout", "nan"),
        ("--epochs", "-1"),
        ("--fine-tune-epochs", "-1"),
        ("--self-critical-epochs", "-1"),
        ("--patience", "-1"),
        ("--batch-size", "0"),
        ("--learning-rate", "-1"),
        ("--learning-rate", "nan"),
        ("--learning-rate", "inf"),
        ("--encoder-learning-rate", "0"),
        ("--minimum-count", "0"),
        ("--limit-captions", "-1"),
        ("--beam-width", "0"),
        ("--consensus-width", "51"),
        ("--label-smoothing", "0.6"),
        ("--weight-averaging", "1"),
        ("--scheduled-sampling", "1.1"),
        ("--seed", "-1"),
    ],
)
def test_a_wrong_number_is_a_sentence_with_the_range(option: str, value: str) -> None:
    setting = SETTINGS_OF_OPTIONS[option]
    assert refused(option, value).endswith(
        f"Error: Invalid value for '{option}': {value} is out of range; choose "
        f"{setting.expected}.\n"
    )


def test_what_is_no_number_is_a_sentence() -> None:
    assert "'--lstm': 2.5 is not a whole number, from 1 to 8,192." in refused(
        "--lstm", "2.5"
    )
    assert "'--dropout': much is not a number, at least 0" in refused(
        "--dropout", "much"
    )
    for value in ("-1", "nan"):
        said = refused("--save-every", value)
        assert f"{value} is out of range; choose a number, at least 0." in said


def test_the_help_says_range_and_default_of_each() -> None:
    done = CliRunner().invoke(main, ["--help"], terminal_width=10_000)
    # The help of an option with a long name begins on the next line.
    entries = re.split(r"\n  (?=--)", done.output)[1:]
    # After the last one of a group comes the title of the next.
    entries = [entry.split("\n\n")[0] for entry in entries]
    lines = {entry.split()[0]: " ".join(entry.split()) for entry in entries}
    for option, setting in SETTINGS_OF_OPTIONS.items():
        assert setting.text in lines[option]
        if setting.range is not None:
            assert f"[{setting.range}; default: " in lines[option]
        if setting.kind is not bool:
            assert lines[option].endswith(f"default: {describe_default(setting.path)}]")
    assert "default: 8]" in lines["--consensus-width"]
    assert "512 with --architecture attention" in lines["--lstm"]
