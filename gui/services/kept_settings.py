"""The settings of the window: in force at once, kept behind it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from imagecap.settings import Settings

    from .background import Background


class KeptSettings:
    """What a person has chosen, and what happens when that changes.

    Args:
        background: Where settings are written.
        changed: Called with the names of what has changed.
        failed: Called with a sentence, where settings cannot be kept or were damaged.

    Attributes:
        values: The settings now.
        problem: What was wrong with the settings found; empty where nothing was.
    """

    def __init__(
        self,
        background: Background,
        changed: Callable[[set[str]], None],
        failed: Callable[[str], None],
    ) -> None:
        from imagecap.settings import load_settings

        self.values: Settings
        self.values, self.problem = load_settings()
        self._background = background
        self._changed = changed
        self._failed = failed

    def change(self, **changes: Any) -> None:  # noqa: ANN401 - see `Settings`
        """Set new values by the names of `Settings`, and keep them."""
        from imagecap.settings import change_settings

        new = {
            name: value
            for name, value in changes.items()
            if getattr(self.values, name) != value
        }
        if new:
            in_force = self.values
            self.values = replace(in_force, **new)
            self._changed(set(new))
            self._keep(partial(change_settings, in_force, **new), lambda _: None)

    def remember(self, **values: Any) -> None:  # noqa: ANN401 - see `Settings`
        """Keep what nobody has chosen, as the window's place; without a word."""
        from imagecap.settings import SettingsError, change_settings

        changed = {
            name: value
            for name, value in values.items()
            if getattr(self.values, name) != value
        }

        def keep() -> None:
            with contextlib.suppress(SettingsError):
                change_settings(self.values, **changed)

        if changed:
            self._background.run_in_order(keep, lambda _: None, self._failed)

    def add_recent(self, path: Path) -> None:
        """Put a file or folder first among those opened last."""
        from imagecap.settings import add_recent_file

        self._keep(partial(add_recent_file, path, self.values), self._set_recent)

    def _keep(
        self, keep: Callable[..., Settings], done: Callable[[Settings], None]
    ) -> None:
        problems: list[str] = []

        def kept(settings: Settings) -> None:
            done(settings)
            for problem in problems:
                self._failed(problem)

        self._background.run_in_order(
            partial(keep, report=problems.append), kept, self._failed
        )

    def _set_recent(self, settings: Settings) -> None:
        self.values = replace(self.values, recent_files=settings.recent_files)
