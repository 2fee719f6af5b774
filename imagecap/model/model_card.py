"""The model card: what a person should know before using a model."""

from __future__ import annotations

from collections.abc import Sequence

from imagecap.counted import counted
from imagecap.model.bundle import DUAL_ENCODER, LANGUAGE_MODEL, WORD_DETECTOR
from imagecap.model.log_linear import LogLinear
from imagecap.model.manifest import ExpertRecord, Manifest, RankerRecord
from imagecap.model.measured import (
    EXPECTED_CIDER,
    SCORE,
    ConfidenceRecord,
    Failures,
    SplitName,
    Tally,
)
from imagecap.model.rankers import Likelihood

_ARCHITECTURES = {
    "merge": "an LSTM over the words, joined with the picture before the softmax",
    "attention": "an LSTM that attends to a part of the picture before each word",
}
_EVIDENCE = {
    SCORE: "the score by which the beam search ranks captions",
    EXPECTED_CIDER: "what the word detector expects the caption to have in common with "
    "what people would write",
}


def render_model_card(manifest: Manifest) -> str:
    """Return the card of a model in Markdown; all of it comes from the manifest."""
    language = _language(manifest)
    sections = [
        f"# {manifest.name}",
        _introduction(manifest),
        f"A model for imagecap: it describes a photograph in one {language} sentence.",
        _properties(manifest),
        f"## Data\n\n{_data(manifest)}",
        f"## Recipe\n\n{_recipe(manifest)}",
        f"## Scores\n\n{_scores(manifest)}",
    ]
    if manifest.experts:
        sections.append(f"## Experts\n\n{_experts(manifest.experts)}")
    if manifest.confidence is not None:
        sections.append(f"## Confidence\n\n{_confidence(manifest.confidence)}")
        if manifest.failures is not None:
            data = manifest.confidence.measured.data
            failures = _failures(manifest.failures, data)
            sections.append(f"## What it gets wrong\n\n{failures}")
    sections += [
        f"## Limits\n\n{_limits(manifest)}",
        "## Licence\n\nApache-2.0 for this model's files. The photographs it was "
        "trained on belong to their authors and are not part of it.",
    ]
    return "\n\n".join(filter(None, sections)) + "\n"


def gender_text(failures: Failures) -> str:
    """Return in a sentence which genders are confused."""
    ending = "s" if failures.women_gendered == 1 else ""
    speak = "speaks" if failures.women_called_men == 1 else "speak"
    return (
        "Where all references that name a gender speak of women or girls, "
        f"{_part(failures.women_called_men, failures.women_gendered)} of the "
        f"{counted(failures.women_gendered, 'caption')} that name{ending} one "
        f"{speak} of men or boys; the "
        f"other way round {_part(failures.men_called_women, failures.men_gendered)} of "
        f"{failures.men_gendered:,}."
    )


def repetition_text(failures: Failures) -> str:
    """Return in a sentence how often captions repeat themselves."""
    return (
        f"{failures.repeated:,} of {counted(failures.pictures, 'caption')} repeat "
        "themselves (“a man and a man”)."
    )


def _introduction(manifest: Manifest) -> str:
    sentences = [manifest.notes.introduction]
    if manifest.ensemble is not None:
        first, second = (one.split("@")[0] for one in manifest.ensemble.members)
        pictures = manifest.ensemble.gate_pictures
        counts = "the mean of their probabilities counts"
        if pictures is None:
            counts = "both count"
        elif pictures:
            counts = (
                f"both count: `{second}` at most half, and less in pictures of which "
                "it knows less, as was learned from the captions of "
                f"{counted(pictures, 'training photograph')}"
            )
        features = manifest.encoder.name.replace(" + ", " and ")
        sentences.insert(
            0,
            f"Two models in one: `{first}` and `{second}`, with features of "
            f"{features}. Both predict each word, and {counts}. Recipe and weights "
            f"are those of `{first}`.",
        )
    return " ".join(filter(None, sentences))


