"""Where a caption comes from: a model or a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

PERSON = "person"
"""Who said a caption that no model has said."""


@dataclass(frozen=True)
class Provenance:
    """Where a caption comes from; `None` is for what nobody knows.

    Attributes:
        by: Who said it: the identity of a model, `default@0123456789ab`, which holds
            its name and version, or `PERSON`.
        edited: Whether a person changed what the model said.
        accepted: Whether a person has looked at it and found it right.
        confidence: How probable it is that the caption is right, between 0 and 1.
        said: The words of which this is so, where they are kept apart from the caption,
            which other programs may have changed.
    """

    by: str | None = None
    edited: bool | None = None
    accepted: bool | None = None
    confidence: float | None = None
    said: str | None = field(default=None, compare=False)

    @property
    def is_of_a_model(self) -> bool:
        """Whether a model said it, perhaps changed by a person since."""
        return self.by not in (None, PERSON)

    @property
    def is_of_a_model_alone(self) -> bool:
        """Whether a model said it, and no person has changed or accepted it."""
        return self.is_of_a_model and not (self.edited or self.accepted)

    def of(self, captions: Iterable[str]) -> Provenance:
        """Say the same of captions, which are edited where they are not what was said.

        Args:
            captions: All captions that stand with it.
        """
        changed = self.said is not None and any(one != self.said for one in captions)
        return replace(self, edited=True) if changed else self


UNKNOWN = Provenance()
"""Of a caption of which nobody knows where it comes from."""
