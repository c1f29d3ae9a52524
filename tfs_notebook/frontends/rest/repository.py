"""Models and what is known of them, in the words of the Open Inference Protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tfs_notebook.lifecycle import ManagerState, ServableState
from tfs_notebook.serving.event_log import NumberedEvent
from tfs_notebook.serving.model_config import PLATFORM
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.model_status import ModelStatus
from tfs_notebook.wire.errors import NotFound
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.open_inference import datatype_of
from tfs_notebook.wire.signatures import DEFAULT_SIGNATURE, Signature, TensorSpec

__all__ = [
    "Entry",
    "described_event",
    "index",
    "index_of",
    "is_ready",
    "metadata",
]

Entry = dict[str, Any]
"""What an answer tells of one model, version or change: a JSON object."""

_PLATFORMS: Final = {PLATFORM: "tensorflow_savedmodel"}
_STATES: Final = {
    ManagerState.START: "LOADING",
    ManagerState.LOADING: "LOADING",
    ManagerState.AVAILABLE: "READY",
    ManagerState.UNLOADING: "UNLOADING",
    ManagerState.END: "UNAVAILABLE",
}
_ON_REQUEST: Final = "not in memory; the first request that asks for it loads it"
_NOT_LOADED: Final = "not loaded; it is in the models root, and can be loaded by its name"


# -- the index -------------------------------------------------------------------


def index(server: ModelServer, *, only_ready: bool) -> list[Entry]:
    """Every version of every model, and what of the models root is not loaded. Blocks."""
    models = server.models()
    entries = [entry for model in models for entry in _entries(server, model)]
    if only_ready:
        return [entry for entry in entries if entry["state"] == "READY"]
    configured = {model.settings.name for model in models}
    entries += [
        _entry(name, "", "UNAVAILABLE", _NOT_LOADED, [])
        for name in server.loadable_names()
        if name not in configured
    ]
    return entries


def index_of(server: ModelServer, name: str) -> list[Entry]:
    """The entries of one model; none if it is not configured. Blocks."""
    model = server.model(name)
    return [] if model is None else _entries(server, model)


def _entries(server: ModelServer, model: ModelStatus) -> list[Entry]:
    name = model.settings.name
    if not model.versions:
        waiting = model.waiting_for or "its versions have not been looked for yet"
        return [_entry(name, "", "UNAVAILABLE", waiting, [])]
    entries = []
    for state in model.versions:
        labels = [label for label, v in model.labels.items() if v == state.id.version]
        shown, reason = _state(state, on_request=server.loads_on_request)
        entries.append(_entry(name, str(state.id.version), shown, reason, labels))
    return entries


def _entry(name: str, version: str, state: str, reason: str, labels: list[str]) -> Entry:
    return {
        "name": name,
        "version": version,
        "state": state,
        "reason": reason,
        "labels": labels,
    }


def _state(state: ServableState, *, on_request: bool) -> tuple[str, str]:
    if state.state is ManagerState.START:
        if on_request and state.error is None:
            return "READY", _ON_REQUEST
        if state.error is not None:
            return "UNAVAILABLE", state.error.message
    reason = "" if state.error is None else state.error.message
    if state.state is ManagerState.END and state.error is None:
        reason = "unloaded"
    return _STATES[state.state], reason


# -- one model -------------------------------------------------------------------


def is_ready(server: ModelServer, name: str, version: int | None) -> bool:
    """Whether a model, or this version of it, can answer.

    Raises:
        NotFound: there is no such model, or no such version.
    """
    entries = index_of(server, name)
    if not entries:
        raise NotFound(f"there is no model {name!r}")
    if version is not None:
        entries = [entry for entry in entries if entry["version"] == str(version)]
        if not entries:
            raise NotFound(f"there is no version {version} of model {name!r}")
    return any(entry["state"] == "READY" for entry in entries)


def metadata(server: ModelServer, name: str, version: int | None) -> Entry:
    """What a model takes and gives. Blocks.

    Of a model with several signatures that is the default one, or else the first. Beyond the
    protocol, ``raw_input`` says what ``/predict`` takes for it; it is absent for nothing. The
    platform of what is no SavedModel is what the version was loaded as.

    Raises:
        NotFound: no such model or version is there.
        NotLoaded: it has to be loaded first.
    """
    with server.hold(ModelReference(name, version)) as held:
        signature = _shown_signature(held.signatures)
        status = server.model(name)
        versions = [
            entry["version"]
            for entry in reversed(index_of(server, name))
            if entry["state"] == "READY"
        ]
        platform = PLATFORM if status is None else status.settings.platform
        inputs = signature.inputs.values() if signature else ()
        outputs = signature.outputs.values() if signature else ()
        is_usual = held.kind == "saved_model"
        raw = {} if held.pipeline is None else {"raw_input": held.pipeline.kind}
        return {
            "name": name,
            "versions": versions,
            "platform": _PLATFORMS.get(platform, platform) if is_usual else held.kind,
            "inputs": [_tensor(spec) for spec in inputs],
            "outputs": [_tensor(spec) for spec in outputs],
            **raw,
        }


def _shown_signature(signatures: Mapping[str, Signature]) -> Signature | None:
    if DEFAULT_SIGNATURE in signatures:
        return signatures[DEFAULT_SIGNATURE]
    with_inputs = [signatures[name] for name in sorted(signatures) if signatures[name].inputs]
    return with_inputs[0] if with_inputs else None


def _tensor(spec: TensorSpec) -> Entry:
    return {
        "name": spec.alias,
        "datatype": datatype_of(spec.dtype),
        # The protocol has no word for an unknown rank; this is Triton's.
        "shape": [-1] if spec.shape is None else list(spec.shape),
    }


# -- news ---------------------------------------------------------------


def described_event(event: NumberedEvent) -> Entry:
    """One change of a version's state."""
    state = event.state
    return {
        "seq": event.seq,
        "time": state.time,
        "model": state.id.name,
        "version": str(state.id.version),
        "state": state.state.name,
        "error": None if state.error is None else state.error.status_text,
    }
