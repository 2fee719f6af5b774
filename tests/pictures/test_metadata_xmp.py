"""Packets of XMP however they are written: what says a caption, and all else."""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagecap.pictures.metadata.description import Description
from imagecap.pictures.metadata.xmp import (
    describe_xmp,
    read_provenance,
    read_xmp,
    remove_captions,
)
from imagecap.pictures.metadata.xmp_packet import XmpError
from imagecap.provenance import Provenance

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
DC = "http://purl.org/dc/elements/1.1/"
CORE = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
NEW = Description("A “dog” & a <cat>.")


def packet(inside: str, attributes: str = "") -> str:
    return (
        f'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><!-- kept -->\n <rdf:RDF '
        f'xmlns:rdf="{RDF}">\n  <rdf:Description rdf:about="uuid:1&amp;2" '
        f'xmlns:dc="{DC}" xmlns:xmp="http://ns.adobe.com/xap/1.0/"\n   '
        f'xmp:Rating="5" xmp:Label=\'a "b" > c&#10;d\' {attributes}>\n{inside}\n'
        f"  </rdf:Description>\n </rdf:RDF>\n</x:xmpmeta>\n   \n<?xpacket end='w'?>"
    )


def alternatives(*items: tuple[str, str]) -> str:
    said = "".join(f'<rdf:li xml:lang="{lang}">{text}</rdf:li>' for lang, text in items)
    return f"<rdf:Alt>{said}</rdf:Alt>"


def descriptions(content: bytes, name: str = f"{{{DC}}}description") -> list[dict]:
    """Language → text, of each description that a packet holds as an element."""
    root = ElementTree.fromstring(content)
    language = "{http://www.w3.org/XML/1998/namespace}lang"
    found = [
        {item.get(language): item.text for item in one.iter(f"{{{RDF}}}li")}
        for one in root.iter(name)
    ]
    assert not any(name in one.attrib for one in root.iter(f"{{{RDF}}}Description"))
    return found


WRITTEN = {
    "no caption": packet(""),
    "one": packet(
        f"<dc:description>{alternatives(('x-default', 'Old'))}</dc:description>"
    ),
    "attribute": packet("", 'dc:description="Old"'),
    "attribute in apostrophes": packet("", "dc:description = 'Old'"),
    "at once": packet("<dc:description/>"),
    "at once with attributes": packet('<dc:description rdf:resource="a>b" />'),
    "plain text": packet("<dc:description>Old</dc:description>"),
    "space in the tag": packet(
        f"<dc:description\n>{alternatives(('x-default', 'Old'))}</dc:description >"
    ),
    "another prefix": packet(f'<d:description xmlns:d="{DC}">Old</d:description>'),
    "twice": packet("<dc:description>Old</dc:description>" * 2),
    "both ways": packet("<dc:description>Old</dc:description>", 'dc:description="Old"'),
    "a bag": packet(
        "<dc:description><rdf:Bag><rdf:li>Old</rdf:li></rdf:Bag></dc:description>"
    ),
    "default namespace": (
        f'<RDF xmlns="{RDF}"><Description xmlns:dc="{DC}" about="" '
        f'dc:description="Old"/></RDF>'
    ),
    "no node": f'<x:meta xmlns:x="adobe:ns:meta/"><r:RDF xmlns:r="{RDF}"/></x:meta>',
    "two nodes": packet("</rdf:Description>\n<rdf:Description rdf:about='uuid:1&amp;2'>"
        f"<d:description xmlns:d='{DC}'>Old</d:description>"),
    "declared": f'<?xml version="1.0" encoding="UTF-16"?>{packet("")}',
    "zeros behind": packet("") + "\0" * 40,
    "forbidden characters": packet("<dc:title>a\x01b</dc:title>"),
}  # fmt: skip


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN.keys())
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_the_caption_is_said_once(written: str, encoding: str) -> None:
    new = describe_xmp(written.encode(encoding), NEW)
    assert descriptions(new) == [{"x-default": NEW.caption}]
    alt_text = f"{{{CORE}}}AltTextAccessibility"
    assert descriptions(new, alt_text) == [{"x-default": NEW.caption}]
    assert b"Old" not in new
    assert read_xmp(new) == {"description": NEW.caption, "alt-text": NEW.caption}
    # A second caption leaves no trace of the first.
    assert describe_xmp(describe_xmp(new, Description("A.")), NEW) == new


def test_all_else_stays_byte_for_byte() -> None:
    rest = (
        '<c:Tone xmlns:c="u"><rdf:Seq>\r\n<rdf:li>0, 0</rdf:li></rdf:Seq></c:Tone>'
        "<?other?><![CDATA[ ]]>"
        "<q:Deep xmlns:q='v' rdf:parseType='Resource'><dc:description>Its own"
        "</dc:description></q:Deep>"
    )
    old = packet(f"{rest}<dc:description>Old</dc:description>")
    new = describe_xmp(old.encode(), NEW).decode()
    assert re.sub(
        r"<(dc:description|Iptc4xmpCore:\w+) xmlns.*?</\1>\n", "", new
    ) == old.replace("<dc:description>Old</dc:description>\n", "")
    assert remove_captions(new.encode()).decode() == old.replace(
        "<dc:description>Old</dc:description>\n", ""
    )


