"""Shared libraries with ops of others, which TensorFlow knows from then on."""

from __future__ import annotations

import importlib.util
import logging
import mmap
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from tfs_notebook.runtimes.tensorflow.library import load_library
from tfs_notebook.wire.errors import InvalidArgument, NotFound, ServingError, error_for_code

__all__ = ["find_libraries", "load_custom_ops"]

_log = logging.getLogger(__name__)

_SUFFIX: Final = ".so"
# What Python looks for in its own extension modules, which hold no ops.
_OF_PYTHON: Final = b"PyInit_"

_lock = threading.Lock()
_loaded: set[Path] = set()


def load_custom_ops(names: Iterable[str]) -> None:
    """Load libraries of ops, before any model that needs them. Blocks.

    A library is a program that runs in this process; nothing can take it out again. One
    that is loaded already is left alone.

    Args:
        names: as for :func:`find_libraries`.

    Raises:
        NotFound: as :func:`find_libraries`.
        InvalidArgument: as :func:`find_libraries`.
        ServingError: TensorFlow's own text, as for a library that was built for another
            version of it, with the path.
    """
    for name in names:
        found = list(find_libraries(name))
        for path in found:
            _load(path)
        _log.info("loaded %d libraries of custom ops from %s", len(found), name)


def find_libraries(name: str) -> Iterator[Path]:
    """The libraries that a part of the flag stands for, in order. Blocks on the disk.

    Args:
        name: the path of a file; or of a directory, for all libraries in and below it but
            extension modules of Python; or the name of an installed package, with a path in
            it perhaps: ``tensorflow_text``, ``tensorflow_text/python/ops``.

    Raises:
        NotFound: there is nothing of that name.
        InvalidArgument: there is no library in it.
    """
    place = Path(name)
    if not place.exists():
        place = _in_package(name)
    if place.is_file():
        yield place.resolve()
        return
    found = [path for path in sorted(place.rglob(f"*{_SUFFIX}")) if _may_hold_ops(path)]
    if not found:
        raise InvalidArgument(
            f"--custom_op_libraries: {place} has no library (*{_SUFFIX}) that could hold ops"
        )
    yield from (path.resolve() for path in found)


def _in_package(name: str) -> Path:
    package, _, rest = name.partition("/")
    spec = importlib.util.find_spec(package) if package.isidentifier() else None
    for folder in (spec.submodule_search_locations if spec else None) or ():
        if (place := Path(folder, rest)).exists():
            return place
    raise NotFound(
        f"--custom_op_libraries: there is no file, directory or installed package {name!r}"
    )


def _may_hold_ops(path: Path) -> bool:
    with path.open("rb") as file:
        try:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                return content.find(_OF_PYTHON) < 0
        except ValueError:  # an empty file
            return False


def _load(path: Path) -> None:
    library = load_library()
    with _lock:
        if path in _loaded:
            return
        status = library.NewStatus()
        try:
            # What it gives is never freed: the ops stay as long as the process.
            library.LoadLibrary(str(path).encode(sys.getfilesystemencoding()), status)
            library.check(status)
        except ServingError as error:
            raise error_for_code(
                error.code,
                f"--custom_op_libraries: {path} cannot be loaded: {error.message}. It has to "
                f"be built for TensorFlow {library.version}",
            ) from None
        finally:
            library.DeleteStatus(status)
        _loaded.add(path)
