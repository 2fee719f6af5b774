"""Manifests of the first format, brought into the form of today's."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from imagecap.model.records import RecordError

# What the search and the choice among captions were told by the code then.
_WORD_BIAS = 3.0
_EXPECTED_CIDER_WEIGHT = 10.0
_OUT_OF_DISTRIBUTION = "familiarity.npy"
_LOSSES = ("dev", "train")


def upgrade(old: dict[str, Any]) -> dict[str, Any]:
    """Return the content of a manifest in the form of today's.

    Args:
        old: The content of a manifest of format 1, without the number of the format.

    Raises:
        RecordError: If a part of it is missing or of another kind. What its parts
            hold is checked where today's form is parsed.
    """
    new = {name: value for name, value in old.items() if name != "joined"}
    # By this hash libraries know what the model has said.
    files = json.dumps(old.get("files"), sort_keys=True)
    new["version"] = hashlib.sha256(files.encode()).hexdigest()[:12]
    joined = old.get("joined")
    new |= {
        "ensemble": joined and {"members": joined, "gate_pictures": None},
        "word_detector": None,
        "failures": None,
        "notes": {},
    }
    for name, convert in (
        ("decoding", _decoding),
        ("training", _training),
        ("scores", _scores),
        ("confidence", _confidence),
    ):
        section = old.get(name)
        if name == "confidence" and section is None:
            new[name] = None
            continue
        if not isinstance(section, dict):
            raise RecordError(f"{name} is missing or wrong")
        try:
            new[name] = convert(dict(section))
        except KeyError as error:
            raise RecordError(f"{name}.{error.args[0]} is missing") from error
        except (TypeError, ValueError) as error:
            raise RecordError(f"{name} is wrong") from error
    best, scores = new["training"].get("best"), old["scores"]
    if isinstance(best, dict):
        losses = {f"{which}_loss": scores.get(f"{which} loss") for which in _LOSSES}
        new["training"]["best"] = {**best, **losses}
    return new


def _decoding(section: dict[str, Any]) -> dict[str, Any]:
    exponent = section.pop("consensus")
    if exponent is None:
        ranker = {"name": "likelihood", "length_penalty": section["length_penalty"]}
        return {"search": {**section, "word_bias": 0.0}, "ranker": ranker}
    return {
        "search": {**section, "word_bias": _WORD_BIAS},
        "ranker": {
            "name": "minimum_bayes_risk",
            "vote_exponent": exponent,
            "expected_cider_weight": _EXPECTED_CIDER_WEIGHT,
        },
    }


def _training(section: dict[str, Any]) -> dict[str, Any]:
    data = dict(section["data"])
    name = data["name"]
    description = f"{name}, captions in English."
    return {
        **section,
        "data": {**data, "scope": name, "description": description},
        "recipe": "The settings of the run are in manifest.json.",
        "minimum_count": section["settings"]["minimum_count"],
    }


def _scores(section: dict[str, Any]) -> dict[str, Any]:
    return {
        "split": section.pop("split"),
        "how": section.pop("how"),
        "values": {n: v for n, v in section.items() if not n.endswith(" loss")},
    }


def _confidence(section: dict[str, Any]) -> dict[str, Any]:
    own = {name: section.pop(name) for name in ("slope", "intercept", "threshold")}
    evidence = section.pop("evidence", "score")
    farthest = section.pop("farthest", None)
    share = section.pop("odd")
    return {
        **own,
        "evidence": "expected_cider" if evidence == "likeness" else evidence,
        "out_of_distribution": None
        if farthest is None
        else {"file": _OUT_OF_DISTRIBUTION, "farthest": farthest},
        "measured": {**section, "out_of_distribution": share},
    }
