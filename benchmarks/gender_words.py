"""What captions gain and lose if they say “person” where the model wavers."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from imagecap import Captioner
from imagecap.datasets.dataset import load_dataset
from imagecap.errors import ImagecapError
from imagecap.evaluation.errors.failures import count_failures
from imagecap.evaluation.metrics.ngram import score_captions
from imagecap.model.decoding import decode
from imagecap.model.litert import LiteRTDecoder
from imagecap.model.word_detector import load_word_detector
from imagecap.progress import progress
from imagecap.text.tokenizer import tokenize
from imagecap.text.vocabulary import Vocabulary

_PAIRS = (
    ("man", "woman", "person"),
    ("men", "women", "people"),
    ("boy", "girl", "child"),
    ("boys", "girls", "children"),
)
_OTHER = {
    a: b for first, second, _ in _PAIRS for a, b in ((first, second), (second, first))
}
_NEUTRAL = {word: neutral for *pair, neutral in _PAIRS for word in pair}
_THRESHOLDS = (0.0, 0.6, 0.7, 0.8, 0.9)


def main() -> None:
    """Print a table: a row for each share below which the gender is left open."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="default")
    parser.add_argument(
        "--data", type=Path, required=True, help="scored on its dev split"
    )
    arguments = parser.parse_args()
    try:
        _print(Captioner.load(arguments.model), arguments.data)
    except ImagecapError as error:
        sys.exit(f"Error: {error}")


def _print(captioner: Captioner, data: Path) -> None:
    examples = load_dataset(data).dev
    decoder = LiteRTDecoder(captioner.bundle)
    vocabulary = captioner.bundle.vocabulary
    decoding = captioner.bundle.manifest.decoding
    detector = load_word_detector(captioner.bundle)
    captions: dict[str, tuple[str, ...]] = {}
    shares: dict[str, Mapping[int, float]] = {}
    encoded = captioner.encode_many(example.path for example in examples)
    encoded = progress(encoded, "Captioning", len(examples))
    for example, (_, features) in zip(examples, encoded, strict=True):
        if isinstance(features, ImagecapError):
            continue
        batch = features[np.newaxis]
        expected = detector.detect(batch, vocabulary) if detector else None
        (found,) = decode(decoder, batch, vocabulary, decoding, expected)
        words = found[0].words
        captions[example.name] = words
        shares[example.name] = _gender_shares(decoder, batch, words, vocabulary)
    references = {e.name: e.captions for e in examples if e.name in captions}
    tokens = {name: [tokenize(t) for t in group] for name, group in references.items()}
    print(f"Model {captioner.name}, {len(captions):,} pictures of dev.\n")
    print("| “person” below | gender said | contradicted | BLEU-4 | CIDEr |")
    print("|---|---|---|---|---|")
    for threshold in _THRESHOLDS:
        changed = {
            name: [
                _NEUTRAL[word] if shares[name].get(place, 1) < threshold else word
                for place, word in enumerate(words)
            ]
            for name, words in captions.items()
        }
        texts = {name: " ".join(words) for name, words in changed.items()}
        tally = count_failures(texts, references).model["gender"]
        scores = score_captions(changed, tokens)
        print(
            f"| {threshold:g} | {tally.said} | {tally.contradicted} | "
            f"{scores['BLEU-4']:.1f} | {scores['CIDEr']:.1f} |"
        )


def _gender_shares(
    decoder: LiteRTDecoder,
    features: np.ndarray,
    words: Sequence[str],
    vocabulary: Vocabulary,
) -> dict[int, float]:
    """Give the probability of each gendered word among itself and its counterpart.

    Returns:
        Place of the word in the caption → between 0 and 1.
    """
    state = dict(decoder.start(features))
    last = Vocabulary.START
    shares = {}
    for place, word in enumerate(words):
        log_probabilities, changed, _ = decoder.step(np.array([last], np.int32), state)
        state.update(changed)
        if word in _OTHER:
            pair = vocabulary.encode([word, _OTHER[word]])
            own, other = np.exp(log_probabilities[0, pair])
            shares[place] = float(own / (own + other))
        (last,) = vocabulary.encode([word])
    return shares


if __name__ == "__main__":
    main()
