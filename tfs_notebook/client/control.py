"""What changes a model server, by the Open Inference Protocol: load, unload, labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from tfs_notebook.client.address import parse_address
from tfs_notebook.client.http_door import HttpDoor
from tfs_notebook.client.model_list import ServedModel, served_models
from tfs_notebook.wire.errors import Internal

__all__ = ["ModelControl", "ServedModel", "VersionPolicy"]

VersionPolicy = str | Sequence[int]
"""``"latest"``, ``"latest:N"``, ``"all"``, or the version numbers."""

_QUICK_SECONDS: Final = 10.0
_LONGEST_CHANGE_SECONDS: Final = 3600.0
_ANSWER_SECONDS: Final = 5.0


class ModelControl:
    """Changes what one server serves; over its Unix socket, or with a token over TCP.

    Its methods may be called from any thread, block until the server has answered, and
    raise the :class:`~tfs_notebook.wire.errors.ServingError` it answers with.
    """

    def __init__(self, rest_address: str, token: str | None = None) -> None:
        """Take note of a REST address (see :func:`parse_address`); nothing is sent."""
        self._door = HttpDoor(parse_address(rest_address), token)

    def models(self, *, timeout: float = _QUICK_SECONDS) -> list[ServedModel]:
        """All models, in the order of the server's configuration."""
        return served_models(self._door.get("/v1/models", timeout=timeout))

    def load(
        self,
        name: str,
        *,
        base_path: str | None = None,
        version_policy: VersionPolicy | None = None,
        labels: Mapping[str, int] | None = None,
        platform: str | None = None,
        timeout: float,
    ) -> None:
        """Serve a model, and return when it does.

        Args:
            name: what to call it; without a base path, a directory of the server's
                models root.
            base_path: absolute, or a URL.
            version_policy: which of its versions; by default the newest.
            labels: version by label.
            platform: what kind of model it is; by default a SavedModel.
            timeout: seconds to wait, at most an hour; the server goes on loading after
                that.

        Raises:
            ServingError: why it could not be loaded.
        """
        given = {
            "base_path": base_path,
            "version_policy": version_policy,
            "labels": labels,
            "platform": platform,
        }
        parameters = {key: value for key, value in given.items() if value is not None}
        self._change(name, "load", parameters, timeout)

    def unload(self, name: str, *, timeout: float = _QUICK_SECONDS) -> None:
        """Serve a model no longer."""
        self._change(name, "unload", {}, timeout)

    def set_labels(
        self, name: str, labels: Mapping[str, int | None], *, timeout: float = _QUICK_SECONDS
    ) -> None:
        """Move labels to versions; None takes one away. Others stay as they are."""
        self._change(name, "labels", {"labels": dict(labels)}, timeout)

    def rollback(self, name: str, version: int | None = None, *, timeout: float) -> None:
        """Serve an earlier version: this one, or the one before the one that serves."""
        self._change(name, "rollback", {} if version is None else {"version": version}, timeout)

    def batching(self, name: str, *, timeout: float = _QUICK_SECONDS) -> Mapping[str, Any]:
        """How a model's requests are put together.

        Returns:
            ``parameters`` in force, what of them is ``overridden``, the
            ``latency_target_micros``, and for each of the ``versions`` the same and what
            the automatic mode has found.

        Raises:
            NotFound: there is no such model.
            InvalidArgument: they are not put together.
        """
        answer = self._door.get(_path(name, "batching"), timeout=timeout)
        if not isinstance(answer, dict):
            raise Internal(f"this tells nothing of batching: {answer!r}")
        return answer

    def set_batching(
        self,
        name: str,
        parameters: Mapping[str, object],
        *,
        reset: bool = False,
        timeout: float = _QUICK_SECONDS,
    ) -> None:
        """Change parameters; None takes back what was said of one. Others stay as they are.

        Args:
            name: of the model.
            parameters: values by the names of ``BatchingParameters``, and
                ``latency_target_micros`` for the automatic mode.
            reset: take back first whatever was said of all of them.
            timeout: seconds to wait.
        """
        given = {**parameters, "reset": True} if reset else parameters
        self._change(name, "batching", given, timeout)

    def close(self) -> None:
        """Hang up; idempotent."""
        self._door.close()

    def _change(
        self, name: str, verb: str, parameters: Mapping[str, object], timeout: float
    ) -> None:
        seconds = min(timeout, _LONGEST_CHANGE_SECONDS)
        body = {"parameters": {**parameters, "timeout": seconds}}
        # The server's own answer says more than that there was none.
        self._door.post(_path(name, verb), body, timeout=seconds + _ANSWER_SECONDS)


def _path(name: str, verb: str) -> str:
    return f"/v2/repository/models/{quote(name, safe='')}/{verb}"
