"""TIFF files of every kind, written by the specification, byte by byte."""

import struct
import zlib
from pathlib import Path

import numpy as np

WIDTH, HEIGHT = 13, 9
# Photometric interpretation, and how many samples have a colour.
PHOTOMETRIC = {"white": (0, 1), "black": (1, 1), "rgb": (2, 3), "palette": (3, 1)}
PHOTOMETRIC |= {"cmyk": (5, 4)}


def gradients(samples: int) -> np.ndarray:
    """Values between 0 and 1, `[HEIGHT, WIDTH, samples]`, no two samples alike."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    across, down = x / (WIDTH - 1), y / (HEIGHT - 1)
    planes = [across, down, (across + down) / 2, (1 - across) * 0.3]
    return np.stack(planes[:samples], axis=-1)


def save_tiff(
    path: Path,
    photometric: str,
    bits: int,
    *,
    planes: bool = False,
    order: str = "<",
    alpha: bool = False,
    compressed: bool = False,
    floats: bool = False,
) -> Path:
    """Write `gradients` as a TIFF, with alpha that grows downwards if any."""
    code, samples = PHOTOMETRIC[photometric]
    values = gradients(samples)
    if alpha:
        opacity = 0.3 + 0.7 * gradients(2)[..., 1:]
        values = np.concatenate([values, opacity], axis=-1)
    count = values.shape[-1]
    parts = np.split(values, count, axis=-1) if planes else [values]
    pack = zlib.compress if compressed else bytes
    strips = [pack(_packed(part, bits, order, floats)) for part in parts]
    tags = {
        **{256: ("H", [WIDTH]), 257: ("H", [HEIGHT]), 258: ("H", [bits] * count)},
        **{259: ("H", [8 if compressed else 1]), 262: ("H", [code])},
        **{277: ("H", [count]), 278: ("H", [HEIGHT]), 284: ("H", [1 + planes])},
        273: ("I", [8 + sum(map(len, strips[:i])) for i in range(len(strips))]),
        279: ("I", [len(strip) for strip in strips]),
    }
    if alpha:
        tags[338] = ("H", [2])
    if floats:
        tags[339] = ("H", [3] * count)
    if photometric == "palette":
        ramp = np.linspace(0, 65535, 1 << bits).astype(int)
        tags[320] = ("H", [*ramp, *ramp[::-1], *[0x8000] * (1 << bits)])
    body = b"".join(strips)
    body += bytes(len(body) % 2)
    path.write_bytes(body_with_tags(body, tags, order))
    return path


def body_with_tags(
    body: bytes, tags: dict[int, tuple[str, list[int]]], order: str
) -> bytes:
    """Put header and directory around the pixels, which begin at byte 8."""
    start = 8 + len(body)
    directory, beyond = struct.pack(order + "H", len(tags)), b""
    after = start + 2 + 12 * len(tags) + 4
    for tag, (kind, numbers) in sorted(tags.items()):
        data = struct.pack(f"{order}{len(numbers)}{kind}", *numbers)
        if len(data) > 4:
            place, beyond = after + len(beyond), beyond + data
            data = struct.pack(order + "I", place)
        code = {"B": 1, "H": 3, "I": 4}[kind]
        directory += struct.pack(order + "HHI", tag, code, len(numbers))
        directory += data.ljust(4, b"\0")
    magic = b"II*\0" if order == "<" else b"MM\0*"
    return (
        magic + struct.pack(order + "I", start) + body + directory + bytes(4) + beyond
    )


def _packed(values: np.ndarray, bits: int, order: str, floats: bool) -> bytes:
    if floats:
        return values.astype(f"{order}f4").tobytes()
    numbers = np.rint(values * ((1 << bits) - 1)).astype(np.int64)
    if bits in (8, 16, 32):
        return numbers.astype(f"{order}u{bits // 8}").tobytes()
    packed = b""
    for row in numbers.reshape(len(numbers), -1):
        digits = "".join(format(int(number), f"0{bits}b") for number in row)
        digits += "0" * (-len(digits) % 8)
        packed += int(digits, 2).to_bytes(len(digits) // 8, "big")
    return packed
