"""From the path of a version to a loader of it: what is loaded, and from where."""

from __future__ import annotations

import logging
import os
import threading
from functools import partial
from pathlib import Path
from typing import Any, Final

from tfs_notebook.config import ServerConfig
from tfs_notebook.lifecycle import (
    Loader,
    LocalCopies,
    Platform,
    RemoteLoader,
    ServableData,
    ServableId,
    SimpleLoader,
    UrlFileSystem,
    estimate_from_files,
    local_path,
    platforms,
)
from tfs_notebook.runtimes.tensorflow.custom_ops import load_custom_ops
from tfs_notebook.runtimes.tensorflow.graph_safety import OpRules
from tfs_notebook.serving.load_marks import LoadMarks
from tfs_notebook.serving.load_records import LoadRecords, RecordedLoader
from tfs_notebook.serving.loader_wrappers import (
    BatchedLoader,
    MarkedLoader,
    OriginLoader,
    ValidatedLoader,
    WarmedLoader,
)
from tfs_notebook.serving.model_batching import ServerBatching
from tfs_notebook.serving.model_config import PLATFORM
from tfs_notebook.serving.monitoring.monitored_loading import MonitoredLoading
from tfs_notebook.serving.platform_loader import PlatformLoader
from tfs_notebook.serving.saved_model_config import SessionOptions
from tfs_notebook.serving.served_model import ServedModel, load_served_model
from tfs_notebook.serving.validation.validator import Validator
from tfs_notebook.serving.version_kind import VersionKind
from tfs_notebook.serving.version_kinds import VersionKinds
from tfs_notebook.serving.warmup.version_warmup import WarmUp
from tfs_notebook.wire.errors import FailedPrecondition, ServingError, Unknown, error_for_code

__all__ = ["ModelLoaders"]

_log = logging.getLogger(__name__)

_FLAG: Final = "--remote_cache_dir"


