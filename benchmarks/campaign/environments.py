"""Every command in every odd environment."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import closing
from itertools import cycle, islice, product
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import NamedTuple

from PIL import Image

from benchmarks.campaign.attempts import Ending, Outcome
from benchmarks.campaign.part import Part
from benchmarks.campaign.tally import SLOW_SECONDS, Tally
from imagecap.library.errors import LibraryError
from imagecap.library.store import Library

_TOP = Path(__file__).resolve().parents[2]
_MOST_SECONDS = 120
_WRITTEN = "What a person wrote."
# No sentence for a person has these; the last is said of what nobody foresaw.
_UNCAUGHT = re.compile(
    r"Traceback|Exception ignored|Fatal|Errno|Warning:|was not foreseen"
)
# Success, something failed, wrong arguments, stopped, nobody reads the answer.
_STATUSES = {0, 1, 2, 130, 141}
_LONG = "a" * 300

# MODEL stands for the bundle.
COMMANDS = (
    "caption p.jpg --model MODEL",
    "caption p.jpg q.jpg sub --model MODEL --json",
    "caption . --model MODEL -o new.csv",
    "caption p.jpg --model MODEL -o captions.csv",
    "caption p.jpg q.jpg --model MODEL --write xmp",
    "caption p.jpg --model MODEL --write sidecar",
    "caption sub --model MODEL --write copies copies",
    "caption p.jpg --model MODEL --save-speech said.wav",
    f"caption {_LONG}.jpg locked pipe.jpg missing.jpg --model MODEL",
    "search wrote",
    "search --like p.jpg dog",
    "doubles .",
    "metadata .",
    "metadata --take p.jpg q.jpg",
    "gallery . --model MODEL -o site",
    "library info",
    "library check",
    "library compact",
    "library export out.jsonl",
    "library import captions.csv",
    "library forget missing.jpg",
    "evaluate --data . --model MODEL",
    f"language missing {_LONG}.csv",
    "formats",
    "voices",
    "caption --help",
)

# Shell lines, in which "$@" stands for the command.
ENVIRONMENTS = {
    "as usual": 'exec "$@"',
    "no temporary folder": 'TMPDIR=/nowhere exec "$@"',
    "no home": 'unset HOME IMAGECAP_LIBRARY IMAGECAP_SETTINGS; exec "$@"',
    "a home that is not there": "unset IMAGECAP_LIBRARY IMAGECAP_SETTINGS; "
    'HOME=/nowhere exec "$@"',
    "a home to read only": "unset IMAGECAP_LIBRARY IMAGECAP_SETTINGS; "
    'chmod 500 home; exec "$@"',
    "a library to read only": 'chmod 400 captions.db; exec "$@"',
    "a folder of the library to read only": "mkdir kept; cp captions.db kept; "
    'chmod 500 kept; IMAGECAP_LIBRARY=$PWD/kept/captions.db exec "$@"',
    "a folder for a library": 'IMAGECAP_LIBRARY=$PWD/sub exec "$@"',
    "a pipe for a library": 'IMAGECAP_LIBRARY=$PWD/pipe.jpg exec "$@"',
    "a picture for a library": 'IMAGECAP_LIBRARY=$PWD/p.jpg exec "$@"',
    "a library in a file": 'IMAGECAP_LIBRARY=$PWD/p.jpg/x.db exec "$@"',
    "a forbidden library": 'IMAGECAP_LIBRARY=$PWD/locked/x.db exec "$@"',
    "a pipe for settings": 'IMAGECAP_SETTINGS=$PWD/pipe.jpg exec "$@"',
    "settings to read only": 'chmod 400 settings.json; exec "$@"',
    "odd settings": 'printf \'{"voice": "a\\\\u0000b", "model": "\\\\ud800"}\' '
    '> settings.json; exec "$@"',
    "an old locale": 'LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 exec "$@"',
    "an old encoding": 'PYTHONIOENCODING=ascii exec "$@"',
    "a closed output": 'exec "$@" >&-',
    "a closed error stream": 'exec "$@" 2>&-',
    "all closed": 'exec "$@" >&- 2>&- <&-',
    "a full output": 'exec "$@" >/dev/full',
    "a full error stream": 'exec "$@" 2>/dev/full',
    "nobody who reads": '"$@" | true; exit ${PIPESTATUS[0]}',
    "few open files": 'ulimit -n 16; exec "$@"',
    "no room for files": 'ulimit -f 8; exec "$@"',
    "little memory": 'ulimit -v 700000; OPENBLAS_NUM_THREADS=1 exec "$@"',
    "a folder to read only": 'chmod 500 .; exec "$@"',
    "a folder that is gone": 'mkdir gone; cd gone; rmdir ../gone; exec "$@"',
    "a folder that is forbidden": 'mkdir gone; cd gone; chmod 0 ../gone; exec "$@"',
    "no permissions for what is new": 'umask 777; exec "$@"',
    "the clock of 1970": 'CLOCK=1970 exec "$@"',
    "a narrow terminal": 'COLUMNS=1 TERM=dumb exec "$@"',
}


_ONE_THREAD = {"CORES": "1", "OPENBLAS_NUM_THREADS": "1"}
_CUSTOMIZE = """\
import os, time
if "CLOCK" in os.environ:
    time.time = lambda: 1.0
    time.time_ns = lambda: 10**9
