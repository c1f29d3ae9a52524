"""What a model offers, asked once for each version."""

from __future__ import annotations

from tfs_notebook.client.calls import Steps, ask
from tfs_notebook.client.raw_answers import PipelineFacts
from tfs_notebook.client.server_access import ServerAccess
from tfs_notebook.client.transport import ModelMetadata
from tfs_notebook.wire.errors import InvalidArgument, NotFound, ServingError, Unimplemented
from tfs_notebook.wire.model_spec import ModelReference

__all__ = ["Offered"]


class Offered:
    """Remembers what the server says of one model, for all handles of it; for any thread."""

    def __init__(self, access: ServerAccess, reference: ModelReference) -> None:
        self._access = access
        self._reference = reference

    @property
    def is_known(self) -> bool:
        """Whether :meth:`metadata` would ask nobody."""
        return self._reference in self._access.metadata

    def metadata(self, timeout: float) -> Steps[ModelMetadata]:
        """What the model takes and gives, as it was last heard."""
        found = self._access.metadata.get(self._reference)
        if found is None:
            found = yield from ask(self._access.transport().metadata(self._reference, timeout))
            self._access.metadata[self._reference] = found
        return found

    def pipeline(self, metadata: ModelMetadata, timeout: float) -> Steps[PipelineFacts | None]:
        """What raw input the version with this metadata takes, as it was last heard.

        Returns:
            None if it takes none, or nobody can tell: a TensorFlow Serving, or a server whose
            REST address is not known.
        """
        version = ModelReference(metadata.name, metadata.version)
        known = self._access.pipelines
        if self._access.rest_address is None:
            return None
        if version not in known:
            try:
                call = self._access.rest("pipelines").pipeline(version, timeout)
                known[version] = yield from ask(call)
            except (NotFound, InvalidArgument, Unimplemented):
                known[version] = None
        return known.get(version)

    def pipeline_if_told(
        self, metadata: ModelMetadata, signature: str, timeout: float
    ) -> Steps[PipelineFacts | None]:
        """The same for a signature, for a text that is of use without; raises nothing."""
        try:
            pipeline = yield from self.pipeline(metadata, timeout)
        except ServingError:
            return None
        return pipeline if pipeline is not None and pipeline.is_for(signature) else None

    def answered_by(self, version: int | None) -> None:
        """Hear which version has answered; what is remembered of another is forgotten."""
        known = self._access.metadata.get(self._reference)
        if known is not None and version not in (None, known.version):
            self.forget()

    def forget(self) -> ModelMetadata | None:
        """Ask again the next time; returns what was remembered."""
        before = self._access.metadata.pop(self._reference, None)
        if before is not None:
            version = ModelReference(before.name, before.version)
            self._access.pipelines.pop(version, None)
        return before
