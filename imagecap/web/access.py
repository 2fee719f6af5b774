"""Who may use the server: names of the machine, a token, a password."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Iterable

from starlette.responses import Response

_TRIES = 5
_TRIES_SECONDS = 60.0


class Access:
    """Knows who may use the server that was started.

    The token is made anew at each start, so an address of yesterday opens nothing.

    Args:
        hosts: What may stand in a request's `Host`, such as `127.0.0.1:8000`. Any other
            name is that of a foreign site which leads its visitors here (DNS
            rebinding).
        password: What may be typed in place of the token; `None` for nothing.

    Attributes:
        token: What every request must bring.
    """

    def __init__(self, hosts: Iterable[str], password: str | None = None) -> None:
        self.token = secrets.token_urlsafe(32)
        self._hosts = frozenset(host.lower() for host in hosts)
        self._password = password
        self._tries: list[float] = []
        # Cookies go to all ports of a machine; the name keeps two servers apart.
        key = hashlib.sha256(self.token.encode()).hexdigest()[:12]
        self.cookie = f"imagecap-{key}"

    @property
    def has_password(self) -> bool:
        """Whether there is a password besides the token."""
        return self._password is not None

    def is_host(self, host: str) -> bool:
        """Tell whether a request's `Host` is this server, exactly."""
        return host.lower() in self._hosts

    def is_token(self, given: str) -> bool:
        """Tell whether this is the token, in a time that says nothing of it."""
        return secrets.compare_digest(given.encode("utf-8", "replace"), self._bytes)

    def is_password(self, given: str) -> bool | None:
        """Tell whether this is the password; `None` after too many wrong ones."""
        now = time.monotonic()
        self._tries = [one for one in self._tries if now - one < _TRIES_SECONDS]
        if len(self._tries) >= _TRIES:
            return None
        wanted = (self._password or "").encode("utf-8", "replace")
        same = secrets.compare_digest(given.encode("utf-8", "replace"), wanted)
        if not (same and self.has_password):
            self._tries.append(now)
            return False
        return True

    def let_stay(self, response: Response) -> None:
        """Have a browser bring the token from now on, to this server alone."""
        response.set_cookie(self.cookie, self.token, httponly=True, samesite="strict")

    @property
    def _bytes(self) -> bytes:
        return self.token.encode()
