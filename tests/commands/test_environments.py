"""Whatever a command is started in: a sentence and a status, never a traceback."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

LONG = "a" * 300
IMAGECAP = [sys.executable, "-m", "imagecap"]
# Permissions do not bind the superuser who has these capabilities.
_FREE = "-dac_override,-dac_read_search"
BOUND = (
    ["setpriv", f"--bounding-set={_FREE}", f"--inh-caps={_FREE}"]
    if os.geteuid() == 0
    else []
)
TOLD = re.compile(r"Traceback|Exception ignored|Fatal|Errno")
ANSWER = re.compile(r"(Possibly: )?[Aa] .+\.\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A picture, a pipe that nobody writes, and a folder that nobody may enter."""
    Image.linear_gradient("L").convert("RGB").save(tmp_path / "p.jpg")
    Image.linear_gradient("L").convert("RGB").save(tmp_path / f"{'a' * 250}.jpg")
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "locked").mkdir()
    (tmp_path / "locked").chmod(0)
    return tmp_path


def run(
    folder: Path, shell: str, *arguments: str, program: list[str] = IMAGECAP
) -> tuple[int, str, str]:
    """Run the command as a shell line says, in which `"$@"` stands for it."""
    done = subprocess.run(
        [*BOUND, "bash", "-c", shell, "bash", *program, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert not TOLD.search(done.stderr), done.stderr
    return done.returncode, done.stdout, done.stderr


CAPTION = ("caption", "p.jpg", "--model", "fast")


@pytest.mark.parametrize(
    "shell",
    [
        'TMPDIR=/nowhere exec "$@"',
        'env -u HOME -u IMAGECAP_SETTINGS "$@"',
        'LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 exec "$@"',
        'PYTHONIOENCODING=ascii exec "$@"',
        'exec "$@" 2>&-',
        'exec "$@" 2>/dev/full',
        'exec "$@" <&-',
        'ulimit -n 16; exec "$@"',
    ],
)
def test_the_answer_is_given_all_the_same(folder: Path, shell: str) -> None:
    status, answer, errors = run(folder, shell, *CAPTION)
    assert ANSWER.fullmatch(answer), errors
    assert (status, errors) == (0, "")


def test_a_closed_output_takes_nothing(folder: Path) -> None:
    several = (*CAPTION, "p.jpg", "-o", "o.csv")
    for shell in ('exec "$@" >&-', 'exec "$@" >&- 2>&- <&-'):
        assert run(folder, shell, *CAPTION) == (0, "", "")
        assert run(folder, shell, *several) == (0, "", "")
    assert len((folder / "o.csv").read_text().splitlines()) == 2


@pytest.mark.parametrize("arguments", [CAPTION, ("--help",), ("formats",)])
def test_a_full_output_is_told(folder: Path, arguments: tuple[str, ...]) -> None:
    status, _, errors = run(folder, 'exec "$@" >/dev/full', *arguments)
    assert status == 1
    assert errors == (
        "Error: The output cannot be printed (No space left on device); make room "
        "where it goes, or print it elsewhere.\n"
    )
    assert run(folder, 'exec "$@" >/dev/full 2>&1', *arguments) == (1, "", "")


def test_errors_that_nobody_can_be_told_stop_nothing(folder: Path) -> None:
    shell = 'exec "$@" 2>/dev/full'
    status, answer, _ = run(folder, shell, *CAPTION, "missing.jpg")
    assert (status, answer.partition("\t")[0]) == (1, "p.jpg")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("caption", f"{LONG}.jpg"), "File name too long"),
        (("caption", "p.jpg", "--model", LONG), f"There is no model “{LONG}”"),
        ((*CAPTION, "-o", f"{LONG}.csv"), "File name too long"),
        ((*CAPTION, "--write", "copies", LONG), "File name too long"),
        ((*CAPTION, "--save-speech", f"{LONG}.wav"), "File name too long"),
        (("metadata", f"{LONG}.jpg"), "File name too long"),
        (("evaluate", "--data", LONG), "File name too long"),
        (("caption", "locked/x.jpg"), "may not be read"),
        (("caption", "p.jpg", "--model", "locked/x"), "no model “locked/x”"),
        ((*CAPTION, "-o", "locked/o.csv"), "Permission denied"),
        ((*CAPTION, "--write", "copies", "locked/c"), "Permission denied"),
        (("metadata", "locked/x.jpg"), "Permission denied"),
        (("caption", "pipe.jpg"), "is not an ordinary file"),
        ((*CAPTION, "-o", "pipe.jpg"), "must end in one of"),
        (("metadata", "pipe.jpg"), "no ordinary file"),
    ],
)
def test_what_cannot_be_used_is_named(
    folder: Path, arguments: tuple[str, ...], said: str
) -> None:
    status, _, errors = run(folder, 'exec "$@"', *arguments)
    assert status == 1
    assert said in errors


