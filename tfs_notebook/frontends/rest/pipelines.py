"""What raw input a version takes, for clients that would send it some."""

from __future__ import annotations

from typing import Any

from tfs_notebook.pipelines.description import DIRECTORY, FILE_NAME
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.wire.errors import NotFound
from tfs_notebook.wire.model_spec import ModelReference

__all__ = ["pipeline"]


def pipeline(server: ModelServer, name: str, version: int | None) -> dict[str, Any]:
    """Tell of the pipeline of a version; of the newest, if none is named. Blocks.

    ``labels`` is how many there are, null where scores are known by their places alone;
    ``input`` depends on the kind.

    Raises:
        NotFound: no such model or version is there, or it has no pipeline.
        NotLoaded: it has to be loaded first.
    """
    with server.hold(ModelReference(name, version)) as held:
        found = held.pipeline
        if found is None:
            raise NotFound(
                f"version {held.version} of model {name!r} takes tensors alone: it has no "
                f"{DIRECTORY}/{FILE_NAME}"
            )
        return {
            "name": name,
            "version": str(held.version),
            "kind": found.kind,
            "signature": found.signature,
            "output": found.output,
            "input": found.summary(),
            "labels": None if found.labels is None else len(found.labels),
            "top": found.top,
        }
