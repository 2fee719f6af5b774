"""Which language captions are in."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

_ENOUGH = 2000
_NAMES = {
    "ar": "Arabic",
    "bn": "Bengali",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sv": "Swedish",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
    "zh": "Chinese",
}


def name_language(captions: Iterable[str]) -> str:
    """Name the language of captions in English, by the first 2,000 of them.

    Source: Lui and Baldwin 2012, "langid.py: an off-the-shelf language identification
    tool".

    Returns:
        Such as "German"; of a language that few people use its code, such as "xh".
    """
    import py3langid

    code, _ = py3langid.classify("\n".join(islice(captions, _ENOUGH)))
    return _NAMES.get(code, str(code))