def test_a_name_that_leaves_no_room_for_another_ending_ends_no_run(
    folder: Path,
) -> None:
    """As `photo.jpg.xmp` is one for the metadata of `photo.jpg`."""
    long = f"{'a' * 250}.jpg"
    assert run(folder, 'exec "$@"', "metadata", long, "p.jpg") == (0, "", "")
    for kind in ("xmp", "sidecar"):
        arguments = ("caption", long, "p.jpg", "--model", "fast", "--write", kind)
        status, printed, errors = run(folder, 'exec "$@"', *arguments)
        assert (status, printed, errors) == (0, "2 captions written.\n", "")


@pytest.mark.parametrize("gone", ["rmdir ../gone", "chmod 0 ../gone"])
def test_a_working_folder_that_is_none(folder: Path, gone: str) -> None:
    shell = f'mkdir gone; cd gone; {gone}; exec "$@"'
    arguments = ("caption", str(folder / "p.jpg"), "--model", "fast")
    status, answer, errors = run(folder, shell, *arguments)
    assert ANSWER.fullmatch(answer), errors
    assert status == 0


@pytest.mark.parametrize(
    ("before", "sentence"),
    [
        (True, "cannot be written; its captions are used, and new ones are not kept."),
        (
            False,
            "cannot be opened (Permission denied); captions are not kept. Name "
            "another place with IMAGECAP_LIBRARY.",
        ),
    ],
)
def test_a_home_that_may_not_be_written_only_forgets(
    folder: Path, before: bool, sentence: str
) -> None:
    home = folder / "home"
    (home / ".local/share/imagecap").mkdir(parents=True)
    shell = f'HOME={home} env -u IMAGECAP_SETTINGS -u IMAGECAP_LIBRARY "$@"'
    if before:
        assert run(folder, shell, *CAPTION, "-o", "o.csv")[0] == 0
        (home / ".local/share/imagecap/captions.db").chmod(0o400)
    else:
        (home / ".local/share/imagecap").chmod(0o500)
    status, answer, errors = run(folder, shell, *CAPTION, "-o", "o.csv")
    assert status == 0
    known = ", 1 of them from before" if before else ""
    assert answer == f"1 caption in o.csv{known}.\n"
    library = home / ".local/share/imagecap/captions.db"
    assert errors == f"Note: The library of captions {library} {sentence}\n"


def test_without_any_home_only_remembering_fails(folder: Path) -> None:
    code = (
        "import os, pwd, sys\n"
        "def no_entry(_): raise KeyError\n"
        "pwd.getpwuid = no_entry\n"
        "for name in ('HOME', 'IMAGECAP_SETTINGS', 'IMAGECAP_LIBRARY'):\n"
        "    os.environ.pop(name, None)\n"
        "from imagecap.__main__ import main; main()\n"
    )
    program = [sys.executable, "-c", code]
    arguments = (*CAPTION, "-o", "o.csv")
    status, answer, errors = run(folder, 'exec "$@"', *arguments, program=program)
    assert (status, answer) == (0, "1 caption in o.csv.\n")
    assert "no home folder to keep captions in" in errors
    assert not (folder / "~").exists()


def test_without_any_temporary_folder_the_answer_is_given(folder: Path) -> None:
    code = (
        "import tempfile\n"
        "def nowhere(): raise FileNotFoundError(2, 'No usable temporary directory')\n"
        "tempfile._get_default_tempdir = nowhere\n"
        "from imagecap.__main__ import main; main()\n"
    )
    program = [sys.executable, "-c", code]
    status, answer, _ = run(folder, 'exec "$@"', *CAPTION, program=program)
    assert status == 0
    assert ANSWER.fullmatch(answer)
    speech = (*CAPTION, "--save-speech", "x.wav")
    status, _, errors = run(folder, 'exec "$@"', *speech, program=program)
    assert status == 1
    assert "could not be saved to x.wav: No usable temporary directory" in errors


