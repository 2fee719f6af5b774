"""PNG files: what stands behind the pixels."""

from __future__ import annotations

from contextlib import nullcontext

from PIL.PngImagePlugin import PngImageFile

from imagecap.pictures.limits import LimitedFile


class Png(PngImageFile):
    """A PNG file of which no more is kept behind the pixels than before them."""

    def load_end(self) -> None:
        """Read what stands behind the pixels."""
        file = self.fp
        with file.opening() if isinstance(file, LimitedFile) else nullcontext():
            super().load_end()
