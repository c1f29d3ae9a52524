"""gRPC over TCP with a token; the Unix socket is its user's own and asks for none."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

import grpc
import grpc.aio

from tfs_notebook.frontends.reloaded_file import ReloadedFile
from tfs_notebook.frontends.token_file import is_bearer_of

__all__ = ["TokenOverTcp"]

_BUILDERS: Final[dict[str, Callable[..., Any]]] = {
    "unary_unary": grpc.unary_unary_rpc_method_handler,
    "unary_stream": grpc.unary_stream_rpc_method_handler,
    "stream_unary": grpc.stream_unary_rpc_method_handler,
    "stream_stream": grpc.stream_stream_rpc_method_handler,
}


class TokenOverTcp(grpc.aio.ServerInterceptor):  # type: ignore[type-arg] # not generic in grpc
    """Lets a call pass that came over the Unix socket, or has the token.

    Args:
        token: that of ``--grpc_token_file``.
    """

    def __init__(self, token: ReloadedFile[bytes]) -> None:
        self._token = token

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:  # noqa: ANN401 - generic in the stubs, not in grpc
        """GRPC's call for each call."""
        handler = await continuation(handler_call_details)
        sent = dict(handler_call_details.invocation_metadata or ()).get("authorization", "")
        if handler is None or (
            isinstance(sent, str) and is_bearer_of(self._token.current, sent)
        ):
            return handler
        # Where a call comes from is known only to what handles it.
        kind = next(kind for kind in _BUILDERS if getattr(handler, kind) is not None)
        return _BUILDERS[kind](
            _over_socket_only(getattr(handler, kind)),
            handler.request_deserializer,
            handler.response_serializer,
        )


def _over_socket_only(inner: Callable[..., Any]) -> Callable[..., Any]:
    async def answer(request: object, context: Any) -> Any:  # noqa: ANN401
        await _refuse_tcp(context)
        return await inner(request, context)

    async def answers(request: object, context: Any) -> AsyncIterator[Any]:  # noqa: ANN401
        await _refuse_tcp(context)
        async for one in inner(request, context):
            yield one

    return answers if inspect.isasyncgenfunction(inner) else answer


async def _refuse_tcp(context: Any) -> None:  # noqa: ANN401
    if not context.peer().startswith("unix:"):
        await context.abort(
            grpc.StatusCode.UNAUTHENTICATED,
            "over TCP this server asks for the metadata authorization: Bearer TOKEN, with the "
            "token of --grpc_token_file",
        )
