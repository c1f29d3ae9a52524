"""What the bodies of control requests say; everything in them is checked here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any, Final

import orjson
from google.protobuf import json_format

from tfs_notebook.batching.override import BatchingOverride
from tfs_notebook.serving.model_config import settings_of
from tfs_notebook.serving.model_control import LoadRequest
from tfs_notebook.serving.routing.rollout_documents import RolloutRequest
from tfs_notebook.serving.version_policies import check_version, read_policy
from tfs_notebook.serving.warmup.making import USUAL_RECORDS, WarmUpWanted
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.messages import POOL, ModelConfig
from tfs_notebook.wire.shown_values import shown, shown_text

__all__ = [
    "CONTROL_FIELDS",
    "MAX_CONTROL_BYTES",
    "Parameters",
    "read_batch_threads",
    "read_batching",
    "read_index",
    "read_labels",
    "read_load",
    "read_parameters",
    "read_pin",
    "read_recording",
    "read_rollback",
    "read_timeout",
    "read_warmup",
]

MAX_CONTROL_BYTES: Final = 1024 * 1024
_MOST_SECONDS: Final = 3600.0
_LONGEST_FIELD: Final = 60
# Triton's clients send ``unload_dependents`` whatever it is; no model here has dependents.
CONTROL_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "load": ("base_path", "version_policy", "labels", "config", "platform", "timeout"),
    "unload": ("timeout", "unload_dependents"),
    "labels": ("labels", "timeout"),
    "rollback": ("version", "timeout"),
    "batching": (*(field.name for field in fields(BatchingOverride)), "reset", "timeout"),
    "batch_threads": ("num_batch_threads",),
    "pin": ("versions", "timeout"),
    "unpin": ("timeout",),
    "recording": ("sampling_rate", "timeout"),
    "traffic": ("split", "label", "shadow", "reset", "timeout"),
    "rollout": (
        *(field.name for field in fields(RolloutRequest)),
        "min_requests",
        "min_seconds",
        "action",
        "timeout",
    ),
    "warmup": (*(field.name for field in fields(WarmUpWanted)), "timeout"),
}
# What is looked for here, and said elsewhere: whoever reads it tells where.
_ELSEWHERE: Final[Mapping[str, tuple[str, ...]]] = {
    "batching": ("num_batch_threads", "thread_pool_name")
}

Parameters = Mapping[str, Any]
"""What a request says about the change it asks for; its fields are known ones."""


def read_index(body: bytes) -> bool:
    """Whether only what is ready is asked for.

    Raises:
        InvalidArgument: the body cannot be used; the text says what could.
    """
    document = _document(body, ["ready"])
    only_ready = document.get("ready", False)
    if not isinstance(only_ready, bool):
        raise InvalidArgument(f'"ready" is true or false; got {shown(only_ready)}')
    return only_ready


def read_parameters(body: bytes, verb: str) -> Parameters:
    """The parameters of a change, which is one of the control verbs.

    Raises:
        InvalidArgument: the body cannot be used; the text says what could.
    """
    document = _document(body, ["parameters"])
    return _object(
        document.get("parameters", {}),
        '"parameters"',
        CONTROL_FIELDS[verb],
        _ELSEWHERE.get(verb, ()),
    )


def read_timeout(given: Parameters) -> float | None:
    """How many seconds the change may take; None for as many as the server says.

    Raises:
        InvalidArgument: it is no such number.
    """
    seconds = given.get("timeout")
    if "timeout" not in given:
        return None
    if isinstance(seconds, bool) or not (
        isinstance(seconds, int | float) and 0 <= seconds <= _MOST_SECONDS
    ):
        raise InvalidArgument(
            f'"timeout" is a number of seconds, 0 to {_MOST_SECONDS:g}; got {shown(seconds)}'
        )
    return float(seconds)


def read_load(given: Parameters, name: str) -> LoadRequest:
    """What to load a model as.

    Raises:
        InvalidArgument: that cannot be used; the text says what could.
        FailedPrecondition: it names a platform that does not exist.
    """
    if "config" in given:
        if others := sorted(given.keys() - {"config", "timeout"}):
            raise InvalidArgument(
                f'"config" says everything about a model; leave out {", ".join(others)}, or it'
            )
        return _whole(given["config"], name)
    return LoadRequest(
        base_path=_text(given, "base_path"),
        policy=read_policy(given["version_policy"]) if "version_policy" in given else None,
        labels=_labels(given["labels"]) if "labels" in given else None,
        platform=_text(given, "platform"),
    )


def read_labels(given: Parameters) -> Mapping[str, int | None]:
    """The labels to change; None for those to take away.

    Raises:
        InvalidArgument: there are none, or they cannot be used.
    """
    if "labels" not in given:
        raise InvalidArgument(
            'say which labels to change: {"parameters": {"labels": {"stable": 3, "old": null}}}'
        )
    return _labels(given["labels"])


def read_rollback(given: Parameters) -> int | None:
    """The version to go back to, if one is given.

    Raises:
        InvalidArgument: it is no version.
    """
    return check_version(given["version"]) if "version" in given else None


def read_batching(given: Parameters) -> tuple[Mapping[str, Any], bool]:
    """What to change of a model's batching, and whether to take back first what was said.

    The values are looked at by whoever changes it.

    Raises:
        InvalidArgument: there is nothing to change.
    """
    changes = {name: value for name, value in given.items() if name not in ("reset", "timeout")}
    reset = _yes_or_no(given, "reset")
    if not changes and not reset:
        raise InvalidArgument(
            'say what to change: {"parameters": {"batch_timeout_micros": 2000, '
            '"max_batch_size": null}}, where null takes back what was said of one; or '
            '{"parameters": {"reset": true}} for all of them'
        )
    return changes, reset


def read_batch_threads(given: Parameters) -> Any:  # noqa: ANN401 - looked at by the server
    """How many batches are to run at once; None for as many as the file says.

    Raises:
        InvalidArgument: it does not say.
    """
    if "num_batch_threads" not in given:
        raise InvalidArgument('say how many: {"parameters": {"num_batch_threads": 4}}')
    return given["num_batch_threads"]


def read_pin(given: Parameters) -> frozenset[int] | None:
    """The versions to hold a model to; None for those that it serves.

    Raises:
        InvalidArgument: they are none.
    """
    if "versions" not in given:
        return None
    versions = given["versions"]
    if not isinstance(versions, list) or not versions:
        raise InvalidArgument(
            f'"versions" is a list of versions, such as [3]; got {shown(versions)}'
        )
    return frozenset(map(check_version, versions))


def read_recording(given: Parameters) -> float:
    """The share of requests to record.

    Raises:
        InvalidArgument: it is none.
    """
    rate = given.get("sampling_rate")
    if isinstance(rate, bool) or not (isinstance(rate, int | float) and 0 <= rate <= 1):
        raise InvalidArgument(
            'say which share of the requests to record: {"parameters": {"sampling_rate": '
            f"0.1}}}}, from 0 (none) to 1 (all); got {shown(rate)}"
        )
    return float(rate)


def read_warmup(given: Parameters) -> WarmUpWanted:
    """The warm-up file to make.

    Raises:
        InvalidArgument: that cannot be made out.
    """
    if "version" not in given:
        raise InvalidArgument(
            'say beside which version to write it: {"parameters": {"version": 3}}'
        )
    answered_by = given.get("answered_by")
    records = given.get("records", USUAL_RECORDS)
    if isinstance(records, bool) or not isinstance(records, int):
        raise InvalidArgument(f'"records" is a whole number; got {shown(records)}')
    return WarmUpWanted(
        check_version(given["version"]),
        None if answered_by is None else check_version(answered_by),
        records,
        _yes_or_no(given, "distinct"),
        _yes_or_no(given, "replace"),
    )


def _yes_or_no(given: Parameters, field: str) -> bool:
    value = given.get(field, False)
    if not isinstance(value, bool):
        raise InvalidArgument(f'"{field}" is true or false; got {shown(value)}')
    return value


def _document(body: bytes, known: Iterable[str]) -> Mapping[str, Any]:
    try:
        document = orjson.loads(body) if body.strip() else {}
    except orjson.JSONDecodeError as error:
        raise InvalidArgument(f"the body is no JSON: {error}") from None
    return _object(document, "the body", known)


def _object(
    value: object, what: str, known: Iterable[str], elsewhere: Iterable[str] = ()
) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InvalidArgument(f"{what} is a JSON object; got {shown(value)}")
    known = list(known)
    for field in value:
        if field not in known and field not in elsewhere:
            names = ", ".join(known)
            raise InvalidArgument(
                f"{what} has {names}; got the unknown field {field[:_LONGEST_FIELD]!r}"
            )
    return value


def _text(given: Mapping[str, Any], field: str) -> str | None:
    value = given.get(field)
    if field in given and not (isinstance(value, str) and value):
        raise InvalidArgument(f'"{field}" is a text; got {shown(value)}')
    return value


def _labels(value: object) -> Mapping[str, int | None]:
    if not isinstance(value, dict):
        raise InvalidArgument(
            f'"labels" are versions by label, such as {{"stable": 3}}; got {shown(value)}'
        )
    return {
        label: None if version is None else check_version(version)
        for label, version in value.items()
    }


def _whole(value: object, name: str) -> LoadRequest:
    if isinstance(value, str):
        # Triton's clients send it as a text.
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError as error:
            raise InvalidArgument(f'"config" is no JSON: {error}') from None
    if not isinstance(value, dict):
        raise InvalidArgument(f'"config" is a ModelConfig as JSON; got {shown(value)}')
    try:
        config = json_format.ParseDict(value, ModelConfig(), descriptor_pool=POOL)
    except (json_format.ParseError, RecursionError) as error:
        raise InvalidArgument(
            f'"config" is a ModelConfig as JSON: {shown_text(error)}'
        ) from None
    if config.name not in ("", name):
        raise InvalidArgument(
            f"the path names the model {name!r}, and its config {shown(config.name)}; name one"
        )
    config.name = name
    if not config.model_platform:
        config.model_platform = "tensorflow"
    path = config.base_path
    if not path:
        # It is looked for by its name, or stays where it is.
        config.base_path = "/"
    settings = settings_of(config)
    return LoadRequest(
        path or None,
        settings.policy,
        settings.version_labels,
        settings.platform,
        only_these_labels=True,
    )
