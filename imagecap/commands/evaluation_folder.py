"""The folder that an evaluation is saved in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from imagecap.evaluation.evaluate import EvaluationError
from imagecap.files import (
    InUseError,
    atomic_write,
    exclusive_lock,
    reason,
    remove_abandoned,
)


def make_folder(output: Path | None, *names: str) -> Path:
    """Make the folder to save in before any work, so that none is lost.

    Args:
        output: The folder that was chosen; by default one is named after the rest.
        *names: What is evaluated.

    Raises:
        EvaluationError: If it cannot be made.
    """
    folder = output or Path("evaluation") / "-".join(names)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EvaluationError(
            f"The folder {folder} cannot be made ({error.strerror}); choose another "
            "with --output."
        ) from error
    return folder


def save_texts(folder: Path, texts: Mapping[str, str]) -> None:
    """Write files of one evaluation, never mixed with those of another.

    Args:
        folder: Where they belong.
        texts: File name → content.

    Raises:
        EvaluationError: If they cannot be written, or another program writes there.
    """
    path = folder
    try:
        with exclusive_lock(folder / ".lock"):
            for name, text in texts.items():
                path = folder / name
                remove_abandoned(path)
                with atomic_write(path) as file:
                    file.write(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise EvaluationError(
            f"{path} cannot be written ({reason(error)}); make room there or choose "
            "another folder with --output."
        ) from error
    except InUseError as error:
        raise EvaluationError(
            f"Another program is writing into {folder}; choose another --output."
        ) from error
