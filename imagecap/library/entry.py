"""What the library knows of a picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Entry:
    """What is known of one picture.

    Attributes:
        picture: The picture file.
        machine: The newest caption by a model; `None` without one.
        human: What a person wrote or chose; `None` without that.
        number: The picture's number in the library; `None` where that does not know it.
        unsure: Whether the model doubted what it said.
        confidence: How probable it is that this is right, as the model thinks.
        kind: What the person did who said it, as in `SaidCaption`.
    """

    picture: Path
    machine: str | None = None
    human: str | None = None
    number: int | None = field(default=None, compare=False)
    unsure: bool = field(default=False, compare=False)
    confidence: float | None = field(default=None, compare=False)
    kind: str | None = field(default=None, compare=False)

    @property
    def mark(self) -> Literal["", "captioned", "edited", "accepted"]:
        """How far it is: captioned by a model, changed or accepted by a person."""
        if self.human is None:
            return "" if self.machine is None else "captioned"
        return "accepted" if self.kind == "accepted" else "edited"

    @property
    def caption(self) -> str | None:
        """The caption that counts: a person's before a model's."""
        return self.machine if self.human is None else self.human


@dataclass(frozen=True)
class SaidCaption:
    """A caption that was said of a picture at some time.

    Attributes:
        text: The caption; `None` where a person took back what they had said.
        by: The identity of the model, or `imagecap.provenance.PERSON`.
        kind: What a person did: "written" without a model's caption, "edited" where a
            model had said something else, "accepted" where it had said the same,
            "withdrawn"; "said" of a model.
        confidence: How probable it is that it is right, as a model thinks.
        unsure: Whether a model doubted it.
        made: When it was said, in seconds since 1970; `None` where nobody knows.
    """

    text: str | None
    by: str
    kind: str
    confidence: float | None = None
    unsure: bool = False
    made: float | None = None
