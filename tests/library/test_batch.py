"""Whole folders captioned, held, ended, killed and gone on with."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from patience import PATIENCE_SECONDS
from screen import StandIn

from imagecap import Captioner
from imagecap.captions.caption_files import read_captions
from imagecap.commands.main import main as imagecap_command
from imagecap.files import atomic_write
from imagecap.library.batch import BatchRun
from imagecap.library.store import Library, library_path
from imagecap.pictures.folders import pictures_in


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with closing(Library(tmp_path / "captions.db")) as library:
        yield library


def test_every_picture_is_captioned_and_bad_ones_are_listed(
    library: Library, picture_folder: Callable[[int], Path]
) -> None:
    folder = picture_folder(5)
    (folder / "p3.jpg").rename(folder / "bad.jpg")
    pictures = pictures_in(folder)
    seen: dict[Path, str | None] = {}
    run = BatchRun(StandIn(), library, pictures)
    progress = run.run(lambda path, caption: seen.update({path: caption}))
    assert (progress.done, progress.total, progress.known) == (5, 5, 0)
    assert progress.failed == (
        (folder / "bad.jpg", f"{folder / 'bad.jpg'} is no picture."),
    )
    assert seen[folder / "p1.jpg"] == "A p1."
    assert seen[folder / "bad.jpg"] is None
    kept = {entry.picture.name: entry.machine for entry in library.entries(pictures)}
    assert kept["p5.jpg"] == "A p5."
    assert kept["bad.jpg"] is None


def test_a_second_run_does_only_what_is_missing(
    library: Library, picture_folder: Callable[[int], Path]
) -> None:
    pictures = pictures_in(picture_folder(6))
    BatchRun(StandIn(), library, pictures[:4]).run()
    captioner = StandIn()
    progress = BatchRun(captioner, library, pictures).run()
    assert captioner.asked == ["p5", "p6"]
    assert (progress.done, progress.known) == (6, 4)


def test_held_ended_and_gone_on_with(
    library: Library, picture_folder: Callable[[int], Path]
) -> None:
    pictures = pictures_in(picture_folder(40))
    captioner = StandIn(lambda _: time.sleep(0.01))
    run = BatchRun(captioner, library, pictures)
    thread = threading.Thread(target=run.run)
    thread.start()
    _until(lambda: run.progress.done >= 5)
    run.pause()
    assert run.is_paused
    _until(lambda: _stands_still(lambda: run.progress.done))
    held = run.progress.done
    assert held < 40
    assert run.progress.per_second > 0
    assert run.progress.seconds_left
    run.go_on()
    _until(lambda: run.progress.done > held)
    run.cancel()
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()
    done = run.progress.done
    assert done < 40
    kept = [entry for entry in library.entries(pictures) if entry.machine]
    assert len(kept) == done
    assert BatchRun(StandIn(), library, pictures).run().known == done


def test_a_run_that_is_held_can_be_ended(
    library: Library, picture_folder: Callable[[int], Path]
) -> None:
    run = BatchRun(StandIn(), library, pictures_in(picture_folder(40)))
    run.pause()
    thread = threading.Thread(target=run.run)
    thread.start()
    _until(lambda: run.progress.done)
    run.cancel()
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()
    assert run.progress.done < 40


def test_a_killed_command_goes_on_where_it_was(
    untrained_bundle: Path, picture_folder: Callable[[int], Path], tmp_path: Path
) -> None:
    folder, file = picture_folder(1200), tmp_path / "captions.csv"
    command = [sys.executable, "-m", "imagecap", "caption", str(folder)]
    command += ["--model", str(untrained_bundle), "--output", str(file)]
    running = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    pictures = pictures_in(folder)

    def kept() -> int:
        if not library_path().exists():
            return 0
        with closing(Library(library_path())) as library:
            return sum(entry.machine is not None for entry in library.entries(pictures))

    _until(lambda: kept() > 20, 60)
    running.send_signal(signal.SIGKILL)
    running.wait()
    before = kept()
    assert 20 < before < 1200
    assert not file.exists()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"1,200 captions in {file}, {before:,} of them from before.\n"
    captions = read_captions(file)
    assert list(captions) == [path.name for path in pictures]
    captioner = Captioner.load(untrained_bundle)
    assert captions["p7.jpg"] == captioner.caption(folder / "p7.jpg").text


def test_the_command_lists_bad_pictures_and_writes_the_others(
    untrained_bundle: Path, picture_folder: Callable[[int], Path], tmp_path: Path
) -> None:
    folder = picture_folder(3)
    (folder / "p2.jpg").write_bytes(b"no picture")
    command = [sys.executable, "-m", "imagecap", "caption", str(folder)]
    command += ["--model", str(untrained_bundle), "-o", str(tmp_path / "c.jsonl")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "p2.jpg is not a picture" in done.stderr
    assert list(read_captions(tmp_path / "c.jsonl")) == ["p1.jpg", "p3.jpg"]
    command[-1] = str(tmp_path / "c.xls")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.endswith("c.xls must end in one of .csv, .json, .jsonl, .pkl.\n")


def test_what_a_person_wrote_is_replaced_with_force_alone(
    untrained_bundle: Path, picture_folder: Callable[[int], Path], tmp_path: Path
) -> None:
    folder, file = picture_folder(2), tmp_path / "c.csv"

    def caption(*options: str) -> tuple[int, str]:
        given = [str(folder), str(folder / "p1.jpg"), "-o", str(file), *options]
        command = ["caption", *given, "--model", str(untrained_bundle)]
        done = CliRunner().invoke(imagecap_command, command)
        return done.exit_code, done.stderr

    assert caption()[0] == 0
    assert list(read_captions(file)) == ["p1.jpg", "p2.jpg"]
    assert file.read_text().count("untrained@") == 2
    assert caption()[0] == 0
    by_hand = "image,caption\np1.jpg,My dog.\n"
    file.write_text(by_hand)
    status, told = caption()
    assert status == 1
    assert f"Error: {file} is there already and may hold what a person" in told
    assert file.read_text() == by_hand
    assert caption("--force")[0] == 0
    assert "My dog" not in file.read_text()


def test_captions_stay_where_the_pictures_vanish_and_are_known_where_they_come_back(
    untrained_bundle: Path, picture_folder: Callable[[int], Path], tmp_path: Path
) -> None:
    folder, file, elsewhere = picture_folder(2), tmp_path / "c.csv", tmp_path / "other"
    pictures = [str(folder / "p1.jpg"), str(folder / "p2.jpg")]

    def caption(*given: str) -> Result:
        command = ["caption", *given, "-o", str(file), "--model", str(untrained_bundle)]
        return CliRunner().invoke(imagecap_command, command)

    with suppress(KeyboardInterrupt), atomic_write(file):
        (left,) = tmp_path.glob(".*.new")
        raise KeyboardInterrupt
    # What a killed run leaves.
    left.touch()
    os.utime(left, (0, 0))
    assert caption(*pictures).exit_code == 0
    assert not left.exists()
    content = file.read_bytes()
    folder.rename(elsewhere)
    gone = caption(*pictures)
    assert gone.exit_code == 1
    assert f"No picture could be read, so {file} is not written." in gone.stderr
    assert file.read_bytes() == content
    back = caption(str(elsewhere))
    assert back.exit_code == 0, back.stderr
    assert "2 of them from before" in back.stdout


def test_without_a_library_captions_are_written_all_the_same(
    untrained_bundle: Path,
    picture_folder: Callable[[int], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("IMAGECAP_LIBRARY", str(tmp_path / "file" / "captions.db"))
    given = [str(picture_folder(2)), "-o", str(tmp_path / "c.csv")]
    command = ["caption", *given, "--model", str(untrained_bundle)]
    done = CliRunner().invoke(imagecap_command, command)
    assert done.exit_code == 0
    assert "captions are not kept. Name another place with IMAGECAP_LIB" in done.stderr
    assert list(read_captions(tmp_path / "c.csv")) == ["p1.jpg", "p2.jpg"]


def test_a_path_of_any_kind_is_one_line(
    untrained_bundle: Path, picture_folder: Callable[[int], Path]
) -> None:
    folder = picture_folder(2)
    (folder / "p1.jpg").rename(folder / "p\t1\n.jpg")
    command = ["caption", str(folder), "--model", str(untrained_bundle)]
    printed = CliRunner().invoke(imagecap_command, command).stdout
    paths = [line.split("\t")[0] for line in printed.splitlines()]
    assert sorted(paths) == [f"{folder}/p2.jpg", f"{folder}/p\\t1\\n.jpg"]


def _until(condition: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def _stands_still(count: Callable[[], int]) -> bool:
    former = count()
    time.sleep(0.1)
    return count() == former
