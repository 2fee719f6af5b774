"""What programs get and send, with the names and limits that OpenAPI tells."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, Field

from imagecap.library.batch import BatchProgress
from imagecap.library.entry import Entry, SaidCaption
from imagecap.model.caption import Caption
from imagecap.web.jobs import Job, State

LONGEST_CAPTION = 2000
LONGEST_PATH = 4096

_CONTROLS = re.compile("[\0-\x1f\x7f-\x9f]")

Text = Annotated[str, Field(max_length=LONGEST_CAPTION)]


def one_line(written: str) -> str:
    """Return a caption as one line, without control characters."""
    return " ".join(_CONTROLS.sub(" ", written).split())


def text_of(written: str) -> str:
    """Return a text without what no file and no answer can hold."""
    return written.encode("utf-8", "replace").decode()


class PictureRecord(BaseModel):
    """A picture of the library."""

    number: int
    path: str
    caption: str | None = Field(description="The one that counts: a person's first.")
    machine: str | None = Field(description="The newest one by a model.")
    human: str | None = Field(description="What a person wrote or accepted.")
    unsure: bool = Field(description="Whether the model doubted its caption.")

    @classmethod
    def of(cls, entry: Entry) -> PictureRecord:
        """Make it of what the library knows."""
        return cls(
            number=entry.number or 0,
            path=text_of(str(entry.picture)),
            caption=entry.caption,
            machine=entry.machine,
            human=entry.human,
            unsure=entry.unsure,
        )


class PictureList(BaseModel):
    """Some of the pictures that were asked for, in order."""

    total: int = Field(description="How many there are in all.")
    pictures: list[PictureRecord]


class SaidRecord(BaseModel):
    """A caption that was said of a picture at some time."""

    text: str | None = Field(
        description="null where a person took back what they said."
    )
    by: str = Field(description="The model's identity, or “person”.")
    kind: str
    confidence: float | None
    unsure: bool
    made: float | None = Field(description="Seconds since 1970.")

    @classmethod
    def of(cls, said: SaidCaption) -> SaidRecord:
        """Make it of what the library knows."""
        return cls(
            text=said.text,
            by=text_of(said.by),
            kind=said.kind,
            confidence=said.confidence,
            unsure=said.unsure,
            made=said.made,
        )


class PictureWithHistory(PictureRecord):
    """A picture of the library with all that was said of it, people first."""

    history: list[SaidRecord]


class CaptionRecord(BaseModel):
    """A caption that a model has just made."""

    text: str
    hedged_text: str = Field(description="“Possibly: …” where the model is unsure.")
    probability: float
    confidence: float | None
    unsure: bool
    words: list[str]
    word_probabilities: list[float]

    @classmethod
    def of(cls, caption: Caption) -> CaptionRecord:
        """Make it of a caption."""
        return cls(
            text=caption.text,
            hedged_text=caption.hedged_text,
            probability=caption.probability,
            confidence=caption.confidence,
            unsure=caption.unsure,
            words=list(caption.words),
            word_probabilities=list(caption.word_probabilities),
        )


class CaptionList(BaseModel):
    """The captions of one picture, the best first."""

    model: str
    captions: list[CaptionRecord]


class Edit(BaseModel):
    """What a person says of a picture."""

    caption: Annotated[str, Field(min_length=1, max_length=LONGEST_CAPTION)]
    instead_of: Text | None = Field(
        None, description="What the person knows to be there; null for nothing."
    )


class PathRecord(BaseModel):
    """A file or a folder that lies in a folder of the library."""

    path: Annotated[str, Field(min_length=1, max_length=LONGEST_PATH)]


class JobRecord(BaseModel):
    """A folder that is being captioned."""

    number: int
    folder: str
    state: State
    done: int
    total: int
    failed: list[str] = Field(description="Why pictures have no caption.")
    per_second: float
    problem: str

    @classmethod
    def of(cls, job: Job) -> JobRecord:
        """Make it of a job as it stands."""
        progress: BatchProgress = job.progress
        return cls(
            number=job.number,
            folder=text_of(str(job.folder)),
            state=job.state,
            done=progress.done,
            total=progress.total,
            failed=[text_of(why) for _, why in progress.failed[:1000]],
            per_second=progress.per_second,
            problem=job.problem,
        )


class ProblemRecord(BaseModel):
    """What is wrong, as RFC 9457 has it."""

    type: str
    title: str
    status: int
    detail: str


class ModelRecord(BaseModel):
    """The model that makes captions."""

    name: str
    identity: str


class Health(BaseModel):
    """That the server answers."""

    status: str
    version: str
    pictures: int