class ModelLoaders:
    """Makes the loaders of a server's models. Any thread may call it.

    A version behind a URL is copied to a private directory before it is loaded;
    the directory comes into being with the first of them.
    """

    def __init__(
        self,
        config: ServerConfig,
        marks: LoadMarks,
        batching: ServerBatching | None = None,
        warm_up: WarmUp | None = None,
        monitored: MonitoredLoading | None = None,
        *,
        records: LoadRecords | None = None,
        validator: Validator | None = None,
        kinds: VersionKinds | None = None,
    ) -> None:
        """Read what concerns loading, and load libraries of ops; blocks on these files.

        Args:
            config: the flags.
            marks: of what is being loaded.
            batching: puts the requests of what is loaded together.
            warm_up: runs what is loaded before it is available.
            monitored: hears what is loaded, and how.
            records: keep what is known of what is loaded.
            validator: tries what is to be loaded.
            kinds: load what is no SavedModel; None for nothing else.

        Raises:
            InvalidArgument: flags or a file that cannot be used.
            ServingError: as ``load_custom_ops``.
        """
        if config.custom_op_libraries:
            parts = config.custom_op_libraries.split(",")
            load_custom_ops(name for part in parts if (name := part.strip()))
        self.file_system = UrlFileSystem()
        self._marks = marks
        self._batching = batching
        self._warm_up = warm_up
        self._monitored = monitored
        self._records = LoadRecords() if records is None else records
        self._validator = validator
        self._kinds = kinds
        self._cache = config.remote_cache_dir
        self._tags = [tag.strip() for tag in config.saved_model_tags.split(",")]
        self._session_options = SessionOptions(config)
        self._rules = OpRules.of(config.refuse_unsafe_ops, config.allowed_unsafe_ops)
        self._lock = threading.Lock()
        self._copies: LocalCopies | None = None
        self._plug_ins: dict[str, Platform[Any]] = {}
        self._attempts: dict[ServableId, int] = {}

    def try_again(self, id_: ServableId) -> None:
        """Have a version whose load failed loaded anew, when it is looked for next."""
        with self._lock:
            self._attempts[id_] = self._attempts.get(id_, 0) + 1

    def loadable(
        self, version: ServableData[str], platform: str
    ) -> ServableData[Loader[ServedModel]]:
        """A version with its loader, or with why it has none; blocks as :meth:`loader`."""
        try:
            return ServableData.of(version.id, self.loader(version.id, version.data, platform))
        except ServingError as error:
            return ServableData.failed(version.id, error)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is logged
            # What one model comes to must not keep the others from being looked at.
            _log.exception("%s cannot be loaded", version.id)
            return ServableData.failed(version.id, Unknown(f"{type(error).__name__}: {error}"))

    def loader(
        self, id_: ServableId, path: str, platform: str = PLATFORM
    ) -> Loader[ServedModel]:
        """A loader of the version at this path or URL; blocks if it is the first URL.

        Args:
            id_: name and version.
            path: of the version's directory.
            platform: ``tensorflow``, or the name of a plug-in; blocks on its import.

        Raises:
            ServingError: there is no place to copy it to (the text names the flag), or
                the plug-in cannot be had.
        """

        def local_loader(local: str) -> Loader[ServedModel]:
            # Not with the copying of what is remote, which is harmless.
            loader = self._loader_of(id_, platform, local)
            if self._monitored is not None:
                loader = self._monitored.files(id_, path, local, loader)
            loader = self._warmed(id_, local, self._batched(id_, local, loader))
            loader = MarkedLoader(loader, partial(self._marks.loading, id_, path))
            if self._validator is None:
                return loader
            return ValidatedLoader(loader, partial(self._validate, id_, local, platform))

        local = local_path(path)
        loader = (
            RemoteLoader(path, self._local_copies(), local_loader)
            if local is None
            else local_loader(local)
        )
        loader = RecordedLoader(loader, id_, self._records, partial(self._mlmd_uuid, id_))
        attempt = self._attempts.get(id_)
        # What comes from elsewhere is loaded anew; see Loader.origin.
        return OriginLoader(loader, (loader.origin, attempt)) if attempt else loader

    def _validate(self, id_: ServableId, path: str, platform: str) -> None:
        assert self._validator is not None  # noqa: S101 - for the types
        kind = self._kind(path) if platform == PLATFORM else None
        if kind is VersionKind.ENSEMBLE:
            # It is data, and its members, which run, have been tried themselves.
            return
        if kind is VersionKind.SAVED_MODEL:
            # What can be told without TensorFlow needs no process of its own.
            self._rules.check(Path(path), self._tags)
        self._validator.validate(id_, path, platform)

    def _kind(self, path: str) -> VersionKind:
        return VersionKind.SAVED_MODEL if self._kinds is None else self._kinds.kind(Path(path))

    def _mlmd_uuid(self, id_: ServableId) -> str:
        return "" if self._monitored is None else self._monitored.mlmd_uuid(id_)

    def _loader_of(self, id_: ServableId, platform: str, path: str) -> Loader[ServedModel]:
        if platform != PLATFORM:
            loader = self._plug_in(platform).make_loader(id_, path)
            return PlatformLoader(platform, path, loader)

        kinds = self._kinds

        def load() -> ServedModel:
            other = None if kinds is None else kinds.load(id_, Path(path))
            if other is not None:
                return other
            options = self._session_options.of_version(Path(path))
            return load_served_model(path, self._tags, options, self._rules)

        return SimpleLoader(
            load,
            destroy=lambda served: served.close(),
            estimate=lambda: (kinds.estimate if kinds else estimate_from_files)(path),
            origin=path,
        )

    def _batched(
        self, id_: ServableId, path: str, loader: Loader[ServedModel]
    ) -> Loader[ServedModel]:
        if self._batching is None:
            return loader
        return BatchedLoader(loader, partial(self._batching.of_version, id_, Path(path)))

    def _warmed(
        self, id_: ServableId, path: str, loader: Loader[ServedModel]
    ) -> Loader[ServedModel]:
        if self._warm_up is None:
            return loader
        return WarmedLoader(
            loader,
            partial(self._warm_up.of_version, id_, Path(path)),
            partial(self._warm_up.refuse_while_it_hangs, id_),
        )

    def _plug_in(self, name: str) -> Platform[Any]:
        with self._lock:
            if name not in self._plug_ins:
                self._plug_ins[name] = platforms.make(name)
            return self._plug_ins[name]

    def _local_copies(self) -> LocalCopies:
        with self._lock:
            if self._copies is None:
                # Not before there is a remote model: the others need no such place.
                cache = Path(self._cache) if self._cache else _default_cache()
                try:
                    self._copies = LocalCopies(cache, self.file_system)
                except ServingError as error:
                    text = f"{error.message} ({_FLAG})"
                    raise error_for_code(error.code, text) from error
            return self._copies

    def close(self) -> None:
        """Remove the copies, after every model has been unloaded."""
        with self._lock:
            if self._copies is not None:
                self._copies.close()


def _default_cache() -> Path:
    """The user's own cache.

    Raises:
        FailedPrecondition: the user has none.
    """
    caches = os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(caches) if caches else Path.home() / ".cache") / "tfs_notebook"
    except RuntimeError as error:
        raise FailedPrecondition(
            "Copies of remote models are kept in the user's home, and this user has none. "
            f"Name a directory for them with {_FLAG}"
        ) from error
