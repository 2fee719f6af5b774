"""The trial of a model, in a process that may come to grief; see `trial`."""

from __future__ import annotations

import math
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from PIL import Image

from imagecap.errors import ImagecapError
from imagecap.files import reason
from imagecap.model.bundle import (
    DECODER_START,
    DECODER_STEP,
    ENCODER,
    Bundle,
    naming,
    read_bundle,
)
from imagecap.model.caption import Caption
from imagecap.model.captioner import Captioner
from imagecap.model.constants import check_constants
from imagecap.model.describer import Describer
from imagecap.model.experts import Expert
from imagecap.model.litert import LiteRTDecoder
from imagecap.model.picture_encoder import PictureEncoder

# Measured: the models that come with imagecap take 240 and 410 MB, where 640 and 820
# are allowed. Each thread that computes may hold the weights anew.
_BYTES_WITHOUT_WEIGHTS = 576 * 2**20
_BYTES_A_BYTE_OF_WEIGHTS = 8
_MOST_BYTES = 2 * 2**30
_WHAT = "cannot caption pictures"


def caption_trial_pictures(folder: Path) -> None:
    """Load a model and caption pictures of several kinds, some of them together.

    Args:
        folder: The model.

    Raises:
        BundleError: If anything at all is raised meanwhile.
        OSError: If the pictures cannot be written, for which no model can be blamed.
    """
    with naming(folder, _WHAT):
        captioner = Captioner(read_bundle(folder))
        networks = [folder / ENCODER]
        for one in captioner.experts:
            own = one.bundle.folder
            networks += [own / DECODER_START, own / DECODER_STEP]
        for network in networks:
            with naming(network, "is damaged"):
                check_constants(network)
        size = captioner.bundle.image_size
        grey = Image.linear_gradient("L").resize((size, size))
        pictures = [
            Image.new("RGB", (size, size), "black"),
            Image.merge("RGB", (grey, grey.rotate(90), grey.rotate(180))),
            *(Image.effect_noise((size, size), s).convert("RGB") for s in range(8)),
        ]
    with tempfile.TemporaryDirectory() as temporary:
        paths = [Path(temporary, f"{i}.png") for i in range(len(pictures))]
        for path, picture in zip(paths, pictures, strict=True):
            picture.save(path, compress_level=0)
        with naming(folder, _WHAT):
            for _, result in captioner.caption_many(paths):
                if isinstance(result, ImagecapError):
                    raise result
                for caption in result:
                    _check_numbers(caption)
            if others := captioner.experts[:-1]:
                _try_experts(captioner.bundle, others, pictures)


def _try_experts(
    bundle: Bundle, experts: Sequence[Expert], pictures: Sequence[Image.Image]
) -> None:
    """Have each expert of a model caption pictures, of whatever kind they are."""
    encoder = PictureEncoder(bundle)
    pixels = np.stack([encoder.read(picture) for picture in pictures])
    decoding = bundle.manifest.decoding.for_captions(1, None)
    for expert in experts:
        describer = Describer(encoder, [expert], [LiteRTDecoder(expert.bundle)])
        for described in describer.describe(pixels, 1, decoding):
            _check_numbers(described.captions[0])


def _check_numbers(caption: Caption) -> None:
    """Look whether all that is known of a caption are numbers.

    Raises:
        ValueError: If something is not.
    """
    known = (
        *(caption.log_probability, *caption.word_probabilities),
        *(caption.expected_cider, caption.confidence, caption.similarity),
    )
    if not all(math.isfinite(number) for number in known if number is not None):
        raise ValueError("what it knows of a caption is no number")


def limit_memory(folder: Path) -> None:
    """Have this process get no more memory than a model may take, if that can be.

    Args:
        folder: The model; larger networks may take more.
    """
    weights = 0
    # Experts lie in folders of their own.
    for network in folder.rglob("*.tflite"):
        with suppress(OSError):
            weights += network.stat().st_size
    most = min(_BYTES_WITHOUT_WEIGHTS + _BYTES_A_BYTE_OF_WEIGHTS * weights, _MOST_BYTES)
    with suppress(ImportError):  # where the system knows no such limits
        import resource

        # A person may have set a lower one, which cannot be raised.
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Try the model that the command line names, with a limit to its memory.

    A sentence on the standard output and the exit status say what is wrong with it; on
    the error stream is why it cannot be tried.
    """
    folder = Path(sys.argv[1])
    limit_memory(folder)
    try:
        caption_trial_pictures(folder)
    except ImagecapError as error:
        sys.stdout.buffer.write(str(error).encode("utf-8", "backslashreplace"))
        sys.exit(1)
    except OSError as error:
        sys.stderr.buffer.write(reason(error).encode("utf-8", "backslashreplace"))
        sys.exit(1)


if __name__ == "__main__":
    main()
