r"""Names and provenance as cells of a table, and back again without loss.

A table of text takes no bytes that are no UTF-8, and a spreadsheet takes a cell that
begins with `=`, `+`, `-` or `@` for a formula. So such bytes are written as `\udce9`,
and `./`, which leads to the same file, goes before such a name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from imagecap.provenance import Provenance

_FORMULA = r"[=+\-@\t\r\n]"
# The backslash of a name that looks like what is written here is written so itself.
_BACKSLASH = "\\u005c"
_LOOKS_WRITTEN = r"\\(?=u(?:d[89a-f][0-9a-f]{2}|005c))"
_WRITTEN = r"\\u(d[89a-f][0-9a-f]{2}|005c)"

_YES, _NO = ("true", "yes", "1"), ("false", "no", "0")
_PROVENANCE = vars(Provenance()).keys()


def to_cell(name: str) -> str:
    """Write the name of a picture, whatever it holds, as text that is no formula."""
    name = escape_name(name)
    return f"./{name}" if re.match(_FORMULA, name) else name


def from_cell(cell: str) -> str:
    """Give the name that `to_cell` has written so; names of others stay as they are."""
    name = re.sub(rf"^\./(?={_FORMULA})", "", cell)
    return re.sub(_WRITTEN, lambda found: chr(int(found[1], 16)), name)


def escape_name(name: str) -> str:
    r"""Write as `\u…` what is in a file's name but is no character.

    Two names that differ still differ then.
    """
    name = re.sub(_LOOKS_WRITTEN, lambda _: _BACKSLASH, name)
    return name.encode("utf-8", "backslashreplace").decode()


def provenance_cells(provenance: Provenance) -> dict[str, str]:
    """Give the columns of a caption's provenance; what nobody has said is empty."""
    return {name: _cell(value) for name, value in vars(provenance).items()}


def _cell(value: str | bool | float | None) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)


def read_provenance(columns: Mapping[str, object]) -> Provenance:
    """Read what the columns of a caption, by their names, say of where it is from."""
    if columns.keys().isdisjoint(_PROVENANCE):
        return Provenance()
    by = columns.get("by")
    return Provenance(
        by if isinstance(by, str) and by else None,
        _truth(columns.get("edited")),
        _truth(columns.get("accepted")),
        _share(columns.get("confidence")),
    )


def _truth(value: object) -> bool | None:
    word = str(value).strip().lower()
    return True if word in _YES else False if word in _NO else None


def _share(value: object) -> float | None:
    try:
        share = float(str(value))
    except ValueError:
        return None
    return share if 0 <= share <= 1 else None
