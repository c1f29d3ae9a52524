"""What a version takes: its signatures, and its pipeline if it has one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tfs_notebook.client import ModelHandle
from tfs_notebook.client.asynchronous import run_steps_async
from tfs_notebook.client.offered import Offered
from tfs_notebook.client.raw_answers import PipelineFacts
from tfs_notebook.client.transport import ModelMetadata
from tfs_notebook.notebook.console.forms import Form, FormKey, form_keys, form_of

__all__ = ["Described", "described"]

_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class Described:
    """One version, as it was described.

    Attributes:
        metadata: its signatures.
        pipeline: for raw input; None if it has none.
    """

    metadata: ModelMetadata
    pipeline: PipelineFacts | None

    @property
    def keys(self) -> list[FormKey]:
        """What can be asked, what a person most likely wants first."""
        return form_keys(self.metadata, self.pipeline)

    def form(self, key: FormKey) -> Form:
        """One of them to fill in.

        Raises:
            NotFound: it offers no such thing.
        """
        return form_of(self.metadata, key, self.pipeline)


async def described(handle: ModelHandle) -> Described:
    """Ask the server what a version takes.

    Raises:
        ServingError: it does not say.
    """
    metadata = await handle.metadata_async(timeout=_SECONDS, wait=0)
    offered = Offered(handle.access, handle.reference)
    return Described(metadata, await run_steps_async(offered.pipeline(metadata, _SECONDS)))
