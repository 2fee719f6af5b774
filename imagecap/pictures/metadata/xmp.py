"""A caption, where it comes from, and keywords in a packet of XMP.

An XML parser tells by namespace what says what and where it stands; only that is cut
out, and all else of the packet stays as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

from imagecap.pictures.metadata.description import Description
from imagecap.pictures.metadata.xmp_packet import Packet, Property, XmpError
from imagecap.provenance import Provenance

OWN = "urn:imagecap:caption:1.0#"
"""The namespace of what no other says: who said a caption, and how sure that is."""

_DC = "http://purl.org/dc/elements/1.1/"
_CORE = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
_DESCRIPTION, _ALT_TEXT = f"{_DC} description", f"{_CORE} AltTextAccessibility"
_SUBJECT = f"{_DC} subject"
_PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/"
# Where in the city, the city, its state, its country.
_PLACE = (
    f"{_CORE} Location",
    *(f"{_PHOTOSHOP} {name}" for name in ("City", "State", "Country")),
)
# Where programs repeat the description; not added where they are not.
_REPEATED = {
    "http://ns.adobe.com/tiff/1.0/ ImageDescription": ("tiff:ImageDescription", True),
    "http://ns.adobe.com/exif/1.0/ UserComment": ("exif:UserComment", True),
    "http://ns.acdsee.com/iptc/1.0/ caption": ("acdsee:caption", False),
}
_FIELDS = {
    _DESCRIPTION: "description",
    _ALT_TEXT: "alt-text",
    **dict(zip(_REPEATED, ("exif-description", "user-comment", "acdsee"), strict=True)),
}
# How IPTC calls where something comes from. It stands in our own namespace, because
# IPTC's own property of that name would say that the photograph itself was generated.
_SOURCES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
# Of a caption by a model or not, edited or not.
_SOURCE_TYPES = {
    (True, False): "trainedAlgorithmicMedia",
    (True, True): "compositeWithTrainedAlgorithmicMedia",
    (False, False): "digitalCreation",
    (False, True): "humanEdits",
}
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_EMPTY = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="{_RDF}">
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""
_PADDING = re.compile(rb"\s+(?=<\?xpacket end=)")
_DEFAULT = "x-default"


def describe_xmp(
    packet: bytes | None, description: Description, room: int | None = None
) -> bytes:
    """Give a packet of XMP that says a caption, and all else of a former packet.

    The caption goes into `dc:description` and the alternative text, and wherever else
    the packet repeats it; what they say in other languages stays.

    Args:
        packet: The packet that is there.
        description: The caption, its provenance, and keywords to add.
        room: How many bytes it may have.

    Raises:
        XmpError: If the packet is damaged, or has no room.
    """
    whole = _edited(Packet(packet or _EMPTY.encode()), description)
    if room is not None and len(whole) > room:
        whole = _PADDING.sub(b"\n", whole)
        if len(whole) > room:
            raise XmpError("no room")
    return whole


def remove_captions(packet: bytes) -> bytes:
    """Give a packet without captions in it.

    Raises:
        XmpError: If the packet is damaged.
    """
    read = Packet(packet)
    return read.edited([one for one in read.properties if _is_caption(one.name)], "")


def read_xmp(packet: bytes) -> dict[str, str]:
    """Read the captions of a packet: name of the field → caption.

    Raises:
        XmpError: If the packet is damaged.
    """
    return _captions(Packet(packet))


def read_place(packet: bytes) -> list[str]:
    """Read where a picture was taken: names of places, the nearest first.

    Raises:
        XmpError: If the packet is damaged.
    """
    read = Packet(packet)
    texts = (_default(read.all_of(name)) for name in _PLACE)
    return [text for text in texts if text is not None]


def _captions(read: Packet) -> dict[str, str]:
    found = {}
    for name, field in _FIELDS.items():
        if (text := _default(read.all_of(name))) is not None:
            found[field] = text
    return found


def read_provenance(packet: bytes) -> Provenance:
    """Read where a packet's caption comes from.

    Where another program has changed the caption since, it is edited.

    Raises:
        XmpError: If the packet is damaged.
    """
    read = Packet(packet)
    texts = {
        one.name.split()[1]: text
        for one in read.properties
        if one.name.startswith(f"{OWN} ")
        for _, text in one.items[:1]
    }
    truth = {"True": True, "False": False}
    try:
        confidence = float(texts["Confidence"])
    except (KeyError, ValueError):
        confidence = -1.0
    return Provenance(
        texts.get("By"),
        truth.get(texts.get("Edited", "")),
        truth.get(texts.get("Accepted", "")),
        confidence if 0 <= confidence <= 1 else None,
        texts.get("Said"),
    ).of(_captions(read).values())


def _edited(read: Packet, description: Description) -> bytes:
    keywords = [text for one in read.all_of(_SUBJECT) for _, text in one.items]
    there = {text.casefold() for text in keywords}
    added = [word for word in description.keywords if word.casefold() not in there]
    old = [
        one
        for one in read.properties
        if _is_caption(one.name)
        or one.name.startswith(f"{OWN} ")
        or (one.name == _SUBJECT and added)
    ]
    caption = description.caption
    fields = {
        _DESCRIPTION: ("dc:description", True),
        _ALT_TEXT: ("Iptc4xmpCore:AltTextAccessibility", True),
    }
    fields |= {name: how for name, how in _REPEATED.items() if read.all_of(name)}
    body = ""
    for name, (tag, has_languages) in fields.items():
        caption, former = description.caption, read.all_of(name)
        said = _alternatives(former, caption) if has_languages else _escaped(caption)
        body += _element(tag, name.split()[0], said)
    if added:
        items = "".join(
            f"<rdf:li>{_escaped(word)}</rdf:li>" for word in keywords + added
        )
        body += _element("dc:subject", _DC, f"<rdf:Bag>{items}</rdf:Bag>")
    return read.edited(old, body + _provenance(description))


def _element(tag: str, space: str, content: str) -> str:
    declared = f' xmlns:{tag.split(":")[0]}="{space}"'
    if "<rdf:" in content:
        declared += f' xmlns:rdf="{_RDF}"'
    return f"<{tag}{declared}>{content}</{tag}>\n"


def _is_caption(name: str) -> bool:
    return name in (_DESCRIPTION, _ALT_TEXT, *_REPEATED)


def _alternatives(former: Sequence[Property], caption: str) -> str:
    old = _default(former)
    languages = {_DEFAULT: caption}
    for language, text in (item for one in former for item in one.items):
        # The default repeats one of the languages; a caption is English.
        repeats = text == old and (language or "").lower().split("-")[0] == "en"
        if language and language.lower() != _DEFAULT:
            languages.setdefault(language, caption if repeats else text)
    items = "".join(
        f'<rdf:li xml:lang="{escape(language)}">{_escaped(text)}</rdf:li>'
        for language, text in languages.items()
    )
    return f"<rdf:Alt>{items}</rdf:Alt>"


def _default(former: Iterable[Property]) -> str | None:
    """Give what is said where no language is asked for."""
    items = [item for one in former for item in one.items]
    defaults = [
        text for language, text in items if (language or "").lower() == _DEFAULT
    ]
    return next(iter(defaults + [text for _, text in items]), None)


def _provenance(description: Description) -> str:
    provenance = description.provenance
    source = _SOURCE_TYPES[provenance.is_of_a_model, bool(provenance.edited)]
    values = {
        "By": provenance.by,
        "Edited": provenance.edited,
        "Accepted": provenance.accepted,
        "Confidence": None
        if provenance.confidence is None
        else f"{provenance.confidence:.3f}",
        "DigitalSourceType": provenance.by and _SOURCES + source,
        # Programs that change the caption leave all this as it is.
        "Said": provenance.by and description.caption,
    }
    return "".join(
        _element(f"imagecap:{name}", OWN, _escaped(str(value)))
        for name, value in values.items()
        if value is not None
    )


def _escaped(text: str) -> str:
    # A parser would read it as the end of a line.
    return escape(text, quote=False).replace("\r", "&#13;")
