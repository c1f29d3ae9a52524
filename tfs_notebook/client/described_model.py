"""What a server tells of a model without running it: metadata, states, counts, client code."""

from __future__ import annotations

from typing import Final

from tfs_notebook.client.asynchronous import run_steps_async
from tfs_notebook.client.calls import Steps, ask, run_steps
from tfs_notebook.client.inputs import NOTHING
from tfs_notebook.client.limits import ChunkRows, Limits, checked_chunk_rows
from tfs_notebook.client.model_calls import ModelCalls
from tfs_notebook.client.server_access import ServerAccess
from tfs_notebook.client.snippets import Snippet, SnippetKind, raw_snippet_of, snippet_of
from tfs_notebook.client.statistics import ModelStatistics, tells_no_statistics
from tfs_notebook.client.transport import ModelMetadata, VersionStatus
from tfs_notebook.wire.errors import InvalidArgument, NotFound
from tfs_notebook.wire.model_spec import ModelReference

__all__ = ["WAIT_SECONDS", "DescribedModel"]

WAIT_SECONDS: Final = 10.0
"""How long a model that is being loaded is waited for, unless a call says otherwise."""


class DescribedModel:
    """The part of a :class:`~tfs_notebook.client.model_handle.ModelHandle` that tells of it."""

    _access: ServerAccess
    _reference: ModelReference
    _calls: ModelCalls

    def metadata(
        self, *, timeout: float | None = None, wait: float = WAIT_SECONDS
    ) -> ModelMetadata:
        """Ask the server what the model takes and gives."""
        return run_steps(self._calls.fresh_metadata(self._limits(timeout, wait)))

    async def metadata_async(
        self, *, timeout: float | None = None, wait: float = WAIT_SECONDS
    ) -> ModelMetadata:
        """As :meth:`metadata`, awaited."""
        return await run_steps_async(self._calls.fresh_metadata(self._limits(timeout, wait)))

    def status(self, *, timeout: float | None = None) -> list[VersionStatus]:
        """Ask the server for the states of the model's versions, the newest first."""
        return run_steps(self._status(timeout))

    async def status_async(self, *, timeout: float | None = None) -> list[VersionStatus]:
        """As :meth:`status`, awaited."""
        return await run_steps_async(self._status(timeout))

    def stats(self, *, timeout: float | None = None) -> ModelStatistics:
        """Ask the server what it has counted of the model, or of this version.

        Raises:
            Unimplemented: it does not tell, as TensorFlow Serving; or its REST address is
                not known.
            NotFound: there is no such model.
        """
        return run_steps(self._stats(timeout))

    async def stats_async(self, *, timeout: float | None = None) -> ModelStatistics:
        """As :meth:`stats`, awaited."""
        return await run_steps_async(self._stats(timeout))

    def snippet(
        self, kind: SnippetKind, x: object = NOTHING, *, signature: str = ""
    ) -> Snippet:
        """Client code that asks this model, this version or label, and runs as it is.

        ::

            server["half"].snippet("curl")
            server["spam"].snippet("python", "win a prize")    # through the pipeline
            server["digits"].snippet("curl", "three.png")      # sends that file

        Args:
            kind: ``"curl"``, ``"python"`` (REST, nothing but the standard library),
                ``"grpc"`` (Python with TensorFlow Serving's own client package) or
                ``"javascript"``.
            x: what to send, as for :meth:`predict`, the first rows of it if there are
                many; by default a made-up input of the signature's own types, which any
                TensorFlow Serving takes. A text or an image goes through the pipeline, where
                there is one.
            signature: which one to ask, by default ``serving_default``.

        Returns:
            a text, shown as it is. It asks for the token, if there is one, in the
            environment variable ``TFS_TOKEN``.

        Raises:
            InvalidArgument: there is no such kind, or ``x`` does not fit.
            Unimplemented: the server's address for that protocol is not known, or the
                signature cannot be asked that way, as texts and images over gRPC.
            ServingError: what the server says when it is asked for its metadata.
        """
        return run_steps(self._snippet(kind, x, signature))

    async def snippet_async(
        self, kind: SnippetKind, x: object = NOTHING, *, signature: str = ""
    ) -> Snippet:
        """As :meth:`snippet`, awaited."""
        return await run_steps_async(self._snippet(kind, x, signature))

    def _status(self, timeout: float | None) -> Steps[list[VersionStatus]]:
        seconds = self._limits(timeout, 0).timeout
        return (yield from ask(self._access.transport().status(self._reference, seconds)))

    def _stats(self, timeout: float | None) -> Steps[ModelStatistics]:
        seconds = self._limits(timeout, 0).timeout
        rest = self._access.rest("statistics")
        try:
            return (yield from ask(rest.statistics(self._reference, seconds)))
        except (NotFound, InvalidArgument) as error:
            # A server that has no such address says of it what another says of a model.
            yield from self._status(timeout)
            raise tells_no_statistics(self._access.address.text, error) from None

    def _snippet(self, kind: SnippetKind, x: object, signature: str) -> Steps[Snippet]:
        limits = self._limits(None, WAIT_SECONDS)
        metadata = yield from self._calls.fresh_metadata(limits)
        raw = yield from self._calls.raw_input(x, signature, limits)
        if raw is not None:
            return raw_snippet_of(kind, self._access, self._reference, raw)
        return snippet_of(kind, self._access, self._reference, metadata.signature(signature), x)

    def _limits(
        self, timeout: float | None, wait: float, chunk_rows: ChunkRows = "auto"
    ) -> Limits:
        return Limits(self._access.seconds(timeout), wait, checked_chunk_rows(chunk_rows))
