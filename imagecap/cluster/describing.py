"""A part captioned: from addresses of pictures to a shard of rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from imagecap.cluster.fetching import Fetched, Missing
from imagecap.cluster.filling import ShardFiller, Worker
from imagecap.cluster.shards import FORMS, Row, make_row
from imagecap.model.bundle import MANIFEST, Bundle, read_bundle
from imagecap.model.captioner import Captioner
from imagecap.pictures.content import PictureContent
from imagecap.pictures.errors import PictureError

_ONLY_FOR_TRAINING = ".weights.h5"


@dataclass(frozen=True)
class Work:
    """What every worker has to know of a run.

    Attributes:
        output: The address of its folder.
        model: The SHA-256 of the model's manifest, which holds those of all its files.
        form: Which of `FORMS` its shards have.
        beam_width: Captions kept in parallel by the search; `None` for the model's own.
        retries: Whether pictures that could not be read are tried once more.
    """

    output: str
    model: str
    form: str
    beam_width: int | None
    retries: bool


def caption_filler(captioner: Captioner, work: Work) -> ShardFiller:
    """Make what captions parts with a model."""
    rows = partial(describe, captioner, model=work.model, beam_width=work.beam_width)
    return ShardFiller(work.output, FORMS[work.form], rows, work.retries)


def caption_worker(bundle: Bundle, work: Work) -> Worker:
    """Make what captions parts elsewhere; it has one thread, as it has one CPU."""
    names = [one for one in bundle.manifest.files if _ONLY_FOR_TRAINING not in one]
    files = {
        name: (bundle.folder / name).read_bytes()
        for name in (MANIFEST, *names)
        if (bundle.folder / name).is_file()
    }
    return Worker(files, partial(_load, bundle.name, work))


def _load(name: str, work: Work, folder: Path) -> ShardFiller:
    # A bundle is called as its folder is.
    bundle = read_bundle(folder.rename(folder.parent / name))
    return caption_filler(Captioner(bundle, 1), work)


def describe(
    captioner: Captioner,
    pictures: Iterable[Fetched],
    model: str,
    beam_width: int | None,
) -> Iterator[Row]:
    """Caption pictures; each has a row, with its caption or with the reason for none.

    Args:
        captioner: The model.
        pictures: The pictures, and what could not be fetched.
        model: The SHA-256 of the model's manifest.
        beam_width: Captions kept in parallel by the search; `None` for the model's own.
    """
    by = captioner.bundle.identity
    missing: list[Missing] = []

    def there() -> Iterator[PictureContent]:
        for one in pictures:
            if isinstance(one, Missing):
                missing.append(one)
            else:
                yield one

    described = captioner.describe_many(there(), beam_width=beam_width)
    for picture, result in described:
        content_hash = hashlib.sha256(picture.content).hexdigest()
        if isinstance(result, PictureError):
            error = str(result)
            yield make_row(picture.name, model, content_hash=content_hash, error=error)
        else:
            best = result.captions[0]
            yield make_row(
                picture.name, model, best.text, best.confidence, by, content_hash
            )
    for one in missing:
        yield make_row(one.name, model, error=one.reason)
