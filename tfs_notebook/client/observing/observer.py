"""Looks at a server: all of it with one request, where it is one of tfs_notebook."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Final

from tfs_notebook.client.calls import Pending
from tfs_notebook.client.client import Client
from tfs_notebook.client.http_transport import HttpTransport
from tfs_notebook.client.observing.metrics_page import PageCounts, page_counts
from tfs_notebook.client.observing.observation import (
    ModelObservation,
    Observation,
    VersionObservation,
)
from tfs_notebook.client.observing.overview_document import observation_of
from tfs_notebook.client.transport import VersionStatus
from tfs_notebook.wire.errors import (
    Code,
    DeadlineExceeded,
    InvalidArgument,
    NotFound,
    ServingError,
    Unavailable,
    Unimplemented,
)
from tfs_notebook.wire.model_spec import ModelReference

__all__ = ["UNTOLD", "Observer", "observe"]

_SECONDS: Final = 5.0
_PAGE: Final = "/monitoring/prometheus/metrics"
# Somebody may put another server there; to ask each time would cost one more request.
_ASK_AGAIN_SECONDS: Final = 30.0
_NO_SERVER: Final = (
    "a server that is none of tfs_notebook tells neither of its process nor how its models "
    "came to be as they are"
)
_NO_REST: Final = (
    "what is counted is told over REST; give the server's REST address too: "
    "connect(address, rest_address=…)"
)
_NO_LIST: Final = "this server does not list its models; name those to look at"
_SOME_LISTED: Final = f"{_NO_LIST}: its page of metrics names those that were asked for"
UNTOLD: Final = (_NO_SERVER, _NO_REST, _NO_LIST, _SOME_LISTED)
"""What :attr:`Observation.untold` says; of a page that is not there it says more."""


class Observer:
    """Looks at one server again and again. Not for several threads at once.

    ::

        observer = Observer(client)
        observer.observe().models

    A server of tfs_notebook is asked for one document. Of another one, TensorFlow Serving
    say, come the states of some models, and where it has a page for Prometheus, what is
    counted there.
    """

    def __init__(
        self, client: Client, models: Iterable[str] = (), *, metrics_path: str = _PAGE
    ) -> None:
        """Prepare; nothing is sent.

        Args:
            client: of the server; who made it closes it.
            models: those to look at where the server cannot list them; those that its page of
                metrics names are looked at, too.
            metrics_path: of that page.
        """
        self._client = client
        self._models = tuple(models)
        self._metrics_path = metrics_path
        self._other_until: float | None = None

    def observe(self, timeout: float = _SECONDS) -> Observation:
        """The server as it is now; blocks for as many seconds at most, and a moment.

        Raises:
            Unavailable: no server answers.
            DeadlineExceeded: no answer in time.
            ServingError: what else the server says.
        """
        end = time.monotonic() + timeout
        if self._may_have_overview():
            try:
                return self._overview(end)
            except (NotFound, InvalidArgument, Unimplemented):
                self._other_until = time.monotonic() + _ASK_AGAIN_SECONDS
        return self._of_other(end)

    def _may_have_overview(self) -> bool:
        if self._client.access.rest_address is None:
            return False
        return self._other_until is None or time.monotonic() >= self._other_until

    def _overview(self, end: float) -> Observation:
        rest = self._client.access.rest("an overview")
        document = rest.overview(_left(end)).wait()
        received = time.monotonic()
        self._other_until = None
        return observation_of(document, received)

    # -- another server ----------------------------------------------------------

    def _of_other(self, end: float) -> Observation:
        untold = {"server": _NO_SERVER}
        page: PageCounts | None = None
        if self._client.access.rest_address is None:
            untold["counts"] = _NO_REST
        else:
            try:
                page = self._page(self._client.access.rest("metrics"), end)
            except ServingError as error:
                if not self._models and isinstance(error, Unavailable | DeadlineExceeded):
                    raise  # nothing else would tell that no server is there
                untold["counts"] = (
                    f"it has no page of metrics at {self._metrics_path} (TensorFlow Serving "
                    f"has one with --monitoring_config_file): {error.message}"
                )
        names = tuple(dict.fromkeys([*self._models, *(page.models if page else ())]))
        if not self._models:
            untold["models"] = _SOME_LISTED if names else _NO_LIST
        models = self._states(names, page, end)
        return Observation(
            "other",
            time.time(),
            time.monotonic(),
            models,
            batches=None if page is None else page.batches,
            untold=untold,
        )

    def _page(self, rest: HttpTransport, end: float) -> PageCounts:
        return page_counts(rest.metrics_page(self._metrics_path, _left(end)).wait())

    def _states(
        self, names: Sequence[str], page: PageCounts | None, end: float
    ) -> tuple[ModelObservation, ...]:
        transport = self._client.access.transport()
        asked: list[tuple[str, Pending[list[VersionStatus]]]] = [
            (name, transport.status(ModelReference(name), _left(end)).start()) for name in names
        ]
        try:
            return tuple(_model(name, pending, page) for name, pending in asked)
        finally:
            for _, pending in asked:
                pending.cancel()


def _model(
    name: str, pending: Pending[list[VersionStatus]], page: PageCounts | None
) -> ModelObservation:
    waiting_for = None
    try:
        versions = tuple(map(_version, pending.wait()))
    except NotFound as error:
        versions, waiting_for = (), error.message
    counts = None
    if page is not None:
        counts = (page.models[name],) if name in page.models else ()
    return ModelObservation(name, versions, counts, waiting_for=waiting_for)


def _version(status: VersionStatus) -> VersionObservation:
    error = f"{Code(status.code).name}: {status.error}" if status.code else None
    return VersionObservation(status.version, status.state, error, None, None, None)


def _left(end: float) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise DeadlineExceeded("the server could not be looked at in time")
    return left


def observe(
    client: Client,
    models: Iterable[str] = (),
    *,
    timeout: float = _SECONDS,
    metrics_path: str = _PAGE,
) -> Observation:
    """Look at a server once; see :class:`Observer`, which is for looking again and again."""
    return Observer(client, models, metrics_path=metrics_path).observe(timeout)
