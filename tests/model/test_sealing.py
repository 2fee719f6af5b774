"""Bundles put in their places, by programs some of which are killed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from imagecap.model.bundle import (
    VOCABULARY,
    BundleError,
    bundle_names,
    find_bundle,
    load_bundle,
)
from imagecap.model.sealing import place_bundle, rename_bundle, update_bundle

# Is killed at one of the steps in which folders are moved or deleted.
REPLACE = """
import os, signal, sys
from pathlib import Path
from imagecap.model.bundle import load_bundle
from imagecap.model.sealing import update_bundle

bundle = load_bundle(Path(sys.argv[1]))
steps_left = int(sys.argv[2])

def kill(event, arguments):
    global steps_left
    if event in ("os.rename", "shutil.rmtree"):
        if not steps_left:
            os.kill(os.getpid(), signal.SIGKILL)
        steps_left -= 1

sys.addaudithook(kill)
update_bundle(bundle, bundle.manifest, {})
"""


@pytest.fixture
def models(
    untrained_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A folder of models, with one in it."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(untrained_bundle, tmp_path / "models" / "mine")
    return tmp_path / "models"


def test_a_program_killed_while_it_replaces_a_model_leaves_one(models: Path) -> None:
    step, status = 0, -9
    while status:
        code = [sys.executable, "-c", REPLACE, str(models / "mine"), str(step)]
        status = subprocess.run(code, check=False).returncode
        assert status in (0, -9)
        assert "mine" in bundle_names(), step
        found = load_bundle(find_bundle("mine"))
        found.verify(*found.manifest.files)
        step += 1
    assert step > 3
    assert [one.name for one in models.iterdir()] == ["mine"]


@pytest.mark.parametrize("find", [find_bundle, lambda name: bundle_names()])
def test_a_model_is_put_back_where_its_place_is_empty(
    models: Path, find: Callable[[str], object]
) -> None:
    (models / "mine").rename(models / ".mine.former")
    find("mine")
    assert [one.name for one in models.iterdir()] == ["mine"]


def test_models_that_are_not_finished_are_not_named(models: Path) -> None:
    shutil.copytree(models / "mine", models / ".mine.new")
    assert ".mine.new" not in bundle_names()
    with pytest.raises(BundleError) as raised:
        find_bundle("yours")
    assert ".mine.new" not in str(raised.value)


def test_models_whose_names_are_alike_stay(models: Path) -> None:
    others = [models / f"mine.{ending}" for ending in ("former", "new", "old")]
    for other in others:
        shutil.copytree(models / "mine", other)
    bundle = load_bundle(models / "mine")
    update_bundle(bundle, bundle.manifest, {})
    assert sorted(models.iterdir()) == [models / "mine", *others]
    for other in others:
        load_bundle(other)


def test_a_place_that_another_program_fills_meanwhile_is_emptied_again(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(models / "mine", models / ".mine.new")
    (models / ".mine.new" / "mark").touch()
    rename, looked = Path.rename, []

    def interrupted(path: Path, target: Path) -> Path:
        if path.name == ".mine.new" and not looked:
            looked.append(find_bundle("mine"))
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    place_bundle(models / ".mine.new", models / "mine")
    assert looked
    assert (models / "mine" / "mark").exists()
    assert [one.name for one in models.iterdir()] == ["mine"]


def test_a_link_to_a_model_stays_one(models: Path, tmp_path: Path) -> None:
    shutil.move(models / "mine", tmp_path / "elsewhere")
    (models / "mine").symlink_to(tmp_path / "elsewhere")
    new = shutil.copytree(tmp_path / "elsewhere", models / "new")
    (new / "mark").touch()
    place_bundle(new, models / "mine")
    assert (models / "mine").is_symlink()
    assert (tmp_path / "elsewhere" / "mark").exists()
    assert not list(tmp_path.rglob("*.former"))


@pytest.mark.parametrize("is_folder", [True, False])
def test_what_is_no_model_is_not_replaced_by_one(models: Path, is_folder: bool) -> None:
    place = models / "pictures"
    if is_folder:
        place.mkdir()
    kept = place / "dog.jpg" if is_folder else place
    kept.write_bytes(b"a dog")
    with pytest.raises(BundleError, match="something is there that is no model"):
        rename_bundle(load_bundle(models / "mine"), place)
    assert kept.read_bytes() == b"a dog"
    assert (models / "mine" / VOCABULARY).is_file()
