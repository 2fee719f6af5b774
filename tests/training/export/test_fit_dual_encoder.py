"""A dual encoder that learns which captions belong to which pictures."""

import numpy as np

from imagecap.text.vocabulary import Vocabulary
from imagecap.training.export.fit_dual_encoder import fit_dual_encoder

THINGS = ["dog", "cat", "boat", "tree", "car", "horse"]
VOCABULARY = Vocabulary(["a", "the", "and", *THINGS])


def made(pictures: int, seed: int) -> tuple[np.ndarray, list[list[list[str]]]]:
    """Pictures with one to three things, which their features and captions name."""
    generator = np.random.default_rng(seed)
    seen = generator.random((pictures, len(THINGS))) < 0.4
    mixed = np.random.default_rng(9).normal(size=(len(THINGS), 16))
    features = seen @ mixed + generator.normal(0, 0.1, (pictures, 16)) + 3.0
    captions = []
    for row in seen:
        things = [
            thing for thing, is_there in zip(THINGS, row, strict=True) if is_there
        ]
        captions.append([["a", *things], ["the", *reversed(things)]])
    return features.astype(np.float32), captions


def test_a_new_picture_is_nearer_to_captions_of_what_is_on_it() -> None:
    encoder = fit_dual_encoder(*made(600, 0), VOCABULARY, epochs=120)
    features, captions = made(40, 1)
    texts = [VOCABULARY.encode(group[0]) for group in captions]
    values = np.stack(encoder.look_at(features).similarities([texts] * 40))
    own = np.diag(values)
    # Those with the same things have the same caption.
    better = np.array(
        [
            sum(
                value > own[i] + 1e-6 and set(texts[j]) != set(texts[i])
                for j, value in enumerate(row)
            )
            for i, row in enumerate(values)
        ]
    )
    assert (better == 0).mean() > 0.8
    # The order of the words says nothing.
    swapped = [VOCABULARY.encode([*group[1][1:], "a"]) for group in captions]
    turned = encoder.look_at(features).similarities([[one] for one in swapped])
    np.testing.assert_allclose(np.concatenate(turned), own, atol=1e-5)


def test_it_learns_the_same_each_time() -> None:
    first, second = (
        fit_dual_encoder(*made(60, 0), VOCABULARY, epochs=2) for _ in range(2)
    )
    np.testing.assert_array_equal(first.words, second.words)
