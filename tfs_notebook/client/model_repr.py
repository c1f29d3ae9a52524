"""A model as a notebook shows it: what it takes and gives, its versions, a working call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from tfs_notebook.client.inputs import working_call
from tfs_notebook.client.model_calls import expression_of
from tfs_notebook.client.server_access import ServerAccess
from tfs_notebook.client.text_tables import bundle, preformatted
from tfs_notebook.client.transport import ModelMetadata, VersionStatus
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
    lines = [handle_line(access, model)]
    metadata, why = _quickly(lambda: access.transport().metadata(model, _SECONDS).wait())
    states: list[VersionStatus] | None = None
    if metadata is not None or "no model server answers" not in why:
        states, _ = _quickly(lambda: access.transport().status(model, _SECONDS).wait())
    if states:
        lines.append(f"  {', '.join(map(str, states))}")
    if metadata is None:
        lines.append(f"  {why}")
    else:
        lines += _offered(metadata, model)
    text = "\n".join(lines)
    return bundle(text, preformatted(text))


def _offered(metadata: ModelMetadata, model: ModelReference) -> list[str]:
    lines = []
    for name, signature in metadata.signatures.items():
        takes = ", ".join(map(str, signature.inputs.values())) or "nothing"
        gives = ", ".join(map(str, signature.outputs.values())) or "nothing"
        lines.append(f"  {name}: {takes} → {gives}")
    first = metadata.signatures.get(DEFAULT_SIGNATURE) or next(
        iter(metadata.signatures.values()), None
    )
    if first is not None:
        call = expression_of(model)
        method = _EXAMPLE_METHODS.get(first.method_name)
        example = (
            f'{call}.{method}([{{"feature": 1.0}}])' if method else working_call(first, call)
        )
        if example is not None:
            lines.append(f"  {example}")
    return lines


def _quickly(question: Callable[[], T]) -> tuple[T | None, str]:
    try:
        return question(), ""
    except ServingError as error:
        return None, error.message
    except Exception as error:  # noqa: BLE001 - what shows a value must not fail
        return None, repr(error)
