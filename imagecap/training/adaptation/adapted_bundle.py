"""What came of going on, written as a bundle: what the model had besides stays."""

from __future__ import annotations

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
    VOCABULARY,
    WORD_DETECTOR,
    Bundle,
    load_bundle,
)
from imagecap.model.confidence import load_confidence, pooled
from imagecap.model.corrected_words import Correction
from imagecap.model.dual_encoder import load_dual_encoder
from imagecap.model.language_model import load_language_model
from imagecap.model.manifest import (
    BestEpoch,
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
from imagecap.training.adaptation.second_member import predict_alike
from imagecap.training.export.backend import ExportError, writing_model
from imagecap.training.export.finish import as_bundle, unfinished_bundle
from imagecap.training.networks.litert_conversion import convert_to_int8
from imagecap.training.networks.weight_files import save_weights
from imagecap.training.run.environment import describe_environment

ADAPTATION = "adaptation"
"""The stage, in the manifest of what was learned so."""

_HELD_OUT = "cross-validation"
# A picture with one caption says little about which captions are right.
_REFERENCES_TO_JUDGE = 3
_NOT_ODD = 0.95


def save_adaptation(
    adaptation: Adaptation, start: Bundle, data: str, folder: Path
) -> list[str]:
    """Write a bundle of what was learned.

    Args:
        adaptation: What was learned.
        start: The model that it began with.
        data: The name of the data set.
        folder: The new bundle's place; one that is there already is replaced.

    Returns:
        What became of what the model had besides, in sentences.

    Raises:
        ExportError: If the networks compute something else when they serve, or the
            disk refuses to take them. What was in the place then stays.
        BundleError: If a file of the model is damaged.
    """
    kept = f"{start.name} stays as it is"
    with (
        writing_model(folder, kept, "run the same command again"),
        unfinished_bundle(folder) as new,
    ):
        start.verify(ENCODER, ENCODER_WEIGHTS)
        for name in (ENCODER, ENCODER_WEIGHTS):
            shutil.copyfile(start.folder / name, new / name)
        _write_decoders(adaptation, new)
        manifest = _describe(adaptation, start, data, folder.name)
        detector, remembered, _ = adaptation.besides
        if detector is not None:
            (new / WORD_DETECTOR).write_bytes(detector.to_bytes())
        if remembered:
            memory = Memory.of_corrections(remembered, adaptation.vocabulary)
            (new / MEMORY).write_bytes(memory.to_bytes())
        language = load_language_model(start)
        if language is not None:
            language = language.with_words(adaptation.stand_ins)
            (new / LANGUAGE_MODEL).write_bytes(language.to_bytes())
        matcher = load_dual_encoder(start)
        if matcher is not None:
            matcher = matcher.with_words(adaptation.stand_ins)
            (new / DUAL_ENCODER).write_bytes(matcher.to_bytes())
        manifest, sentence = _judge(adaptation, start, manifest, data, new)
        note = f"{adaptation.comparison}. {sentence}".strip()
        manifest = replace(manifest, notes=Notes(scores=note))
        networks = (adaptation.members.start, adaptation.members.step)
        if not predict_alike(
            as_bundle(new, manifest, adaptation.vocabulary), *networks
        ):
            raise ExportError(
                "The exported decoder differs from the trained one, so the model "
                "was not kept; please report this."
            )
        seal_bundle(new, manifest)
        load_bundle(new)
        place_bundle(new, folder)
    return [sentence] if sentence else []


def _write_decoders(adaptation: Adaptation, folder: Path) -> None:
    vocabulary = adaptation.vocabulary.to_json() + "\n"
    (folder / VOCABULARY).write_text(vocabulary, encoding="utf-8")
    members = adaptation.members
    convert_to_int8(members.start, folder / DECODER_START)
    convert_to_int8(members.step, folder / DECODER_STEP)
    save_weights(members.each[0].decoder.training, folder / DECODER_WEIGHTS)


def _describe(adaptation: Adaptation, start: Bundle, data: str, name: str) -> Manifest:
    course, comparison = adaptation.course, adaptation.comparison
    pictures = len(adaptation.examples)
    captions = sum(len(one.captions) for one in adaptation.examples)
    detector = start.manifest.word_detector
    adapted, remembered, _ = adaptation.besides
    if adapted is not None and detector is not None:
        learned_from = pictures if course.is_whole else 0
        words = len(adapted.numbers)
        detector = WordDetectorRecord(words, detector.pictures + learned_from)
    former = start.manifest.training
    return replace(
        start.manifest,
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
            f"it was; its decoders by {course.epochs} epochs, and then "
            f"{course.share:.0%} of the way from the old weights to the new ones"
            + (_ADAPTED if course.is_whole else "."),
            settings={**former.settings, "start": start.name},
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
        memory=_record(remembered),
        failures=None,
        files={},
    )


def _judge(
    adaptation: Adaptation, start: Bundle, manifest: Manifest, data: str, folder: Path
) -> tuple[Manifest, str]:
    """Fit the confidence to the new captions where these suffice; else keep it."""
    confidence = load_confidence(start)
    if confidence is None or manifest.confidence is None:
        return manifest, ""
    names = list(adaptation.captions)
    vectors = np.concatenate(
        [pooled(adaptation.features[n][np.newaxis].astype(np.float32)) for n in names]
    )
    record = manifest.confidence.out_of_distribution
    usual = confidence.out_of_distribution
    if record is not None and usual is not None:
        start.verify(record.file)
        shutil.copyfile(start.folder / record.file, folder / record.file)
        farthest = float(np.quantile(usual.distance(vectors), _NOT_ODD))
        record = OutOfDistributionRecord(record.file, max(record.farthest, farthest))
    kept = replace(manifest.confidence, out_of_distribution=record)
    manifest = replace(manifest, confidence=kept)
    references = references_of(adaptation.examples)
    each = [len(references[name]) for name in names]
    if sum(each) < _REFERENCES_TO_JUDGE * len(each):
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
