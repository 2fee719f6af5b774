"""A person whom permissions bind, where a superuser runs the tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

_NOBODY = 65534


@contextmanager
def as_nobody() -> Iterator[None]:
    """Run as nobody; whoever is no superuser stays who they are.

    All that is needed must be imported before, since nobody may be barred from Python's
    own folders.
    """
    superuser = os.geteuid() == 0
    if superuser:
        os.setresuid(_NOBODY, _NOBODY, 0)
    try:
        yield
    finally:
        if superuser:
            os.setresuid(0, 0, 0)
