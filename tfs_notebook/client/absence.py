"""Why a model does not answer: it is not there, is not there yet, or is elsewhere."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Final

from tfs_notebook.client.calls import Pause, Steps, ask
from tfs_notebook.client.model_keys import key_literal
from tfs_notebook.client.model_list import ServedModel
from tfs_notebook.client.progress_line import new_line
from tfs_notebook.client.server_access import ServerAccess
from tfs_notebook.client.transport import UnknownSignature, VersionStatus
from tfs_notebook.wire.errors import (
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    ServingError,
    Unavailable,
    Unimplemented,
)
from tfs_notebook.wire.model_spec import ModelReference

__all__ = ["absence", "is_about_absence"]

_QUICK_SECONDS: Final = 5.0
_NEIGHBOUR_SECONDS: Final = 1.0
_POLL_SECONDS: Final = 0.2
# What is there by then needs no line.
_QUIET_SECONDS: Final = 0.7
_MOST_NAMES: Final = 12
_COMING: Final = ("START", "LOADING")
# TensorFlow Serving's words, which clients have matched for years.
_NO_SERVABLE: Final = "Servable not found"
_NO_LABEL: Final = "Unrecognized servable version label"


def is_about_absence(error: ServingError) -> bool:
    """Whether a server says with this that it does not have what was asked for."""
    if isinstance(error, UnknownSignature):
        return False
    return isinstance(error, NotFound) or _NO_LABEL in error.message


def absence(
    access: ServerAccess, model: ModelReference, error: ServingError, wait: float
) -> Steps[ServingError | None]:
    """Find out why a model is not there, and wait for it if it is being loaded.

    Args:
        access: to the server.
        model: what was asked for.
        error: what the server said.
        wait: seconds to wait for a version that is being loaded.

    Returns:
        the error to raise; None if it is there now.
    """
    line = new_line()
    begun = time.monotonic()
    while True:
        try:
            states = yield from _states(access, model)
        except Unimplemented:  # a proxy may let through what runs models, and nothing else
            return error
        waited = time.monotonic() - begun
        if states is None:
            return (yield from _unknown_model(access, model, error))
        if model.label is not None and _NO_LABEL in error.message:
            return (yield from _unknown_label(access, model, states, error))
        chosen = [one for one in states if model.version in (None, one.version)]
        if any(one.state == "AVAILABLE" for one in chosen):
            line.end(f"{model.name!r} is there after {waited:.0f} s")
            return None if _NO_SERVABLE in error.message else error
        coming = [one for one in chosen if one.state in _COMING]
        if not coming:
            return _gone(model, chosen, states)
        if waited >= wait:
            line.end(f"{model.name!r} is not there after {waited:.0f} s")
            return Unavailable(
                f"model {model.name!r} is not there yet: {_listed(coming)}. That was "
                f"waited for {wait:g} s; predict(…, wait=60) waits longer, and status() "
                "tells how it is"
            )
        if waited > _QUIET_SECONDS:
            line.show(f"waiting for {model.name!r}: {_listed(coming)} … {waited:.0f} s")
        yield Pause(min(_POLL_SECONDS, max(wait - waited, 0.01)))


def _states(access: ServerAccess, model: ModelReference) -> Steps[list[VersionStatus] | None]:
    whole = replace(model, version=None, label=None, signature="")
    try:
        return (yield from ask(access.transport().status(whole, _QUICK_SECONDS)))
    except NotFound:
        return None


def _gone(
    model: ModelReference, chosen: Sequence[VersionStatus], states: Sequence[VersionStatus]
) -> ServingError:
    there = [str(one.version) for one in states if one.state == "AVAILABLE"]
    if model.version is not None and there:
        why = f" ({_listed(chosen)})" if chosen else ""
        return NotFound(
            f"model {model.name!r} has no version {model.version}{why}; there "
            f"{'is' if len(there) == 1 else 'are'} {', '.join(there)}"
        )
    return FailedPrecondition(f"no version of model {model.name!r} answers: {_listed(states)}")


def _unknown_label(
    access: ServerAccess,
    model: ModelReference,
    states: Sequence[VersionStatus],
    error: ServingError,
) -> Steps[ServingError]:
    there = [str(one.version) for one in states if one.state == "AVAILABLE"]
    text = f"model {model.name!r} has no label {model.label!r}"
    models = yield from _models(access)
    labels = next((one.labels for one in models or () if one.name == model.name), None)
    if labels is not None:
        known = ", ".join(f"{label!r} (version {number})" for label, number in labels.items())
        text += f"; its labels are {known}" if known else ": it has none"
    return InvalidArgument(f"{text}; its versions are {', '.join(there)} ({error.message})")


def _unknown_model(
    access: ServerAccess, model: ModelReference, error: ServingError
) -> Steps[ServingError]:
    models = yield from _models(access)
    text = f"{access.address.text} has no model {model.name!r}"
    if models is not None:
        for one in models:
            if one.name == model.name:
                return FailedPrecondition(
                    f"model {one.name!r} has no version yet: {one.waiting_for or 'it waits'}"
                )
        names = [one.name for one in models]
        nearest = get_close_matches(model.name, names, 1)
        shown = ", ".join(map(repr, names[:_MOST_NAMES])) or "none yet"
        text += f"; it has {shown}{' …' if len(names) > _MOST_NAMES else ''}"
        if nearest:
            text += f". Did you mean {nearest[0]!r}?"
    for expression, client in access.neighbours().items():
        if model.name in (yield from _names(client.access)):
            where = expression + key_literal(ModelReference(model.name))
            text += f". Another server here has it: {where}"
    return NotFound(f"{text} ({error.message})")


def _names(access: ServerAccess) -> Steps[list[str]]:
    models = yield from _models(access, _NEIGHBOUR_SECONDS)
    return [one.name for one in models or ()]


def _models(
    access: ServerAccess, timeout: float = _QUICK_SECONDS
) -> Steps[list[ServedModel] | None]:
    if access.rest_address is None:
        return None
    try:
        return (yield from ask(access.rest("its models").models(timeout)))
    except ServingError:  # a TensorFlow Serving has no such list
        return None


def _listed(states: Sequence[VersionStatus]) -> str:
    return ", ".join(map(str, states)) or "it has none"
