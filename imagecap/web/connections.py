"""Connections that are not held by clients which say nothing."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from imagecap.web.problems import API, Problem, answer

_HEADER_SECONDS = 10.0
# Fewer than files may be open anywhere; browsers open closed ones again by themselves.
_MOST_IDLE = 100


class PatientProtocol(H11Protocol):
    """HTTP/1.1 as uvicorn has it, but a request's headers must be there in time.

    Of too many connections without a request, the oldest gives way to a new one.
    """

    _deadline: asyncio.TimerHandle | None = None
    _is_over = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take what has come; a request's headers have to be whole soon."""
        super().data_received(data)
        cycle = cast(Any, self.cycle)
        if cycle is not None and not cycle.response_complete:
            self._stop_waiting()
        elif self._deadline is None:
            self._wait()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no proper HTTP as programs read it: no browser sends it."""
        problem = Problem(400, "This is no proper HTTP request; mend the program.")
        response = answer(problem, API)
        headers = [*response.raw_headers, (b"connection", b"close")]
        whole = [
            h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
            h11.Data(data=bytes(response.body)),
            h11.EndOfMessage(),
        ]
        for event in whole:
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Clear up."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._deadline = self.loop.call_later(_HEADER_SECONDS, self.transport.abort)
        idle = {
            since: one
            for one in self.connections
            if isinstance(one, PatientProtocol)
            and (since := one._idle_since()) is not None
        }
        if len(idle) > _MOST_IDLE:
            oldest = idle[min(idle)]
            # It is gone only when the loop comes to it, and others may come before.
            oldest._is_over = True
            oldest.transport.abort()

    def _idle_since(self) -> float | None:
        """Give when the loop's clock showed the beginning of a wait for a request."""
        if self._is_over:
            return None
        if self._deadline is not None:
            return self._deadline.when() - _HEADER_SECONDS
        if self.timeout_keep_alive_task is not None:
            return self.timeout_keep_alive_task.when() - self.timeout_keep_alive
        return None

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