@pytest.mark.parametrize("voice", ["a\0b", "a\ud800b"])
def test_settings_that_name_nothing_are_told(
    folder: Path, settings_file: Path, voice: str
) -> None:
    settings_file.parent.mkdir(parents=True)
    settings_file.write_text(json.dumps({"voice": voice, "model": "fast"}))
    arguments = ("caption", "p.jpg", "--save-speech", "x.wav")
    status, _, errors = run(folder, 'exec "$@"', *arguments)
    assert status == 0
    assert "“voice” has a wrong value" in errors


@pytest.mark.parametrize("variable", ["IMAGECAP_SETTINGS", "IMAGECAP_LIBRARY"])
def test_a_pipe_in_place_of_what_is_remembered_is_told(
    folder: Path, variable: str
) -> None:
    shell = f'{variable}=pipe.jpg exec "$@"'
    status, _, errors = run(folder, shell, *CAPTION, "-o", "o.csv")
    assert status == 0
    assert errors.startswith("Note: ")
    assert "pipe.jpg" in errors


def test_open_files_that_run_out_are_nobodys_damage(folder: Path) -> None:
    several = ["caption", *["p.jpg"] * 4, "--model", "fast", "-o", "o.csv"]
    for count in (6, 8, 10):
        status, _, errors = run(folder, f'ulimit -n {count}; exec "$@"', *several)
        assert "damaged" not in errors
        assert status == 1 or errors.count("Error: ") == 0


def test_memory_that_runs_out_is_told(folder: Path) -> None:
    Image.new("RGB", (9000, 9000)).save(folder / "large.png")
    arguments = ("metadata", "p.jpg"), ("caption", "large.png", "--model", "fast")
    for kilobytes, each in zip((60_000, 400_000), arguments, strict=True):
        shell = f'ulimit -v {kilobytes}; OPENBLAS_NUM_THREADS=1 exec "$@"'
        status, _, errors = run(folder, shell, *each)
        assert status == 1
        assert errors.startswith("Error: ")


def test_a_program_that_is_stopped_says_how_to_go_on(folder: Path) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        code = (
            "import os, signal, imagecap.speech.speaker as speaker\n"
            "signal.signal(signal.SIGHUP, signal.SIG_DFL)\n"
            f"speaker.Speaker.voices = lambda self: os.kill(os.getpid(), {number})\n"
            "from imagecap.__main__ import main; main()\n"
        )
        program = [sys.executable, "-c", code]
        status, _, errors = run(folder, 'exec "$@"', "voices", program=program)
        assert status == 128 + number
        assert errors.strip() == "Stopped. Run the same command to begin again."


def test_what_nobody_foresaw_is_a_sentence_wherever_it_comes_up(folder: Path) -> None:
    code = (
        "import sys, threading\n"
        "from imagecap.start import start\n"
        "class Bad:\n"
        "    def __del__(self): raise ValueError('in passing')\n"
        "def program():\n"
        "    thread = threading.Thread(target=lambda: {}['thread'])\n"
        "    thread.start(); thread.join()\n"
        "    Bad()\n"
        "    raise RuntimeError('whole\\nprogram')\n"
        "start(program)\n"
    )
    program = [sys.executable, "-c", code]
    status, _, errors = run(folder, 'exec "$@"', program=program)
    assert status == 1
    assert [line.partition(" (")[0] for line in errors.splitlines()] == [
        "Error: Something went wrong that was not foreseen: 'thread'",
        "Error: Something went wrong that was not foreseen: whole program",
    ]


@pytest.mark.parametrize("script", ["train.py", "run_gui.py"])
def test_scripts_without_a_part_of_them_say_so(folder: Path, script: str) -> None:
    hidden = "keras" if script == "train.py" else "gui.menus"
    code = (
        f"import runpy, sys; sys.modules[{hidden!r}] = None\n"
        f"runpy.run_path({str(Path(__file__).parents[2] / script)!r}, "
        "run_name='__main__')\n"
    )
    program = [sys.executable, "-c", code]
    status, _, errors = run(folder, 'exec "$@"', program=program)
    assert status == 1
    assert "pip install" in errors
    assert len(errors.splitlines()) == 1
