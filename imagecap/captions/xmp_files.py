"""Captions in XMP files beside pictures, as photo programs write them."""

from __future__ import annotations

import re
from xml.etree import ElementTree

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_DESCRIPTION = "{http://purl.org/dc/elements/1.1/}description"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def read_xmp(content: bytes) -> str | None:
    """Read the caption in XMP: `dc:description`, in the default language if it has it.

    Returns:
        The caption; `None` where there is none or the content is no XMP.
    """
    # XMP declares no entities; those of others may fill the memory.
    if re.search(rb"<!\s*(?:DOCTYPE|ENTITY)", content.replace(b"\0", b"")):
        return None
    try:
        root = ElementTree.fromstring(content)  # noqa: S314 - without entities
    except (ElementTree.ParseError, ValueError, LookupError):
        return None
    for described in root.iter(_DESCRIPTION):
        texts = {
            item.get(_LANGUAGE): item.text or "" for item in described.iter(f"{_RDF}li")
        }
        text = texts.get("x-default") or next(iter(texts.values()), described.text)
        if text and text.strip():
            return text.strip()
    # A property may be an attribute, too.
    attributes = (one.get(_DESCRIPTION) for one in root.iter(f"{_RDF}Description"))
    return next((text.strip() for text in attributes if text and text.strip()), None)
