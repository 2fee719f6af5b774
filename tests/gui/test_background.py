"""Work behind the window, in order where that matters."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from patience import PATIENCE_SECONDS

from gui import strings
from gui.services.background import Background
from imagecap.errors import ImagecapError


class Loop:
    """Stands for Tk's event loop; `turn` lets what was planned happen."""

    def __init__(self) -> None:
        self.planned: list[Callable[[], None]] = []

    def after(self, milliseconds: int, callback: Callable[[], None]) -> str:
        self.planned.append(callback)
        return "planned"

    def after_cancel(self, planned: str) -> None:
        self.planned.clear()

    def turn(self, until: Callable[[], object]) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while not until():
            assert time.monotonic() < end
            planned, self.planned = self.planned, []
            for callback in planned:
                callback()
            time.sleep(0.001)


def test_ordered_work_is_done_one_after_the_other_and_other_work_meanwhile() -> None:
    loop, may_go_on = Loop(), threading.Event()
    background = Background(loop)
    done: list[object] = []
    background.run_in_order(
        lambda: may_go_on.wait(PATIENCE_SECONDS), done.append, done.append
    )
    for number in range(20):
        background.run_in_order(lambda number=number: number, done.append, done.append)
    background.run(lambda: "meanwhile", done.append, done.append)
    loop.turn(lambda: done)
    assert done == ["meanwhile"]
    may_go_on.set()
    loop.turn(lambda: len(done) == 22)
    assert done == ["meanwhile", True, *range(20)]
    assert background.close(1) == []


def fail() -> None:
    raise ImagecapError("The disk is full.")


def test_closing_waits_for_ordered_work_and_tells_what_failed_of_it() -> None:
    background = Background(Loop())
    done: list[int] = []
    for number in range(3):
        background.run_in_order(
            lambda number=number: (time.sleep(0.05), done.append(number)),
            lambda _: None,
            lambda _: None,
        )
    background.run_in_order(fail, lambda _: None, lambda _: None)
    background.run(fail, lambda _: None, lambda _: None)
    assert background.close(PATIENCE_SECONDS) == ["The disk is full."]
    assert done == [0, 1, 2]


def test_closing_does_not_wait_for_ever() -> None:
    background, may_end = Background(Loop()), threading.Event()
    background.run_in_order(
        lambda: may_end.wait(PATIENCE_SECONDS), lambda _: None, lambda _: None
    )
    assert background.close(0.05) == [strings.NOT_DONE_IN_TIME]
    may_end.set()
