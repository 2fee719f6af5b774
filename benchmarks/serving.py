"""Times what a user waits for, beside its targets and the usual way of this field.

The usual way runs with the same weights, on the same photograph, in the same run.
Prints two Markdown tables.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, TypeVar

import window_opening
from processes import Process, run_processes

# Nothing large is imported above, here or by what is imported: the kernel counts the
# memory of this process, if it is larger, as that of every program started from it.
# What needs more is done, and imported, in processes of their own.

_REPOSITORY = Path(__file__).resolve().parent.parent
_LARGE_PICTURE = (4000, 3000)
_TARGETS = {
    "process": 0.6,
    "memory": 250.0,
    "window": 0.7,
    "warm": 15.0,
    "warm, Xception": 70.0,
    "large": 50.0,
    "large, Xception": 100.0,
}
_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Warm:
    """What a caption takes once the model is loaded: medians in milliseconds.

    Attributes:
        total: All of it.
        reading: Reading the picture file.
        encoder: The convolutional network.
        words: All words, by beam search.
        text: The caption.
    """

    total: float
    reading: float
    encoder: float
    words: float
    text: str


def main() -> None:
    """Measure and print."""
    options = _parse()
    # What is installed has been compiled, and what runs the first time is, else.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    image = options.image.resolve()
    given = Path(options.model)
    model = str(given.resolve()) if given.is_dir() else options.model
    folder, encoder, search = _in_new_process(_find, model)
    kind = ", Xception" if encoder.startswith("xception") else ""

    program = [sys.executable, "-m", "imagecap", "caption", str(image)]
    ours = run_processes([*program, "--model", model], options.runs)
    warm = _in_new_process(_warm, folder, image, options.captions)
    with tempfile.TemporaryDirectory() as temporary:
        large_image = Path(temporary) / "large.jpg"
        megabytes = _in_new_process(_make_large_picture, image, large_image)
        warm_large = _in_new_process(_warm, folder, large_image, options.captions)

    peak = _in_new_process(_measure_matrix_peak)
    print(
        f"\nModel {folder.name}, encoder {encoder}, {search}; "
        f"Python {platform.python_version()}, {os.cpu_count()} CPUs. Median of "
        f"{options.runs} processes after one that is not counted; of "
        f"{options.captions} warm captions. Matrix multiplication in float32: "
        f"{peak / 1e9:.0f} GFLOP/s.\n"
    )
    print("| what | best | median | target | met |\n|---|---|---|---|---|")
    _print_row("`imagecap caption`, whole process", ours.seconds, "s", "process")
    _print_row("its peak memory", ours.megabytes, "MB", "memory")
    if options.window:
        _print_window_rows(image, model, options.runs, ours.text)
    _print_row("warm caption", [warm.total], "ms", f"warm{kind}")
    large = f"warm caption, 12 megapixels ({megabytes:.1f} MB JPEG)"
    _print_row(large, [warm_large.total], "ms", f"large{kind}")

    print(
        "\n| | process, s | peak, MB | warm caption, ms | reading | encoder | words "
        "| caption |\n|---|---|---|---|---|---|---|---|"
    )
    _print_comparison(f"imagecap, {search}", ours, warm)
    _print_comparison("imagecap, 12 megapixels", None, warm_large)
    for width, name in ((1, "usual way, greedy"), (3, "usual way, beam 3")):
        if options.usual_runs:
            usual = _measure_usual_way(folder, image, width, options.usual_runs)
            _print_comparison(name, *usual)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("image", type=Path, help="a photograph")
    parser.add_argument("--model", default="default", help="name or folder (default)")
    parser.add_argument("--runs", type=int, default=7, help="processes of each kind")
    parser.add_argument("--captions", type=int, default=50, help="warm captions")
    parser.add_argument(
        "--no-window", dest="window", action="store_false", help="leave it out"
    )
    parser.add_argument(
        "--usual-runs",
        type=int,
        default=5,
        help="processes and warm captions of the usual way; 0 leaves it out",
    )
    return parser.parse_args()


def _in_new_process(work: Callable[..., _Result], *arguments: Any) -> _Result:  # noqa: ANN401
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, context) as process:
        return process.submit(work, *arguments).result()


def _find(model: str) -> tuple[Path, str, str]:
    from imagecap.model.bundle import find_bundle, load_bundle

    folder = find_bundle(model).resolve()
    bundle = load_bundle(folder)
    return folder, bundle.manifest.encoder.name, str(bundle.manifest.decoding)


def _measure_matrix_peak() -> float:
    from machine import measure_matrix_peak

    return measure_matrix_peak()


def _make_large_picture(source: Path, target: Path) -> float:
    """Enlarge a picture and add a camera's noise; return the file's megabytes."""
    import numpy as np
    from PIL import Image

    from imagecap.pictures.reading import open_picture

    picture = open_picture(source).resize(_LARGE_PICTURE, Image.Resampling.BICUBIC)
    noise = np.random.default_rng(0).normal(0, 4, (*_LARGE_PICTURE[::-1], 1))
    noisy = np.clip(np.asarray(picture) + noise.astype(np.float32), 0, 255)
    Image.fromarray(noisy.astype(np.uint8)).save(target, quality=90)
    return target.stat().st_size / 1e6


def _warm(folder: Path, image: Path, captions: int) -> Warm:
    """Time captions as a user asks for them, and then their parts by themselves."""
    import numpy as np

    from imagecap.model.bundle import load_bundle
    from imagecap.model.captioner import Captioner
    from imagecap.model.decoding import decode
    from imagecap.model.litert import LiteRTDecoder, LiteRTEncoder
    from imagecap.model.word_detector import load_word_detector
    from imagecap.pictures.reading import encoder_pixels, open_picture

    bundle = load_bundle(folder)
    size, decoding = bundle.image_size, bundle.manifest.decoding
    captioner = Captioner(bundle)
    encoder, decoder = LiteRTEncoder(bundle), LiteRTDecoder(bundle)
    detector, vocabulary = load_word_detector(bundle), bundle.vocabulary

    def read() -> np.ndarray:
        picture = open_picture(image, at_least=(size, size))
        return encoder_pixels(picture, size)[np.newaxis]

    def search() -> object:
        expected = detector.detect(features, vocabulary) if detector else None
        return decode(decoder, features, vocabulary, decoding, expected)

    pixels = read()
    features = encoder.encode(pixels)
    parts: tuple[Callable[[], object], ...] = (
        lambda: captioner.caption(image),
        read,
        lambda: encoder.encode(pixels),
        search,
    )
    medians = [_median_milliseconds(part, captions) for part in parts]
    return Warm(*medians, captioner.caption(image).text)


def _median_milliseconds(work: Callable[[], object], runs: int) -> float:
    work()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def _measure_usual_way(
    folder: Path, image: Path, beam: int, runs: int
) -> tuple[Process, Warm]:
    program = str(Path(__file__).with_name("classical_serving.py"))
    command = [sys.executable, program, str(folder), str(image), "--beam", str(beam)]
    warm = _in_new_process(_warm_usual_way, folder, image, beam, runs)
    return run_processes(command, runs), warm


def _warm_usual_way(folder: Path, image: Path, beam: int, runs: int) -> Warm:
    from classical_serving import ClassicalCaptioner

    from imagecap.model.bundle import load_bundle

    captioner = ClassicalCaptioner(load_bundle(folder))
    described = [captioner.describe(image, beam) for _ in range(1 + runs)][1:]
    times = [[1000 * seconds for seconds in astuple(one)[1:]] for one in described]
    medians = [statistics.median(part) for part in zip(*times, strict=True)]
    total = statistics.median(sum(parts) for parts in times)
    return Warm(total, *medians, described[0].text)


def _print_window_rows(image: Path, model: str, runs: int, caption: str) -> None:
    if missing := window_opening.what_is_missing():
        print(f"| the window | not measured: no {missing} | | | |")
        return
    with window_opening.screen():
        visible = [
            window_opening.seconds_until_visible(image, model) for _ in range(1 + runs)
        ][1:]
        witnessed = [
            window_opening.seconds_until_drawn_and_captioned(image, model)
            for _ in range(1 + runs)
        ][1:]
    drawn, captioned, texts = zip(*witnessed, strict=True)
    if set(texts) != {caption}:
        raise RuntimeError(f"The window says {texts[0]!r}, the command {caption!r}.")
    _print_row("`run_gui.py`, window visible to X", visible, "s", "window")
    _print_row("the same, its first sight drawn", drawn, "s", "window")
    _print_row("the same, caption shown", captioned, "s")


def _print_row(
    name: str, values: Sequence[float], unit: str, target: str | None = None
) -> None:
    best, median = min(values), statistics.median(values)
    digits = 2 if unit == "s" else 1
    best_text = f"{best:.{digits}f} {unit}" if len(values) > 1 else ""
    if target is None:
        verdict = "| | |"
    else:
        met = "yes" if median <= _TARGETS[target] else "no"
        verdict = f"| ≤ {_TARGETS[target]:g} {unit} | {met} |"
    print(f"| {name} | {best_text} | {median:.{digits}f} {unit} {verdict}", flush=True)


def _print_comparison(name: str, process: Process | None, warm: Warm) -> None:
    start = "| | |"
    if process:
        if process.text != warm.text:
            raise RuntimeError(f"{name}: {process.text!r} is not {warm.text!r}.")
        seconds = statistics.median(process.seconds)
        start = f"| {seconds:.2f} | {statistics.median(process.megabytes):.0f} |"
    print(
        f"| {name} {start} {warm.total:.1f} | {warm.reading:.1f} | {warm.encoder:.1f} "
        f"| {warm.words:.1f} | {warm.text} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
