"""``tfs-notebook doctor``: what is wrong with this installation, and what to do about it."""

from __future__ import annotations

import argparse
import json
import shutil
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Final, NoReturn

from tfs_notebook._version import __version__
from tfs_notebook.cli import machine_checks
from tfs_notebook.cli.finding import Finding, error, ok, warn
from tfs_notebook.cli.jupyter_extension import extension_setting
from tfs_notebook.client.address import parse_address
from tfs_notebook.client.http_door import HttpDoor
from tfs_notebook.jupyter.connection_file import Connection, ConnectionFile, connection_files
from tfs_notebook.jupyter.socket_directory import stale_directories
from tfs_notebook.runtimes.tensorflow.library import library_path
from tfs_notebook.wire.errors import ServingError, Unavailable

__all__ = ["doctor"]

_USAGE_ERROR: Final = 2
_PACKAGES: Final = (
    "grpcio", "numpy", "jupyter_server", "jupyterlab", "ipykernel", "ipython", "ai-edge-litert",
)  # fmt: skip
_OPTIONAL: Final = frozenset({"jupyterlab", "ipykernel", "ipython", "ai-edge-litert"})
_BROKEN_IPYKERNEL: Final = "7.0."
_PING_SECONDS: Final = 2.0

_DESCRIPTION: Final = """\
Look at what tfs_notebook needs: versions, the Jupyter extension, running model servers
and what dead ones left, ports, GPU, directories, memory. Nothing is changed unless --fix
is given, and Jupyter is not started.
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _UsageError(message)


class _UsageError(Exception):
    """The arguments cannot be used."""


def doctor(arguments: Sequence[str]) -> int:
    """Run the subcommand: a line for each finding to stdout. Blocks for seconds.

    Returns:
        The exit code: 0, 1 if something is wrong, 2 if the arguments are wrong.
    """
    parser = _Parser(prog="tfs-notebook doctor", description=_DESCRIPTION)
    parser.add_argument("--fix", action="store_true", help="remove what dead servers left")
    parser.add_argument("--json", action="store_true", help="write JSON")
    try:
        options = parser.parse_args(arguments)
    except _UsageError as wrong:
        print(f"tfs-notebook: {wrong}; see tfs-notebook doctor --help", file=sys.stderr)  # noqa: T201
        return _USAGE_ERROR
    findings = list(_findings(fix=options.fix))
    failed = any(finding.level == "error" for finding in findings)
    if options.json:
        document = {"ok": not failed, "findings": [asdict(one) for one in findings]}
        print(json.dumps(document, indent=2))  # noqa: T201 - a command's own output
    else:
        for finding in findings:
            print(finding)  # noqa: T201
    return int(failed)


def _findings(*, fix: bool) -> Iterator[Finding]:
    checks: tuple[Callable[[], Iterator[Finding]], ...] = (
        machine_checks.platform,
        _packages,
        _tensorflow,
        _extension,
        lambda: _connections(fix=fix),
        lambda: _directories(fix=fix),
        machine_checks.ports,
        machine_checks.gpu,
        machine_checks.hub,
        machine_checks.runtime_directory,
        machine_checks.socket_place,
        machine_checks.memory,
        machine_checks.disk,
    )
    for check in checks:
        yield from check()


def _packages() -> Iterator[Finding]:
    yield ok("tfs_notebook", __version__)
    for name in _PACKAGES:
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            if name in _OPTIONAL:
                yield ok(name, "not installed here")
            else:
                yield error(name, "not installed", f"pip install {name}")
            continue
        if name == "ipykernel" and version.startswith(_BROKEN_IPYKERNEL):
            yield warn(
                name,
                f"{version} loses what threads show",
                "pip install 'ipykernel>=7.1'",
            )
        else:
            yield ok(name, version)


def _tensorflow() -> Iterator[Finding]:
    try:
        path = library_path()
    except ServingError as missing:
        yield error("tensorflow", missing.message, "pip install 'tensorflow>=2.21,<2.22'")
        return
    yield ok("tensorflow", f"{_distribution_of(path)}, library {path}")


def _distribution_of(library: Path) -> str:
    """The version of the package that brought the library, which may be ``tensorflow-cpu``."""
    for name in metadata.packages_distributions().get("tensorflow", ()):
        distribution = metadata.distribution(name)
        if Path(str(distribution.locate_file("tensorflow"))) == library.parent:
            version = distribution.version
            return version if name == "tensorflow" else f"{name} {version}"
    return "of unknown version"


def _extension() -> Iterator[Finding]:
    name = "server extension"
    enabled, path = extension_setting("tfs_notebook")
    if enabled:
        yield ok(name, f"enabled in {path}")
    elif path is None:
        yield warn(
            name,
            "not enabled in any of Jupyter's configuration directories (an editable install "
            "does not do that)",
            "jupyter server extension enable tfs_notebook",
        )
    else:
        yield warn(name, f"disabled in {path}", "jupyter server extension enable tfs_notebook")


def _connections(*, fix: bool) -> Iterator[Finding]:
    files = connection_files()
    if not files:
        yield ok("connections", "no Jupyter server has a model server at the moment")
    for file in files:
        yield _connection(file, fix=fix)


def _connection(file: ConnectionFile, *, fix: bool) -> Finding:
    name = "connection"
    if file.state in ("stale", "unreadable"):
        what = "of a Jupyter server that is gone" if file.state == "stale" else "unreadable"
        if fix:
            file.path.unlink(missing_ok=True)
            return ok(name, f"{file.path}: {what}; removed")
        return warn(name, f"{file.path}: {what}", "tfs-notebook doctor --fix removes it")
    if file.state == "silent" or file.connection is None:
        return error(
            name,
            f"{file.path}: Jupyter runs, and its model server takes no connections",
            "wait a moment if it is being restarted; else read its log at tfs/log below "
            "Jupyter's address",
        )
    return _server(file, file.connection)


def _server(file: ConnectionFile, connection: Connection) -> Finding:
    name = "connection"
    door = HttpDoor(parse_address(f"http+unix:{connection.rest_socket}"))
    try:
        models = door.get("/v1/models", timeout=_PING_SECONDS)["models"]
        _ping(connection.grpc_socket)
    except (ServingError, OSError, LookupError, TypeError, ValueError) as broken:
        return error(
            name, f"{file.path}: {broken}", "restart Jupyter; its log at tfs/log says more"
        )
    finally:
        door.close()
    text = (
        f"process {connection.server_pid} of Jupyter {connection.pid} serves {len(models)} "
        f"model(s), REST at {connection.rest_socket}, gRPC at "
        f"{connection.grpc_address or connection.grpc_socket}"
    )
    if connection.version != __version__:
        return warn(
            name,
            f"{text}; it is version {connection.version}, and this is {__version__}",
            "install the same version where Jupyter is and where kernels are",
        )
    return ok(name, text)


def _ping(path: str) -> None:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(_PING_SECONDS)
        try:
            probe.connect(path)
        except OSError as refused:
            raise Unavailable(f"nobody answers gRPC at {path}: {refused.strerror}") from None


def _directories(*, fix: bool) -> Iterator[Finding]:
    for path in stale_directories():
        text = f"{path}: sockets of a process that is gone"
        if fix:
            shutil.rmtree(path, ignore_errors=True)
            yield ok("left behind", f"{text}; removed")
        else:
            yield warn("left behind", text, "tfs-notebook doctor --fix removes it")
