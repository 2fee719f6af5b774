"""The library's captions of people as a data set."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_pictures import save_picture

from imagecap.library.store import Library
from imagecap.model.caption import Caption
from imagecap.training.adaptation.adapt import AdaptationError
from imagecap.training.adaptation.corrections import load_corrections


@pytest.fixture
def library(library_file: Path) -> Library:
    return Library(library_file)
