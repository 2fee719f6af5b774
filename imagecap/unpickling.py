"""Pickles that may come from anywhere, read without running what they ask for."""

from __future__ import annotations

import pickle
import pickletools
import re
from collections.abc import Callable, Mapping
from io import BytesIO
from mmap import mmap
from typing import Any, ClassVar

# All that texts, numbers and containers of them need, in every protocol.
TEXT_OPCODES = frozenset(
    """
    PROTO FRAME STOP MARK POP POP_MARK DUP NONE NEWTRUE NEWFALSE INT BININT BININT1
    BININT2 LONG LONG1 FLOAT BINFLOAT UNICODE BINUNICODE SHORT_BINUNICODE BINUNICODE8
    EMPTY_LIST LIST APPEND APPENDS EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 TUPLE3 EMPTY_DICT
    DICT SETITEM SETITEMS GET BINGET LONG_BINGET PUT BINPUT LONG_BINPUT MEMOIZE
    """.split()  # noqa: SIM905 - a list of forty words is read better so
)
# Each takes up to 110 bytes of memory, and may be a single one in the file. The
# captions of MS-COCO need 2 million; features take kilobytes for some thirty of them,
# so where there are more, each must come with as many bytes as it takes.
_MOST_INSTRUCTIONS = 6_000_000
_BYTES_OF_FURTHER = 110
# What asks for other than containers of these, and so for what may be done to make it.
_RUNNING = re.compile(r".*GLOBAL|INST|.*OBJ.*|REDUCE|BUILD|EXT\d")


# The one written in Python: its instructions can be replaced, and none of them is
# followed by a crash of the process.
class RestrictedUnpickler(pickle._Unpickler):
    """Admits plain containers, texts and numbers; a pickle can otherwise run code.

    Args:
        file: The pickle, in memory or mapped into it: reading more than there is must
            not need the room for it.

    Attributes:
        opcodes: The names of the instructions that it may hold.
        stand_ins: Module and name that a pickle asks for → what it gets in its place.
        admitted: What it may hold, for the message where it holds more.
    """

    opcodes: ClassVar[frozenset[str]] = TEXT_OPCODES
    stand_ins: ClassVar[Mapping[tuple[str, str], Any]] = {}
    admitted: ClassVar[str] = "texts"

    # Of the unpickler; its types are not published.
    stack: list[Any]
    append: Callable[[Any], None]
    pop_mark: Callable[[], list[Any]]

    def __init__(self, file: BytesIO | mmap) -> None:
        super().__init__(file)
        self._file: Any = file

    def load(self) -> Any:  # noqa: ANN401
        """Look at each instruction of the next pickle, then follow them.

        Raises:
            pickle.UnpicklingError: At one that is not admitted; nothing is made then.
            Exception: Any other, where the pickle is damaged.
        """
        start = self._file.tell()
        instructions = pickletools.genops(self._file)
        for count, (opcode, argument, position) in enumerate(instructions):
            read = (position or 0) - start
            if count > _MOST_INSTRUCTIONS + read // _BYTES_OF_FURTHER:
                raise pickle.UnpicklingError(
                    f"it has more than {_MOST_INSTRUCTIONS:,} parts, which need more "
                    "memory than the file is large"
                )
            if opcode.name not in self.opcodes:
                raise self._refusal(opcode.name)
            # No number of a part exceeds its place, as they count from zero.
            if "PUT" in opcode.name and int(argument or 0) > read:
                raise pickle.UnpicklingError("it is damaged")
        self._file.seek(start)
        return super().load()

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401
        """Return what stands for a name; refuse all others."""
        try:
            return self.stand_ins[module, name]
        except KeyError:
            raise self._refusal(f"{module}.{name}") from None

    def _refusal(self, found: str) -> pickle.UnpicklingError:
        runs = (
            ", and could run code" if "." in found or _RUNNING.fullmatch(found) else ""
        )
        return pickle.UnpicklingError(
            f"it holds {found}, not only {self.admitted}{runs}"
        )

    def _load_dict(self) -> None:
        items = self.pop_mark()
        self.append({})
        self._set(items)

    def _load_setitem(self) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self._set([key, value])

    def _load_setitems(self) -> None:
        self._set(self.pop_mark())

    def _set(self, items: list[Any]) -> None:
        """Set keys and values, in turn, of the dictionary on top of the stack."""
        keys = items[::2]
        # Python has no end of tuples within tuples when it hashes them, and crashes.
        if not isinstance(self.stack[-1], dict) or any(
            isinstance(key, tuple | list) for key in keys
        ):
            raise pickle.UnpicklingError("it holds names that are none")
        self.stack[-1].update(zip(keys, items[1::2], strict=True))

    dispatch: ClassVar[dict[int, Callable[[Any], None]]] = {
        **pickle._Unpickler.dispatch,
        pickle.DICT[0]: _load_dict,
        pickle.SETITEM[0]: _load_setitem,
        pickle.SETITEMS[0]: _load_setitems,
    }
