"""Damaged and forged pickles, of features and of captions."""

from __future__ import annotations

import mmap
import pickle
import pickletools
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from benchmarks.campaign.edits import damaged_files
from benchmarks.campaign.part import Part
from benchmarks.campaign.tally import Tally, try_files
from imagecap.captions.caption_files import read_captions
from imagecap.errors import ImagecapError
from imagecap.training.features.safe_unpickler import ArrayUnpickler

_FEATURES, _CAPTIONS = "features.pickle", "captions.pkl"
_NAMES = (b"numpy\ndtype\n", b"numpy._core.numeric\n_frombuffer\n", b"os\nsystem\n")


def run(part: Part) -> Tally:
    """Read pickles as training and import do."""
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    features = {"format": "f", "features": {"dog.jpg": array}, "sizes": {"dog.jpg": 1}}
    captions = {"dog.jpg": ["A dog.", "Ein Hund."], "cat.jpg": ["A cat."]}
    whole = {
        f"{protocol}-{name}": pickle.dumps(content, protocol)
        for protocol in range(6)
        for name, content in ((_FEATURES, features), (_CAPTIONS, captions))
    }
    # Whatever instructions there are, most of them without what they ask for.
    instruction = st.sampled_from(
        [one.code.encode("latin-1") for one in pickletools.opcodes]
    )
    argument = st.binary(max_size=4) | st.sampled_from(_NAMES) | st.just(b"\xff" * 8)
    program = st.lists(instruction | st.tuples(instruction, argument).map(b"".join))
    forged = st.tuples(
        st.sampled_from([_FEATURES, _CAPTIONS]),
        program.map(lambda codes: b"\x80\x04" + b"".join(codes) + b"."),
    )
    return try_files(damaged_files(whole) | forged, _read, part)


def _read(path: Path) -> None:
    if path.name.endswith(_CAPTIONS):
        read_captions(path, [])
        return
    # As `load_features`, which would load Keras.
    try:
        with (
            path.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
        ):
            ArrayUnpickler(mapped).load()
    except Exception as error:
        raise ImagecapError("It is no file of features.") from error
