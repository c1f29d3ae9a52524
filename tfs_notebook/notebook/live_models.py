"""Live models, as versions that belong to the model server which serves them."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Protocol, TypeGuard

from tfs_notebook.client.control import ModelControl, ServedModel
from tfs_notebook.exporting.base_path import versions_in
from tfs_notebook.exporting.frameworks import is_keras_model, is_module
from tfs_notebook.exporting.record import ExportedVersion
from tfs_notebook.exporting.version import ExportOptions, export_version
from tfs_notebook.notebook.progress import StepLine
from tfs_notebook.notebook.session import RunningServer
from tfs_notebook.wire.errors import ResourceExhausted, ServingError, error_for_code

__all__ = ["LiveModel", "LiveVersions", "export_all", "is_live_model", "remove_version"]

_DIRECTORY: Final = "models"
_OWNER: Final = ".owner"
_NOT_PLAIN: Final = re.compile(r"[^A-Za-z0-9_-]")
_LONGEST_NAME: Final = 40
_DIGITS: Final = 8
# What a rollback can go back to, beside what is loaded.
_KEPT_VERSIONS: Final = 5


class LiveModel(Protocol):
    """A Keras 3 model or a ``tf.Module`` of this process."""

    @property
    def variables(self) -> Any:  # noqa: ANN401 - theirs, and without types
        """What it has learned."""


def is_live_model(source: object) -> TypeGuard[LiveModel]:
    """Whether this is one; imports nothing."""
    return is_keras_model(source) or is_module(source)


class LiveVersions:
    """The versions of one live model, below the private directory of its model server.

    There they outlive this kernel, and a restart of the model server, which finds them by
    its journal; they go with the directory, when Jupyter ends or the kernel that has the
    server. Everything blocks on the disk.
    """

    def __init__(self, server: RunningServer, name: str) -> None:
        """Take note of where they are; nothing is made.

        Args:
            server: that serves it.
            name: of the model; any text.
        """
        plain = _NOT_PLAIN.sub("_", name)[:_LONGEST_NAME]
        digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()
        self._name = name
        # Some file systems take two names for one.
        self.base_path = server.directory / _DIRECTORY / f"{plain}-{digest[:_DIGITS]}"

    @property
    def are_this_kernels(self) -> bool:
        """Whether this kernel, before a restart perhaps, has made the newest of them."""
        try:
            return (self.base_path / _OWNER).read_text("utf-8") == _kernel_id()
        except OSError:
            return False

    def add(self, model: LiveModel, example: object | None) -> ExportedVersion:
        """Export the next version; raises as ``tfs_notebook.export``."""
        self.base_path.parent.mkdir(mode=0o700, exist_ok=True)
        options = ExportOptions(example=example)
        with StepLine(f"exporting {self._name}") as line:
            try:
                exported = export_version(model, self.base_path, options, line.step)
            except ResourceExhausted as error:
                raise ResourceExhausted(
                    f"{error.message}. Where there is room, export(model, DIR) it yourself and "
                    "serve(DIR)"
                ) from error
        (self.base_path / _OWNER).write_text(_kernel_id(), "utf-8")
        return exported

    def load_newest(self, control: ModelControl, load: Callable[..., None]) -> None:
        """Have the newest version served, and return when it is.

        Args:
            control: of the server.
            load: asks the server for it; takes a ``version_policy``.
        """
        load()
        newest = max(versions_in(self.base_path), default=0)
        # After a rollback the server stays with the version it was told.
        if not any(newest in model.available for model in self._served(control)):
            load(version_policy="latest")

    def _served(self, control: ModelControl) -> list[ServedModel]:
        return [model for model in control.models() if model.name == self._name]

    def remove_old(self, control: ModelControl) -> None:
        """Remove all but the newest versions, and those that are loaded."""
        loaded = {
            one.version
            for model in self._served(control)
            for one in model.versions
            if one.state != "END"
        }
        versions = versions_in(self.base_path)
        for number in sorted(versions)[:-_KEPT_VERSIONS]:
            if number not in loaded:
                remove_version(versions[number])


def export_all(
    live: Mapping[str, LiveModel],
    versions: Mapping[str, LiveVersions],
    examples: Mapping[str, object],
) -> dict[str, Path]:
    """Export several models, all of them or none; raises as ``tfs_notebook.export``.

    Args:
        live: the models.
        versions: of each of them.
        examples: of those that have one.

    Returns:
        the directories of the versions.
    """
    exported: dict[str, Path] = {}
    try:
        for one, model in live.items():
            try:
                exported[one] = versions[one].add(model, examples.get(one)).path
            except ServingError as error:
                if len(live) == 1:
                    raise
                raise error_for_code(error.code, f"{one!r}: {error.message}") from error
    except BaseException:
        for version in exported.values():
            remove_version(version)
        raise
    return exported


def remove_version(path: Path) -> None:
    """Remove a version, at once for whoever watches; nothing happens if it is gone."""
    aside = path.with_name(f".removed-{secrets.token_hex(4)}")
    with suppress(FileNotFoundError):
        path.rename(aside)
        shutil.rmtree(aside, ignore_errors=True)


def _kernel_id() -> str:
    """What stays the same while a kernel is restarted, and is another for each kernel."""
    if "ipykernel" in sys.modules:
        from ipykernel.connect import get_connection_file  # noqa: PLC0415

        with suppress(RuntimeError):  # imported, but this is no kernel
            return Path(get_connection_file()).stem
    return f"process {os.getpid()}"
