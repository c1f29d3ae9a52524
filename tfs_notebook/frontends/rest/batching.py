"""How the requests of models are put together, as ``/v2/repository`` tells and changes it."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Final

from tfs_notebook.batching.parameters import BatchingParameters
from tfs_notebook.frontends.rest.control_bodies import (
    Parameters,
    read_batch_threads,
    read_batching,
    read_timeout,
)
from tfs_notebook.frontends.rest.repository import Entry
from tfs_notebook.serving.batching_status import VersionBatching
from tfs_notebook.serving.model_server import ModelServer

__all__ = [
    "batch_threads",
    "batching",
    "change_batch_threads",
    "change_batching",
    "described_parameters",
    "described_version",
]

_OF_THE_POOL: Final = ("num_batch_threads", "thread_pool_name")
_OF_A_MODEL: Final = tuple(
    one.name for one in fields(BatchingParameters) if one.name not in _OF_THE_POOL
)


def batching(server: ModelServer, name: str) -> Entry:
    """What holds for a model, what of that was said while it is served, and what was found.

    Raises:
        NotFound: there is no such model.
        FailedPrecondition: its requests are not put together.
    """
    status = server.batching_of(name)
    return {
        "name": name,
        "parameters": described_parameters(status.parameters),
        "overridden": status.overridden.given,
        "latency_target_micros": status.latency_target_micros,
        "versions": [
            {"version": str(number)} | described_version(version)
            for number, version in status.versions.items()
        ],
    }


def change_batching(server: ModelServer, name: str, given: Parameters) -> Entry:
    """Change it, and tell what holds then; blocks.

    Raises:
        ServingError: as ``ModelServer.change_batching``.
    """
    changes, reset = read_batching(given)
    server.change_batching(name, changes, reset=reset, timeout=read_timeout(given))
    return batching(server, name)


def batch_threads(server: ModelServer) -> Entry:
    """What holds for all models together.

    Raises:
        FailedPrecondition: requests are not put together.
    """
    return {"parameters": {"num_batch_threads": server.num_batch_threads}}


def change_batch_threads(server: ModelServer, _name: str, given: Parameters) -> Entry:
    """Change it, and tell what holds then; blocks on the disk.

    Raises:
        ServingError: as ``ModelServer.change_batch_threads``.
    """
    server.change_batch_threads(read_batch_threads(given))
    return batch_threads(server)


def described_version(version: VersionBatching) -> Entry:
    """What holds for a loaded version, and what was found for it."""
    automatic = version.automatic
    return {
        "parameters": described_parameters(version.parameters),
        "automatic": None if automatic is None else asdict(automatic),
        "problem": version.problem,
    }


def described_parameters(parameters: BatchingParameters) -> Entry:
    """Those of one model."""
    return {name: getattr(parameters, name) for name in _OF_A_MODEL}
