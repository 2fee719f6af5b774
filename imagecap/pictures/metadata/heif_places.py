"""Where the items of a HEIC or AVIF lie in the file: its `iloc`."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace

# Of all items together; a photograph in tiles has some hundred.
_MOST_EXTENTS = 50_000


@dataclass(frozen=True)
class Item:
    """Where one item lies.

    Attributes:
        method: 0 for places in the file; others stay as they are.
        reference: 0 for this file.
        base: What is added to the places.
        extents: Index, place and length of each part.
    """

    method: int
    reference: int
    base: int
    extents: tuple[tuple[int, int, int], ...]

    @classmethod
    def at(cls, place: int, length: int) -> Item:
        """Give an item in one part."""
        return cls(0, 0, 0, ((0, place, length),))

    @property
    def is_in_file(self) -> bool:
        """Whether its places are places in this file."""
        return self.method == 0 and self.reference == 0


@dataclass(frozen=True)
class Places:
    """Where the items lie.

    Attributes:
        version: The version of the list, with its flags.
        sizes: How many bytes tell a place, a length, a base and an index.
        items: Number → where it lies.
    """

    version: bytes
    sizes: tuple[int, int, int, int]
    items: Mapping[int, Item]

    @classmethod
    def read(cls, body: bytes) -> Places:
        """Read the list."""
        version, at = body[0], 6
        sizes = body[4] >> 4, body[4] & 15, body[5] >> 4, body[5] & 15
        if version == 0:
            sizes = (*sizes[:3], 0)

        def number(size: int) -> int:
            nonlocal at
            at += size
            if at > len(body):
                raise ValueError("the list is cut off")
            return int.from_bytes(body[at - size : at], "big")

        left = _MOST_EXTENTS

        def extents() -> int:
            """Give how many follow, which need not take any room in the list."""
            nonlocal left
            count = number(2)
            left -= 1 + count
            if left < 0:
                raise ValueError("too many places")
            return count

        long = 4 if version > 1 else 2
        items = {}
        for _ in range(number(long)):
            item = number(long)
            method = number(2) & 15 if version else 0
            reference, base = number(2), number(sizes[2])
            items[item] = Item(
                method,
                reference,
                base,
                tuple(
                    (number(sizes[3]), number(sizes[0]), number(sizes[1]))
                    for _ in range(extents())
                ),
            )
        return cls(body[:4], sizes, items)

    def to_bytes(self) -> bytes:
        """Write the list."""
        places, lengths, bases, indices = self.sizes
        long = 4 if self.version[0] > 1 else 2
        whole = self.version + bytes([places << 4 | lengths, bases << 4 | indices])
        whole += len(self.items).to_bytes(long, "big")
        for number, item in self.items.items():
            whole += number.to_bytes(long, "big")
            whole += struct.pack(">H", item.method) if self.version[0] else b""
            whole += struct.pack(">H", item.reference)
            whole += item.base.to_bytes(bases, "big")
            whole += struct.pack(">H", len(item.extents))
            for index, place, length in item.extents:
                whole += index.to_bytes(indices, "big")
                whole += place.to_bytes(places, "big") + length.to_bytes(lengths, "big")
        return whole

    def data(self, number: int, content: bytes) -> bytes:
        """Give the content of an item."""
        item = self.items[number]
        if not item.is_in_file:
            raise ValueError("the item lies elsewhere")
        if sum(length for _, _, length in item.extents) > len(content):
            raise ValueError("parts of the file come again and again")
        return b"".join(
            content[item.base + place : item.base + place + length]
            for _, place, length in item.extents
        )

    def moved(self, growth: int, behind: int) -> Places:
        """Give the places after all behind a place has moved."""
        items = {
            number: self._moved(item, growth, behind)
            for number, item in self.items.items()
        }
        return replace(self, items=items)

    def with_item(self, number: int, place: int, length: int) -> Places:
        """Give the places with one item somewhere else."""
        return replace(self, items={**self.items, number: Item.at(place, length)})

    def _moved(self, item: Item, growth: int, behind: int) -> Item:
        if not item.is_in_file:
            return item
        extents = tuple(
            (index, place + growth if item.base + place >= behind else place, length)
            for index, place, length in item.extents
        )
        # Where places are told by the base alone, that moves.
        if not self.sizes[0]:
            base = item.base + (growth if item.base >= behind else 0)
            return replace(item, base=base)
        return replace(item, extents=extents)
