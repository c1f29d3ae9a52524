"""The scratch process: loads one version, warms it up, says how that went, and ends.

It is told what to load in a line of JSON on standard input, which stays open: its end is
that of whoever started this process. It reports in lines of JSON on a pipe of its own.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TextIO

from tfs_notebook.batching.run_watch import RunWatch
from tfs_notebook.config import ServerConfig
from tfs_notebook.lifecycle import ServableId
from tfs_notebook.serving.load_marks import LoadMarks
from tfs_notebook.serving.model_loading import ModelLoaders
from tfs_notebook.serving.version_kinds import VersionKinds
from tfs_notebook.serving.warmup.version_warmup import WarmUp
from tfs_notebook.wire.errors import Code, ServingError

__all__ = ["main"]

_LOADING: Final = "loaded"
_RUNNING: Final = "run"
UN_LOADING: Final = "unloaded"
_NO_RECORDS: Final = Path(os.devnull)
_PR_SET_PDEATHSIG: Final = 1
_STARTER_GONE: Final = 3


def main(report_to: int, starter: int) -> None:
    """Do what standard input says, and report it to this file descriptor.

    Args:
        report_to: the pipe's.
        starter: the process that has started this one.
    """
    _end_with(starter)
    order = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_stdin, name="tfs-stdin", daemon=True).start()
    with os.fdopen(report_to, "w", encoding="utf-8") as report:
        _tell(report, _try(order, report))
    # What still runs is nobody's any more.
    os._exit(0)


def _end_with(starter: int) -> None:
    """Have the system end this process when its starter has ended, however that was."""
    if sys.platform == "linux":
        # Native code that hangs may hold Python's lock, and nothing else helps then.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        with suppress(OSError):
            # If memory runs out it is to be this process that goes.
            Path("/proc/self/oom_score_adj").write_text("1000")
    with suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415 - not everywhere

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if os.getppid() != starter:
        os._exit(_STARTER_GONE)


def _end_with_stdin() -> None:
    while os.read(0, 4096):
        pass
    os._exit(_STARTER_GONE)


def _tell(report: TextIO, what: Mapping[str, object]) -> None:
    report.write(f"{json.dumps(what)}\n")
    report.flush()


def _try(order: Mapping[str, Any], report: TextIO) -> dict[str, object]:
    try:
        _load_and_run(order, report)
    except ServingError as error:
        return {"code": int(error.code), "message": error.message}
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told
        return {"code": int(Code.UNKNOWN), "message": f"{type(error).__name__}: {error}"}
    return {"code": 0}


def _load_and_run(order: Mapping[str, Any], report: TextIO) -> None:
    config = ServerConfig(**order["config"])
    id_ = ServableId(order["name"], order["version"])
    warm_up = WarmUp(config, RunWatch(config.run_limit_seconds))
    loaders = ModelLoaders(config, LoadMarks(None), kinds=VersionKinds(config, None))
    loader = loaders.loader(id_, order["path"], order["platform"])
    _tell(report, {"stage": _LOADING})
    loader.load()
    _tell(report, {"stage": _RUNNING})
    # Zeros, where the version has no requests of its own, or these are not to be run.
    records = Path(order["path"]) if config.enable_model_warmup else _NO_RECORDS
    warm_up.of_version(id_, records, loader.servable).run()
    _tell(report, {"stage": UN_LOADING})
    loader.unload()
