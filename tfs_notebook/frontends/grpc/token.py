"""gRPC over TCP with a token; the Unix socket is its user's own and asks for none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import grpc.aio

from tfs_notebook.frontends.token_file import is_bearer_of

__all__ = ["TokenOverTcp"]


class TokenOverTcp(grpc.aio.ServerInterceptor):  # type: ignore[type-arg] # not generic in grpc
    """Lets a call pass that came over the Unix socket, or has the token.

    Args:
        token: as :func:`tfs_notebook.frontends.token_file.read_token` gives it.
    """

    def __init__(self, token: bytes) -> None:
        self._token = token

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:  # noqa: ANN401 - generic in the stubs, not in grpc
        """GRPC's call for each call."""
        handler = await continuation(handler_call_details)
        sent = dict(handler_call_details.invocation_metadata or ()).get("authorization", "")
        if handler is None or (isinstance(sent, str) and is_bearer_of(self._token, sent)):
            return handler
        # Where a call comes from is known only to what handles it.
        if handler.unary_unary is not None:
            return _rebuilt(grpc.unary_unary_rpc_method_handler, handler, handler.unary_unary)
        if handler.stream_stream is not None:
            build = grpc.stream_stream_rpc_method_handler
            return _rebuilt(build, handler, handler.stream_stream)
        return _rebuilt(grpc.unary_stream_rpc_method_handler, handler, handler.unary_stream)


def _rebuilt(build: Callable[..., Any], handler: Any, inner: Callable[..., Any]) -> Any:  # noqa: ANN401
    async def local_only(request: object, context: Any) -> Any:  # noqa: ANN401
        if not context.peer().startswith("unix:"):
            await context.abort(
                grpc.StatusCode.UNAUTHENTICATED,
                "over TCP this server asks for the metadata authorization: Bearer TOKEN, with "
                "the token of --grpc_token_file",
            )
        return await inner(request, context)

    return build(local_only, handler.request_deserializer, handler.response_serializer)
