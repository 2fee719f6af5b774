"""Where the properties of a packet of XMP stand, as an XML parser finds them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from xml.parsers import expat

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_LANGUAGE = "http://www.w3.org/XML/1998/namespace lang"
_TAG = re.compile(rb"""<(?:[^<>"']|"[^"]*"|'[^']*')*>""")
_ATTRIBUTE = re.compile(rb"""\s+([^\s=/>"']+)\s*=\s*(?:"[^"]*"|'[^']*')""")
_DECLARATION = re.compile(r"^\s*<\?xml\s[^>]*\?>")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# Of an item, in the RDF: it lies in a node, a property, and a container.
_ITEM_DEPTH = 3
_NOWHERE = 2**31
_NO_UTF_8 = re.compile("[\udc80-\udcff]")


class XmpError(Exception):
    """A packet of XMP is damaged, or has no room."""


@dataclass
class Property:
    """What a packet says of its picture.

    Attributes:
        name: Namespace, a space, and the name in it.
        start: Where it begins, in bytes.
        end: Where it ends.
        items: What it says, each with its language, where one is told.
    """

    name: str
    start: int
    end: int
    items: list[tuple[str | None, str]] = field(default_factory=list)


class Packet:
    """Finds the properties of a packet.

    Args:
        content: The packet, in any encoding.

    Attributes:
        content: The packet as UTF-8.
        properties: What it says of its picture, elements and attributes, in order.

    Raises:
        XmpError: If it is no XML, has a document type, or says nothing as RDF.
    """

    def __init__(self, content: bytes) -> None:
        self.content = _as_utf_8(content)
        self.properties: list[Property] = []
        self._path: list[str] = []
        # How many elements are open around what the RDF says; none that deep yet.
        self._outside = _NOWHERE
        self._start = self._end = -1
        self._plain = ""
        # Where the first element of the RDF begins, and where its end is told.
        self._node: tuple[int, int] | None = None
        self._parser = parser = expat.ParserCreate("utf-8", " ")
        parser.ordered_attributes = True
        parser.buffer_text = True
        parser.StartElementHandler = self._start_element
        parser.EndElementHandler = self._end_element
        parser.CharacterDataHandler = self._text
        # Entities within entities could fill the memory.
        parser.StartDoctypeDeclHandler = _refuse
        try:
            parser.Parse(self.content, True)
        except expat.ExpatError as error:
            raise XmpError(str(error)) from error
        if self._end < 0:
            raise XmpError("no RDF")

    def all_of(self, name: str) -> list[Property]:
        """Give the properties of a name."""
        return [one for one in self.properties if one.name == name]

    def edited(self, without: Iterable[Property], new: str) -> bytes:
        """Give the packet without some properties, and with others at the end.

        Args:
            without: What is cut out.
            new: Elements of RDF that declare their namespaces themselves.
        """
        splices = [(one.start, one.end, b"") for one in without]
        if self._node:
            splices.append(self._inside_of(*self._node, new.encode()))
        elif new:
            node = f'<rdf:Description xmlns:rdf="{_RDF}" rdf:about="">\n{new}'
            node += "</rdf:Description>\n"
            splices.append(self._inside_of(self._start, self._end, node.encode()))
        whole = self.content
        for start, end, text in sorted(splices, reverse=True):
            after = whole[end:] if text else whole[end:].removeprefix(b"\n")
            whole = whole[:start] + text + after
        return whole

    def _inside_of(self, start: int, end: int, new: bytes) -> tuple[int, int, bytes]:
        """Tell what to splice in where to put something at the end of an element."""
        tag = self._tag(start)
        if not tag.endswith(b"/>"):
            return end, end, new
        # What begins and ends at once is taken apart.
        name = re.split(rb"[\s/]", tag[1:], maxsplit=1)[0]
        after = start + len(tag)
        return after - 2, after, b">" + new + b"</" + name + b">"

    def _start_element(self, name: str, attributes: list[str]) -> None:
        at = self._parser.CurrentByteIndex
        depth = self._depth
        if self._start < 0 and name == f"{_RDF} RDF":
            self._start, self._outside = at, len(self._path) + 1
        elif depth == 0:
            self._node = self._node or (at, -1)
            self._take_attributes(at, attributes)
        elif depth == 1:
            self.properties.append(Property(name, at, at))
            self._plain = ""
        elif depth == _ITEM_DEPTH and name == f"{_RDF} li":
            given = dict(zip(attributes[::2], attributes[1::2], strict=True))
            self.properties[-1].items.append((given.get(_LANGUAGE), ""))
        self._path.append(name)

    def _text(self, text: str) -> None:
        inside = self._path[self._outside :]
        if self._depth == _ITEM_DEPTH - 1:
            self._plain += text
        # An item with qualifiers says its text one floor deeper.
        elif inside[_ITEM_DEPTH:] in ([f"{_RDF} li"], [f"{_RDF} li", f"{_RDF} value"]):
            language, said = self.properties[-1].items[-1]
            self.properties[-1].items[-1] = language, said + text

    def _end_element(self, name: str) -> None:
        self._path.pop()
        at = self._parser.CurrentByteIndex
        if self._depth == 1:
            last = self.properties[-1]
            tag = self._tag(last.start)
            # The end of what begins and ends at once is told behind it.
            is_at_once = tag.endswith(b"/>")
            last.end = last.start + len(tag) if is_at_once else at + len(self._tag(at))
            last.items = last.items or [(None, self._plain)]
        elif self._depth == 0 and self._node and self._node[1] < 0:
            self._node = self._node[0], at
        elif self._end < 0 and len(self._path) + 1 == self._outside:
            self._end = at

    @property
    def _depth(self) -> int:
        """How many elements are open in the RDF; less than 0 outside."""
        return len(self._path) - self._outside if self._end < 0 else -1

    def _take_attributes(self, at: int, attributes: list[str]) -> None:
        tag = self._tag(at)
        pairs = zip(attributes[::2], attributes[1::2], strict=True)
        written = [
            one
            for one in _ATTRIBUTE.finditer(tag)
            if one[1] != b"xmlns" and not one[1].startswith(b"xmlns:")
        ]
        for (name, text), one in zip(pairs, written, strict=True):
            if name not in (f"{_RDF} about", "about"):
                place = at + one.start(), at + one.end()
                self.properties.append(Property(name, *place, [(None, text)]))

    def _tag(self, at: int) -> bytes:
        found = _TAG.match(self.content, at)
        if not found:
            raise XmpError("no tag")
        return found[0]


def _refuse(*_: object) -> None:
    raise XmpError("it has a document type")


def _as_utf_8(content: bytes) -> bytes:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = content.decode("utf-16", "replace")
    elif b"\0" in content[:2]:
        order = "be" if content[:1] == b"\0" else "le"
        text = content.decode(f"utf-16-{order}", "replace")
    else:
        # Programs have written single characters in the system's own encoding.
        text = _NO_UTF_8.sub(
            lambda one: bytes([ord(one[0]) - 0xDC00]).decode("cp1252", "replace"),
            content.decode("utf-8", "surrogateescape"),
        )
    text = _FORBIDDEN.sub("", text.removeprefix("\ufeff"))
    return _DECLARATION.sub("", text).encode("utf-8", "replace")
