"""What the doctor looks at outside this package: the machine and its settings."""

from __future__ import annotations

import os
import platform as platform_module
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from jupyter_core.paths import jupyter_runtime_dir

from tfs_notebook.cli.finding import Finding, error, ok, warn
from tfs_notebook.jupyter.socket_directory import LONGEST_PATH, fits, places
from tfs_notebook.runtimes.tensorflow.library import SUPPORTED

__all__ = [
    "disk",
    "gpu",
    "hub",
    "memory",
    "platform",
    "ports",
    "runtime_directory",
    "socket_place",
]

_DEFAULT_PORTS: Final = (("port", 8500), ("rest_api_port", 8501))
_OLDEST: Final = (3, 10)
_GIB: Final = 2**30
# TensorFlow's library alone takes 350 MB.
_LITTLE_MEMORY: Final = _GIB
_LITTLE_DISK: Final = _GIB


def platform() -> Iterator[Finding]:
    """Python and the machine."""
    version = platform_module.python_version()
    machine = f"{platform_module.system()} {platform_module.machine()}"
    if sys.version_info < _OLDEST:
        yield error("python", version, "install Python 3.10 or newer")
    else:
        yield ok("python", f"{version} at {sys.executable}")
    if sys.platform not in ("linux", "darwin"):
        yield error("platform", machine, f"supported are {SUPPORTED}")
    else:
        yield ok("platform", machine)


def ports() -> Iterator[Finding]:
    """Whether the ports of the standalone command are free."""
    for flag, port in _DEFAULT_PORTS:
        with closing(socket.socket()) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as taken:
                yield warn(
                    "port",
                    f"{port} is not free ({taken.strerror}); only the standalone command uses "
                    "it, Jupyter and notebooks do not",
                    f"start that with --{flag}=N",
                )
            else:
                yield ok("port", f"{port} is free")


def gpu() -> Iterator[Finding]:
    """GPUs, by what the driver shows in the file system."""
    devices = sorted(path.name for path in Path("/dev").glob("nvidia[0-9]*"))
    driver = Path("/proc/driver/nvidia/version")
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    chosen = "" if visible is None else f", CUDA_VISIBLE_DEVICES={visible!r}"
    if devices and not driver.is_file():
        yield warn(
            "gpu",
            f"{', '.join(devices)} without a driver ({driver} is not there){chosen}",
            "give the container its driver (--gpus all), or install it; models run on the CPU "
            "until then",
        )
    elif devices:
        yield ok("gpu", f"{', '.join(devices)}{chosen}")
    elif driver.is_file():
        yield warn(
            "gpu",
            f"a driver, but no /dev/nvidia0{chosen}",
            "give the container its devices (--gpus all); models run on the CPU until then",
        )
    else:
        yield ok("gpu", f"none; models run on the CPU{chosen}")


def hub() -> Iterator[Finding]:
    """What a JupyterHub says in the environment."""
    prefix = os.environ.get("JUPYTERHUB_SERVICE_PREFIX")
    if prefix is None:
        yield ok("hub", "no JupyterHub")
    elif not os.environ.get("JUPYTERHUB_API_TOKEN"):
        yield warn(
            "hub",
            f"prefix {prefix}, but no JUPYTERHUB_API_TOKEN",
            "scripts that use the address through the Hub need a token of theirs",
        )
    else:
        yield ok("hub", f"prefix {prefix}: REST is at {prefix.rstrip('/')}/tfs/ there")


def runtime_directory() -> Iterator[Finding]:
    """Where connection files lie."""
    path = Path(jupyter_runtime_dir())
    reason = _why_not_writable(path)
    if reason is None:
        yield ok("runtime directory", str(path))
    else:
        yield error(
            "runtime directory",
            f"{path}: {reason}; kernels cannot find Jupyter's model server",
            "set JUPYTER_RUNTIME_DIR to a directory that you can write to",
        )


def socket_place() -> Iterator[Finding]:
    """Where sockets lie: their paths may not be long."""
    obstacles = []
    for place in places():
        reason = _why_not_writable(place)
        if reason is None and not fits(place):
            reason = f"a socket's path may have {LONGEST_PATH} bytes, and would have more"
        if reason is not None:
            obstacles.append(f"{place}: {reason}")
        elif obstacles:
            advice = "set TMPDIR (or XDG_RUNTIME_DIR) to a short path that you can write to"
            yield warn("sockets", f"{place} is used; not {'; '.join(obstacles)}", advice)
            return
        else:
            yield ok("sockets", f"in {place}")
            return
    yield error(
        "sockets",
        f"there is no place for them: {'; '.join(obstacles)}",
        "set TMPDIR to a short path that you can write to",
    )


def memory() -> Iterator[Finding]:
    """What is left for models."""
    left = _available_memory()
    if left is None:
        yield ok("memory", "not known on this platform")
    elif left < _LITTLE_MEMORY:
        yield warn(
            "memory",
            f"{left / _GIB:.1f} GiB left",
            "TensorFlow's library takes a third of a GiB before any model: close something, "
            "or set --total_model_memory_limit_bytes",
        )
    else:
        yield ok("memory", f"{left / _GIB:.1f} GiB left")


def disk() -> Iterator[Finding]:
    """Room for what is written: copies of remote models, exports."""
    place = tempfile.gettempdir()
    try:
        left = shutil.disk_usage(place).free
    except OSError as unknown:
        yield error("disk", f"{place}: {unknown.strerror}", "set TMPDIR to another directory")
        return
    if left < _LITTLE_DISK:
        yield warn("disk", f"{left / _GIB:.1f} GiB left at {place}", "make room")
    else:
        yield ok("disk", f"{left / _GIB:.1f} GiB left at {place}")


def _why_not_writable(path: Path) -> str | None:
    there = next(parent for parent in (path, *path.parents) if parent.exists())
    if not there.is_dir():
        return f"{there} is no directory"
    if not os.access(there, os.W_OK | os.X_OK):
        return f"this user cannot write to {there}"
    return None


def _available_memory() -> int | None:
    """Bytes that are left, on the machine or in this container, whichever is less."""
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
    except OSError:
        return None
    facts = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines if ":" in line}
    left = facts.get("MemAvailable")
    limits = (
        ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
        (
            "/sys/fs/cgroup/memory/memory.limit_in_bytes",
            "/sys/fs/cgroup/memory/memory.usage_in_bytes",
        ),
    )
    for limit, usage in limits:
        try:
            room = int(Path(limit).read_text("ascii")) - int(Path(usage).read_text("ascii"))
        except (OSError, ValueError):  # no such control group, or "max"
            continue
        left = room if left is None else min(left, room)
    return left
