"""A model, or all of them, as ``%tfs show`` and ``%tfs models`` tell of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final, TypeVar

import psutil

from tfs_notebook.client import Client, ModelMetadata, ModelStatistics
from tfs_notebook.client.calls import run_steps
from tfs_notebook.client.control import ServedModel
from tfs_notebook.client.counted_cells import memory_text
from tfs_notebook.client.inputs import working_call
from tfs_notebook.client.model_keys import key_literal
from tfs_notebook.client.offered import Offered
from tfs_notebook.client.text_tables import html_table, preformatted, text_table
from tfs_notebook.client.version_table import version_table
from tfs_notebook.notebook.session import SESSION, RunningServer
from tfs_notebook.wire.errors import NotFound, ServingError
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.signatures import DEFAULT_SIGNATURE

__all__ = ["ModelSummary", "ModelTable", "all_models", "one_model", "served_model"]

_TABLE_HEADS: Final = ("model", "versions", "labels", "takes", "gives")
_SECONDS: Final = 2.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ModelSummary:
    """What there is to know of a model, as it was when it was asked.

    Attributes:
        model: versions, states, labels, and where they lie.
        metadata: its signatures; None if no version tells.
        statistics: what was counted; None if nobody tells.
        server: whose model server it is.
        memory: bytes that the server's process takes in all; None if nobody tells.
        calls: those that work, as a person would write them; none if none can be made up.
    """

    model: ServedModel
    metadata: ModelMetadata | None
    statistics: ModelStatistics | None
    server: str
    memory: int | None
    calls: Sequence[str]

    def _table(self) -> tuple[Sequence[str], list[tuple[str, ...]]]:
        return version_table(self.model.versions, self.model.labels, self.statistics)

    def _head(self) -> str:
        memory = "" if self.memory is None else f", {memory_text(self.memory)} in all"
        return f"{self.model.name} at {self.server}{memory}, from {self.model.base_path}"

    def _further(self) -> list[str]:
        lines = [f"waiting: {self.model.waiting_for}"] if self.model.waiting_for else []
        if self.metadata is not None:
            lines.append(repr(self.metadata))
        return [*lines, *self.calls]

    def __repr__(self) -> str:
        table = [text_table(*self._table())] if self.model.versions else []
        return "\n".join([self._head(), *table, *self._further()])

    def _repr_html_(self) -> str:
        table = html_table(*self._table()) if self.model.versions else ""
        further = preformatted("\n".join(self._further()))
        return f"<div><p>{escape(self._head())}</p>{table}{further}</div>"


@dataclass(frozen=True, slots=True)
class ModelTable:
    """The models of a server, a row each.

    Attributes:
        title: whose server it is, or what to do if there is none.
        rows: name, versions that answer, labels, inputs and outputs of the default signature.
    """

    title: str
    rows: Sequence[Sequence[str]]

    def __repr__(self) -> str:
        return (
            f"{self.title}\n{text_table(_TABLE_HEADS, self.rows)}" if self.rows else self.title
        )

    def _repr_html_(self) -> str:
        table = html_table(_TABLE_HEADS, self.rows) if self.rows else ""
        return f"<div><p>{escape(self.title)}</p>{table}</div>"


def all_models() -> ModelTable:
    """The models there are; blocks for some seconds at most, and starts nothing.

    Raises:
        Unavailable: there is a server, but it does not answer.
    """
    server = SESSION.find()
    if server is None:
        return ModelTable("There is no model server yet: %tfs serve PATH starts one.", ())
    client = SESSION.client(server)
    rows = [_row(client, model) for model in SESSION.control(server).models()]
    title = server.title if rows else f"{server.title} serves no model yet"
    return ModelTable(title, rows)


def _row(client: Client, model: ServedModel) -> list[str]:
    labels = ", ".join(f"{name}: {version}" for name, version in sorted(model.labels.items()))
    versions = ", ".join(map(str, model.available))
    metadata = _quickly(lambda: client[model.name].metadata(timeout=_SECONDS, wait=0))
    signature = metadata.signatures.get(DEFAULT_SIGNATURE) if metadata else None
    if signature is None:
        return [model.name, versions or "none answers", labels, "", ""]
    takes, gives = (
        ", ".join(map(str, specs.values())) for specs in (signature.inputs, signature.outputs)
    )
    return [model.name, versions, labels, takes, gives]


def one_model(name: str) -> ModelSummary:
    """All there is to know of one model; blocks for some seconds at most.

    Raises:
        NotFound: there is no such model.
        ServingError: what the server says.
    """
    server = SESSION.server_of(name)
    model = served_model(server, name)
    client = SESSION.client(server)
    handle = client[name]
    metadata = _quickly(lambda: handle.metadata(timeout=_SECONDS, wait=0))
    return ModelSummary(
        model,
        metadata,
        _quickly(lambda: handle.stats(timeout=_SECONDS)),
        server.title,
        _memory(server.pid),
        _calls(client, server, metadata),
    )


def served_model(server: RunningServer, name: str) -> ServedModel:
    """One model as its server lists it.

    Raises:
        NotFound: there is no such model; the text names those there are.
    """
    models = SESSION.control(server).models()
    for model in models:
        if model.name == name:
            return model
    known = ", ".join(model.name for model in models) or "none"
    raise NotFound(f"there is no model {name!r}; there is {known}")


def _calls(client: Client, server: RunningServer, metadata: ModelMetadata | None) -> list[str]:
    if metadata is None or not metadata.signatures:
        return []
    first = metadata.signatures.get(DEFAULT_SIGNATURE) or next(
        iter(metadata.signatures.values())
    )
    handle = server.expression + key_literal(ModelReference(metadata.name))
    call = working_call(first, handle)
    offered = Offered(client.access, ModelReference(metadata.name))
    pipeline = _quickly(lambda: run_steps(offered.pipeline(metadata, _SECONDS)))
    return [*filter(None, [call]), *([pipeline.example(handle)] if pipeline else [])]


def _memory(pid: int) -> int | None:
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return None


def _quickly(question: Callable[[], T]) -> T | None:
    try:
        return question()
    except ServingError:
        return None
