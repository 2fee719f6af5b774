"""How a setting is declared: default, option, help and range, all in one place."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, get_origin, get_type_hints

from imagecap.errors import ImagecapError
from imagecap.interval import Interval


class TrainingSettingsError(ImagecapError):
    """A setting has a value that it cannot have."""


@dataclass(frozen=True)
class Setting:
    """One setting as it was declared.

    Attributes:
        path: Its place, such as `decoder.lstm`.
        kind: `int`, `float`, `bool`, `str` or `tuple`, the last one of `str`.
        default: The value that it has by itself.
        option: The option of train.py that chooses it; empty where there is none.
        text: What it means.
        range: The numbers that it may be; `None` where it is no number.
        choices: The texts that it may be; none where it may be any.
        metavar: What stands for the value of the option in the help.
    """

    path: str
    kind: type
    default: Any
    option: str
    text: str
    range: Interval | None
    choices: tuple[str, ...]
    metavar: str | None

    @property
    def expected(self) -> str:
        """What it may be, in words."""
        if self.range is not None:
            return self.range.describe(self.kind)
        if self.choices:
            return f"one of {', '.join(self.choices)}"
        return {bool: "true or false", str: "a text"}.get(self.kind, "several texts")

    def check(self, value: object) -> None:
        """Check a value.

        Raises:
            TrainingSettingsError: If the setting cannot have it.
        """
        if not self._allows(value):
            raise TrainingSettingsError(
                f"The setting {self.path} is {value!r}, but must be {self.expected}."
            )

    def _allows(self, value: object) -> bool:
        if self.range is not None:
            # For Python, true and false are numbers.
            return (
                isinstance(value, int if self.kind is int else int | float)
                and not isinstance(value, bool)
                and value in self.range
            )
        if self.kind is tuple:
            return isinstance(value, tuple) and all(isinstance(v, str) for v in value)
        if self.choices:
            return value in self.choices
        return isinstance(value, self.kind)


def setting(
    default: Any,  # noqa: ANN401 – of the type of its field
    option: str,
    text: str,
    allowed: Interval | None = None,
    choices: tuple[str, ...] = (),
    metavar: str | None = None,
) -> Any:  # noqa: ANN401 – a dataclass field stands for any type
    """Declare a field of a `Section`; see `Setting` for the arguments."""
    metadata = {
        "option": option,
        "text": text,
        "range": allowed,
        "choices": choices,
        "metavar": metavar,
    }
    return field(default=default, metadata=metadata)


class Section:
    """The base of dataclasses whose fields are declared with `setting`.

    Raises:
        TrainingSettingsError: If one is made with a value that a field cannot have.
    """

    section: ClassVar[str] = ""

    def __post_init__(self) -> None:
        """Check each value."""
        for declared in settings_of(type(self)):
            declared.check(getattr(self, declared.path.rpartition(".")[2]))


def settings_of(section: type[Section]) -> tuple[Setting, ...]:
    """Return the settings that a section declares itself, without those inside it."""
    types = get_type_hints(section)
    prefix = f"{section.section}." if section.section else ""
    return tuple(
        Setting(
            f"{prefix}{one.name}",
            get_origin(types[one.name]) or types[one.name],
            one.default,
            **one.metadata,
        )
        for one in fields(section)  # type: ignore[arg-type] # each is a dataclass
        if one.metadata
    )
