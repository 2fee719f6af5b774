"""What came of going on, written as a bundle: what the model had besides stays."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from imagecap.evaluation.calibration.calibrate import (
    CalibrationError,
    calibrate,
    judge_captions,
)
from imagecap.evaluation.errors.failures import count_failures
from imagecap.evaluation.examples import references_of
from imagecap.evaluation.metrics.ngram import CiderD
from imagecap.model.bundle import (
    DECODER_START,
    DECODER_STEP,
    DECODER_WEIGHTS,
    DUAL_ENCODER,
    ENCODER,
    ENCODER_WEIGHTS,
    LANGUAGE_MODEL,
    MEMORY,
    MODEL_CARD,
    VOCABULARY,
    WORD_DETECTOR,
    Bundle,
    load_bundle,
)
from imagecap.model.confidence import OUT_OF_DISTRIBUTION, pooled
from imagecap.model.corrected_words import Correction
from imagecap.model.experts import load_experts
from imagecap.model.manifest import (
    BestEpoch,
    ExpertRecord,
    Manifest,
    Notes,
    SplitSize,
    TrainingData,
    WordDetectorRecord,
)
from imagecap.model.measured import OutOfDistributionRecord, Scores, SplitName
from imagecap.model.memory import Memory
from imagecap.model.sealing import place_bundle, seal_bundle
from imagecap.training.adaptation.adapt import Adaptation
from imagecap.training.adaptation.beginning import ADAPTATION, settings_after
from imagecap.training.adaptation.fit_decoder import Course
from imagecap.training.adaptation.second_member import predict_alike
from imagecap.training.export.backend import ExportError, writing_model
from imagecap.training.export.finish import as_bundle, unfinished_bundle
from imagecap.training.networks.litert_conversion import convert_to_int8
from imagecap.training.networks.weight_files import save_weights
from imagecap.training.run.environment import describe_environment

_HELD_OUT = "cross-validation"
# A picture with one caption says little about which captions are right.
_REFERENCES_TO_JUDGE = 3
_NOT_ODD = 0.95


def save_adaptation(
    adaptation: Adaptation,
    start: Bundle,
    data: str,
    folder: Path,
    experts_of: Bundle | None = None,
) -> list[str]:
    """Write a bundle of what was learned.

    Args:
        adaptation: What was learned.
        start: The model that it began with.
        data: The name of the data set.
        folder: The new bundle's place; one that is there already is replaced.
        experts_of: The model whose experts stay; by default the same.

    Returns:
        What became of what the model had besides, in sentences.

    Raises:
        ExportError: If the networks compute something else when they serve, or the
            disk refuses to take them. What was in the place then stays.
        BundleError: If a file of the model is damaged.
    """
    kept = f"{start.name} stays as it is"
    with (
        writing_model(folder, kept, "start again"),
        unfinished_bundle(folder) as new,
    ):
        experts_of = experts_of or start
        experts = experts_of.manifest.experts or ()
        _copy_experts(experts_of, new)
        if adaptation.learned.kind is None:
            _copy_files(start, (ENCODER, ENCODER_WEIGHTS), new)
            manifest, said = _write_learned(adaptation, start, data, new, folder.name)
        else:
            own = [name for name in start.manifest.files if "/" not in name]
            _copy_files(start, [name for name in own if name != MODEL_CARD], new)
            record, said = _add_expert(adaptation, start, data, new)
            experts = (record, *experts)
            manifest = replace(start.manifest, name=folder.name, version="")
        seal_bundle(new, replace(manifest, experts=experts or None))
        load_experts(load_bundle(new))
        place_bundle(new, folder)
    return [said] if said else []


def _copy_experts(bundle: Bundle, folder: Path) -> None:
    for record in bundle.manifest.experts or ():
        inside = f"{record.folder}/"
        names = [one for one in bundle.manifest.files if one.startswith(inside)]
        (folder / record.folder).mkdir()
        _copy_files(bundle, names, folder)


def _copy_files(bundle: Bundle, names: Sequence[str], folder: Path) -> None:
    bundle.verify(*names)
    for name in names:
        shutil.copyfile(bundle.folder / name, folder / name)


def _add_expert(
    adaptation: Adaptation, start: Bundle, data: str, folder: Path
) -> tuple[ExpertRecord, str]:
    """Write what was learned beside what a model was; say what became of the latter."""
    numbers = itertools.count(1)
    name = next(
        name
        for name in (f"expert-{number}" for number in numbers)
        if not (folder / name).exists()
    )
    (folder / name).mkdir()
    manifest, said = _write_learned(adaptation, start, data, folder / name, name)
    seal_bundle(folder / name, replace(manifest, experts=None))
    size = manifest.training.data.splits["train"]
    measured = str(adaptation.comparison)
    record = ExpertRecord(name, data, size.pictures, size.captions, measured)
    kept = (
        f"What was learned stands beside what {start.name} knows, as an expert for "
        "pictures of this kind; of all others the model says what it said before."
    )
    return record, f"{kept} {said}".strip()


def _write_learned(
    adaptation: Adaptation, start: Bundle, data: str, folder: Path, name: str
) -> tuple[Manifest, str]:
    """Write all that was learned; say what became of what the model had besides.

    Args:
        adaptation: What was learned.
        start: The model that it began with.
        data: The name of the data set.
        folder: An empty one, or one with the encoder.
        name: The name of the new bundle.
    """
    vocabulary = adaptation.vocabulary
    words = vocabulary.to_json() + "\n"
    (folder / VOCABULARY).write_text(words, encoding="utf-8")
    members = adaptation.members
    if adaptation.learned.course.epochs or len(adaptation.stand_ins):
        convert_to_int8(members.start, folder / DECODER_START)
        convert_to_int8(members.step, folder / DECODER_STEP)
        save_weights(members.each[0].decoder.training, folder / DECODER_WEIGHTS)
    else:
        # Converting what has not changed takes a while.
        files = (DECODER_START, DECODER_STEP, DECODER_WEIGHTS)
        _copy_files(adaptation.expert.bundle, files, folder)
    expert = adaptation.expert.with_words(vocabulary, adaptation.stand_ins)
    remembered = adaptation.learned.remembered
    memory = None
    if remembered:
        memory = Memory.of_corrections(remembered, vocabulary)
    for file, known in (
        (WORD_DETECTOR, adaptation.learned.detector),
        (MEMORY, memory),
        (LANGUAGE_MODEL, expert.language),
        (DUAL_ENCODER, expert.dual_encoder),
    ):
        if known is not None:
            (folder / file).write_bytes(known.to_bytes())
    manifest = _describe(adaptation, start, data, name)
    manifest, sentence = _judge(adaptation, manifest, data, folder)
    note = f"{adaptation.comparison}. {sentence}".strip()
    manifest = replace(manifest, notes=Notes(scores=note))
    written = as_bundle(folder, manifest, vocabulary)
    if not predict_alike(written, members.start, members.step):
        raise ExportError(
            "The exported decoder differs from the trained one, so the model was not "
            "kept; please report this."
        )
    return manifest, sentence


def _describe(adaptation: Adaptation, start: Bundle, data: str, name: str) -> Manifest:
    expert, learned = adaptation.expert.bundle, adaptation.learned
    course, comparison = learned.course, adaptation.comparison
    pictures = len(adaptation.examples)
    captions = sum(len(one.captions) for one in adaptation.examples)
    detector = expert.manifest.word_detector
    if learned.detector is not None and detector is not None:
        learned_from = pictures if course.is_whole or course.apart else 0
        words = len(learned.detector.numbers)
        detector = WordDetectorRecord(words, detector.pictures + learned_from)
    former = expert.manifest.training
    return replace(
        expert.manifest,
        name=name,
        version="",
        training=replace(
            former,
            data=TrainingData(
                name=data,
                scope=f"{former.data.scope}, and of {data}",
                description=f"{former.data.description} Then {data}: {pictures:,} "
                f"pictures with {captions:,} captions.",
                splits={"train": SplitSize(pictures, captions)},
            ),
            date=date.today().isoformat(),
            recipe=f"{former.recipe} Then it went on from {start.name}: the encoder as "
            f"it was; {_way_of(course)}"
            + (_ADAPTED if course.is_whole or course.apart else "."),
            settings=settings_after(former, start, data),
            epochs={ADAPTATION: course.epochs},
            best=BestEpoch(ADAPTATION, course.epochs),
            **describe_environment(),
        ),
        scores=Scores(
            split=_HELD_OUT,
            how="each picture captioned by a model that had not learned from it, in "
            "the model's own way, words as in the Penn Treebank, lower case, no "
            "punctuation, no boundary tokens, all references, times 100",
            values={"CIDEr": comparison.after},
        ),
        word_detector=detector,
        memory=_record(learned.remembered),
        failures=None,
        files={},
    )


def _way_of(course: Course) -> str:
    if not course.epochs:
        return "its decoders as they were, but for new words"
    return (
        f"its decoders by {course.epochs} epochs, and then {course.share:.0%} of the "
        "way from the old weights to the new ones"
    )


def _judge(
    adaptation: Adaptation, manifest: Manifest, data: str, folder: Path
) -> tuple[Manifest, str]:
    """Fit the confidence to the new captions where these suffice; else keep it."""
    confidence, kind = adaptation.expert.confidence, adaptation.learned.kind
    if confidence is None or manifest.confidence is None:
        return manifest, ""
    names = list(adaptation.captions)
    features = [adaptation.features[n][np.newaxis].astype(np.float32) for n in names]
    vectors = np.array([pooled(one)[0] for one in features])
    record = manifest.confidence.out_of_distribution
    usual = confidence.out_of_distribution
    if kind is not None:
        (folder / OUT_OF_DISTRIBUTION).write_bytes(kind.subspace.to_bytes())
        record = OutOfDistributionRecord(OUT_OF_DISTRIBUTION, kind.farthest)
    elif record is not None and usual is not None:
        (folder / record.file).write_bytes(usual.to_bytes())
        farthest = np.quantile(usual.distance(vectors), _NOT_ODD) if names else 0.0
        farthest = max(record.farthest, float(farthest))
        record = OutOfDistributionRecord(record.file, farthest)
    kept = replace(manifest.confidence, out_of_distribution=record)
    manifest = replace(manifest, confidence=kept)
    references = references_of(adaptation.examples)
    each = [len(references[name]) for name in names]
    if not names or sum(each) < _REFERENCES_TO_JUDGE * len(each):
        return manifest, _CARRIED_OVER
    cider = CiderD(references)
    captions = [adaptation.captions[name] for name in names]
    try:
        right = judge_captions(
            [100 * cider.score(n, c.words) for n, c in adaptation.captions.items()]
        )
    except CalibrationError:
        return manifest, _CARRIED_OVER
    fitted = calibrate(
        captions,
        right,
        vectors,
        None,
        manifest.decoding.search.length_penalty,
        SplitName(data, _HELD_OUT),
        count_failures(
            {name: adaptation.captions[name].text for name in names},
            {one.name: one.captions for one in adaptation.examples},
        ),
    )
    manifest = fitted.in_manifest(manifest)
    refitted = replace(fitted.confidence, out_of_distribution=record)
    return replace(manifest, confidence=refitted), (
        f"How far captions can be trusted was measured anew on these {len(names):,} "
        "pictures."
    )


def _record(remembered: Sequence[Correction]) -> SplitSize | None:
    if not remembered:
        return None
    captions = sum(len(one.captions) for one in remembered)
    return SplitSize(len(remembered), captions)


_ADAPTED = "; the word detector by ridge regression that shrinks towards what it was."
_CARRIED_OVER = (
    "How far captions can be trusted stays as it was measured before: to measure it "
    "anew takes 100 pictures with three captions each."
)