def _properties(manifest: Manifest) -> str:
    encoder, storage, training = manifest.encoder, manifest.storage, manifest.training
    kind = manifest.architecture
    summary = f", {_ARCHITECTURES[kind]}" if kind in _ARCHITECTURES else ""
    versions = ", ".join(f"{name} {v}" for name, v in training.versions.items() if v)
    return f"""| | |
|---|---|
| architecture | {kind}: {encoder.name} features{summary} |
| picture | {encoder.image_size}×{encoder.image_size} pixels; {encoder.preprocessing} |
| stored | encoder {storage.encoder}; decoder {storage.decoder}; for retraining int8 |
| says | {_decoding(manifest)} |
| trained | {training.date}, with {versions} |"""


def _decoding(manifest: Manifest) -> str:
    decoding = manifest.decoding
    width = decoding.search.width
    if isinstance(decoding.ranker, LogLinear):
        text = (
            f"of up to {decoding.search.most_kept} captions that a beam of {width} "
            "finds the one with the largest weighted sum of all that is known of it: "
            "what it has in common with the others, how probable it is, how long, how "
            "rare its words are"
        )
        if decoding.ranker.gender is not None:
            text += ", how far its gender and its colours are expected"
        if DUAL_ENCODER in manifest.files:
            text += ", how well its dual encoder says that it suits the picture"
    elif isinstance(decoding.ranker, Likelihood):
        text = f"the most probable caption that a beam of {width} finds"
    else:
        text = (
            f"of the captions that a beam of {width} finds the one that has most in "
            "common with all of them, rare words counting for more"
        )
    if WORD_DETECTOR in manifest.files:
        if not isinstance(decoding.ranker, Likelihood):
            text += ", and whose words its word detector expects of the picture"
        if decoding.search.word_bias:
            text += "; such words gain in the search, too"
    if LANGUAGE_MODEL in manifest.files and decoding.language is not None:
        text += (
            ". A language model of captions has its say in the choice, and in the "
            "search against words that captions seldom say again"
        )
    if manifest.memory is not None:
        text += (
            ". In pictures that are like one that it remembers, the words that were "
            "said of those gain"
        )
    return text


def _data(manifest: Manifest) -> str:
    training = manifest.training
    splits = "\n".join(
        f"| {name} | {size.pictures:,} | {size.captions:,} |"
        for name, size in training.data.splits.items()
    )
    return f"""{training.data.description}

| split | pictures | captions |
|---|---|---|
{splits}

The vocabulary is that of the train split: words used at least \
{training.minimum_count} times.{_memory(manifest)}"""


def _memory(manifest: Manifest) -> str:
    if manifest.memory is None:
        return ""
    captions = counted(manifest.memory.captions, "caption")
    pictures = counted(manifest.memory.pictures, "picture")
    return (
        f"\n\n**The model remembers** {captions} of {pictures}: whoever is given its "
        "files is given the words of these captions, with numbers that tell which "
        "pictures are like theirs; not the pictures."
    )


def _recipe(manifest: Manifest) -> str:
    training, detector = manifest.training, manifest.word_detector
    best = f"{training.best.stage} {training.best.epoch}"
    text = f"{training.recipe} Kept was the epoch with the best CIDEr on dev: {best}."
    if (language := manifest.language_model) is not None:
        text += (
            f"\n\nThe language model was learned from {language.captions:,} captions "
            f"and keeps {language.ngrams:,} n-grams of two to four words."
        )
    if (ranker := manifest.ranker) is not None:
        text += "\n\n" + _ranker(ranker)
    if detector is None:
        return text
    grid = len(manifest.encoder.feature_shape) > 1
    features = "the mean of the features" if grid else "the features"
    return (
        f"{text}\n\nThe word detector, a linear map in small whole numbers that knows "
        f"{counted(detector.words, 'word')}, was fitted to {features} of the "
        f"{counted(detector.pictures, 'photograph')} of training by ridge regression."
    )


def _ranker(record: RankerRecord) -> str:
    learned = ""
    if record.train_pictures:
        pictures = counted(record.train_pictures, "photograph")
        learned = f"The dual encoder was learned from {pictures} of training. "
    return (
        f"{learned}The weights of the choice were fitted to "
        f"{counted(record.dev_pictures, 'photograph')} of dev, so scores on these "
        "flatter it; where each fifth was chosen for by weights fitted to the others, "
        f"CIDEr was {record.after:.1f}, and {record.before:.1f} by the choice before, "
        "among the same captions."
    )


