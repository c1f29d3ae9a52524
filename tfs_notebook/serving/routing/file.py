"""``--traffic_config_file``: what is said of models' traffic at the start."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from tfs_notebook.config import ServerConfig
from tfs_notebook.serving.model_config import ModelSettings
from tfs_notebook.serving.routing.rollout import Plan, begun
from tfs_notebook.serving.routing.rollout_documents import read_rollout_request
from tfs_notebook.serving.routing.settings import NO_TRAFFIC, TrafficSettings
from tfs_notebook.serving.routing.split_documents import read_shadow, read_split
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.shown_values import shown

__all__ = ["with_traffic_file"]

_FIELDS: Final = ("splits", "shadow", "rollout")


def with_traffic_file(
    models: Sequence[ModelSettings], config: ServerConfig
) -> list[ModelSettings]:
    """The models with what the file says of their traffic; blocks on the file.

    What is not there yet is waited for: until then requests go to what is.

    Raises:
        InvalidArgument: the file cannot be used; the text says where.
    """
    path = config.traffic_config_file
    if not path:
        return list(models)
    try:
        document = json.loads(Path(path).read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidArgument(
            f"--traffic_config_file: cannot read {path} as JSON: {error}"
        ) from None
    try:
        traffic = _read(document)
    except InvalidArgument as error:
        raise InvalidArgument(f"--traffic_config_file={path}: {error.message}") from None
    names = [model.name for model in models]
    if unknown := sorted(traffic.keys() - set(names)):
        raise InvalidArgument(
            f"--traffic_config_file={path}: there is no model {unknown[0]!r}; the models are "
            f"{', '.join(names) or 'none'}"
        )
    return [replace(model, traffic=traffic.get(model.name, NO_TRAFFIC)) for model in models]


def _read(document: object) -> dict[str, TrafficSettings]:
    if not isinstance(document, Mapping) or set(document) != {"models"}:
        raise InvalidArgument(
            'it is {"models": {NAME: {"splits": …, "shadow": …, "rollout": …}}}'
        )
    models = document["models"]
    if not isinstance(models, Mapping):
        raise InvalidArgument(f'"models" are objects by name; got {shown(models)}')
    return {str(name): _traffic(str(name), one) for name, one in models.items()}


def _traffic(name: str, value: object) -> TrafficSettings:
    if not isinstance(value, Mapping) or not set(value) <= set(_FIELDS):
        raise InvalidArgument(
            f"model {name!r} has {', '.join(_FIELDS)}, each of which may be left out; got "
            f"{shown(value)}"
        )
    splits = value.get("splits", {})
    if not isinstance(splits, Mapping):
        raise InvalidArgument(
            f'"splits" are weights by the label that is asked for, "" for none; got '
            f"{shown(splits)}"
        )
    shadow = value.get("shadow")
    traffic = TrafficSettings(
        {str(label): read_split(one) for label, one in splits.items()},
        None if shadow is None else read_shadow(shadow),
    )
    return _with_rollout(traffic, value) if "rollout" in value else traffic


def _with_rollout(traffic: TrafficSettings, value: Mapping[str, Any]) -> TrafficSettings:
    request = read_rollout_request(value["rollout"])
    candidate, stable = request.candidate, request.stable
    if not isinstance(candidate, int) or not isinstance(stable, int):
        raise InvalidArgument(
            'in a file "candidate" and "stable" of a rollout are versions: at the start no '
            "label stands for anything yet"
        )
    if candidate == stable:
        raise InvalidArgument(f"a rollout of version {candidate} cannot fall back to itself")
    plan = Plan(candidate, stable, request.label, request.steps, request.bounds)
    return replace(traffic, shadow=None).with_rollout(begun(plan, time.time()), request.shadow)
