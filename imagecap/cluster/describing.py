"""A part captioned: from addresses of pictures to a shard of rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from imagecap.captions.cells import escape_name
from imagecap.cluster.errors import ClusterError
from imagecap.cluster.fetching import Fetched, Missing, fetch
from imagecap.cluster.plan import read_part
from imagecap.cluster.shards import FORMS, Row, make_row
from imagecap.cluster.storage import explain_storage, open_location
from imagecap.errors import explain
from imagecap.model.captioner import Captioner
from imagecap.pictures.content import PictureContent
from imagecap.pictures.errors import PictureError


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


@dataclass(frozen=True)
class Outcome:
    """What became of a part.

    Attributes:
        part: Its name.
        captions: How many rows of its shard have a caption.
        failed: How many have none.
        problem: Why there is no shard, in a sentence; the run ends with it.
        is_given_up: Whether it is left alone, since it ended whoever tried it.
    """

    part: str
    captions: int = 0
    failed: int = 0
    problem: str | None = None
    is_given_up: bool = False


class PartDescriber:
    """Captions parts with one model.

    Args:
        captioner: The model.
        work: What is to be done.
    """

    def __init__(self, captioner: Captioner, work: Work) -> None:
        self._captioner = captioner
        self._work = work

    def describe(self, part: str) -> Outcome:
        """Caption the pictures of a part and write its shard.

        Where the shard is there, only what has no caption in it is tried once more.
        """
        try:
            return self._describe(part)
        except ClusterError as error:
            return Outcome(part, problem=str(error))
        except Exception as error:
            # What the storage says, or what nobody foresaw; the run ends with it.
            said = explain_storage(error) if _is_of_storage(error) else explain(error)
            said = f"The part {part} is not captioned: {said.rstrip('.')}."
            return Outcome(part, problem=said)

    def _describe(self, part: str) -> Outcome:
        output, form = open_location(self._work.output), FORMS[self._work.form]
        shard = output.child(part + form.ending)
        kept: list[Row] = []
        if self._work.retries:
            try:
                before = list(form.read(shard.read()))
            except (FileNotFoundError, ValueError):
                before = []
            kept = [row for row in before if row.error is None]
            if before and len(kept) == len(before):
                return Outcome(part, len(kept))
        known = {row.path for row in kept}
        pictures = (
            one
            for one in fetch(read_part(part, output))
            if escape_name(one.name) not in known
        )
        added = describe(
            self._captioner, pictures, self._work.model, self._work.beam_width
        )
        rows = [*kept, *added]
        shard.write(form.write(rows))
        failed = sum(row.error is not None for row in rows)
        return Outcome(part, len(rows) - failed, failed)


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


def _is_of_storage(error: Exception) -> bool:
    return type(error).__module__.partition(".")[0] in ("botocore", "aiohttp")
