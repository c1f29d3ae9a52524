"""From the extension's traits to a model server's flags."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from tfs_notebook.config import ServerConfig
from tfs_notebook.jupyter.child_process import ChildProcess
from tfs_notebook.jupyter.log_lines import LogLines
from tfs_notebook.jupyter.recordings import recording_flags
from tfs_notebook.jupyter.run import Run
from tfs_notebook.jupyter.server_thread import ServerThread
from tfs_notebook.jupyter.socket_directory import SocketDirectory
from tfs_notebook.wire.errors import InvalidArgument

# Flags that belong to the extension, and what to set instead.
_OWN_FLAGS: Final = {
    "port": "TfsNotebookApp.grpc_port, which also asks for a token",
    "grpc_token_file": "TfsNotebookApp.grpc_port, which makes a token",
    "grpc_socket_path": "nothing: the sockets are private",
    "rest_api_socket_path": "nothing: the sockets are private",
    "rest_api_max_body_bytes": "TfsNotebookApp.max_body_bytes",
    "shutdown_grace_seconds": "TfsNotebookApp.shutdown_grace_seconds",
    "journal_path": "nothing: Jupyter keeps it",
    "exit_on_stdin_eof": "nothing: the model server ends with Jupyter",
    "models_root": "TfsNotebookApp.models_root",
    "run_limit_seconds": "TfsNotebookApp.run_limit_seconds",
    "enable_batching": "TfsNotebookApp.enable_batching",
    "batching_parameters_file": "TfsNotebookApp.batching_parameters_file",
    "batching_latency_target_micros": "TfsNotebookApp.batching_latency_target_micros",
    "model_config_file": "TfsNotebookApp.model_config_file",
}

__all__ = ["LaunchOptions", "launch", "prepare_flags"]


@dataclass(frozen=True, slots=True)
class LaunchOptions:
    """How a model server of Jupyter is started; the names are those of the traits."""

    models: Mapping[str, str] | Sequence[str] = ()
    model_config_file: str = ""
    models_root: str = ""
    enable_batching: bool = False
    batching_parameters_file: str = ""
    run_limit_seconds: float = 600.0
    batching_latency_target_micros: int = 0
    grpc_port: int = 0
    in_process: bool = False
    max_body_bytes: int = 0
    shutdown_grace_seconds: float = 1.0
    server_flags: Mapping[str, object] = field(default_factory=dict)


def prepare_flags(options: LaunchOptions, directory: SocketDirectory) -> dict[str, object]:
    """The flags, and in the directory the file they name. Blocks.

    Raises:
        InvalidArgument: options that exclude each other, or a flag that is not to be set.
    """
    _check_flags(options.server_flags, in_process=options.in_process)
    flags: dict[str, object] = {
        "port": options.grpc_port,
        "rest_api_port": 0,
        "grpc_socket_path": str(directory.grpc_socket),
        "rest_api_socket_path": str(directory.rest_socket),
        "rest_api_max_body_bytes": options.max_body_bytes,
        "shutdown_grace_seconds": options.shutdown_grace_seconds,
        "run_limit_seconds": options.run_limit_seconds,
        "journal_path": str(directory.journal),
        "model_control": "explicit",
    }
    if options.grpc_port:
        directory.grpc_token.touch(0o600)
        directory.grpc_token.write_text(secrets.token_urlsafe())
        flags["grpc_token_file"] = str(directory.grpc_token)
    if not options.in_process:
        flags["exit_on_stdin_eof"] = True
    if options.models_root:
        flags["models_root"] = _absolute(options.models_root)
    if options.enable_batching:
        flags["enable_batching"] = True
    if options.batching_parameters_file:
        flags["batching_parameters_file"] = _absolute(options.batching_parameters_file)
    if options.batching_latency_target_micros:
        flags["batching_latency_target_micros"] = options.batching_latency_target_micros
    if options.models and options.model_config_file:
        raise InvalidArgument(
            "TfsNotebookApp.models and TfsNotebookApp.model_config_file exclude each other; "
            "put all models into one of them"
        )
    if options.model_config_file:
        flags["model_config_file"] = _absolute(options.model_config_file)
    elif options.models:
        file = directory.path / "models.config"
        file.write_text(_config_text(_named(options.models)), "utf-8")
        flags["model_config_file"] = str(file)
    if "request_log_dir" not in options.server_flags:
        flags.update(recording_flags(directory))
    return {**flags, **options.server_flags}


def _check_flags(flags: Mapping[str, object], *, in_process: bool) -> None:
    known = ServerConfig.class_trait_names(config=True)
    for name in flags:
        if (instead := _OWN_FLAGS.get(name.lstrip("-").replace("-", "_"))) is not None:
            raise InvalidArgument(
                f"TfsNotebookApp.server_flags has {name!r}, which is the extension's own; set "
                f"{instead}"
            )
        # The command says so itself, and knows some that have no effect.
        if in_process and name not in known:
            nearest = "".join(get_close_matches(name, known, 1))
            raise InvalidArgument(
                f"TfsNotebookApp.server_flags has {name!r}, which is no flag of the "
                "model server" + (f". Did you mean {nearest!r}?" if nearest else "")
            )


def launch(
    options: LaunchOptions,
    flags: Mapping[str, object],
    directory: SocketDirectory,
    lines: LogLines,
) -> Run:
    """A run of the model server that has not started."""
    if options.in_process:
        return ServerThread(flags, lines)
    return ChildProcess(flags, directory.path, lines)


def _named(models: Mapping[str, str] | Sequence[str]) -> dict[str, str]:
    if isinstance(models, Mapping):
        return dict(models)
    named = {Path(path).name: path for path in models}
    if len(named) < len(models) or "" in named:
        raise InvalidArgument(
            f"TfsNotebookApp.models names models after the last part of their paths, and "
            f"{list(models)} gives not each of them a name of its own; use a dictionary from "
            "name to path"
        )
    return named


def _config_text(models: Mapping[str, str]) -> str:
    entries = (
        f"  config {{ name: {_quoted(name)} base_path: {_quoted(_absolute(path))} "
        'model_platform: "tensorflow" }\n'
        for name, path in models.items()
    )
    return f"model_config_list {{\n{''.join(entries)}}}\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _absolute(path: str) -> str:
    # Path.expanduser raises where there is no such user.
    return path if "://" in path else str(Path(os.path.expanduser(path)).absolute())  # noqa: PTH111
