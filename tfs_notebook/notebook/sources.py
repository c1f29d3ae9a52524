"""What a person wants served: paths and live models, by name, and whether that may be."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeGuard

from tfs_notebook.client.control import ServedModel
from tfs_notebook.notebook.live_models import LiveModel, LiveVersions, is_live_model
from tfs_notebook.notebook.model_paths import base_path_of, name_of
from tfs_notebook.wire.errors import AlreadyExists, InvalidArgument

__all__ = ["Path", "check_free", "is_function", "sources_of"]

Path: TypeAlias = "str | os.PathLike[str]"


def is_function(source: object) -> TypeGuard[Callable[..., Any]]:
    """Whether this is a function, a bound method or a ``functools.partial``."""
    return inspect.isroutine(source) or isinstance(source, functools.partial)


def sources_of(
    path: Path | LiveModel | Callable[..., Any] | Mapping[str, Path | LiveModel],
    name: str | None,
    example: object | None,
) -> tuple[dict[str, str], dict[str, LiveModel]]:
    """What ``serve`` is told, as base paths and as live models, by name. Blocks on the disk.

    Args:
        path: one of them, or several by name.
        name: of one; by default what its directory is called, or the model itself.
        example: for a live model.

    Raises:
        NotFound: there is no such directory.
        InvalidArgument: nothing in it can be served, or it is neither of the two.
        PermissionDenied: it cannot be read.
    """
    if isinstance(path, Mapping):
        if name is not None:
            raise InvalidArgument("a dict of paths has the names in it: leave out name=")
        named = dict(path)
    elif is_live_model(path):
        named = {name or str(getattr(path, "name", "")) or "model": path}
    elif isinstance(path, str | os.PathLike):
        named = {name or "": path}
    else:
        raise InvalidArgument(
            "serve() takes a path, a Keras 3 model, a tf.Module, a dict of such by name, or a "
            f"function, and got a {type(path).__name__}"
        )
    live = {key: one for key, one in named.items() if is_live_model(one)}
    if example is not None and not live:
        raise InvalidArgument("an example is for a live model: export(…, example=…) takes it")
    paths: dict[str, str] = {}
    for key, one in named.items():
        if isinstance(one, str | os.PathLike):
            base_path = base_path_of(one)
            paths[key or name_of(base_path)] = base_path
        elif key not in live:
            raise InvalidArgument(f"{key!r} is neither a path nor a live model, but {one!r}")
    return paths, live


def check_free(
    paths: Mapping[str, str],
    models: list[ServedModel],
    served: set[str],
    live: Mapping[str, LiveVersions],
) -> None:
    """See that no name is somebody else's.

    Args:
        paths: base paths by name that are to be served.
        models: what is served.
        served: the names that this kernel has served.
        live: where those of them lie that are live models.

    Raises:
        AlreadyExists: another kernel serves something else by that name.
    """
    for model in models:
        wanted = paths.get(model.name)
        if wanted is None:
            continue
        same = model.base_path == wanted
        if same and model.name in live:
            # Live models of all kernels have one base path by one name.
            is_mine = live[model.name].are_this_kernels
        else:
            is_mine = same or model.name in served
        if is_mine:
            continue
        raise AlreadyExists(
            f"somebody else serves {model.name!r} here, from {model.base_path}. Choose another "
            "name, or take this one with replace=True (%tfs serve … --replace)"
        )
