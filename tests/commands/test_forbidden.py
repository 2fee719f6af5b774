"""What commands say of folders that may not be read."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from permissions import as_nobody

from imagecap.commands.main import main

_COMMANDS = {
    "caption": "caption {path}",
    "metadata": "metadata {path}",
    "attend": "attend {path} -o attention.png",
    "evaluate": "evaluate --data {path} --results results.csv",
    "evaluate more": "evaluate --data data --more-data {path} --results results.csv",
    "evaluate results": "evaluate --data data --results {path}",
    "join": "join model model joined --data {path}",
}


@pytest.mark.parametrize("command", _COMMANDS.values(), ids=_COMMANDS)
def test_a_forbidden_folder_is_one_sentence(
    command: str,
    data: Path,
    tmp_path: Path,
    untrained_bundle: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Nobody may read where the fixtures are.
    shutil.copytree(data, tmp_path / "data")
    shutil.copytree(untrained_bundle, tmp_path / "model")
    (tmp_path / "secret").mkdir()
    # From inside, it does not matter who may come here.
    tmp_path.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    words = command.split()

    def run(path: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, [word.format(path=path) for word in words])
        return done.exit_code, done.stderr

    # Nobody may be barred from Python's own folders, so all is imported before.
    run("secret/missing")
    (tmp_path / "secret").chmod(0)
    try:
        with as_nobody():
            status, said = run("secret")
    finally:
        (tmp_path / "secret").chmod(0o755)
    assert status == 1
    assert "secret" in said
    assert "Usage" not in said
    assert "Errno" not in said