if "CORES" in os.environ:
    os.cpu_count = lambda: 1
"""
_UNHEARD = {
    *("a closed error stream", "a full error stream", "all closed"),
    # Who does not read the answer needs to be told nothing.
    "nobody who reads",
}


class _Ended(NamedTuple):
    code: int
    seconds: float
    computing: float
    megabytes: float
    text: str


def run(part: Part) -> Tally:
    """Run commands in environments: an answer or a sentence, and nothing is lost."""
    tally, pairs = Tally(), list(product(COMMANDS, ENVIRONMENTS))
    # The same for all parts, of which each goes on where the one before ended.
    random.Random(0).shuffle(pairs)
    with TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        prepared = Path(temporary, "prepared")
        _prepare(prepared)
        end = part.before + part.count
        for pair in islice(cycle(pairs), part.before, end):
            outcome = _attempt(prepared, *pair, part.model)
            if outcome.computing > SLOW_SECONDS:
                # Where other programs hold a core, a thread on the other one waits for
                # its fellow by counting. What one thread takes is the work alone.
                again = _attempt(prepared, *pair, part.model, _ONE_THREAD)
                outcome = min(outcome, again, key=_gravity)
            tally.add(outcome, ", ".join(pair))
    return tally


def _gravity(outcome: Outcome) -> tuple[bool, float]:
    """Order by what counts: anything uncaught before any time."""
    return outcome.ending is Ending.DONE, outcome.computing


def _attempt(
    prepared: Path,
    command: str,
    environment: str,
    model: Path,
    variables: Mapping[str, str] = MappingProxyType({}),
) -> Outcome:
    """Run a command in an environment, in a folder of its own."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary, "folder")
        shutil.copytree(prepared, folder, symlinks=True)
        os.mkfifo(folder / "pipe.jpg")
        (folder / "locked").chmod(0)
        ended = _try(folder, command, environment, model, variables)
        fault = _fault(folder, prepared, environment, ended)
    return Outcome(
        Ending.UNCAUGHT if fault else Ending.DONE,
        *(ended.seconds, ended.computing, ended.megabytes),
        f"{fault}: {ended.text}" if fault else "",
    )


def _prepare(folder: Path) -> None:
    for name in ("sub", "locked", "home", "customize"):
        (folder / name).mkdir(parents=True)
    for number, name in enumerate(("p.jpg", "q.jpg", "sub/r.jpg")):
        picture = Image.linear_gradient("L").rotate(90 * number).convert("RGB")
        picture.resize((96, 64)).save(folder / name)
    (folder / "captions.csv").write_text("image,caption\np.jpg,Written by hand.\n")
    (folder / "settings.json").write_text("{}")
    (folder / "customize" / "sitecustomize.py").write_text(_CUSTOMIZE)


def _try(
    folder: Path,
    command: str,
    environment: str,
    model: Path,
    variables: Mapping[str, str],
) -> _Ended:
    with closing(Library(folder / "captions.db")) as library:
        library.keep_human(folder / "q.jpg", _WRITTEN)
    words = [str(model) if word == "MODEL" else word for word in command.split()]
    printed = folder.with_suffix(".txt")
    started = time.perf_counter()
    with printed.open("wb") as errors:
        program = subprocess.Popen(
            [
                *_bound(),
                *("bash", "-c", ENVIRONMENTS[environment], "bash"),
                *(sys.executable, "-m", "imagecap", *words),
            ],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env={
                **os.environ,
                "PYTHONPATH": f"{folder / 'customize'}:{_TOP}",
                "HOME": str(folder / "home"),
                "IMAGECAP_LIBRARY": str(folder / "captions.db"),
                "IMAGECAP_SETTINGS": str(folder / "settings.json"),
                **variables,
            },
        )
        timer = threading.Timer(_MOST_SECONDS, program.kill)
        timer.start()
        _, status, usage = os.wait4(program.pid, 0)
        timer.cancel()
    program.returncode = os.waitstatus_to_exitcode(status)
    text = printed.read_bytes().decode("utf-8", "replace")
    printed.unlink()
    return _Ended(
        program.returncode,
        time.perf_counter() - started,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss * 1024 / 1e6,
        text,
    )


def _fault(folder: Path, before: Path, environment: str, ended: _Ended) -> str:
    """Say what is wrong with how a command ended; nothing, if all is well."""
    if ended.code not in _STATUSES:
        return f"it ended with {ended.code}"
    if found := _UNCAUGHT.search(ended.text):
        return f"“{found[0]}” was printed"
    if ended.code == 1 and environment not in _UNHEARD and not ended.text.strip():
        return "it failed and said nothing"
    folder.chmod(0o700)
    for name in ("p.jpg", "q.jpg", "sub/r.jpg", "captions.csv"):
        if (folder / name).read_bytes() != (before / name).read_bytes():
            return f"{name} was changed"
    try:
        with closing(Library(folder / "captions.db", lambda _: None)) as library:
            kept = library.human(folder / "q.jpg")
    except LibraryError as error:
        return str(error)
    return "" if kept == _WRITTEN else f"the person's caption is {kept!r} now"


def _bound() -> list[str]:
    """Return what binds a superuser to permissions."""
    if os.geteuid() != 0:
        return []
    free = "-dac_override,-dac_read_search"
    return ["setpriv", f"--bounding-set={free}", f"--inh-caps={free}"]