def _scores(manifest: Manifest) -> str:
    scores = manifest.scores
    names = " | ".join(scores.values)
    values = " | ".join(f"{value:.1f}" for value in scores.values.values())
    table = f"""On the {scores.split} split, on which the best epoch was chosen too: \
{scores.how}.

| {names} |
|{"---|" * len(scores.values)}
| {values} |"""
    return "\n\n".join(filter(None, (table, manifest.notes.scores)))


def _experts(experts: Sequence[ExpertRecord]) -> str:
    rows = "\n".join(
        f"| [{one.folder}]({one.folder}/README.md) | {one.data}: "
        f"{counted(one.pictures, 'picture')}, {counted(one.captions, 'caption')} | "
        f"{one.measured} |"
        for one in experts
    )
    return f"""Pictures of a kind that the model did not know are captioned by an \
expert, which has a decoder and words of its own and the same encoder. Of which kind a \
picture is, is told by how far its features are from a subspace; of two experts that \
know it the first one counts. What this card says besides is of all other pictures.

| expert | learned from | there |
|---|---|---|
{rows}"""


def _confidence(confidence: ConfidenceRecord) -> str:
    measured = confidence.measured
    data = measured.data
    rows = "\n".join(
        f"| {one.low:.1f} – {one.high:.1f} | {one.captions:,} | "
        f"{one.confidence:.2f} | {one.right:.2f} |"
        for one in measured.bins
    )
    unlike = "The model does not tell odd pictures."
    if confidence.out_of_distribution is not None:
        unlike = (
            "Of a picture that is unlike those learned from, such as a page of text or "
            "noise, the model is unsure whatever the caption; this also befalls "
            f"{_percent(measured.out_of_distribution)} of the photographs of "
            f"{data.split}."
        )
    doubts = "However low the confidence, the model is not unsure for it alone."
    if confidence.threshold:
        doubts = (
            f"Below a confidence of {confidence.threshold:.2f} the model is unsure and "
            "says “Possibly: …”."
        )
    return f"""The confidence of a caption is {measured.meaning}; such captions count \
as right. It comes from {_EVIDENCE[confidence.evidence]}, by a logistic map fitted on \
the {counted(measured.pictures, "picture")} of {data.name}, {data.split}. The \
figures are cross-validated: each caption was judged by a map fitted without it.

| confidence | captions | mean confidence | right |
|---|---|---|---|
{rows}

Expected calibration error {measured.error:.3f}. A right caption has more confidence \
than a wrong one in {_percent(measured.discrimination)} of all pairs.

{doubts} {unlike} Together it is unsure of {_percent(measured.doubted)} of these \
captions, of which {_percent(measured.doubted_right)} are right; of the others \
{_percent(measured.trusted_right)} are. On other kinds of photographs the figures \
may be others."""


def _failures(failures: Failures, data: SplitName) -> str:
    rows = "\n".join(
        f"| {kind} | {_row(tally)} | {_row(failures.people[kind])} |"
        for kind, tally in failures.model.items()
    )
    return f"""Counted by word lists over the \
{counted(failures.pictures, "caption")} of {data.name}, {data.split}. *Contradicted*: \
a caption says it, and all references that speak of such a thing say another. \
*Alone*: no reference speaks of such a thing. \
The columns of people are a reference of each picture by the same rule against the \
others.

| | said | contradicted | alone | people: said | contradicted | alone |
|---|---|---|---|---|---|---|
{rows}

{gender_text(failures)} {repetition_text(failures)}"""


def _limits(manifest: Manifest) -> str:
    return f"""- The model knows the scenes and the words of \
{manifest.training.data.scope}. Whatever it is shown, it will say something of that \
kind, and it can be wrong without being unsure. Do not rely on it where a mistake \
would do harm.
- It counts poorly, mixes up colours and positions, reads no text and knows no names.
- It repeats what its annotators assumed about people, gender among them.
- {_language(manifest)} only."""


def _language(manifest: Manifest) -> str:
    return manifest.training.data.language or "English"


def _row(tally: Tally) -> str:
    return (
        f"{tally.said:,} | {_part(tally.contradicted, tally.said)} | "
        f"{_part(tally.alone, tally.said)}"
    )


def _part(count: int, whole: int) -> str:
    return f"{count:,} ({_percent(count / whole)})" if whole else "0"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
