import io

import numpy as np
import pytest
from PIL import Image

from imagecap.training.run.curves import draw_curves, stage_borders


def rows(*stages: str) -> list[dict[str, object]]:
    losses = {"train loss": 3.0, "dev loss": 3.2, "BLEU-4": 10.0, "CIDEr": 20.0}
    return [{"stage": stage, "epoch": 1, **losses} for stage in stages]


@pytest.mark.parametrize(
    ("stages", "borders"),
    [
        (("decoder",), []),
        (("start", "decoder", "decoder"), []),
        (("start", "decoder", "fine-tune"), [(2, "fine-tune")]),
        (
            ("decoder", "decoder", "fine-tune", "self-critical"),
            [(2, "fine-tune"), (3, "self-critical")],
        ),
    ],
)
def test_stages_have_borders(stages: tuple[str, ...], borders: list[object]) -> None:
    assert list(stage_borders(rows(*stages))) == borders


def test_another_kept_epoch_is_another_picture() -> None:
    history = rows("start", "decoder", "fine-tune")
    first, second = (
        np.asarray(Image.open(io.BytesIO(draw_curves(history, kept))))
        for kept in (1, 2)
    )
    assert first.shape == second.shape == (420, 1080, 4)
    assert (first != second).any()
