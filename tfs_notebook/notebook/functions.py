"""Python functions of this kernel, served by its own model server."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from tfs_notebook.client.control import ModelControl
from tfs_notebook.exporting.base_path import versions_in
from tfs_notebook.lifecycle import Platform, SimpleLoader
from tfs_notebook.lifecycle.plugins import platforms
from tfs_notebook.notebook.function_versions import FUNCTIONS
from tfs_notebook.notebook.live_models import LiveVersions, remove_version
from tfs_notebook.notebook.session import SESSION, RunningServer
from tfs_notebook.runtimes.python_function import PythonFunction
from tfs_notebook.wire.errors import AlreadyExists, InvalidArgument, NotFound, ServingError

__all__ = ["serve_function"]

_PLATFORM: Final = "python_function"


class _Functions(Platform[PythonFunction]):
    """Finds the functions of version directories."""

    def make_loader(self, id_: Any, path: str) -> SimpleLoader[PythonFunction]:  # noqa: ANN401, ARG002
        """See ``Platform``."""
        return SimpleLoader(lambda: FUNCTIONS.found(path), origin=path)


@functools.cache
def _register() -> None:
    platforms.register(_PLATFORM, _Functions)


def serve_function(
    function: Callable[..., Any],
    name: str | None,
    example: object | None,
    *,
    replace: bool,
    timeout: float,
) -> tuple[RunningServer, str]:
    """Serve a function as the next version of its name; blocks until it answers.

    Args:
        function: stays in this process, and so does what serves it.
        name: by default its own.
        example: see :class:`PythonFunction`.
        replace: exchange a model of that name that is no function.
        timeout: seconds to wait.

    Raises:
        InvalidArgument: there is no example, or it does not go with the function.
        AlreadyExists: something else has that name here.
        ServingError: what the function raised for the example, or why it cannot be served.
    """
    name = name or getattr(function, "__name__", "")
    if not name or name == "<lambda>":
        raise InvalidArgument("a function without a name needs one: serve(function, name=…)")
    if example is None:
        raise InvalidArgument(
            f"what {name}() takes and gives is learnt from a call: serve({name}, example=…) "
            "with a batch of rows as an array, or a dict of arrays by parameter"
        )
    made = PythonFunction(function, example)
    _register()
    server = SESSION.ensure_own()
    control = SESSION.control(server)
    versions = LiveVersions(server, name)
    _make_room(control, name, versions.base_path, replace=replace)
    versions.base_path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = versions.base_path / str(max(versions_in(versions.base_path), default=0) + 1)
    FUNCTIONS.add(path, made)
    load = functools.partial(
        control.load,
        name,
        base_path=str(versions.base_path),
        platform=_PLATFORM,
        timeout=timeout,
    )
    try:
        versions.load_newest(control, load)
    except ServingError:
        remove_version(path)
        raise
    SESSION.served.setdefault(server.rest_address, set()).add(name)
    versions.remove_old(control)
    return server, name


def _make_room(control: ModelControl, name: str, base_path: Path, *, replace: bool) -> None:
    there = next((one for one in control.models() if one.name == name), None)
    if there is None or FUNCTIONS.has_any(base_path):
        return
    if not replace:
        raise AlreadyExists(
            f"{name!r} is served here from {there.base_path}. Choose another name, or take "
            "this one with replace=True"
        )
    with suppress(NotFound):
        control.unload(name)
