"""COCO files, read by the public COCO code itself."""

import json
from pathlib import Path

from pycocoevalcap.bleu.bleu import Bleu
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.eval import COCOEvalCap
from pycocotools.coco import COCO

from imagecap.evaluation.metrics.ngram import score_captions
from imagecap.evaluation.report.coco import coco_annotations, coco_results, image_ids
from imagecap.text.tokenizer import tokenize

REFERENCES = {
    "a.jpg": ["A man's dog runs.", "The dog, a brown one, is running!"],
    "b.jpg": ["Zwei Kinder", "דוגמה של טקסט", 'two "quoted" children'],
    "c.jpg": ["A surfer"],
}
CAPTIONS = {"a.jpg": "A brown dog is running.", "b.jpg": "Two children.", "c.jpg": ""}


def test_the_public_code_reads_the_files_and_finds_the_same_scores(
    tmp_path: Path,
) -> None:
    ids = image_ids(list(REFERENCES))
    annotations, results = tmp_path / "annotations.json", tmp_path / "results.json"
    annotations.write_text(json.dumps(coco_annotations(REFERENCES, ids, "made up")))
    results.write_text(json.dumps(coco_results(CAPTIONS, ids)))

    coco = COCO(str(annotations))
    found = coco.loadRes(str(results))
    evaluation = COCOEvalCap(coco, found)
    assert evaluation.params["image_id"] == [1, 2, 3]
    # The words are ours: its tokenizer needs Java.
    truths, captions = (
        {
            number: [" ".join(tokenize(entry["caption"])) for entry in entries]
            for number, entries in source.imgToAnns.items()
        }
        for source in (evaluation.coco, evaluation.cocoRes)
    )
    bleu, _ = Bleu(4).compute_score(truths, captions, verbose=0)
    cider, _ = Cider().compute_score(truths, captions)
    ours = score_captions(
        {name: tokenize(caption) for name, caption in CAPTIONS.items()},
        {name: [tokenize(t) for t in group] for name, group in REFERENCES.items()},
    )
    assert abs(ours["CIDEr"] - 100 * cider) < 1e-6
    assert abs(ours["BLEU-2"] - 100 * bleu[1]) < 1e-6


def test_pictures_of_coco_keep_their_numbers() -> None:
    names = ["COCO_val2014_000000391895.jpg", "000000522418.jpg"]
    assert image_ids(names) == dict(zip(names, (391895, 522418), strict=True))


def test_other_pictures_are_numbered_from_one() -> None:
    names = ["1000268201_693b08cb0e.jpg", "000000522418.jpg", "dog.png"]
    assert image_ids(names) == dict(zip(names, (1, 2, 3), strict=True))
