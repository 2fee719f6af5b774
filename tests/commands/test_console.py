"""The one place that turns errors into a sentence and an exit status."""

import logging
import os
import subprocess
import sys

import click
import pytest

from imagecap.commands.console import Program, Stopped
from imagecap.errors import ImagecapError


def run(
    error: BaseException | None, status: int | None, capsys: pytest.CaptureFixture[str]
) -> tuple[int | None, str]:
    @click.command(cls=Program)
    def command() -> int | None:
        if error is not None:
            raise error
        return status

    with pytest.raises(SystemExit) as ended:
        command.main([], "thing")
    code = ended.value.code
    assert code is None or isinstance(code, int)
    return code, capsys.readouterr().err.lstrip("\n")


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (ImagecapError("a.jpg is gone."), 1, "Error: a.jpg is gone.\n"),
        (
            KeyboardInterrupt(),
            130,
            "Stopped. Run the same command to begin again.\n",
        ),
        (Stopped("Go on so."), 130, "Stopped. Go on so.\n"),
        (click.ClickException("No Keras."), 1, "Error: No Keras.\n"),
    ],
)
def test_what_went_wrong_is_a_sentence_and_a_status(
    error: BaseException, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(error, None, capsys) == (code, said)


def test_a_note_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    @click.command(cls=Program)
    def command() -> None:
        for name in ("a", "b", "a"):
            logging.getLogger("imagecap.pictures").warning("%s lacks its end.", name)

    with pytest.raises(SystemExit):
        command.main([], "thing")
    assert capsys.readouterr().err == "Note: a lacks its end.\nNote: b lacks its end.\n"


def test_wrong_arguments_have_a_status_of_their_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, said = run(click.UsageError("Too much."), None, capsys)
    assert code == 2
    assert said.startswith("Usage: thing")
    assert said.endswith("Error: Too much.\n")


def test_a_command_gives_back_its_status(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(None, 1, capsys) == (1, "")
    assert not run(None, None, capsys)[0]


def test_a_reader_that_has_gone_hears_nothing() -> None:
    """As in `imagecap voices | head -1`."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "imagecap", "--help"],
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert done.returncode == 1
    assert done.stderr == b""
