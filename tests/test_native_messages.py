"""What libraries write to the error stream is kept back, and nothing else."""

import os
from threading import Thread

import pytest

from imagecap.native_messages import kept_back


def test_only_what_is_named_is_kept_back(capfd: pytest.CaptureFixture[str]) -> None:
    with kept_back(b"INFO: "):
        os.write(2, b"INFO: of a library\nan error\nINFO: again\n")
    os.write(2, b"INFO: later\n")
    assert capfd.readouterr().err == "an error\nINFO: later\n"


def test_many_threads_leave_the_stream_as_it_was(
    capfd: pytest.CaptureFixture[str],
) -> None:
    def load() -> None:
        for _ in range(50):
            with kept_back(b"INFO: "):
                os.write(2, b"INFO: of a library\nheard\n")

    threads = [Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os.write(2, b"the end\n")
    assert capfd.readouterr().err == "heard\n" * 200 + "the end\n"
