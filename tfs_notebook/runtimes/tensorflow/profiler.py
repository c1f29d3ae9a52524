"""Traces of what TensorFlow does in this process, by the profiler in its wheel.

The C API has none. The Python binding of it is a shared object of a quarter of a
megabyte beside the library, and is loaded as that is: ``tensorflow`` is not imported.
It goes by its own full name, so that a later ``import tensorflow`` in the same process
finds it loaded and does not register its classes a second time.
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from tfs_notebook.runtimes.tensorflow.library import load_library
from tfs_notebook.wire.errors import (
    ResourceExhausted,
    ServingError,
    Unavailable,
    Unimplemented,
)
from tfs_notebook.wire.varints import read_varint

__all__ = ["Trace", "has_events"]

_NAME: Final = "tensorflow.python.profiler.internal._pywrap_profiler"
_INSTEAD: Final = (
    "GET /v2/models/NAME/stats has latencies and counts; tf.profiler in a notebook shows "
    "the ops of a model"
)

# Without tensorflow's exceptions a write that fails ends the process. The traces of some
# seconds have some megabytes.
_LEAST_ROOM: Final = 2**30

_loading = threading.Lock()
_loaded: ModuleType | None = None
# TensorFlow has one trace a process, and ends the process if a second one is begun
# through its binding alone.
_tracing = threading.Lock()


class Trace:
    """One trace. :meth:`start` and :meth:`stop` may be called by any threads, each once.

    Args:
        host_level: what of the processor's side to trace, from 0 to 3.
        device_level: 1 for GPUs as well.
    """

    def __init__(self, host_level: int, device_level: int) -> None:
        self._options = {
            "host_tracer_level": host_level,
            "device_tracer_level": device_level,
            # The Python in this process is the server's own.
            "python_tracer_level": 0,
        }
        self._lock = threading.Lock()
        self._session: Any = None
        self._directory: tempfile.TemporaryDirectory[str] | None = None
        self._is_over = False

    def start(self) -> None:
        """Begin, unless it has been stopped before that. Blocks for milliseconds.

        Raises:
            ResourceExhausted: there is no room for it on the disk.
            Unavailable: another trace is under way in this process.
            Unimplemented: there is no profiler in this installation.
        """
        binding = _binding()
        with self._lock:
            if self._is_over:
                return
            if not _tracing.acquire(blocking=False):
                raise Unavailable("Another profiling session is active; try again later")
            try:
                # The binding writes what was traced, and hands out no more than extracts.
                self._directory = tempfile.TemporaryDirectory(prefix="tfs-trace-")
                _check_room(self._directory.name)
                session = binding.ProfilerSession()
                session.start(self._directory.name, self._options)
            except ServingError:
                self._release()
                raise
            except Exception as error:
                # Of the process's own tensorflow, if it has imported that.
                self._release()
                raise Unavailable(f"The trace cannot be begun: {error}") from error
            self._session = session

    def stop(self) -> bytes:
        """End it; blocks while TensorFlow collects what was traced, on a disk for a moment.

        Returns:
            a serialised ``XSpace``; nothing if it was never begun.

        Raises:
            ResourceExhausted: there is no room for it on the disk any more.
        """
        with self._lock:
            self._is_over = True
            session, self._session = self._session, None
            if session is None:
                return b""
            assert self._directory is not None  # noqa: S101 - it is made before a session is
            try:
                _check_room(self._directory.name)
                session.export_to_tb()
                [file] = Path(self._directory.name).glob("plugins/profile/*/*.xplane.pb")
                return file.read_bytes()
            except ResourceExhausted:
                session.stop()
                raise
            finally:
                self._release()

    def _release(self) -> None:
        _tracing.release()
        if self._directory is not None:
            self._directory.cleanup()


def _check_room(directory: str) -> None:
    free = shutil.disk_usage(directory).free
    if free < _LEAST_ROOM:
        raise ResourceExhausted(
            f"A trace is put on the disk for a moment, and {tempfile.gettempdir()} has "
            f"{free / 2**20:.0f} MiB left; at least {_LEAST_ROOM / 2**20:.0f} are needed: make "
            "room, or set TMPDIR"
        )


def _binding() -> ModuleType:
    global _loaded  # noqa: PLW0603 - one a process, as the library
    with _loading:
        if _loaded is None:
            _loaded = sys.modules.get(_NAME) or _load()
        return _loaded


def _load() -> ModuleType:
    try:
        folder = load_library().path.parent / "python" / "profiler" / "internal"
        path = folder / "_pywrap_profiler.so"
        spec = importlib.util.spec_from_file_location(_NAME, path)
        if spec is None or spec.loader is None:
            raise Unimplemented(f"{path} is no module of Python")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    except (ServingError, ImportError) as error:
        raise Unimplemented(f"There is no profiler here: {error}. {_INSTEAD}") from error
    return module


_PLANES, _LINES, _EVENTS = 1, 3, 4


def has_events(xspace: bytes) -> bool:
    """Whether anything was traced, in a serialised ``XSpace``."""
    return any(
        True
        for plane in _messages(memoryview(xspace), _PLANES)
        for line in _messages(plane, _LINES)
        for _ in _messages(line, _EVENTS)
    )


def _messages(data: memoryview, number: int) -> Iterator[memoryview]:
    """The fields of this number, in messages that have varints and lengths alone."""
    position = 0
    while position < len(data):
        tag, position = read_varint(data, position)
        value, position = read_varint(data, position)
        if tag & 7 == 2:
            if tag >> 3 == number:
                yield data[position : position + value]
            position += value
