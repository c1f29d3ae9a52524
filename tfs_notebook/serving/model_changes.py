"""What a model server offers to those who change its models one by one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from tfs_notebook.serving.batching_control import BatchingControl
from tfs_notebook.serving.batching_status import BatchingStatus
from tfs_notebook.serving.model_control import LoadRequest, ModelControl, Rollback
from tfs_notebook.serving.request_logs.recording import Recording, RecordingControl
from tfs_notebook.serving.routing.control import (
    TrafficControl,
)
from tfs_notebook.serving.routing.rollout import Order
from tfs_notebook.serving.routing.rollout_documents import RolloutRequest
from tfs_notebook.serving.routing.status import (
    TrafficChanges,
    TrafficStatus,
)
from tfs_notebook.serving.warmup.making import WarmUpMade, WarmUpMaker, WarmUpWanted

__all__ = ["ModelChanges"]

_AS_IT_IS: Final = LoadRequest()


class ModelChanges:
    """The part of ``ModelServer`` that changes single models.

    Any thread may call any method; all that change something block.
    """

    _control: ModelControl
    _batching_control: BatchingControl
    _recording_control: RecordingControl
    _warmup_maker: WarmUpMaker
    _traffic_control: TrafficControl

    def __init__(self, change_seconds: float) -> None:
        """Take note of how long a change may take by default."""
        self._change_seconds = change_seconds

    def load(
        self, name: str, request: LoadRequest = _AS_IT_IS, timeout: float | None = None
    ) -> None:
        """Add a model, or change what it is served as, and wait until that has been done.

        Of a model that is there, what the request does not give stays as it is, and
        versions whose load has failed are tried again. Changes of different models
        go on side by side; one of the same model waits for its turn.

        Blocks for at most ``timeout`` seconds (by default ``reload_timeout_seconds``),
        and for the file system.

        Raises:
            InvalidArgument: the request cannot be used.
            NotFound: there is nothing to load where it is to be loaded from.
            FailedPrecondition: a label names a version that is not available; the
                platform does not exist; no base path and no models root.
            DeadlineExceeded: it is still loading. It goes on with that, unless the text
                says that the model keeps what it had.
            Aborted: another change was under way for all that time.
            ServingError: why it cannot be loaded. Whenever this raises, but for
                DeadlineExceeded, a new model is not configured, and one that was
                there goes on as it was; the text says which.
        """
        self._control.load(name, request, self._seconds(timeout))

    def unload(self, name: str, timeout: float | None = None) -> None:
        """Serve a model no longer, and wait until it is out of memory.

        Requests that hold it are answered. Blocks as :meth:`load`.

        Raises:
            NotFound: it is not configured.
            DeadlineExceeded: it takes no more requests, and is still in memory.
            Aborted: as :meth:`load`.
        """
        self._control.unload(name, self._seconds(timeout))

    def set_labels(
        self, name: str, changes: Mapping[str, int | None], timeout: float | None = None
    ) -> None:
        """Let labels stand for versions; None takes a label away, others stay. Blocks.

        Raises:
            NotFound: there is no such model.
            FailedPrecondition: a version is not available; nothing has changed.
            InvalidArgument: what is no label, or no version.
            Aborted: as :meth:`load`.
        """
        self._control.set_labels(name, changes, self._seconds(timeout))

    def rollback(
        self, name: str, version: int | None = None, timeout: float | None = None
    ) -> Rollback:
        """Serve this version from now on, whatever newer ones there are or will be.

        Without a gap: what serves goes when the version has come up. Labels of newer
        versions stand for this one then; labels of older ones stay, and so do these
        versions. Load it with the policy ``Latest()`` to follow the newest again, and
        say in the same request where these labels are to go.

        Args:
            name: of the model.
            version: by default the one before the newest that is available.
            timeout: as :meth:`load`, as which this blocks.

        Returns:
            the version, and the labels that have moved.

        Raises:
            NotFound: there is no such model, or no such version on the disk.
            FailedPrecondition: it serves nothing, and no version is given.
            ServingError: as :meth:`load`; it goes on as it was.
        """
        return self._control.rollback(name, version, self._seconds(timeout))

    def pin(
        self, name: str, versions: Collection[int] | None = None, timeout: float | None = None
    ) -> None:
        """Hold a model to these versions, whatever newer ones there are or will be.

        They are loaded, and so stay those that labels stand for. Where models are loaded on
        request, what is pinned is loaded at once and never evicted. That holds until
        :meth:`unpin`, a :meth:`load` with a policy, or the end of the model; a
        :meth:`rollback` holds it to the version that it goes back to.

        Args:
            name: of the model.
            versions: by default those that it serves.
            timeout: as :meth:`load`, as which this blocks.

        Raises:
            NotFound: there is no such model, or no such version on the disk.
            FailedPrecondition: it serves nothing, and no version is given.
            ServingError: as :meth:`load`; it goes on as it was.
        """
        self._control.pin(name, versions, self._seconds(timeout))

    def unpin(self, name: str, timeout: float | None = None) -> None:
        """Let a model follow the policy that it had before it was pinned. Blocks.

        Raises:
            NotFound: there is no such model.
            FailedPrecondition: it is not pinned; or a label stands for a version that the
                policy does not include.
            ServingError: as :meth:`load`; it goes on as it was.
        """
        self._control.unpin(name, self._seconds(timeout))

    def recording_of(self, name: str) -> Recording:
        """Which of a model's requests are recorded, and where to. Blocks on the directory.

        Raises:
            NotFound: there is no such model.
            FailedPrecondition: the server records none (a flag).
        """
        return self._recording_control.read(name)

    def change_recording(
        self, name: str, sampling_rate: float, timeout: float | None = None
    ) -> None:
        """Record this share of a model's answered requests from now on. Blocks.

        As a ``logging_config`` does, under the name that has or else under the model's own.
        It is kept in the journal, and forgotten when the model is unloaded.

        Args:
            name: of the model.
            sampling_rate: from 0, for none, to 1.
            timeout: as :meth:`load`.

        Raises:
            NotFound: there is no such model.
            FailedPrecondition: as :meth:`recording_of`.
            InvalidArgument: it is no such share.
            Aborted: as :meth:`load`.
        """
        self._recording_control.change(name, sampling_rate, self._seconds(timeout))

    def make_warmup_file(
        self, name: str, wanted: WarmUpWanted, timeout: float | None = None
    ) -> WarmUpMade:
        """Write recorded requests beside a version, which is warmed up with them from then on.

        What is loaded is not warmed up once more. A request that fails keeps the version
        from being loaded, so by default those are taken that it has answered itself. The
        newest files are read, of 64 MiB together. Blocks on the disk.

        Raises:
            NotFound: there is no such model, or no such version on the disk.
            FailedPrecondition: nothing is recorded; the model is not on this machine; or its
                directory cannot be written to.
            AlreadyExists: there is such a file.
            InvalidArgument: a number of requests that cannot be.
            Aborted: another one was being made for all of the timeout.
        """
        return self._warmup_maker.make(name, wanted, self._seconds(timeout))

    def batching_of(self, name: str) -> BatchingStatus:
        """How the requests of a model are put together, version by version.

        Raises:
            NotFound: there is no such model.
            FailedPrecondition: they are not; the text says what to start the server with.
        """
        return self._batching_control.read(name)

    def change_batching(
        self,
        name: str,
        changes: Mapping[str, object],
        *,
        reset: bool = False,
        timeout: float | None = None,
    ) -> None:
        """Change how the requests of a model are put together. Blocks.

        That holds at once, also for requests that wait, and for versions that will be
        loaded; it goes before what files and flags say until it is taken back, or the
        model is unloaded.

        Args:
            name: of the model.
            changes: values by parameter, see ``BatchingOverride``; None takes back what
                was said of one, and others stay.
            reset: take back first whatever was said of all of them.
            timeout: as :meth:`load`.

        Raises:
            NotFound: there is no such model.
            FailedPrecondition: as :meth:`batching_of`.
            InvalidArgument: they cannot be used; nothing has changed.
            Aborted: as :meth:`load`.
        """
        self._batching_control.change(name, changes, self._seconds(timeout), reset=reset)

    @property
    def num_batch_threads(self) -> int:
        """How many batches run at once, of all models together.

        Raises:
            FailedPrecondition: requests are not put together.
        """
        return self._batching_control.threads

    def change_batch_threads(self, number: int | None) -> None:
        """Let so many batches run at once; None for as many as the file says. Blocks.

        Raises:
            FailedPrecondition: requests are not put together.
            InvalidArgument: it is no such number.
            Unavailable: it cannot be written down; nothing has changed.
        """
        self._batching_control.change_threads(number)

    def traffic_of(self, name: str) -> TrafficStatus:
        """Which versions of a model answer, by which weights, and what was seen of them.

        Raises:
            NotFound: there is no such model.
        """
        return self._traffic_control.read(name)

    def change_traffic(
        self, name: str, changes: TrafficChanges, timeout: float | None = None
    ) -> None:
        """Send a model's requests to versions by weights, or copies of them. Blocks.

        That holds at once, for requests that begin from then on. It is kept in the journal,
        stays when the list of models is reloaded, and is forgotten when the model is
        unloaded.

        Raises:
            NotFound: there is no such model.
            FailedPrecondition: a version is not available, a label does not exist, or a
                rollout is under way; nothing has changed.
            Aborted: as :meth:`load`.
        """
        self._traffic_control.change(name, changes, self._seconds(timeout))

    def start_rollout(
        self, name: str, request: RolloutRequest, timeout: float | None = None
    ) -> None:
        """Bring a version in step by step, and fall back if it is not good enough.

        Blocks until that has begun. It takes the place of weights and copies that there
        were.

        Raises:
            NotFound: there is no such model.
            FailedPrecondition: as :meth:`change_traffic`.
            Aborted: as :meth:`load`.
        """
        self._traffic_control.rollouts.begin(name, request, self._seconds(timeout))

    def steer_rollout(self, name: str, order: Order, timeout: float | None = None) -> None:
        """Pause, resume, promote or abort the rollout of a model. Blocks.

        Raises:
            NotFound: there is no such model.
            FailedPrecondition: no rollout is under way, or it cannot do that now.
            Aborted: as :meth:`load`.
        """
        self._traffic_control.rollouts.order(name, order, self._seconds(timeout))

    def _seconds(self, timeout: float | None) -> float:
        return self._change_seconds if timeout is None else timeout
