"""Markdown, as the cards of models are written in it, set in a text field.

It knows headings, paragraphs, lists, tables, code, bold, italic and links; all else is
shown as it is written.
"""

from __future__ import annotations

import re
import tkinter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from tkinter import font
from typing import Literal

_INLINE = re.compile(
    r"\*\*(?P<bold>.+?)\*\*|`(?P<code>.+?)`|\*(?P<italic>[^\s*].*?)\*"
    r"|\[(?P<link>[^\]]+)\]\([^)]*\)"
)
_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*$")
_ITEM = re.compile(r"(?:[-*+]|(\d+\.))\s+(.*)")
_RULE = re.compile(r"[\s|:]*-[\s|:-]*$")
_NUMBER = re.compile(r"[\s.,–%()\d]*\d[\s.,–%()\d]*$")
_HEADING_SIZES = (1.5, 1.25, 1.1)
_INDENT, _GAP = "12p", "14p"
# Where the columns before the last one leave so little, each row becomes a list.
_LEAST_FOR_LAST = 0.4

_Kind = Literal["heading", "paragraph", "item", "code", "table"]
_Cells = tuple[str, ...]


@dataclass(frozen=True)
class Block:
    """A part of a text.

    Attributes:
        kind: What it is.
        text: What is written there, with the marks inside of lines.
        level: Of a heading, from 1.
        mark: Of an item of a list, what stands before it.
        rows: Of a table, the cells; the first row is its head.
    """

    kind: _Kind
    text: str = ""
    level: int = 1
    mark: str = ""
    rows: tuple[_Cells, ...] = ()


def blocks(text: str) -> Iterator[Block]:
    """Read the blocks of a text in Markdown, in order."""
    lines = [line.rstrip() for line in text.splitlines()]
    while lines:
        line = lines.pop(0)
        if line.startswith("```"):
            yield Block("code", "\n".join(_taken(lines, lambda it: it[:3] != "```")))
            del lines[:1]
        elif found := _HEADING.match(line):
            yield Block("heading", found[2], len(found[1]))
        elif line.startswith("|"):
            table = [line, *_taken(lines, lambda it: it.startswith("|"))]
            if rows := tuple(_cells(row) for row in table if not _RULE.match(row)):
                yield Block("table", rows=rows)
        elif found := _ITEM.match(line):
            rest = _taken(lines, lambda it: it.startswith(" "))
            words = " ".join([found[2], *(it.strip() for it in rest)])
            yield Block("item", words, mark=found[1] or "•")
        elif line:
            yield Block("paragraph", " ".join([line, *_taken(lines, _goes_on)]))


def without_marks(text: str) -> str:
    """Return the words of a line without the marks in it."""
    return "".join(words for words, _ in _spans(text))


def write_markdown(field: tkinter.Text, text: str, width: int) -> None:
    """Set a text in Markdown at the end of a text field.

    Args:
        field: The field.
        text: The text.
        width: How wide it may be, in pixels.
    """
    setting = _Setting(field, width)
    for number, block in enumerate(blocks(text)):
        setting.write(block, f"table{number}")


