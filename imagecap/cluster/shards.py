"""Rows of captions as the content of a file, and read again without loss."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from imagecap.captions.cells import escape_name, from_cell, to_cell
from imagecap.cluster.errors import ClusterError
from imagecap.text.tokenizer import whole_characters


class Row(NamedTuple):
    """What is written of a picture.

    Attributes:
        path: Where it lies; what is no character in it is written as in `escape_name`.
        caption: Its caption; `None` where it could not be read.
        confidence: The caption's; `None` where the model has none.
        by: Who said it, `default@0123456789ab`.
        model: The SHA-256 of the model's manifest.
        content_hash: The SHA-256 of the file; `None` where none could be read.
        error: Why it has no caption, in a sentence.
    """

    path: str
    caption: str | None
    confidence: float | None
    by: str | None
    model: str
    content_hash: str | None
    error: str | None


RowType = TypeVar("RowType")


@dataclass(frozen=True)
class Form(Generic[RowType]):
    """How shards are written and read.

    Attributes:
        ending: How their names end.
        write: Gives the content of a shard.
        read: Gives the rows in it; it raises a `ValueError` where it is damaged.
    """

    ending: str
    write: Callable[[Sequence[RowType]], bytes]
    read: Callable[[bytes], Iterable[RowType]]


def make_row(
    path: str,
    model: str,
    caption: str | None = None,
    confidence: float | None = None,
    by: str | None = None,
    content_hash: str | None = None,
    error: str | None = None,
) -> Row:
    """Make a row in which everything can be written."""
    return Row(
        escape_name(path),
        caption,
        confidence,
        by,
        model,
        content_hash,
        None if error is None else whole_characters(error),
    )


def _to_parquet(rows: Sequence[Row]) -> bytes:
    import pyarrow
    from pyarrow import parquet

    kinds = {"confidence": pyarrow.float64()}
    schema = pyarrow.schema(
        [(name, kinds.get(name, pyarrow.string())) for name in Row._fields]
    )
    table = pyarrow.Table.from_pylist([row._asdict() for row in rows], schema)
    content = io.BytesIO()
    parquet.write_table(table, content, compression="zstd")
    return content.getvalue()


def _from_parquet(content: bytes) -> Iterator[Row]:
    from pyarrow import parquet

    table = parquet.read_table(io.BytesIO(content))
    return (_row(record) for record in table.to_pylist())


def _to_json_lines(rows: Sequence[Row]) -> bytes:
    lines = (json.dumps(row._asdict(), ensure_ascii=False) for row in rows)
    return "".join(f"{line}\n" for line in lines).encode()


def _from_json_lines(content: bytes) -> Iterator[Row]:
    # Not `splitlines`, which knows ends of lines that may stand in a caption.
    return (_row(json.loads(line)) for line in content.split(b"\n") if line)


def _to_csv(rows: Sequence[Row]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(Row._fields)
    for row in rows:
        cells = row._replace(path=to_cell(row.path))
        writer.writerow("" if cell is None else cell for cell in cells)
    return text.getvalue().encode()


def _from_csv(content: bytes) -> Iterator[Row]:
    for record in csv.DictReader(io.StringIO(content.decode(), newline="")):
        row: dict[str, Any] = {name: text or None for name, text in record.items()}
        confidence = row["confidence"] and float(row["confidence"])
        # An empty caption is one; what has none says why.
        caption = row["caption"] or (None if row["error"] else "")
        path = from_cell(row["path"] or "")
        read = {"path": path, "confidence": confidence, "caption": caption}
        yield _row({**row, **read})


def _row(record: dict[str, Any]) -> Row:
    try:
        return Row(**record)
    except TypeError as error:
        raise ValueError(f"it has other columns: {', '.join(record)}") from error


FORMS = {
    "parquet": Form(".parquet", _to_parquet, _from_parquet),
    "jsonl": Form(".jsonl", _to_json_lines, _from_json_lines),
    "csv": Form(".csv", _to_csv, _from_csv),
}


def check_form(name: str) -> None:
    """Make sure that shards of a form can be written here.

    Raises:
        ClusterError: If a package for it is missing.
    """
    if name != "parquet":
        return
    try:
        import pyarrow  # noqa: F401
    except ImportError as error:
        raise ClusterError(
            "Parquet needs the package pyarrow: pip install 'imagecap[cluster]'."
        ) from error
