"""What the window works on, without a widget: pictures, captions, settings, model."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import EllipsisType
from typing import TYPE_CHECKING

from imagecap.library.undo import Deed, UndoHistory

from . import strings
from .announcer import Note
from .looked_at import LookedAt
from .services.describing import Describer, TimedCaptions
from .services.kept_captions import KeptCaptions
from .services.kept_settings import KeptSettings

if TYPE_CHECKING:
    from imagecap.model.captioner import Captioner

    from .services.background import Background

_AHEAD = 4
# As long as the library waits for another program that holds it.
_CLOSING_SECONDS = 10.0


class Session(LookedAt):
    """Opens pictures, has them described, and keeps what a person does.

    Args:
        background: Where all work is done that takes long.
        load_captioner: Loads a model by its name or folder, `None` for the one that
            comes with the program; called off the window's thread.
        model: The model to begin with, instead of the one chosen before.

    Attributes:
        model: The model's name or folder; `None` for the one that comes with it.
        describer: The model and what it is doing.
        edits: What was written, to be undone.
    """

    def __init__(
        self,
        background: Background,
        load_captioner: Callable[[str | None], Captioner],
        model: str | None = None,
    ) -> None:
        super().__init__()
        self.background = background
        self._load_captioner = load_captioner
        self.settings = KeptSettings(background, self._settings_changed, self.say)
        self.model = model or self.settings.values.model
        self.kept = KeptCaptions(background, self.say, self._refused, self._corrected)
        self.edits = UndoHistory(self.kept)
        self.describer = Describer(
            background,
            self.kept.on_demand.get,
            partial(self._load_model, self.model),
            self.settings.values.beam_width,
            changed=partial(self.announce, "status"),
            described=self._described,
            failed=self.show_problem,
        )

    def load(self) -> None:
        """Begin to load the kept captions and the model."""
        self.kept.open(self.warn)
        if self.settings.problem:
            self.warn(self.settings.problem)
        self.describer.load()

    def close(self) -> list[str]:
        """Wait until all that was written is kept; leave other work behind.

        Returns:
            Sentences about what could not be kept and was not told before.
        """
        self.kept.close()
        untold = self.background.close(_CLOSING_SECONDS)
        for folder in self._temporary:
            folder.cleanup()
        return untold

    def open(self, pictures: Sequence[Path]) -> None:
        """Look at pictures instead of those before, and describe the first.

        Args:
            pictures: The files; what is wrong with one is said.
        """
        self.album.open(pictures)
        self.kept.forget()
        self.edits.forget_others(self.album.pictures)
        self._begin()

    def go_to(self, index: int) -> None:
        """Look at another of the open pictures, the nearest to a place."""
        if self.album.go_to(index):
            self._begin()
        elif self.has_several() and index != self.album.index:
            self.say(strings.LAST_ONE if index > 0 else strings.FIRST_ONE)

    def show_only(self, pictures: Sequence[Path]) -> None:
        """Go through some pictures only, open ones or others."""
        former = self.picture
        self.album.show_only(pictures)
        if self.picture != former:
            self._begin()

    def turn(self, quarters: int) -> None:
        """Look at the picture turned, and have it described so; its file stays.

        Args:
            quarters: By how many quarters of a circle, clockwise.
        """
        if self.picture:
            self.describer.turn(self.picture, quarters)
            self._begin()

    def take_off(self, picture: Path) -> None:
        """Have a picture off the list, to be undone; its file stays where it is."""
        places = self.album.places_of(picture)

        def take() -> Collection[Path]:
            former = self.picture
            self.album.take_off(picture)
            if self.picture == former:
                self.announce("picture")
            else:
                self._begin()
            self.say(strings.TAKEN_OFF.format(name=picture.name))
            return ()

        def put_back() -> Collection[Path]:
            self.album.put_back(picture, places)
            return [picture]

        take()
        self.edits.add_deed(Deed(picture, put_back, take))

    def write(
        self,
        picture: Path,
        caption: str | None,
        instead_of: str | EllipsisType | None = ...,
    ) -> None:
        """Have a person say something of a picture; `None` takes it back.

        Args:
            picture: The picture.
            caption: What the person says.
            instead_of: What the person saw of people's captions before; what is known
                now by default.
        """
        if self.kept.library:
            self.edits.write(picture, caption, instead_of)
            self._written(picture)

    def follow(self) -> None:
        """Show what other windows have written."""
        former = self._said()
        self.kept.follow(partial(self._looked_up, former))

    def undo(self) -> Collection[Path]:
        """Take back the newest change of captions; show a picture that it changes.

        Returns:
            The pictures that it changes.
        """
        return self._show_one_of(self.edits.undo())

    def redo(self) -> Collection[Path]:
        """Make the change again that was taken back last; see `undo`."""
        return self._show_one_of(self.edits.redo())

    def learn(self, captions: Mapping[Path, str]) -> None:
        """Take note of captions of people that were kept in another way.

        To be undone, all of them at once.
        """
        self.kept.learn(captions)
        self.edits.add_kept(captions)
        self.announce("caption")

    def show_problem(self, reason: str) -> None:
        """Say what is wrong where the caption would be."""
        self.described, self.problem = None, reason
        self.announce("caption")
        self.say(self.note.text, spoken=reason)

    def show_broken(self, reason: str) -> None:
        """Say why the picture looked at cannot be seen."""
        self.describer.forget()
        self.show_problem(reason)

    def _begin(self) -> None:
        """Begin with the picture looked at, and prepare those around it."""
        if self.described or self.problem:
            self.warnings.clear()
        self.note, self.problem, self.described = Note(), "", None
        self.announce("picture")
        picture, around = self.picture, self.album.neighbours(_AHEAD)
        if picture:
            former = self._said()
            self.kept.look_up([picture, *around], partial(self._looked_up, former))
            self.describer.describe(picture, around)
        else:
            self.describer.forget()

    def _load_model(self, model: str | None) -> Captioner:
        """Load a model, off the window's thread, and let corrections help it."""
        captioner = self._load_captioner(model)
        wanted = self.settings.values.learn_at_once
        library = self.kept.on_demand.get() if wanted else None
        if library:
            identity = captioner.bundle.identity
            captioner.learn_at_once(library.corrections(identity))
        return captioner

    def _corrected(self) -> None:
        if self.settings.values.learn_at_once:
            self.describer.describe_anew()

    def _show_one_of(self, pictures: Collection[Path]) -> Collection[Path]:
        """Look at one of some pictures, unless one of them is looked at already."""
        if pictures and self.picture not in pictures:
            first = next(iter(pictures))
            if first not in self.album.shown:
                is_open = first in self.album.pictures
                self.album.show_only(self.album.pictures if is_open else (first,))
            self.album.go_to(self.album.shown.index(first))
            self._begin()
        self.announce("caption")
        return pictures

    def _written(self, picture: Path) -> None:
        if picture == self.picture:
            self.announce("caption")

    def _said(self) -> tuple[Path | None, str | None, bool]:
        return self.picture, self.text, self.is_human

    def _looked_up(self, former: tuple[Path | None, str | None, bool]) -> None:
        if former[0] == self.picture and former != self._said():
            self.announce("caption")

    def _refused(
        self, picture: Path, found: str | None, refused: str | None, reason: str
    ) -> None:
        self.edits.yield_to(picture, found, refused)
        self._written(picture)
        self.warn(f"{reason} {strings.REDO_REPLACES}")

    def _described(self, picture: Path, described: TimedCaptions) -> None:
        if picture == self.picture:
            self.described, self.problem = described, ""
            self.announce("caption")
            if described.problem:
                self.say(described.problem)

    def _settings_changed(self, changed: set[str]) -> None:
        values = self.settings.values
        self.announce("status")
        if "hedging" in changed:
            self.announce("caption")
        if "beam_width" in changed:
            self.describer.search_wider(values.beam_width)
        if "model" in changed:
            self.model = values.model
        if changed & {"model", "learn_at_once"}:
            self.describer.load(partial(self._load_model, self.model))
        if changed & {"beam_width", "model", "learn_at_once"}:
            self._begin()
