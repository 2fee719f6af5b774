"""The door of the server: who comes in, how much they may bring, how long they stay."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from imagecap.web.access import Access
from imagecap.web.problems import API, Problem, answer
from imagecap.web.templates import style

MOST_BYTES = 64 * 2**20
"""The largest upload, its form included."""
_MOST_TEXT_BYTES = 2**20
# Of an upload parts lie on the disk, all else in memory.
_UPLOAD = "multipart/form-data"
LOGIN = "/login"

_READING = frozenset({"GET", "HEAD"})
# A client that brings or takes nothing for so long is gone.
_SILENCE_SECONDS = 20.0
_UPLOAD_SECONDS = 120.0
_STYLE = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; img-src 'self' data:; media-src 'self'; "
        f"style-src 'self' 'sha256-{_STYLE}'; script-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Without any referrer, browsers would not say where a form comes from, either.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


class Guard:
    """Lets a request in, or answers it itself.

    Args:
        app: What answers those that are let in.
        access: Who may come in.
    """

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI has it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        headers = Headers(scope=scope)
        send = _patient(_protected(send))
        # What sends the answer knows of HEAD, and leaves its content out.
        if scope["method"] == "HEAD" and not scope["path"].startswith(API):
            scope = {**scope, "method": "GET"}
        try:
            self._check_host(headers)
            self._check_origin(scope, headers)
            if address := self._address_without_token(scope, headers):
                onward = RedirectResponse(address, 303)
                self._access.let_stay(onward)
                await onward(scope, receive, send)
                return
            self._check_token(scope, headers)
            receive = _Bounded(receive, headers)
        except Problem as problem:
            asks = problem.status_code == 401 and self._access.has_password
            response = answer(problem, scope["path"], asks)
            await response(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _check_host(self, headers: Headers) -> None:
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._access.is_host(hosts[0]):
            raise Problem(
                421, "This is no name of this server; use the address that it printed."
            )

    def _check_origin(self, scope: Scope, headers: Headers) -> None:
        """Refuse what another site makes a person's browser write."""
        if scope["method"] in _READING:
            return
        origins, sites = headers.getlist("origin"), headers.getlist("sec-fetch-site")
        own = f"{scope['scheme']}://{headers['host']}".lower()
        foreign = any(origin.lower() != own for origin in origins)
        if foreign or any(site != "same-origin" for site in sites):
            raise Problem(403, "Another site has asked for this; it was not done.")
        # Browsers say where a form comes from; what says nothing brings the token
        # itself, which no other site knows.
        if not (origins or sites or self._bearer(headers)):
            raise Problem(
                403,
                "The request does not say where it comes from; send the token as "
                "“Authorization: Bearer …”.",
            )

    def _check_token(self, scope: Scope, headers: Headers) -> None:
        if scope["path"] == LOGIN and self._access.has_password:
            return
        bearer = self._bearer(headers)
        given = [bearer] if bearer is not None else self._cookies(headers)
        if not any(self._access.is_token(one) for one in given):
            raise Problem(
                401,
                "Open the address that imagecap printed when it started; it changes "
                "with each start.",
                {"www-authenticate": "Bearer"},
            )

    def _address_without_token(self, scope: Scope, headers: Headers) -> str | None:
        """Give where to go on without the token, so that it is in no history."""
        if scope["method"] != "GET" or scope["path"].startswith(API):
            return None
        query = parse_qsl(scope["query_string"].decode("latin-1"), True)
        tokens = [value for name, value in query if name == "token"]
        if len(tokens) != 1 or not self._access.is_token(tokens[0]):
            return None
        rest = urlencode([pair for pair in query if pair[0] != "token"])
        path = scope.get("raw_path", b"/").decode("latin-1")
        # Whole, for a path of two slashes alone would lead to another machine.
        return f"{scope['scheme']}://{headers['host']}{path}{'?' * bool(rest)}{rest}"

    def _cookies(self, headers: Headers) -> list[str]:
        found = []
        for line in headers.getlist("cookie"):
            try:
                cookie = SimpleCookie(line).get(self._access.cookie)
            except CookieError:
                continue
            if cookie:
                found.append(cookie.value)
        return found

    def _bearer(self, headers: Headers) -> str | None:
        kind, _, value = headers.get("authorization", "").partition(" ")
        return value.strip() if kind.lower() == "bearer" else None


class _Bounded:
    """Takes of a request's body what it may bring, and waits for it no longer than due.

    Raises:
        Problem: If the request says itself that it brings too much.
    """

    def __init__(self, receive: Receive, headers: Headers) -> None:
        self._receive = receive
        is_upload = headers.get("content-type", "").lower().startswith(_UPLOAD)
        self._most = self._left = MOST_BYTES if is_upload else _MOST_TEXT_BYTES
        self._until = asyncio.get_running_loop().time() + _UPLOAD_SECONDS
        self._is_whole = False
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > self._most:
            raise self._too_large()

    async def __call__(self) -> Message:
        # Afterwards this only tells when the client has gone.
        if self._is_whole:
            return await self._receive()
        left = self._until - asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(min(left, _SILENCE_SECONDS)):
                message = await self._receive()
        except TimeoutError:
            raise Problem(
                408, "The upload took too long; try again.", {"connection": "close"}
            ) from None
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise self._too_large()
        self._is_whole = not message.get("more_body", False)
        return message

    def _too_large(self) -> Problem:
        return Problem(
            413,
            f"The upload is too large; send at most {self._most >> 20} MB.",
            {"connection": "close"},
        )


def _protected(send: Send) -> Send:
    async def protected(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(_HEADERS)
            headers.setdefault("cache-control", "no-store")
        await send(message)

    return protected


def _patient(send: Send) -> Send:
    """End the answer to a client that does not take it."""

    async def patient(message: Message) -> None:
        async with asyncio.timeout(_SILENCE_SECONDS):
            await send(message)

    return patient
