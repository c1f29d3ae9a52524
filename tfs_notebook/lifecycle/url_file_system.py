"""Base paths that are URLs, read with ``fsspec``."""

from __future__ import annotations

import errno
import functools
import importlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, BinaryIO, Final, ParamSpec, TypeVar, cast

from tfs_notebook.lifecycle.file_system import FileEntry, LocalFileSystem

__all__ = ["UrlFileSystem", "is_url", "local_path"]

P = ParamSpec("P")
R = TypeVar("R")

_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_LOCAL_SCHEMES: Final = frozenset({"file", "local"})


def is_url(path: str) -> bool:
    """Whether a path has a scheme, ``file://`` too. Pure."""
    return _SCHEME.match(path) is not None


def local_path(path: str) -> str | None:
    """The path on this machine that a base or version path stands for. Pure.

    Returns:
        The path, without ``file://`` if it had that; None for a URL that
        leads elsewhere.
    """
    match = _SCHEME.match(path)
    if match is None:
        return path
    return path[match.end() :] if match[1].lower() in _LOCAL_SCHEMES else None


def _as_os_errors(function: Callable[P, R]) -> Callable[P, R]:
    """Whatever a package for a store raises, sources know ``OSError`` only."""

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except OSError:
            raise
        except ModuleNotFoundError as exc:
            missing = f"{exc}; URLs need fsspec: pip install 'tfs_notebook[remote]'"
            raise OSError(errno.ENOSYS, missing) from exc
        except Exception as exc:
            raise OSError(errno.EIO, f"{type(exc).__name__}: {exc}") from exc

    return call


class UrlFileSystem:
    """Local paths, and URLs of whatever store ``fsspec`` knows; a ``FileTree``.

    ``s3://``, ``gs://`` and others need the package that ``fsspec`` names for
    them; ``memory://`` and ``file://`` come with it. ``fsspec`` itself is
    imported with the first URL; what a store needs to be told it reads from its
    own configuration (``FSSPEC_S3_ANON=true``, ``~/.config/fsspec``). Listings
    are always fresh. Any thread may call any method; each blocks as long as the
    store does.
    """

    def __init__(self) -> None:
        self._local = LocalFileSystem()

    def children(self, path: str) -> Sequence[str]:
        """See ``FileSystem.children``."""
        local = local_path(path)
        return self._local.children(local) if local is not None else self._children(path)

    def files(self, path: str) -> Iterator[FileEntry]:
        """See ``FileTree.files``."""
        local = local_path(path)
        return self._local.files(local) if local is not None else iter(self._files(path))

    def open(self, path: str, entry: FileEntry) -> AbstractContextManager[BinaryIO]:
        """See ``FileTree.open``."""
        local = local_path(path)
        return self._local.open(local, entry) if local is not None else self._open(path, entry)

    @_as_os_errors
    def _children(self, url: str) -> Sequence[str]:
        store, root = self._store(url)
        # Stores without directories list "1/x/y" where they have no "1".
        listed = (_below(root, name) for name in store.ls(root, detail=False))
        names = dict.fromkeys(name.split("/")[0] for name in listed if name)
        if not names and store.isfile(root):
            raise NotADirectoryError(errno.ENOTDIR, "Not a directory", url)
        return tuple(names)

    @_as_os_errors
    def _files(self, url: str) -> Sequence[FileEntry]:
        store, root = self._store(url)
        found: Mapping[str, Mapping[str, Any]] = store.find(root, detail=True)
        if not found and not store.exists(root):
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", url)
        entries = []
        for name, facts in found.items():
            # A name that ends so stands for a directory, in stores that have none.
            if facts.get("type") == "directory" or name.endswith("/"):
                continue
            size = facts.get("size")
            if size is None:
                raise OSError(errno.EIO, f"The store does not tell the size of {name}")
            entries.append(FileEntry(_below(root, name), int(size)))
        return entries

    @_as_os_errors
    def _open(self, url: str, entry: FileEntry) -> AbstractContextManager[BinaryIO]:
        store, root = self._store(url)
        name = f"{root.rstrip('/')}/{entry.path}" if entry.path else root
        return cast("AbstractContextManager[BinaryIO]", store.open(name, "rb"))

    def _store(self, url: str) -> tuple[Any, str]:
        store, root = importlib.import_module("fsspec.core").url_to_fs(url)
        # An older listing would hide a version that has come since.
        store.invalidate_cache(root)
        return store, str(root)


def _below(root: str, name: str) -> str:
    """The name relative to the root; empty for the root itself, or what is not in it."""
    prefix = root.rstrip("/") + "/"
    return name.removeprefix(prefix) if name.startswith(prefix) else ""
