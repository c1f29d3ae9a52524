"""What each verb of ``%tfs`` does with its arguments."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from tfs_notebook.client.control import ModelControl
from tfs_notebook.client.model_handle import ModelHandle
from tfs_notebook.client.traffic_sight import TrafficSight
from tfs_notebook.notebook import serving
from tfs_notebook.notebook.session import SESSION
from tfs_notebook.notebook.status_table import StatusTable
from tfs_notebook.notebook.traffic_verbs import rollout, traffic
from tfs_notebook.notebook.verbs import VERBS, HelpText, overview

__all__ = ["ACTIONS", "Result"]

Result: TypeAlias = ModelHandle | StatusTable | HelpText | TrafficSight
"""Shown by its own representation, and kept by ``x = %tfs …``."""


def _serve(arguments: Namespace, timeout: float) -> Result:
    path: str = arguments.path
    return serving.serve(
        path,
        arguments.name,
        version_policy=arguments.versions,
        labels=dict(arguments.label) if arguments.label else None,
        replace=arguments.replace,
        timeout=timeout,
    )


def _status(arguments: Namespace, _timeout: float) -> Result:
    return serving.status(arguments.name)


def _stop(arguments: Namespace, _timeout: float) -> Result:
    serving.stop(arguments.name)
    return serving.status()


def _load(arguments: Namespace, timeout: float) -> Result:
    return serving.load(arguments.name, version_policy=arguments.versions, timeout=timeout)


def _unload(arguments: Namespace, _timeout: float) -> Result:
    serving.unload(arguments.name)
    return serving.status()


def _rollback(arguments: Namespace, timeout: float) -> Result:
    serving.rollback(arguments.name, arguments.version, timeout=timeout)
    return serving.status(arguments.name)


def _label(arguments: Namespace, _timeout: float) -> Result:
    serving.label(arguments.name, dict(arguments.labels))
    return serving.status(arguments.name)


def _control(name: str) -> ModelControl:
    return SESSION.control(SESSION.server_of(name))


def _pin(arguments: Namespace, timeout: float) -> Result:
    _control(arguments.name).pin(arguments.name, arguments.pinned or None, timeout=timeout)
    return serving.status(arguments.name)


def _unpin(arguments: Namespace, timeout: float) -> Result:
    _control(arguments.name).unpin(arguments.name, timeout=timeout)
    return serving.status(arguments.name)


def _help(arguments: Namespace, _timeout: float) -> Result:
    if arguments.verb is None:
        return overview()
    return HelpText(VERBS[arguments.verb].parser().format_help())


ACTIONS: Final[Mapping[str, Callable[[Namespace, float], Result]]] = {
    "serve": _serve,
    "status": _status,
    "stop": _stop,
    "load": _load,
    "unload": _unload,
    "rollback": _rollback,
    "label": _label,
    "pin": _pin,
    "unpin": _unpin,
    "traffic": traffic,
    "rollout": rollout,
    "help": _help,
}
"""By verb: takes the arguments and the seconds to wait, and blocks."""