class _Setting:
    """Writes blocks into a text field."""

    def __init__(self, field: tkinter.Text, width: int) -> None:
        self._field = field
        self._width = width
        usual = font.nametofont("TkDefaultFont", field)
        family, size = usual.actual()["family"], usual.actual()["size"]
        self._fonts = usual, font.Font(field, (family, size, "bold"))
        self._gap = field.winfo_pixels(_GAP)
        small = usual.metrics("linespace") // 4
        indent = field.winfo_pixels(_INDENT)
        for level, larger in enumerate(_HEADING_SIZES, start=1):
            field.tag_configure(
                f"heading{level}",
                font=(family, round(size * larger), "bold"),
                spacing1=3 * small,
                spacing3=small,
            )
        field.tag_configure("paragraph", spacing3=2 * small)
        field.tag_configure("item", tabs=indent, lmargin2=indent, spacing3=small)
        field.tag_configure("last", spacing3=3 * small)
        field.tag_configure("code", font="TkFixedFont")
        field.tag_configure("bold", font=(family, size, "bold"))
        field.tag_configure("italic", font=(family, size, "italic"))

    def write(self, block: Block, tag: str) -> None:
        """Write a block; its tag is that of a table with its own columns."""
        if block.kind == "table":
            self._write_table(block.rows, tag)
        elif block.kind == "heading":
            level = min(block.level, len(_HEADING_SIZES))
            self._write_line(block.text, f"heading{level}")
        elif block.kind == "item":
            self._write_line(f"{block.mark}\t{block.text}", "item")
        elif block.kind == "code":
            self._field.insert("end", f"{block.text}\n", ("paragraph", "code"))
        else:
            self._write_line(block.text, "paragraph")

    def _write_line(self, text: str, *tags: str) -> None:
        for words, kind in _spans(text):
            self._field.insert("end", words, (*tags, kind) if kind else tags)
        self._field.insert("end", "\n", tags)

    def _write_table(self, rows: Sequence[_Cells], tag: str) -> None:
        head, *body = rows
        columns = list(zip(*([*body] or [head]), strict=False))
        widths = [
            self._gap + max(map(self._measure, column, [False] * len(column)))
            for column in columns
        ]
        for place, title in enumerate(head[: len(widths)]):
            widths[place] = max(widths[place], self._gap + self._measure(title, True))
        is_wide = sum(widths) > self._width
        if is_wide and self._width - sum(widths[:-1]) < _LEAST_FOR_LAST * self._width:
            self._write_rows_as_items(head, body)
            return
        tabs: list[str] = []
        for place, column in enumerate(columns[1:], start=1):
            start = sum(widths[:place])
            if all(_NUMBER.match(without_marks(cell)) for cell in column):
                tabs += [str(start + widths[place] - self._gap), "right"]
            else:
                tabs += [str(start), "left"]
        self._field.tag_configure(
            tag, tabs=tabs, lmargin2=sum(widths[:-1]) if is_wide else 0
        )
        if any(head):
            self._write_line(
                "\t".join(f"**{title}**" if title else "" for title in head), tag
            )
        for row in body:
            self._write_line("\t".join(row), tag)
        self._field.tag_add("last", "end-2l linestart", "end-1c")

    def _write_rows_as_items(self, head: _Cells, body: Sequence[_Cells]) -> None:
        for first, *others in body:
            pairs = zip(head[1:], others, strict=False)
            said = ", ".join(f"{title} {cell}".strip() for title, cell in pairs if cell)
            name = f"**{without_marks(first)}**"
            self._write_line(f"•\t{name}{': ' if said else ''}{said}", "item")

    def _measure(self, cell: str, is_bold: bool) -> int:
        return self._fonts[is_bold].measure(without_marks(cell))


def _spans(text: str) -> Iterator[tuple[str, str]]:
    """Take a line apart: words, and whether they are bold, italic or code."""
    at = 0
    for found in _INLINE.finditer(text):
        yield text[at : found.start()], ""
        kind = str(found.lastgroup)
        if kind == "link":
            yield from _spans(found[kind])
        else:
            yield found[kind], kind
        at = found.end()
    yield text[at:], ""


def _cells(row: str) -> _Cells:
    return tuple(
        cell.strip().replace("\\|", "|")
        for cell in re.split(r"(?<!\\)\|", row.strip("|"))
    )


def _goes_on(line: str) -> bool:
    """Return whether a line goes on with the paragraph before it."""
    begins = line.startswith(("|", "```")) or _HEADING.match(line) or _ITEM.match(line)
    return bool(line) and not begins


def _taken(lines: list[str], wanted: Callable[[str], bool]) -> list[str]:
    """Take away the first lines, as long as they are wanted."""
    taken = []
    while lines and wanted(lines[0]):
        taken.append(lines.pop(0))
    return taken
