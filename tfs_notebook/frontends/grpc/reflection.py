"""``grpc.reflection.v1alpha``: services and messages, for tools that have no protos."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from google.protobuf.descriptor_pool import DescriptorPool
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection, reflection_pb2, reflection_pb2_grpc

from tfs_notebook.wire.descriptors import load_files

__all__ = ["add_reflection"]

# What is served beside the project's own files; neither needs another file.
_FURTHER: Final = (health_pb2.DESCRIPTOR, reflection_pb2.DESCRIPTOR)


def add_reflection(server: Any, services: Iterable[str]) -> None:  # noqa: ANN401 - generic in the stubs, not in grpc
    """Serve it; takes some 10 ms.

    Args:
        server: an asynchronous gRPC server that has not started.
        services: the full names of what it serves. One that no file declares is not told:
            of what they cannot ask about, tools make an error.
    """
    pool = _pool()
    told = [name for name in (*services, reflection.SERVICE_NAME) if _is_declared(pool, name)]
    servicer = reflection.aio.ReflectionServicer(told, pool=pool)  # type: ignore[attr-defined]
    reflection_pb2_grpc.add_ServerReflectionServicer_to_server(servicer, server)


def _is_declared(pool: DescriptorPool, service: str) -> bool:
    try:
        pool.FindServiceByName(service)
    except KeyError:
        return False
    return True


def _pool() -> DescriptorPool:
    # Ours are in a private pool, the others in the one of the process. A copy of all of them
    # belongs to nobody else, and nobody adds to it.
    pool = DescriptorPool()
    load_files(pool)
    for file in _FURTHER:
        pool.AddSerializedFile(file.serialized_pb)
    return pool
