"""A Ray cluster is reached, and looked at before it is relied on."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import imagecap
from imagecap.cluster.errors import ClusterError
from imagecap.cluster.manifest import MANIFEST
from imagecap.cluster.storage import Location
from imagecap.native_messages import kept_back

# Blocks are names of parts; only the model is large.
_OBJECT_STORE = 256 * 2**20
# A busy machine may not be ready at once.
_TRIES = 3
_SECONDS = 10.0
_THIS_MACHINE = "local"


def connect(address: str | None) -> Any:  # noqa: ANN401 – the module
    """Reach a cluster, or begin one of this machine alone.

    Args:
        address: That of the cluster, see `OnRay`.

    Returns:
        The module `ray`, which is connected.

    Raises:
        ClusterError: If it cannot be reached, or is of other versions.
    """
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise ClusterError(
            "--engine ray needs the packages of the extra “cluster”: "
            "pip install 'imagecap[cluster]'."
        ) from error
    quiet: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
    # What ends the work is told in a sentence.
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    # It warns of what is so by design: that all end with the driver, and tells that it
    # is asked not to.
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    # It would tell its makers how it is used.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    address = address or os.environ.get("RAY_ADDRESS") or _THIS_MACHINE
    if address == _THIS_MACHINE:
        quiet |= {"include_dashboard": False, "object_store_memory": _OBJECT_STORE}
    try:
        _check_listening(address)
        with kept_back(b"[20"):
            _start(ray, address, quiet)
    except Exception as error:
        # Which versions of Ray and Python differ stands in several lines.
        ray.shutdown()
        said = " ".join(str(error).split()).rstrip(".") or type(error).__name__
        raise ClusterError(
            f"Ray cannot be used at {address}: {said}; name a cluster that runs, of "
            "the same versions."
        ) from error
    return ray


def _start(ray: Any, address: str, options: Mapping[str, Any]) -> None:  # noqa: ANN401
    """Start Ray; it gives up after 30 s, in which a busy machine may not be ready."""
    for left in reversed(range(_TRIES)):
        try:
            ray.init(address=address, **options)
        except Exception as error:
            if not left or "timed out during startup" not in str(error):
                raise
            ray.shutdown()
        else:
            return


def _check_listening(address: str) -> None:
    """Make sure that somebody is there: Ray itself would look for minutes.

    Raises:
        OSError: If nobody is.
    """
    host, _, port = address.rpartition(":")
    if host and port.isdecimal() and "://" not in address:
        socket.create_connection((host, int(port)), _SECONDS).close()


def check_machines(ray: Any, output: Location) -> None:  # noqa: ANN401
    """Make sure that each machine has this version of imagecap, and the output.

    Raises:
        ClusterError: If one has not.
    """
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    names = _machines(ray)
    asked = {
        node: ray.remote(num_cpus=0)(_look_around)
        .options(scheduling_strategy=NodeAffinitySchedulingStrategy(node, False))
        .remote(output.child(MANIFEST).path)
        for node in names
    }
    for node, reference in asked.items():
        name = names[node]
        try:
            found, is_there = ray.get(reference)
        except Exception as error:
            # One that is lost just now is no hindrance.
            if node not in _machines(ray):
                continue
            raise ClusterError(
                f"The machine {name} of the cluster cannot run imagecap "
                f"({explain_ray(error)}); install imagecap[cluster] "
                f"{imagecap.__version__} there."
            ) from error
        if found != imagecap.__version__:
            raise ClusterError(
                f"The machine {name} of the cluster has imagecap {found}, not "
                f"{imagecap.__version__}; install the same version there."
            )
        if output.is_on_this_machine and not is_there:
            raise ClusterError(
                f"The machine {name} of the cluster does not see {output.address}; "
                "name a folder that all of them share under one path, or one in "
                "object storage."
            )


def _machines(ray: Any) -> dict[str, str]:  # noqa: ANN401
    """Give the name of each machine of the cluster by its number."""
    return {
        node["NodeID"]: node["NodeManagerAddress"]
        for node in ray.nodes()
        if node["Alive"]
    }


def explain_ray(error: Exception) -> str:
    """Give what an error of Ray's says, without the stack of another machine."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__


def _look_around(file: str) -> tuple[str, bool]:
    """Give the version of imagecap, and whether a file is there."""
    return imagecap.__version__, Path(file).is_file()
