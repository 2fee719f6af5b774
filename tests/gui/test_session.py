"""What the window works on, without any window."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from screen import StandIn

from gui.session import Session

REPOSITORY = Path(__file__).parents[2]


class AtOnce:
    """Does all work when it is asked for, on the thread that asks."""

    def run(
        self,
        work: Callable[[], object],
        done: Callable[[object], None],
        failed: Callable[[str], None],
    ) -> None:
        done(work())

    run_in_order = run

    def close(self, patience: float) -> list[str]:
        return []


@pytest.fixture
def session() -> Session:
    session = Session(AtOnce(), lambda _: StandIn())
    session.load()
    return session


@pytest.fixture
def announced(session: Session) -> list[str]:
    announced: list[str] = []
    for topic in ("picture", "caption", "status"):
        session.on(topic, lambda topic=topic: announced.append(topic))
    return announced


def test_it_needs_no_tkinter() -> None:
    code = "import sys, gui.session; sys.exit('tkinter' in sys.modules)"
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, cwd=REPOSITORY, check=False).returncode == 0


def test_another_picture_is_announced_before_its_caption(
    session: Session, announced: list[str], picture: Callable[..., Path]
) -> None:
    session.open([picture("dog.png"), picture("cat.png")])
    assert session.text == "A dog."
    assert announced.index("picture") < announced.index("caption")
    announced.clear()
    session.go_to(0)
    assert announced == []
    session.go_to(1)
    assert session.text == "A cat."
    assert announced[0] == "picture"


def test_a_persons_caption_counts_until_it_is_taken_back(
    session: Session, announced: list[str], picture: Callable[..., Path]
) -> None:
    path = picture()
    session.open([path])
    announced.clear()
    session.write(path, "Rex.")
    assert (session.text, session.is_human) == ("Rex.", True)
    assert announced == ["caption"]
    assert session.undo() == [path]
    assert (session.text, session.is_human) == ("A dog.", False)
    assert session.redo() == [path]
    assert session.text == "Rex."
    session.write(path, None)
    assert session.text == "A dog."


def test_undo_shows_the_picture_that_it_changes(
    session: Session, announced: list[str], picture: Callable[..., Path]
) -> None:
    first, second, third = (picture(f"{name}.png") for name in ("a", "b", "c"))
    session.open([first, second, third])
    session.write(first, "First.")
    session.go_to(2)
    session.show_only([second, third])
    announced.clear()
    session.undo()
    assert session.picture == first
    assert session.album.shown == (first, second, third)
    assert (session.text, announced[0]) == ("A a.", "picture")
    session.redo()
    session.open([second])
    assert not session.edits.can_undo


def test_what_was_taken_over_is_undone_at_once(
    session: Session, picture: Callable[..., Path]
) -> None:
    first, second = (picture(f"{name}.png") for name in ("a", "b"))
    session.open([first, second])
    library = session.kept.library
    taken = {first: "First.", second: "Second."}
    library.keep_all_human(taken)
    session.learn(taken)
    assert session.text == "First."
    session.undo()
    assert session.text == "A a."
    assert library.human(second) is None
    session.redo()
    assert library.human(second) == "Second."


def test_what_is_wrong_stands_instead_of_the_caption(
    session: Session, announced: list[str], picture: Callable[..., Path]
) -> None:
    session.open([picture()])
    announced.clear()
    session.show_broken("It is broken.")
    assert (session.text, session.problem) == (None, "It is broken.")
    assert session.note.spoken == "It is broken."
    assert announced == ["caption", "status"]
    session.open([picture("cat.png")])
    assert (session.text, session.problem) == ("A cat.", "")


def test_the_same_said_twice_is_heard_twice(session: Session) -> None:
    session.say("Copied.")
    former = session.note
    session.say("Copied.")
    assert session.note is not former
    assert (session.note.text, session.note.spoken) == ("Copied.", "Copied.")


def test_a_temporary_folder_goes_with_the_session(
    session: Session, picture: Callable[..., Path]
) -> None:
    session.open([picture()])
    assert session.folder == picture().parent
    folder = session.temporary_folder()
    session.open([folder / "pasted.png"])
    assert session.folder is None
    assert folder.exists()
    session.close()
    assert not folder.exists()
