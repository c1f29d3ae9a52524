"""What changes a model server, by the Open Inference Protocol: load, unload, labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from tfs_notebook.client.address import parse_address
from tfs_notebook.client.http_door import HttpDoor
from tfs_notebook.client.model_keys import reference_of_key
from tfs_notebook.client.model_list import ServedModel, served_models
from tfs_notebook.wire.errors import Internal

__all__ = ["ModelControl", "ServedModel", "VersionPolicy"]

VersionPolicy = str | Sequence[int]
"""``"latest"``, ``"latest:N"``, ``"all"``, or the version numbers."""

_BATCHING: Final = "/v2/repository/batching"
_QUICK_SECONDS: Final = 10.0
_LONG_SECONDS: Final = 60.0
_WARMUP_RECORDS: Final = 100
_LONGEST_CHANGE_SECONDS: Final = 3600.0
_ANSWER_SECONDS: Final = 5.0


class ModelControl:
    """Changes what one server serves; over its Unix socket, or with a token over TCP.

    Its methods may be called from any thread, block until the server has answered, and
    raise the :class:`~tfs_notebook.wire.errors.ServingError` it answers with.
    """

    def __init__(self, rest_address: str | HttpDoor, token: str | None = None) -> None:
        """Take note of where it is; nothing is sent.

        Args:
            rest_address: see :func:`parse_address`; or the way there, which has its own token.
            token: sent as ``Authorization: Bearer``.
        """
        self._door = (
            rest_address
            if isinstance(rest_address, HttpDoor)
            else HttpDoor(parse_address(rest_address), token)
        )

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

    def pin(self, name: str, versions: Sequence[int] | None = None, *, timeout: float) -> None:
        """Hold a model to these versions, whatever newer ones come; and in memory.

        Those that labels stand for stay too. :meth:`unpin` ends it, and so does
        :meth:`load` with a version policy.

        Args:
            name: of the model.
            versions: by default those that it serves.
            timeout: as :meth:`load`.

        Raises:
            NotFound: there is no such model, or no such version.
            InvalidArgument: it serves nothing, and no version is given.
            ServingError: why a version could not be loaded; the model goes on as it was.
        """
        given = {} if versions is None else {"versions": list(versions)}
        self._change(name, "pin", given, timeout)

    def unpin(self, name: str, *, timeout: float) -> None:
        """Let a model follow the policy that it had before it was pinned.

        Raises:
            NotFound: there is no such model.
            InvalidArgument: it is not pinned; or a label stands for a version that would go.
            ServingError: why a version could not be loaded; the model goes on as it was.
        """
        self._change(name, "unpin", {}, timeout)

    def recording(self, name: str, *, timeout: float = _QUICK_SECONDS) -> Mapping[str, Any]:
        """What of a model's requests is recorded.

        Returns:
            ``sampling_rate``, the ``directory`` on the server's machine, ``filename_prefix``,
            ``files`` (each with ``name``, ``bytes`` and ``modified``, the oldest first), and
            ``records``: how many requests, by what became of them: ``OK`` …

        Raises:
            NotFound: there is no such model.
            InvalidArgument: the server has no ``--request_log_dir``.
        """
        return self._told(self._door.get(_path(name, "recording"), timeout=timeout))

    def set_recording(
        self, name: str, sampling_rate: float, *, timeout: float = _QUICK_SECONDS
    ) -> None:
        """Record this share of a model's answered requests from now on: 0 for none, 1 for all.

        Raises:
            NotFound: there is no such model.
            InvalidArgument: the server has no ``--request_log_dir``, or it is no share.
        """
        self._change(name, "recording", {"sampling_rate": sampling_rate}, timeout)

    def make_warmup(
        self,
        name: str,
        version: int,
        *,
        answered_by: int | None = None,
        records: int = _WARMUP_RECORDS,
        distinct: bool = False,
        replace: bool = False,
        timeout: float = _LONG_SECONDS,
    ) -> Mapping[str, Any]:
        """Write recorded requests beside a version, which is warmed up with them when loaded.

        Args:
            name: of the model.
            version: beside which.
            answered_by: the version whose answered requests are taken; by default the same.
                One that fails keeps the version from being loaded.
            records: how many at most.
            distinct: one request of each signature and shape only.
            replace: whether a file that is there may go.
            timeout: seconds to wait.

        Returns:
            ``path`` on the server's machine, ``records`` and ``bytes``.

        Raises:
            NotFound: there is no such model or version.
            AlreadyExists: there is such a file.
            InvalidArgument: nothing is recorded, or the directory cannot be written to.
        """
        given: dict[str, object] = {
            "version": version,
            "answered_by": answered_by,
            "records": records,
            "distinct": distinct,
            "replace": replace,
        }
        return self._told(self._change(name, "warmup", given, timeout))

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
        return self._told(self._door.get(_path(name, "batching"), timeout=timeout))

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

    def batch_threads(self, *, timeout: float = _QUICK_SECONDS) -> int:
        """How many batches may run at once, of all models together.

        Raises:
            InvalidArgument: requests are not put together.
        """
        answer = self._door.get(_BATCHING, timeout=timeout)
        try:
            return int(answer["parameters"]["num_batch_threads"])
        except (LookupError, TypeError, ValueError):
            raise Internal(f"this tells nothing of batching: {answer!r}") from None

    def set_batch_threads(self, number: int | None, *, timeout: float = _QUICK_SECONDS) -> None:
        """Let so many batches run at once, of all models; None for as many as configured.

        Raises:
            InvalidArgument: it is no such number, or the server has no batching.
        """
        body = {"parameters": {"num_batch_threads": number}}
        self._door.post(_BATCHING, body, timeout=timeout)

    def close(self) -> None:
        """Hang up; idempotent."""
        self._door.close()

    def _change(
        self, name: str, verb: str, parameters: Mapping[str, object], timeout: float
    ) -> Any:  # noqa: ANN401 - any JSON
        seconds = min(timeout, _LONGEST_CHANGE_SECONDS)
        body = {"parameters": {**parameters, "timeout": seconds}}
        # The server's own answer says more than that there was none.
        return self._door.post(_path(name, verb), body, timeout=seconds + _ANSWER_SECONDS)

    def _told(self, answer: Any) -> Mapping[str, Any]:  # noqa: ANN401 - any JSON
        if not isinstance(answer, dict):
            raise Internal(f"this tells nothing of a model: {str(answer)[:100]}")
        return answer


def _path(name: str, verb: str) -> str:
    checked = reference_of_key(name).name
    return f"/v2/repository/models/{quote(checked, safe='')}/{verb}"
