"""A model as a notebook shows it: what it takes and gives, its versions, calls that work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Final, TypeVar

from tfs_notebook.client.calls import run_steps
from tfs_notebook.client.inputs import working_call
from tfs_notebook.client.model_calls import expression_of
from tfs_notebook.client.offered import Offered
from tfs_notebook.client.server_access import ServerAccess
from tfs_notebook.client.statistics import ModelStatistics
from tfs_notebook.client.text_tables import bundle, html_table, preformatted, text_table
from tfs_notebook.client.transport import ModelMetadata, VersionStatus
from tfs_notebook.client.version_table import version_table
from tfs_notebook.wire.errors import ServingError
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.signatures import DEFAULT_SIGNATURE

__all__ = ["handle_line", "shown_handle"]

_SECONDS: Final = 1.0
_EXAMPLE_METHODS: Final = {
    "tensorflow/serving/classify": "classify",
    "tensorflow/serving/regress": "regress",
}

T = TypeVar("T")


def handle_line(access: ServerAccess, model: ModelReference) -> str:
    """A line that says which model it is; nobody is asked."""
    choice = model.label if model.version is None else model.version
    key = repr(model.name) + ("" if choice is None else f", {choice!r}")
    return f"<model {key} at {access.address.text}>"


def shown_handle(access: ServerAccess, model: ModelReference) -> Mapping[str, str]:
    """The line and what the server tells within a second each; raises nothing."""
    line = handle_line(access, model)
    metadata, why = _quickly(lambda: access.transport().metadata(model, _SECONDS).wait())
    states: list[VersionStatus] | None = None
    if metadata is not None or "no model server answers" not in why:
        states, _ = _quickly(lambda: access.transport().status(model, _SECONDS).wait())
    if metadata is None:
        further, labels, statistics = [why], None, None
    else:
        further = _offered(access, metadata, model) + _raw(access, metadata, model)
        labels, statistics = _labels(access, model), _statistics(access, model)
    heads, rows = version_table(states or (), labels, statistics)
    below = "\n".join(f"  {one}" for one in further)
    table = [text_table(heads, rows)] if rows else []
    html = html_table(heads, rows) if rows else ""
    return bundle(
        "\n".join([line, *table, below]),
        f"<div><p>{escape(line)}</p>{html}{preformatted(below)}</div>",
    )


def _labels(access: ServerAccess, model: ModelReference) -> Mapping[str, int] | None:
    if access.rest_address is None:
        return None
    models, _ = _quickly(lambda: access.rest("labels").models(_SECONDS).wait())
    return next((one.labels for one in models or () if one.name == model.name), None)


def _statistics(access: ServerAccess, model: ModelReference) -> ModelStatistics | None:
    if access.rest_address is None:
        return None
    found, _ = _quickly(lambda: access.rest("statistics").statistics(model, _SECONDS).wait())
    return found


def _raw(access: ServerAccess, metadata: ModelMetadata, model: ModelReference) -> list[str]:
    offered = Offered(access, model)
    pipeline, _ = _quickly(lambda: run_steps(offered.pipeline(metadata, _SECONDS)))
    return [] if pipeline is None else [pipeline.example(expression_of(access, model))]


def _offered(access: ServerAccess, metadata: ModelMetadata, model: ModelReference) -> list[str]:
    lines = []
    for name, signature in metadata.signatures.items():
        takes = ", ".join(map(str, signature.inputs.values())) or "nothing"
        gives = ", ".join(map(str, signature.outputs.values())) or "nothing"
        lines.append(f"{name}: {takes} → {gives}")
    first = metadata.signatures.get(DEFAULT_SIGNATURE) or next(
        iter(metadata.signatures.values()), None
    )
    if first is not None:
        call = expression_of(access, model)
        method = _EXAMPLE_METHODS.get(first.method_name)
        example = (
            f'{call}.{method}([{{"feature": 1.0}}])' if method else working_call(first, call)
        )
        if example is not None:
            lines.append(example)
    return lines


def _quickly(question: Callable[[], T]) -> tuple[T | None, str]:
    try:
        return question(), ""
    except ServingError as error:
        return None, error.message
    except Exception as error:  # noqa: BLE001 - what shows a value must not fail
        return None, repr(error)
