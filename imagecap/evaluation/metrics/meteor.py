"""METEOR as NLTK computes it, where NLTK and WordNet are installed."""

from __future__ import annotations

import functools
import io
import warnings
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from imagecap.errors import ImagecapError
from imagecap.evaluation.metrics.ngram import Words

DEBIAN_WORDNET = Path("/usr/share/wordnet")
"""Where Debian's package wordnet-base puts WordNet."""

_LEXICOGRAPHER_FILES = 45


class MeteorError(ImagecapError):
    """METEOR cannot be computed here."""


class Meteor:
    """METEOR with exact, stem and synonym matches.

    Source: Lavie and Agarwal 2007, "METEOR: an automatic metric for MT evaluation with
    high levels of correlation with human judgments" (α = 0.9, β = 3, γ = 0.5), as NLTK
    has it. coco-caption runs METEOR 1.5, a later Java program with other parameters and
    with paraphrases: its figures are others.

    Args:
        wordnet: NLTK's reader of WordNet.
    """

    def __init__(self, wordnet: Any) -> None:  # noqa: ANN401 – NLTK has no types
        from nltk.stem.porter import PorterStemmer
        from nltk.translate.meteor_score import meteor_score

        # Captions use few words, and use them often.
        self._score = functools.partial(
            meteor_score,
            preprocess=str,
            stemmer=SimpleNamespace(stem=functools.cache(PorterStemmer().stem)),
            wordnet=SimpleNamespace(synsets=functools.cache(wordnet.synsets)),
        )

    def score(self, words: Words, references: Sequence[Words]) -> float:
        """Score a caption, between 0 and 1: that of the reference it suits best."""
        return float(self._score(references, words))


def load_meteor(folder: Path = DEBIAN_WORDNET) -> Meteor:
    """Load METEOR with WordNet from NLTK's data, else from a folder.

    Args:
        folder: A folder with WordNet's own files (`data.noun` and so on).

    Raises:
        MeteorError: If NLTK or WordNet is missing or damaged; the message says how to
            get it.
    """
    try:
        import nltk.data
    except ImportError as error:
        raise MeteorError(
            "METEOR is left out because NLTK is missing; get it with "
            "`pip install nltk`, and WordNet with `python -m nltk.downloader wordnet`."
        ) from error
    try:
        root = nltk.data.find("corpora/wordnet")
    except LookupError as error:
        if not folder.is_dir():
            raise MeteorError(
                "METEOR is left out because WordNet is missing; get it with "
                "`python -m nltk.downloader wordnet` or Debian's package wordnet-base."
            ) from error
        root = str(folder)
        # NLTK opens nothing outside the folders named here.
        if root not in nltk.data.path:
            nltk.data.path.append(root)
    try:
        return Meteor(_read_wordnet(root))
    # NLTK raises whatever damaged files lead it to.
    except Exception as error:
        raise MeteorError(
            f"METEOR is left out because WordNet in {root} cannot be read ({error}); "
            "install it again."
        ) from error


def _read_wordnet(root: Any) -> Any:  # noqa: ANN401 – NLTK has no types
    from nltk.corpus.reader import WordNetCorpusReader

    class WordNet(WordNetCorpusReader):
        """WordNet for synonyms alone, from as few files as they need."""

        def open(self, file: str) -> Any:  # noqa: ANN401
            # Debian leaves this list out; the numbers in it name subjects, not words.
            if file == "lexnames":
                lines = (f"{n:02} subject 0\n" for n in range(_LEXICOGRAPHER_FILES))
                return io.StringIO("".join(lines))
            return super().open(file)

        def map_wn(self, version: str = "wordnet") -> None:
            """Do without the map to other versions; Debian leaves out its file."""

    with warnings.catch_warnings():
        # English is all that is asked for.
        warnings.filterwarnings("ignore", message="The multilingual functions")
        return WordNet(root, None)
