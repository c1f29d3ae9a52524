"""What the bodies of control requests say; everything in them is checked here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson
from google.protobuf import json_format

from tfs_notebook.serving.model_config import settings_of
from tfs_notebook.serving.model_control import LoadRequest
from tfs_notebook.serving.version_policies import check_version, read_policy
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.messages import POOL, ModelConfig

__all__ = [
    "MAX_CONTROL_BYTES",
    "read_index",
    "read_labels",
    "read_load",
    "read_rollback",
    "read_unload",
]

MAX_CONTROL_BYTES: Final = 1024 * 1024
_LONGEST_SHOWN: Final = 60
_LOAD: Final = ("base_path", "version_policy", "labels", "config", "platform")


def read_index(body: bytes) -> bool:
    """Whether only what is ready is asked for."""
    document = _document(body, ["ready"])
    only_ready = document.get("ready", False)
    if not isinstance(only_ready, bool):
        raise InvalidArgument(f'"ready" is true or false; got {_shown(only_ready)}')
    return only_ready


def read_load(body: bytes, name: str) -> LoadRequest:
    """What to load a model as.

    Raises:
        InvalidArgument: the body cannot be used; the text says what could.
        FailedPrecondition: it names a platform that does not exist.
    """
    given = _parameters(body, _LOAD)
    if "config" in given:
        if others := sorted(given.keys() - {"config"}):
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


def read_unload(body: bytes) -> None:
    """There is nothing to say about it."""
    _parameters(body, ())


def read_labels(body: bytes) -> Mapping[str, int | None]:
    """The labels to change; None for those to take away."""
    given = _parameters(body, ["labels"])
    if "labels" not in given:
        raise InvalidArgument(
            'say which labels to change: {"parameters": {"labels": {"stable": 3, "old": null}}}'
        )
    return _labels(given["labels"])


def read_rollback(body: bytes) -> int | None:
    """The version to go back to, if one is given."""
    given = _parameters(body, ["version"])
    return check_version(given["version"]) if "version" in given else None


def _document(body: bytes, known: Iterable[str]) -> Mapping[str, Any]:
    try:
        document = orjson.loads(body) if body.strip() else {}
    except orjson.JSONDecodeError as error:
        raise InvalidArgument(f"the body is no JSON: {error}") from None
    return _object(document, "the body", known)


def _parameters(body: bytes, known: Iterable[str]) -> Mapping[str, Any]:
    return _object(_document(body, ["parameters"]).get("parameters", {}), '"parameters"', known)


def _object(value: object, what: str, known: Iterable[str]) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InvalidArgument(f"{what} is a JSON object; got {_shown(value)}")
    known = list(known)
    for field in value:
        if field not in known:
            names = ", ".join(known) or "no fields"
            raise InvalidArgument(f"{what} has {names}; got the unknown field {field!r}")
    return value


def _text(given: Mapping[str, Any], field: str) -> str | None:
    value = given.get(field)
    if field in given and not (isinstance(value, str) and value):
        raise InvalidArgument(f'"{field}" is a text; got {_shown(value)}')
    return value


def _labels(value: object) -> Mapping[str, int | None]:
    if not isinstance(value, dict):
        raise InvalidArgument(
            f'"labels" are versions by label, such as {{"stable": 3}}; got {_shown(value)}'
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
        raise InvalidArgument(f'"config" is a ModelConfig as JSON; got {_shown(value)}')
    try:
        config = json_format.ParseDict(value, ModelConfig(), descriptor_pool=POOL)
    except json_format.ParseError as error:
        raise InvalidArgument(f'"config" is a ModelConfig as JSON: {error}') from None
    if config.name not in ("", name):
        raise InvalidArgument(
            f"the path names the model {name!r}, and its config {config.name!r}; name one"
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


def _shown(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
