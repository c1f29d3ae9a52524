"""From the path of a version to a loader of it: what is loaded, and from where."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Final

from tfs_notebook.config import ServerConfig
from tfs_notebook.lifecycle import (
    Loader,
    LocalCopies,
    RemoteLoader,
    SimpleLoader,
    UrlFileSystem,
    estimate_from_files,
    local_path,
)
from tfs_notebook.serving.served_model import ServedModel, load_served_model
from tfs_notebook.serving.session_config import session_config
from tfs_notebook.wire.errors import FailedPrecondition, ServingError

__all__ = ["ModelLoaders"]

_FLAG: Final = "--remote_cache_dir"


class ModelLoaders:
    """Makes the loaders of a server's models. Any thread may call it.

    A version behind a URL is copied to a private directory before it is loaded;
    the directory comes into being with the first of them.
    """

    def __init__(self, config: ServerConfig) -> None:
        """Read what concerns loading; blocks on the session file.

        Raises:
            InvalidArgument: flags or a file that cannot be used.
        """
        self.file_system = UrlFileSystem()
        self._cache = config.remote_cache_dir
        self._tags = [tag.strip() for tag in config.saved_model_tags.split(",")]
        self._session_config = session_config(config).SerializeToString()
        self._lock = threading.Lock()
        self._copies: LocalCopies | None = None

    def loader(self, path: str) -> Loader[ServedModel]:
        """A loader of the version at this path or URL; blocks if it is the first URL.

        Raises:
            ServingError: there is no place to copy it to; the text names the flag.
        """
        local = local_path(path)
        if local is None:
            return RemoteLoader(path, self._local_copies(), self._local_loader)
        return self._local_loader(local)

    def _local_loader(self, path: str) -> SimpleLoader[ServedModel]:
        return SimpleLoader(
            lambda: load_served_model(path, self._tags, self._session_config),
            destroy=lambda served: served.close(),
            estimate=lambda: estimate_from_files(path),
            origin=path,
        )

    def _local_copies(self) -> LocalCopies:
        with self._lock:
            if self._copies is None:
                # Not before there is a remote model: the others need no such place.
                cache = Path(self._cache) if self._cache else _default_cache()
                try:
                    self._copies = LocalCopies(cache, self.file_system)
                except ServingError as error:
                    raise type(error)(f"{error.message} ({_FLAG})") from error
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
