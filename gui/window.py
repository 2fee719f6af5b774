"""The window: pictures, what is in them, and a voice that reads it."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from . import strings
from .album import Album
from .controllers.appearance import Appearance
from .controllers.captions import Captions
from .controllers.helping import Helping
from .controllers.opening import Opening
from .controllers.saving import Saving
from .controllers.searching import Searching
from .controllers.speaking import Speaking
from .controllers.viewing import Viewing
from .menus import menus_of
from .services.background import Background, sentence
from .services.describing import Described, Describer
from .services.kept_settings import Choices
from .strings import plain
from .widgets.actions import attach
from .widgets.layout import Layout

if TYPE_CHECKING:
    from imagecap.library.store import Library
    from imagecap.model.captioner import Captioner

_AHEAD = 4


class Window:
    """Opens pictures, shows their captions and reads them aloud.

    Args:
        root: The empty window.
        load_captioner: Loads a model by its name or folder, `None` for the one that
            comes with the program; called off the window's thread.
        model: The model to begin with, instead of the one chosen before.

    Attributes:
        root: The Tk window.
        parts: The widgets.
        album: The pictures that are open.
        captions: The caption of the picture looked at.
        settings: What the person has chosen.
        library: Where captions are kept; `None` where that is impossible.
        model: The model's name or folder; `None` for the one that comes with it.
    """

    def __init__(
        self,
        root: tkinter.Tk,
        load_captioner: Callable[[str | None], Captioner],
        model: str | None = None,
    ) -> None:
        self.root = root
        root.report_callback_exception = self._report
        self._note = ""
        self._load_captioner = load_captioner
        self.album = Album()
        self.library: Library | None = None
        self.background = Background(root)
        self.settings = Choices(self.background, self._settings_changed, self.note)
        self.model = model or self.settings.values.model
        self.appearance = Appearance(self)
        self.describer = Describer(
            self.background,
            partial(load_captioner, self.model),
            changed=self.refresh,
            described=self._described,
            failed=self.show_problem,
        )
        self.describer.beam_width = self.settings.values.beam_width
        self.speaking, self.viewing = Speaking(self), Viewing(self)
        self.captions = Captions(self)
        self.opening, self.saving = Opening(root, self), Saving(root, self)
        self.helping = Helping(self)
        self.parts = Layout(self)
        self._searching = Searching(self)
        self.find = self._searching.find
        self.menus = menus_of(self)
        attach(root, self.menus)
        root.protocol("WM_DELETE_WINDOW", self.close)
        self._show_current()

    def load(self) -> None:
        """Begin what the window does not wait for: the kept captions, the model."""
        from imagecap.errors import ImagecapError
        from imagecap.library.store import Library, library_path
        from imagecap.library.undo import UndoHistory

        try:
            self.library = Library(library_path())
            self.captions.edits = UndoHistory(self.library)
            self.describer.library = self.library
            if self.library.damaged_copy:
                path = self.library.damaged_copy
                self.note(strings.LIBRARY_DAMAGED.format(path=path))
        except ImagecapError as error:
            self.note(str(error))
        if self.settings.problem:
            self.note(self.settings.problem)
        if self.opening.take_drops(self.parts.body):
            self.parts.picture.invite(strings.EMPTY_WITH_DROP)
        self.parts.draw_controls()
        self.describer.load()

    def open(self, pictures: Sequence[Path]) -> None:
        """Show pictures instead of those before, and describe the first.

        Args:
            pictures: The files; what is wrong with one is said in the window.
        """
        self.parts.caption.finish()
        self.parts.folder.cancel()
        self._searching.reset()
        self.album.open(pictures)
        self._show_current()

    def go_to(self, index: int) -> None:
        """Look at another of the open pictures, the nearest to a place."""
        self.parts.caption.finish()
        if self.album.go_to(index):
            self._show_current()

    def show_only(self, pictures: Sequence[Path]) -> None:
        """Go through some of the open pictures only."""
        former = self.picture_path
        self.album.show_only(pictures)
        if self.picture_path != former:
            self._show_current()
        else:
            self.parts.strip.show(self.album.shown, self.album.index)

    def close(self) -> None:
        """End the voice and the window; work still going on is left behind."""
        self.parts.caption.finish()
        self.background.close()
        self.parts.folder.close()
        self.opening.close()
        self.speaking.voice.close()
        if self.library:
            self.library.close()
        self.root.destroy()

    @property
    def picture_path(self) -> Path | None:
        """The picture looked at."""
        return self.album.current

    @property
    def folder(self) -> Path | None:
        """The folder of the picture looked at; `None` where it will not last."""
        picture = self.picture_path
        return picture.parent if picture and self.opening.lasts(picture) else None

    def has_caption(self) -> bool:
        """Whether there is a caption."""
        return self.captions.text is not None

    def has_pictures(self) -> bool:
        """Whether there is a picture."""
        return bool(self.album.pictures)

    def has_several(self) -> bool:
        """Whether there are pictures to go through."""
        return len(self.album.pictures) > 1

    def refresh(self) -> None:
        """Bring buttons, status and title in line with what is going on."""
        parts, picture = self.parts, self.picture_path
        parts.enable_caption_buttons(self.has_caption())
        speaks = self.speaking.is_speaking
        speak_or_stop = strings.STOP if speaks else strings.SPEAK
        parts.speak_button.configure(text=plain(speak_or_stop))
        album, idle = self.album, self._note
        if not idle and self.has_several():
            idle = strings.PLACE.format(place=album.index + 1, count=len(album.shown))
        going_on = {"loading": strings.LOADING, "describing": strings.DESCRIBING}
        parts.status.configure(text=going_on.get(self.describer.state, idle))
        parts.details.configure(text=self._details())
        title = strings.TITLE_OF.format(name=picture.name) if picture else strings.TITLE
        if self.root.title() != title:
            self.root.title(title)

    def note(self, note: str, spoken: bool = True) -> None:
        """Say something quietly; aloud, too, where the window is read aloud."""
        self._note = note
        self.refresh()
        if spoken:
            self.speaking.narrator.say(note)

    def show_problem(self, reason: str) -> None:
        """Say what is wrong where the caption would be."""
        self.captions.clear()
        self.parts.caption.show_problem(reason)
        self.speaking.narrator.say(reason)

    def show_broken(self, reason: str) -> None:
        """Say why the picture looked at cannot be seen."""
        self.describer.forget()
        self.show_problem(reason)

    def can_stop(self) -> bool:
        """Whether there is speech or a run to stop."""
        return self.speaking.is_speaking or self.parts.folder.is_running

    def stop(self) -> None:
        """Be silent; where it is silent already, end a run."""
        if self.speaking.is_speaking:
            self.speaking.voice.stop()
        else:
            self.parts.folder.cancel()

    def can_caption_all(self) -> bool:
        """Whether a run may begin."""
        ready = self.library and self.describer.captioner
        return bool(ready and self.has_pictures()) and not self.parts.folder.is_running

    def caption_all(self) -> None:
        """Caption every open picture that has no caption of this model yet."""
        from imagecap.library.batch import BatchRun

        captioner, width = self.describer.captioner, self.describer.beam_width
        if captioner and self.library:
            pictures = tuple(self.album.pictures)
            self.parts.folder.start(BatchRun(captioner, self.library, pictures, width))

    def run_changed(self, said: str) -> None:
        """Take note of how a run is doing."""
        folder = self.parts.folder
        self.parts.show_folder(folder.is_running)
        if said:
            self.note(said)
        else:
            self.speaking.narrator.say_progress(str(folder.label.cget("text")))

    def _show_current(self) -> None:
        """Show the picture looked at, and prepare those around it."""
        picture, album, parts = self.picture_path, self.album, self.parts
        self.speaking.voice.stop()
        self._note = ""
        self.captions.begin()
        parts.show_sample_button(picture is None)
        parts.show_strip(self.has_several())
        parts.strip.show(album.shown, album.index)
        if picture:
            self.viewing.begin(picture)
            if self.captions.text:
                self.speaking.speak_if_wanted()
            self.describer.describe(picture, album.neighbours(_AHEAD))
        else:
            parts.picture.show(None)

    def _described(self, picture: Path, described: Described) -> None:
        if picture == self.picture_path:
            is_new = self.captions.text is None
            self.captions.take_described(described)
            if described.problem:
                self.note(described.problem)
            if is_new:
                self.speaking.speak_if_wanted()

    def _details(self) -> str:
        if self.captions.is_human:
            return strings.BY_YOU
        described, captioner = self.captions.described, self.describer.captioner
        if not (described and captioner):
            return ""
        return strings.DETAILS.format(
            milliseconds=1000 * described.seconds, model=captioner.name
        )

    def _settings_changed(self, changed: set[str]) -> None:
        values = self.settings.values
        self.appearance.take_on(changed)
        self.speaking.voice.set_options(values.speech_options)
        if "beam_width" in changed:
            self.describer.search_wider(values.beam_width)
        if "model" in changed:
            self.model = values.model
            self.describer.load(partial(self._load_captioner, self.model))
        if changed & {"beam_width", "model"}:
            self._show_current()

    def _report(
        self,
        kind: type[BaseException],
        error: BaseException,
        traceback: TracebackType | None,
    ) -> None:
        """Say what no one foresaw, instead of nothing at all."""
        self.note(sentence(error))
