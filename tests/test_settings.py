"""Settings on the real disk, written by real processes, some of them killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from imagecap.settings import (
    RECENT_FILES,
    Settings,
    SettingsError,
    add_recent_file,
    change_settings,
    load_settings,
    settings_path,
)
from imagecap.speech import SpeechOptions


def write(path: Path, text: str | bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def test_without_a_file_there_are_the_defaults(settings_file: Path) -> None:
    assert load_settings() == (Settings(), "")
    assert not settings_file.parent.exists()


def test_what_is_changed_is_there_the_next_time(settings_file: Path) -> None:
    changed = change_settings(
        model="big", beam_width=5, theme="dark", rate=250, volume=40, voice="gmw/en-us"
    )
    assert changed.speech_options == SpeechOptions(250, 40, "gmw/en-us")
    assert load_settings() == (changed, "")
    change_settings(hedging=False)
    settings, _ = load_settings()
    assert settings.theme == "dark"
    assert not settings.hedging


@pytest.mark.parametrize(
    "change",
    [
        {"theme": "purple"},
        {"beam_width": 0},
        {"beam_width": True},
        {"rate": 20},
        {"volume": 50.0},
        {"recent_files": [1]},
        {"colour": "red"},
    ],
)
def test_a_wrong_change_is_refused(
    settings_file: Path, change: dict[str, object]
) -> None:
    with pytest.raises(ValueError, match=next(iter(change))):
        change_settings(**change)
    assert not settings_file.exists()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        '["dark"]',
        b"\xff\xfe\x00",
        '{"theme": ' + "[" * 100_000,
        '{"rate": ' + "9" * 5_000 + "}",
        '{"theme": "dark"',
    ],
    ids=["empty", "cut", "list", "bytes", "deep", "huge number", "unclosed"],
)
def test_a_damaged_file_is_kept_aside_and_told_once(
    settings_file: Path, content: str | bytes
) -> None:
    write(settings_file, content)
    settings, problem = load_settings()
    aside = settings_file.with_name("settings.json.damaged")
    assert settings == Settings()
    assert f"{settings_file} are damaged" in problem
    assert str(aside) in problem
    assert aside.read_bytes() == (
        content if isinstance(content, bytes) else content.encode()
    )
    assert load_settings() == (Settings(), "")


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xd8\xff\xe0 and so on, like a photograph",
        b'{"editor.fontSize": 14, "files.autoSave": "off"}',
        b"What a person wrote about a holiday.",
    ],
    ids=["photograph", "settings of another program", "text"],
)
def test_a_file_of_another_kind_stays_as_it_is(
    settings_file: Path, content: bytes
) -> None:
    write(settings_file, content)
    settings, problem = load_settings()
    assert settings == Settings()
    assert problem == (
        f"{settings_file} holds no settings and stays as it is; name another file with "
        "IMAGECAP_SETTINGS. The defaults are used."
    )
    with pytest.raises(SettingsError, match="stays as it is"):
        change_settings(theme="dark")
    assert settings_file.read_bytes() == content
    assert not list(settings_file.parent.glob("*damaged*"))


def test_the_platforms_own_place_is_mended_whatever_stands_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("IMAGECAP_SETTINGS")
    monkeypatch.setattr("imagecap.settings.personal_folder", lambda _: tmp_path)
    write(tmp_path / "settings.json", "Neither settings nor what is left of them.")
    assert "damaged" in load_settings()[1]
    assert change_settings(theme="dark").theme == "dark"


def test_a_tilde_that_no_shell_has_read_stands_for_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("IMAGECAP_SETTINGS", "~/settings.json")
    assert settings_path() == tmp_path / "settings.json"


def test_no_damaged_file_replaces_another(settings_file: Path) -> None:
    for content in ("first", "second", "third"):
        write(settings_file, content)
        load_settings()
    kept = {
        path.read_text() for path in settings_file.parent.glob("settings.json.damaged*")
    }
    assert kept == {"first", "second", "third"}


def test_wrong_values_fall_back_one_by_one_and_are_told_once(
    settings_file: Path,
) -> None:
    values = {
        "theme": "purple",
        "rate": 10_000,
        "speak_automatically": 1,
        "colour": "red",
        "volume": 30,
        "recent_files": ["/a.jpg"],
    }
    write(settings_file, json.dumps(values))
    settings, problem = load_settings()
    assert settings == Settings(volume=30, recent_files=("/a.jpg",))
    for name in ("theme", "rate", "speak_automatically"):
        assert f"“{name}” has a wrong value" in problem
    assert "“colour” is unknown" in problem
    assert "volume" not in problem
    assert load_settings() == (settings, "")
    aside = settings_file.with_name("settings.json.damaged")
    assert json.loads(aside.read_text()) == values


def test_a_change_keeps_a_damaged_file_aside_too(settings_file: Path) -> None:
    write(settings_file, "damaged")
    change_settings(theme="dark")
    assert load_settings() == (Settings(theme="dark"), "")
    aside = settings_file.with_name("settings.json.damaged")
    assert aside.read_text() == "damaged"


def test_what_cannot_be_read_is_left_alone(settings_file: Path) -> None:
    settings_file.mkdir(parents=True)
    settings, problem = load_settings()
    assert settings == Settings()
    assert f"{settings_file} cannot be read" in problem
    with pytest.raises(SettingsError, match=r"settings\.json cannot be read"):
        change_settings(theme="dark")
    assert settings_file.is_dir()


def test_a_place_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("IMAGECAP_SETTINGS", str(tmp_path / "file" / "settings.json"))
    with pytest.raises(SettingsError, match=r"file/settings\.json were not kept"):
        change_settings(theme="dark")


def test_a_link_to_the_settings_stays_a_link(
    settings_file: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere.json"
    write(elsewhere, "{}")
    settings_file.parent.mkdir()
    settings_file.symlink_to(elsewhere)
    change_settings(theme="dark")
    assert settings_file.is_symlink()
    assert json.loads(elsewhere.read_text())["theme"] == "dark"


def test_recent_files_are_the_newest_first_and_once() -> None:
    for number in range(RECENT_FILES + 3):
        add_recent_file(f"/pictures/{number}.jpg")
    add_recent_file("/pictures/5.jpg")
    add_recent_file("/pictures/no text \udcff.jpg")
    recent = load_settings()[0].recent_files
    assert recent[:3] == (
        "/pictures/no text \udcff.jpg",
        "/pictures/5.jpg",
        "/pictures/12.jpg",
    )
    assert len(recent) == len(set(recent)) == RECENT_FILES


def test_the_platform_has_a_place_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IMAGECAP_SETTINGS")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/made/up")
    assert settings_path().name == "settings.json"
    if sys.platform == "linux":
        assert settings_path() == Path("/made/up/imagecap/settings.json")


# Changes settings for ever and says after each change how far it has come. A long value
# makes the time of writing long, so that the kill often falls into it.
_CHANGES = """
from imagecap.settings import change_settings
number = {first}
while True:
    number += 1
    change_settings(model=str(number), voice=str(number) + "x" * 500_000)
    print(number, flush=True)
