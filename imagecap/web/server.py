"""The server on its socket, and who it is for."""

from __future__ import annotations

import ipaddress
import logging
import socket
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

import uvicorn

from imagecap.errors import ImagecapError
from imagecap.files import reason
from imagecap.library.store import Library
from imagecap.web.access import Access
from imagecap.web.application import make_application
from imagecap.web.connections import PatientProtocol
from imagecap.web.services import make_services

if TYPE_CHECKING:
    from imagecap.model.captioner import Captioner

LOOPBACK = "127.0.0.1"
_HTTP_PORT = 80
_BACKLOG = 128
_GOODBYE_SECONDS = 3
# Longer than programs keep a connection, which would meet one that is being closed.
_BETWEEN_SECONDS = 30


class ServerError(ImagecapError):
    """The server cannot be started."""


def is_loopback(host: str) -> bool:
    """Tell whether only programs of this machine reach an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def open_socket(host: str, port: int) -> socket.socket:
    """Open the socket of a server.

    Args:
        host: An address of this machine, or a name of it.
        port: Its port; 0 for any that is free.

    Raises:
        ServerError: If the address is not of this machine, or the port is taken.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, *_, address = found[0]
        # Named, for else asyncio would not know that it may send small answers at once.
        opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            opened.bind(address)
            opened.listen(_BACKLOG)
        except OSError:
            opened.close()
            raise
    except (OSError, UnicodeError) as error:
        why = reason(error) if isinstance(error, OSError) else "it is no name"
        place = f"{host}, port {port}" if port else host
        remedy = "choose another --port, or " if port else ""
        raise ServerError(
            f"Nothing can be served at {place} ({why}); {remedy}leave --host out."
        ) from error
    return opened


def serve(
    opened: socket.socket,
    library: Library,
    load: Callable[[], Captioner],
    password: str | None,
    ready: Callable[[str], object],
) -> None:
    """Serve a library until the program is told to stop.

    Args:
        opened: The socket, see `open_socket`.
        library: The library.
        load: Loads the model, when it is first needed.
        password: What opens the pages besides the token; `None` for nothing.
        ready: Called with the address to open, token included, once it can be opened.

    Raises:
        KeyboardInterrupt: When it was told to stop and all is in order.
    """
    names, port = _names(opened), opened.getsockname()[1]
    # The port that browsers do not name.
    unnamed = names if port == _HTTP_PORT else []
    access = Access([*(f"{name}:{port}" for name in names), *unnamed], password)
    services = make_services(library, access, load)
    _say_nothing()
    config = uvicorn.Config(
        make_application(services),
        http=PatientProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=_BETWEEN_SECONDS,
        timeout_graceful_shutdown=_GOODBYE_SECONDS,
    )
    # The socket takes connections already, and they wait until it runs.
    ready(f"http://{names[0]}:{port}/?token={access.token}")
    with closing(services):
        uvicorn.Server(config).run(sockets=[opened])


def _names(opened: socket.socket) -> list[str]:
    """List what the server may be called, the best name first."""
    host = opened.getsockname()[0]
    address = ipaddress.ip_address(host.partition("%")[0])
    if address.is_unspecified:
        own = socket.gethostname()
        addresses = [_outward_address(), LOOPBACK]
        return [*filter(None, addresses), own, f"{own}.local", "localhost"]
    written = f"[{address}]" if address.version == 6 else str(address)
    return [written, "localhost"] if address.is_loopback else [written]


def _outward_address() -> str:
    """Give the address that other machines know; empty where there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Nothing is sent: it only chooses a way.
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return ""
        return str(probe.getsockname()[0])


def _say_nothing() -> None:
    """Keep tracebacks from the terminal: whoever asked has got a sentence."""
    for name in ("asyncio", "uvicorn", "python_multipart"):
        log = logging.getLogger(name)
        log.addHandler(logging.NullHandler())
        log.propagate = False
