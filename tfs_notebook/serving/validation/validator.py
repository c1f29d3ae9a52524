"""Tries versions in scratch processes: one that crashes or hangs ends no more than that."""

from __future__ import annotations

import json
import logging
import os
import re
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import psutil

from tfs_notebook.config import ServerConfig
from tfs_notebook.lifecycle import ServableId
from tfs_notebook.wire.errors import (
    Cancelled,
    DeadlineExceeded,
    FailedPrecondition,
    ResourceExhausted,
    ServingError,
    Unknown,
    error_for_code,
)

__all__ = ["Validator"]

_log = logging.getLogger(__name__)

# Where this package lies.
_ROOT: Final = str(Path(__file__).parents[3])
# With what this process imports from, and nothing from where it happens to be.
_COMMAND: Final = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]); "
    "from tfs_notebook.serving.validation.scratch_process import main; "
    "main(int(sys.argv[2]), int(sys.argv[3]))"
)
_LOOK_SECONDS: Final = 0.05
_EXIT_SECONDS: Final = 10.0
_CHUNK: Final = 65536
_MOST_WORDS: Final = 32_768
_SHOWN_LINES: Final = 3
_SHOWN_CHARACTERS: Final = 600
# What TensorFlow says of any machine while it is being loaded, and where it was at its end.
_NOTICE: Final = re.compile(
    r"I0000 |WARNING: All log messages before|E0000 .*cuInit| *@ +0x|\*\*\* Check failure stack"
)
_MOST_AT_ONCE: Final = 4
# Named by a path that may be relative to where this process is.
_PATHS: Final = ("_file", "_path", "_dir", "_root")
# Not the scratch process's business, or not to be shared with it.
_LEFT_OUT: Final = frozenset(
    {
        "validate_in_subprocess", "journal_path", "request_log_dir", "lazy_loading",
        "enable_automatic_warmup", "automatic_warmup_seconds", "model_config_file",
    }
)  # fmt: skip


class Validator:
    """Loads, warms up and runs versions in processes that end with it. Any thread may call it.

    A scratch process has no socket and no file of this one, and writes none; it is a
    session of its own, and ends at the latest when this process does.

    Args:
        config: the flags.
    """

    def __init__(self, config: ServerConfig) -> None:
        self._config = _told(config)
        self._seconds = config.validation_timeout_seconds
        self._most_bytes = config.validation_memory_limit_bytes
        self._turns = threading.BoundedSemaphore(min(_MOST_AT_ONCE, os.cpu_count() or 1))
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._ending = False

    def validate(self, id_: ServableId, path: str, platform: str) -> None:
        """Try a version; blocks until that is known, at most for the time of the flag.

        Args:
            id_: of the version.
            path: of its directory, on this machine.
            platform: as for its loader.

        Raises:
            FailedPrecondition: it has ended the scratch process.
            DeadlineExceeded: it has not come to an end.
            ResourceExhausted: it has taken too much memory.
            Cancelled: the server is shutting down.
            ServingError: what the load, or its warm-up, has failed with.
        """
        order = {
            "name": id_.name,
            "version": id_.version,
            "path": str(Path(path).absolute()),
            "platform": platform,
            "config": self._config,
        }
        with self._turns:
            started = time.monotonic()
            trial = self._begin(id_, order)
            try:
                trial.watch(self._seconds, self._most_bytes)
            finally:
                trial.close()
                with self._lock:
                    self._running.discard(trial.process)
                    ending = self._ending
            if ending:
                raise Cancelled("the server is shutting down")
            trial.judge(self._seconds, self._most_bytes)
        seconds = time.monotonic() - started
        _log.info("%s was validated in a scratch process in %.3f s", id_, seconds)

    def end(self) -> None:
        """End all scratch processes, and start none any more."""
        with self._lock:
            self._ending = True
            for process in self._running:
                _kill(process)

    def _begin(self, id_: ServableId, order: Mapping[str, object]) -> _Trial:
        with self._lock:
            if self._ending:
                raise Cancelled("the server is shutting down")
            trial = _Trial(id_)
            self._running.add(trial.process)
        trial.tell(order)
        return trial


