"""Pictures that a person hands in; they are not kept."""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from fastapi import UploadFile
from starlette.concurrency import run_in_threadpool

from imagecap.captions.problems import printable
from imagecap.model.describer import Described
from imagecap.pictures.errors import PictureError
from imagecap.web.model_queue import ModelQueue

_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}\Z")
_LONGEST_NAME = 200


@dataclass(frozen=True)
class Upload:
    """A picture that was handed in.

    Attributes:
        name: What it was called, without folders.
        file: Where it lies until it is answered.
    """

    name: str
    file: Path

    def own_words(self, error: PictureError) -> PictureError:
        """Say what is wrong with the name that a person knows."""
        return PictureError(str(error).replace(str(self.file), self.name))


@asynccontextmanager
async def received(sent: UploadFile) -> AsyncIterator[Upload]:
    """Have an uploaded file lie on the disk for a while.

    Raises:
        PictureError: Whatever is raised within, with the name that a person knows.
    """
    name = re.split(r"[/\\]", sent.filename or "")[-1]
    name = printable(name)[:_LONGEST_NAME] or "The picture"
    suffix = _SUFFIX.search(name)
    file = await run_in_threadpool(_copy, sent, suffix[0] if suffix else "")
    upload = Upload(name, file)
    try:
        yield upload
    except PictureError as error:
        raise upload.own_words(error) from None
    finally:
        await run_in_threadpool(_delete, file)


async def described(model: ModelQueue, picture: Path) -> Described:
    """Wait for a picture to be described, without holding a thread.

    Raises:
        PictureError: If it cannot be read.
        BundleError: If the model cannot be loaded.
        BusyError: If too many are waiting.
    """
    return await asyncio.shield(asyncio.wrap_future(model.describe(picture)))


def _copy(sent: UploadFile, suffix: str) -> Path:
    handle, name = tempfile.mkstemp(suffix, "upload-")
    file = Path(name)
    try:
        with open(handle, "wb") as to:  # noqa: PTH123 – it is open already
            shutil.copyfileobj(sent.file, to)
    except OSError:
        _delete(file)
        raise
    return file


def _delete(file: Path) -> None:
    # Windows keeps what another program looks at, such as one against viruses.
    with suppress(OSError):
        file.unlink()