def test_other_languages_stay() -> None:
    said = alternatives(
        ("x-default", "Old"), ("de", "Hund &amp; Katz"), ("en-US", "Old")
    )
    new = describe_xmp(packet(f"<dc:description>{said}</dc:description>").encode(), NEW)
    # The default repeats the language that a caption is in.
    assert descriptions(new) == [
        {"x-default": NEW.caption, "de": "Hund & Katz", "en-US": NEW.caption}
    ]


@pytest.mark.parametrize(
    ("space", "name"),
    [
        ("http://ns.adobe.com/tiff/1.0/", "ImageDescription"),
        ("http://ns.adobe.com/exif/1.0/", "UserComment"),
        ("http://ns.acdsee.com/iptc/1.0/", "caption"),
    ],
)
def test_where_programs_repeat_it_the_caption_follows(space: str, name: str) -> None:
    new = describe_xmp(
        packet(f'<n:{name} xmlns:n="{space}">Old</n:{name}>').encode(), NEW
    )
    (one,) = ElementTree.fromstring(new).iter(f"{{{space}}}{name}")
    assert "".join(one.itertext()) == NEW.caption
    # It is not added where it is not.
    assert f'"{space}"'.encode() not in describe_xmp(packet("").encode(), NEW)


def test_single_bytes_of_another_encoding_are_read() -> None:
    old = packet("<dc:title>Caf\u00e9 – \u00fc</dc:title>").encode()
    new = describe_xmp(old.replace("\u00e9".encode(), b"\xe9"), NEW)
    assert "Caf\u00e9 – \u00fc" in new.decode()


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"no XML",
        b"<a>",
        b"<a/>",
        packet("<dc:title>").encode(),
        packet("")[:300].encode(),
        packet("").replace("<x:", "<!DOCTYPE a [<!ENTITY b 'c'>]><x:", 1).encode(),
    ],
)
def test_a_damaged_packet_is_told(damaged: bytes) -> None:
    with pytest.raises(XmpError):
        read_xmp(damaged)


def test_room_is_made_of_padding() -> None:
    old = packet("").replace("   \n<?xpacket", " " * 2000 + "\n<?xpacket").encode()
    new = describe_xmp(old, NEW, room=len(old))
    assert len(new) < len(old)
    assert read_xmp(new)["description"] == NEW.caption
    with pytest.raises(XmpError, match="room"):
        describe_xmp(old, NEW, room=500)


def test_keywords_are_added_to_those_there_are() -> None:
    old = packet(
        "<dc:subject><rdf:Bag><rdf:li>beach</rdf:li><rdf:li>a &amp; b</rdf:li>"
        "</rdf:Bag></dc:subject>"
    )
    new = describe_xmp(
        old.encode(), Description("A.", keywords=("dog", "beach", "c < d"))
    )
    (subject,) = ElementTree.fromstring(new).iter(f"{{{DC}}}subject")
    words = [item.text for item in subject.iter(f"{{{RDF}}}li")]
    assert words == ["beach", "a & b", "dog", "c < d"]
    assert b"subject" not in describe_xmp(packet("").encode(), NEW)


@pytest.mark.parametrize(
    ("provenance", "source"),
    [
        (Provenance("m@1", False, False, 0.25), "/trainedAlgorithmicMedia"),
        (Provenance("m@1", True, True), "/compositeWithTrainedAlgorithmicMedia"),
        (Provenance("person", True, True), "/humanEdits"),
        (Provenance("person", False, None), "/digitalCreation"),
    ],
)
def test_where_the_caption_comes_from_is_read_back(
    provenance: Provenance, source: str
) -> None:
    new = describe_xmp(packet("").encode(), Description("A.", provenance))
    assert read_provenance(new) == provenance
    assert source.encode() in new
    # The photograph itself was not generated.
    assert b"Iptc4xmpExt" not in new
    assert read_provenance(describe_xmp(new, Description("B."))) == Provenance()


LANGUAGES = st.from_regex(r"[a-z]{2}(-[A-Z]{2})?", fullmatch=True).filter(
    lambda language: not language.startswith("en")
)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cn")))


@given(st.text(), st.dictionaries(LANGUAGES, TEXTS))
def test_any_caption_is_read_back(caption: str, others: dict[str, str]) -> None:
    description = Description(caption)
    items = ((language, escape(text)) for language, text in others.items())
    old = packet(f"<dc:description>{alternatives(*items)}</dc:description>")
    new = describe_xmp(old.encode(), description)
    assert read_xmp(new)["description"] == description.caption
    (said,) = descriptions(new)
    assert {language: text or "" for language, text in said.items()} == {
        "x-default": description.caption,
        **others,
    }


def test_keywords_that_are_there_in_capitals_are_not_added() -> None:
    packet = describe_xmp(None, Description("A dog.", keywords=("Dog",)))
    packet = describe_xmp(packet, Description("A dog.", keywords=("dog", "pet")))
    assert b"<rdf:li>dog</rdf:li>" not in packet
    assert b"<rdf:li>pet</rdf:li>" in packet