class _Trial:
    """One scratch process. Belongs to one thread.

    Attributes:
        process: it.
    """

    def __init__(self, id_: ServableId) -> None:
        self._id = id_
        self._report, report = os.pipe()
        path = [entry for entry in sys.path if entry]
        path += [] if _ROOT in path else [_ROOT]
        try:
            self.process = subprocess.Popen(  # noqa: S603 - our own command
                [
                    sys.executable,
                    "-c",
                    _COMMAND,
                    json.dumps(path),
                    str(report),
                    str(os.getpid()),
                ],
                cwd="/",
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=(report,),
                start_new_session=True,
            )
        except OSError as error:
            os.close(self._report)
            raise FailedPrecondition(
                f"{id_} cannot be validated in a scratch process: {error}"
            ) from error
        finally:
            os.close(report)
        self._told = b""
        self._words = b""
        self._is_silent = False
        self._was_late = False
        self._was_large = 0

    def tell(self, order: Mapping[str, object]) -> None:
        """Say what to load. The pipe stays open: its end would be that of the process."""
        assert self.process.stdin is not None  # noqa: S101 - for the types
        with suppress(OSError):
            self.process.stdin.write(f"{json.dumps(order)}\n".encode())
            self.process.stdin.flush()

    def watch(self, seconds: float, most_bytes: int) -> None:
        """Hear it out; end it when it takes too long or too much."""
        assert self.process.stdout is not None  # noqa: S101 - for the types
        end = time.monotonic() + seconds if seconds else None
        words = self.process.stdout.fileno()
        with selectors.DefaultSelector() as selector:
            for pipe in (self._report, words):
                selector.register(pipe, selectors.EVENT_READ)
            while self._report in selector.get_map():
                left = None if end is None else end - time.monotonic()
                if left is not None and left <= 0:
                    self._was_late = True
                    break
                if most_bytes and (size := _size(self.process)) > most_bytes:
                    self._was_large = size
                    break
                pause = _LOOK_SECONDS if most_bytes else left
                for key, _ in selector.select(pause):
                    if not (chunk := os.read(key.fd, _CHUNK)):
                        selector.unregister(key.fd)
                        self._is_silent = self._is_silent or key.fd == self._report
                    elif key.fd == words:
                        self._words = (self._words + chunk)[-_MOST_WORDS:]
                    else:
                        self._told = (self._told + chunk)[-_MOST_WORDS:]

    def close(self) -> None:
        """End it, if it has not ended, and free all that it had of this process."""
        process = self.process
        if not self._is_silent:
            _kill(process)
        try:
            process.wait(_EXIT_SECONDS)
        except subprocess.TimeoutExpired:
            _kill(process)
            process.wait()
        os.close(self._report)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def judge(self, seconds: float, most_bytes: int) -> None:
        """Nothing if it went well; otherwise raise why not, as :meth:`Validator.validate`."""
        last = self._last_report()
        code = last.get("code")
        if code == 0:
            return
        if isinstance(code, int):
            raise error_for_code(code, str(last.get("message", "")))
        stage = last.get("stage")
        doing = f"while it was {stage}" if stage else "before it was loaded"
        raise self._failure(doing, seconds, most_bytes)

    def _last_report(self) -> dict[str, Any]:
        # The process may have ended in the middle of a line, or be somebody else's by now.
        for line in reversed(self._told.split(b"\n")[:-1]):
            try:
                report = json.loads(line)
            except ValueError:
                continue
            if isinstance(report, dict):
                return report
        return {}

    def _failure(self, doing: str, seconds: float, most_bytes: int) -> ServingError:
        place = "in the scratch process that tries it first (--validate_in_subprocess)"
        if self._was_late:
            return DeadlineExceeded(
                f"{self._id} did not come to an end within {seconds:g} s {doing}, {place}. If "
                "it only is slow, raise --validation_timeout_seconds"
            )
        if self._was_large:
            return ResourceExhausted(
                f"{self._id} took {self._was_large} bytes of memory {doing}, {place}; "
                f"{most_bytes} are allowed (--validation_memory_limit_bytes)"
            )
        how = _how_ended(self.process.returncode)
        words = self._last_words()
        text = f"{self._id} {how} {doing}, {place}; it is not loaded{words}"
        # Its code is sound if it could not even begin: then the installation is at fault.
        return FailedPrecondition(text) if self._told else Unknown(text)

    def _last_words(self) -> str:
        lines = self._words.decode("utf-8", "replace").splitlines()
        said = [line.strip() for line in lines if line.strip() and not _NOTICE.match(line)][
            -_SHOWN_LINES:
        ]
        return f". It said last: {' | '.join(said)[-_SHOWN_CHARACTERS:]}" if said else ""


def _told(config: ServerConfig) -> dict[str, object]:
    """The flags that differ from their defaults, as the scratch process is to have them."""
    told: dict[str, object] = {
        # A run of zeros that hangs is what the time limit is for.
        "automatic_warmup_seconds": config.validation_timeout_seconds or 3600.0,
    }
    defaults = ServerConfig()
    for name in config.trait_names(config=True):
        value = getattr(config, name)
        if name in _LEFT_OUT or value == getattr(defaults, name):
            continue
        if name.endswith(_PATHS) and value and "://" not in str(value):
            value = str(Path(str(value)).absolute())
        told[name] = value
    if libraries := told.get("custom_op_libraries"):
        told["custom_op_libraries"] = ",".join(map(_placed, str(libraries).split(",")))
    return told


def _placed(name: str) -> str:
    """A library or directory, wherever it is named from; packages by their names."""
    place = Path(name.strip())
    return str(place.absolute()) if name.strip() and place.exists() else name


def _size(process: subprocess.Popen[bytes]) -> int:
    try:
        return int(psutil.Process(process.pid).memory_info().rss)
    except psutil.Error:
        return 0


def _kill(process: subprocess.Popen[bytes]) -> None:
    # Not its group: it has no children.
    with suppress(ProcessLookupError):
        process.kill()


def _how_ended(code: int) -> str:
    if code >= 0:
        return f"ended the process with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    of_memory = ", perhaps for lack of memory," if name == "SIGKILL" else ""
    return f"ended the process by {name}{of_memory}"
