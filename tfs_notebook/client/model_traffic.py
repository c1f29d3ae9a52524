"""Which versions of a model answer: read, and changed while it is served."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from tfs_notebook.client.server_access import ServerAccess
from tfs_notebook.wire.errors import (
    DeadlineExceeded,
    InvalidArgument,
    NotFound,
    ServingError,
    Unimplemented,
)
from tfs_notebook.wire.model_spec import ModelReference

if TYPE_CHECKING:
    from tfs_notebook.client.traffic_sight import TrafficSight

__all__ = ["ModelTraffic", "RoutedModel"]

# What a server says of an address that it does not have.
_NO_ADDRESS: Final = ("Malformed request", "there is nothing at")
_PAUSE_SECONDS: Final = 0.1


class ModelTraffic:
    """The traffic of one model: weights, copies, rollouts. Any thread may use it.

    Its methods block until the server has answered, and give a
    :class:`~tfs_notebook.client.traffic_sight.TrafficSight` of what holds then::

        traffic = server["spam"].traffic
        traffic.split({"stable": 95, "gray": 5})
        traffic.shadow("gray", share=0.1)
        traffic.rollout(2, steps=[0, 5, 25, 100], min_requests=200, min_seconds=60)
        traffic.look().plot()

    They raise InvalidArgument or NotFound for what cannot be, PermissionDenied where nobody
    may change models by that address, and Unimplemented where a server has no such thing, as
    TensorFlow Serving has not.
    """

    def __init__(self, access: ServerAccess, reference: ModelReference) -> None:
        self._access = access
        self._reference = reference

    def look(self, *, timeout: float | None = None) -> TrafficSight:
        """Ask what holds, and what was counted."""
        from tfs_notebook.client.traffic_sight import (  # noqa: PLC0415 - few look
            traffic_sight,
        )

        return traffic_sight(self._ask("traffic", None, timeout))

    def split(
        self,
        weights: Mapping[int | str, float] | None,
        *,
        label: str | None = None,
        timeout: float | None = None,
    ) -> TrafficSight:
        """Send requests to versions by weights, or no longer.

        Args:
            weights: by version or label; what counts is how they stand to each other. None
                takes them away.
            label: whose requests are meant; by default those without version and label.
            timeout: seconds to wait; by default the client's.
        """
        given: dict[str, Any] = {"split": weights}
        if weights is not None:
            given["split"] = {str(target): weight for target, weight in weights.items()}
        if label is not None:
            given["label"] = label
        return self._changed("traffic", given, timeout)

    def shadow(
        self,
        target: int | str | None,
        *,
        share: float = 1.0,
        rtol: float = 1e-5,
        atol: float = 1e-6,
        examples: int = 5,
        timeout: float | None = None,
    ) -> TrafficSight:
        """Have copies of requests asked of a second version, and its answers compared.

        Args:
            target: a version or label; None ends it.
            share: of the requests, above 0 and at most 1.
            rtol: how far numbers may be apart, relative to the true answer's.
            atol: and beside that, absolutely.
            examples: how many differences are kept to be looked at; 0 keeps nobody's input.
            timeout: as :meth:`split`.
        """
        if target is None:
            return self._changed("traffic", {"shadow": None}, timeout)
        settings = {
            "target": target,
            "share": share,
            "rtol": rtol,
            "atol": atol,
            "examples": examples,
        }
        return self._changed("traffic", {"shadow": settings}, timeout)

    def rollout(
        self,
        candidate: int | str,
        *,
        stable: int | str | None = None,
        label: str | None = None,
        steps: Sequence[float | Mapping[str, float]] | None = None,
        min_requests: int | None = None,
        min_seconds: float | None = None,
        bounds: Mapping[str, float | None] | None = None,
        shadow: Mapping[str, float] | bool = True,
        timeout: float | None = None,
    ) -> TrafficSight:
        """Bring a version in step by step; it is taken back if it is not good enough.

        Args:
            candidate: the version that is to come, or a label of it.
            stable: the one that is there; by default the one before.
            label: whose requests are meant, and which stands for the candidate in the end;
                by default those without version and label.
            steps: percent of the requests, rising to 100, by default 0, 5, 25, 100; the
                first one may be 0, where answers to copies are compared. One may say
                ``min_requests`` and ``min_seconds`` of its own.
            min_requests: that have to have been seen before the next step (100).
            min_seconds: that a step takes at least (60).
            bounds: ``max_error_rate`` (0.01), ``max_latency_ratio`` (2),
                ``latency_slack_ms`` (10), ``max_differing_share`` (0.01); None for none.
            shadow: how copies are compared: ``share``, ``rtol``, ``atol``, ``examples``;
                False for no copies.
            timeout: as :meth:`split`.
        """
        said = {
            "stable": stable,
            "label": label,
            "steps": None if steps is None else list(steps),
            "min_requests": min_requests,
            "min_seconds": min_seconds,
            "bounds": None if bounds is None else dict(bounds),
        }
        given: dict[str, Any] = {key: value for key, value in said.items() if value is not None}
        if shadow is False:
            given["shadow"] = None
        elif shadow is not True:
            given["shadow"] = dict(shadow)
        return self._changed("rollout", {"candidate": candidate, **given}, timeout)

    def pause(self, *, timeout: float | None = None) -> TrafficSight:
        """Let the rollout stay at its step; it falls back all the same."""
        return self._changed("rollout", {"action": "pause"}, timeout)

    def resume(self, *, timeout: float | None = None) -> TrafficSight:
        """Let it go on."""
        return self._changed("rollout", {"action": "resume"}, timeout)

    def promote(self, *, timeout: float | None = None) -> TrafficSight:
        """Send all requests to the candidate now."""
        return self._changed("rollout", {"action": "promote"}, timeout)

    def abort(self, *, timeout: float | None = None) -> TrafficSight:
        """Send all requests to the stable version again."""
        return self._changed("rollout", {"action": "abort"}, timeout)

    def clear(self, *, timeout: float | None = None) -> TrafficSight:
        """Take back whatever was said; requests go to the newest version again."""
        return self._changed("traffic", {"reset": True}, timeout)

    def wait(self, *, seconds: float = 600.0) -> TrafficSight:
        """Wait until the rollout has ended.

        Raises:
            DeadlineExceeded: it is still under way.
        """
        end = time.monotonic() + seconds
        while True:
            sight = self.look()
            if sight.rollout is None or not sight.rollout.is_active:
                return sight
            if time.monotonic() > end:
                raise DeadlineExceeded(f"after {seconds:g} s: {sight.rollout.line()}")
            time.sleep(_PAUSE_SECONDS)

    def __repr__(self) -> str:
        return repr(self.look())

    def _repr_html_(self) -> str:
        return self.look()._repr_html_()

    def _changed(
        self, verb: str, parameters: Mapping[str, Any], timeout: float | None
    ) -> TrafficSight:
        self._ask(verb, parameters, timeout)
        return self.look(timeout=timeout)

    def _ask(
        self, verb: str, parameters: Mapping[str, Any] | None, timeout: float | None
    ) -> Any:  # noqa: ANN401 - any JSON
        seconds = self._access.seconds(timeout)
        transport = self._access.rest("its traffic")
        try:
            return transport.repository(self._reference, verb, parameters, seconds).wait()
        except (NotFound, InvalidArgument) as error:
            raise self._why(error) from None

    def _why(self, error: ServingError) -> ServingError:
        if not any(text in error.message for text in _NO_ADDRESS):
            return error
        return Unimplemented(
            f"{self._access.address.text} has no weights, copies or rollouts, as TensorFlow "
            f"Serving has not; a model server of tfs_notebook does ({error.message})"
        )


class RoutedModel:
    """The part of a :class:`~tfs_notebook.client.model_handle.ModelHandle` about traffic.

    It is that of all versions of the model, whichever one the handle is of.
    """

    _access: ServerAccess
    _reference: ModelReference

    @property
    def traffic(self) -> ModelTraffic:
        """Which versions answer; shown, it asks the server. See :class:`ModelTraffic`."""
        return ModelTraffic(self._access, self._reference)
