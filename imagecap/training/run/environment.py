"""With what a run is made: versions, the machine, the state of the source code."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import keras

import imagecap


def describe_environment() -> dict[str, Any]:
    """Return what, besides settings and data, may decide the outcome of a run."""
    packages = ("keras", keras.backend.backend(), "numpy", "pillow")
    return {
        "versions": {
            "imagecap": imagecap.__version__,
            "python": platform.python_version(),
            **{name: _version(name) for name in packages},
        },
        "backend": keras.backend.backend(),
        "platform": platform.platform(),
        "processors": os.cpu_count(),
        "revision": _revision(),
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _revision() -> str | None:
    """Return the git revision of the source code; `None` for an installed package."""
    # Installed below somebody's repository, the file is not tracked there.
    if _git("ls-files", "--error-unmatch", str(Path(__file__).resolve())) is None:
        return None
    return _git("describe", "--always", "--abbrev=40", "--dirty")


def _git(*arguments: str) -> str | None:
    git = shutil.which("git")
    if git is None:
        return None
    done = subprocess.run(  # noqa: S603 - nothing in it comes from outside
        [git, *arguments],
        cwd=Path(__file__).resolve().parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() if done.returncode == 0 else None
