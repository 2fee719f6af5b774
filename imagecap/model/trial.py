"""Models from elsewhere, tried in a process of their own before they are used.

LiteRT checks that a network is whole, not that it makes sense: one that was forged can
end the process that runs it, and no exception tells of it. So a model that is not known
captions a few pictures in another process first. What came with imagecap is known, and
so is what was tried once; neither costs anything.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from imagecap.files import read_ordinary, reason
from imagecap.model.bundle import Bundle, BundleError
from imagecap.model.cache import cache_path, digest

# The SHA-256 of their manifests, which hold those of all their other files.
_SHIPPED = frozenset(
    {
        "1fd5808f701f3104d9eee6ff8e9dbaba9367f46e5afcb59ff29ef7461855162a",  # default
        "58c00e505fe85faebfaf78a59e0c0cf59d602f352155fea3c92e08ab46299404",  # fast
    }
)
_START = (
    "import sys; sys.path[:] = sys.argv[2:]; "
    "from imagecap.model.trial_run import main; main()"
)
_CREATION_FLAGS: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)
_SECONDS = 30.0
# Counts the kinds of trials that there have been, each stricter than the one before.
_VERSION = 3
_INSTEAD = "Install the model again, or choose another one."


def is_shipped(bundle: Bundle) -> bool:
    """Tell whether a model is, to the last byte, one that came with imagecap."""
    return digest(bundle) in _SHIPPED


def ensure_tried(bundle: Bundle, seconds: float = _SECONDS) -> None:
    """Try a model in another process, unless it is known to work.

    Args:
        bundle: The model.
        seconds: How long the trial may take.

    Raises:
        BundleError: If it does not caption pictures, and why.
    """
    if is_shipped(bundle):
        return
    # A file for each model that was tried, which says how.
    known, how = cache_path("tried-models", bundle), _how()
    if known is not None:
        with suppress(OSError, ValueError):
            if read_ordinary(known) == how:
                return
    _try(bundle.folder.resolve(), seconds)
    if known is None:
        return
    # Where nothing can be kept, the next start tries it again.
    with suppress(OSError):
        known.parent.mkdir(parents=True, exist_ok=True)
        known.write_bytes(how)


def _how() -> bytes:
    """Say what models are tried with; what passed another trial is tried again."""
    # Models that came with imagecap do not wait for it.
    from importlib.metadata import PackageNotFoundError, version

    with suppress(PackageNotFoundError):
        return f"trial {_VERSION}, LiteRT {version('ai-edge-litert')}".encode()
    return f"trial {_VERSION}".encode()


def _try(folder: Path, seconds: float) -> None:
    # The modules of this program, wherever it has them from.
    paths = [str(Path(path).absolute()) for path in sys.path]
    try:
        ran = subprocess.run(  # noqa: S603 - this very Python
            [sys.executable, "-c", _START, str(folder), *paths],
            # NumPy's threads would take memory for each core; a model needs none.
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
            creationflags=_CREATION_FLAGS,
        )
    except subprocess.TimeoutExpired as error:
        raise BundleError(
            f"The model {folder} takes more than {seconds:.0f} seconds to caption ten "
            "pictures; choose another one."
        ) from error
    except OSError as error:
        raise BundleError(_cannot_be_tried(folder, reason(error))) from error
    said, complaint = (
        text.decode("utf-8", "replace").strip() for text in (ran.stdout, ran.stderr)
    )
    if said:
        raise BundleError(said)
    if ran.returncode == 1:
        raise BundleError(_cannot_be_tried(folder, complaint.split("\n")[-1]))
    if ran.returncode:
        raise BundleError(
            f"The networks of the model {folder} are damaged: they make the program "
            f"crash that runs them. {_INSTEAD}"
        )


def _cannot_be_tried(folder: Path, why: str) -> str:
    return (
        f"The model {folder} cannot be tried ({why}); it did not come with imagecap, "
        "and is used only after that."
    )
