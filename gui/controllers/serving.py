"""The library in a browser, opened from the window."""

from __future__ import annotations

import webbrowser
from typing import TYPE_CHECKING

from imagecap.errors import ImagecapError

from .. import strings
from ..services.server_process import ServerProcess

if TYPE_CHECKING:
    from ..session import Session


class Serving:
    """Shows the library in a browser, as long as the window is open.

    Args:
        session: What the window works on.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._server = ServerProcess()

    def show(self) -> None:
        """Open the pages in the browser."""
        model, server = self._session.model, self._server

        def open_pages() -> None:
            address = server.address(model)
            if not webbrowser.open(address):
                raise ImagecapError(strings.NO_BROWSER.format(address=address))

        self._session.say(strings.OPENING_BROWSER)
        self._session.background.run(
            open_pages,
            lambda _: self._session.say(strings.IN_BROWSER),
            self._session.say,
        )

    def close(self) -> None:
        """Serve them no more."""
        self._server.close()