"""


def test_a_killed_program_loses_nothing(settings_file: Path) -> None:
    change_settings(theme="dark")
    number = 0
    for kill in range(12):
        process = subprocess.Popen(
            [sys.executable, "-c", _CHANGES.format(first=number)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.003 * kill)
        os.kill(process.pid, signal.SIGKILL)
        lines = process.communicate()[0].split()
        told = int(lines[-1]) if lines else number + 1
        settings, problem = load_settings()
        assert problem == ""
        assert settings.theme == "dark"
        # The last change may have been made, but not told any more.
        number = int(settings.model or 0)
        assert told <= number <= told + 1
        assert settings.voice == str(number) + "x" * 500_000
    change_settings(theme="light")
    assert set(settings_file.parent.iterdir()) == {
        settings_file,
        settings_file.with_name("settings.json.lock"),
    }


def test_two_programs_change_different_settings() -> None:
    program = (
        "import sys\n"
        "from imagecap.settings import add_recent_file\n"
        "for number in range(5): add_recent_file(f'/{sys.argv[1]}/{number}.jpg')\n"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", program, name]) for name in ("a", "b")
    ]
    assert [process.wait() for process in processes] == [0, 0]
    assert set(load_settings()[0].recent_files) == {
        f"/{name}/{number}.jpg" for name in ("a", "b") for number in range(5)
    }
