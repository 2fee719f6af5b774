"""From captioned photographs to a model bundle. The only part that imports Keras.

Example:
    >>> from imagecap.training import train_captioner  # doctest: +SKIP
    >>> train_captioner("my_photos", "models/mine").scores  # doctest: +SKIP
    {'BLEU-1': 52.3, …}
"""

# Of two SQLites in a process the first is used, and that of TensorFlow, which Keras
# imports, has no full-text search.
import sqlite3  # noqa: F401
from typing import Any

__all__ = ["train_captioner"]


def __getattr__(name: str) -> Any:  # noqa: ANN401
    # What only looks at settings must not wait for Keras.
    if name == "train_captioner":
        from imagecap.training.keras_ready import keras_ready

        with keras_ready():
            from imagecap.training.from_python import train_captioner

        return train_captioner
    raise AttributeError(f"module 'imagecap.training' has no attribute {name!r}")
