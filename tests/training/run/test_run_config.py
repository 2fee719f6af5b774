import json
from pathlib import Path

import pytest

from imagecap.training.declaration import TrainingSettingsError
from imagecap.training.run.resolve_settings import choose_settings
from imagecap.training.run.run_config import RunConfig, read_run_config
from imagecap.training.settings import SETTINGS, TrainingSettings


def test_what_is_written_is_read(tmp_path: Path) -> None:
    values = {"decoder.lstm": 32, "fine_tune.teacher": ("default",), "seed": 7}
    settings = TrainingSettings().with_values(values)
    config = RunConfig(Path("/data"), (Path("/a"), Path("/b")), "", Path("/w.h5"))
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config.to_json(settings)))
    read = read_run_config(path)
    assert (read.data, read.more_data, read.dataset, read.encoder_weights) == (
        config.data,
        config.more_data,
        config.dataset,
        config.encoder_weights,
    )
    assert read.choices.keys() == SETTINGS.keys()
    assert TrainingSettings().with_values(read.choices) == settings


@pytest.mark.parametrize("encoder", ["small", "mobilenetv2"])
def test_the_file_of_a_run_makes_that_run_again(tmp_path: Path, encoder: str) -> None:
    chosen = {"encoder": encoder, "fine_tune.encoder_learning_rate": 3e-4}
    settings = choose_settings(chosen, fine_tune=True, scenes=False)
    path = tmp_path / "config.json"
    path.write_text(json.dumps(RunConfig(Path("/data")).to_json(settings)))
    read = read_run_config(path)
    assert choose_settings(read.choices, fine_tune=False, scenes=False) == settings


def test_a_short_file_leaves_the_rest_open_and_options_win(tmp_path: Path) -> None:
    path = tmp_path / "short.json"
    path.write_text('{"dataset": "scenes", "settings": {"decoder": {"lstm": 8}}}')
    read = read_run_config(path)
    assert read == RunConfig(dataset="scenes", choices={"decoder.lstm": 8})
    said = RunConfig(Path("/own"), choices={"seed": 3})
    assert read.overlaid_by(said) == RunConfig(
        Path("/own"), choices={"decoder.lstm": 8, "seed": 3}
    )
    assert said.overlaid_by(read).dataset == "scenes"
    assert said.overlaid_by(read).data is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is no JSON file"),
        ("[" * 100_000, "is no JSON file"),
        ("[]", "is no JSON object"),
        ('{"dta": "x"}', "dta is not known; known are data,"),
        ('{"data": 3}', "data is 3, but must be a text"),
        ('{"data": "a\\u0000b"}', "must be a text"),
        ('{"more_data": "x"}', "more_data is no list"),
        ('{"settings": 3}', "settings is no JSON object"),
        ('{"settings": {"decoder": 3}}', "decoder is no JSON object"),
        ('{"settings": {"lstm": 3}}', "lstm is not known"),
        ('{"settings": {"seed": "x"}}', "The setting seed is 'x'"),
        ('{"settings": {"seed": NaN}}', "The setting seed is nan"),
    ],
)
def test_what_is_wrong_is_one_sentence(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(content)
    with pytest.raises(TrainingSettingsError, match=r"config\.json") as caught:
        read_run_config(path)
    assert said in str(caught.value)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(TrainingSettingsError, match=r"x\.json cannot be read"):
        read_run_config(tmp_path / "x.json")
