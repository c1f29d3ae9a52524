"""What a person wants served: paths, live models, functions; and whether that may be."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from tfs_notebook.client.control import ServedModel
from tfs_notebook.notebook.live_models import LiveModel, LiveVersions, is_live_model
from tfs_notebook.notebook.model_paths import base_path_of, name_of
from tfs_notebook.runtimes import called
from tfs_notebook.wire.errors import (
    AlreadyExists,
    InvalidArgument,
    ServingError,
    error_for_code,
)

__all__ = ["Path", "Source", "Sources", "check_free", "sources_of"]

Path: TypeAlias = "str | os.PathLike[str]"
Source: TypeAlias = "Path | LiveModel | Callable[..., Any]"


@dataclass(slots=True)
class Sources:
    """What is to be served, by name.

    Attributes:
        paths: base paths.
        live: models of this process.
        functions: likewise.
        examples: for those of the last two that have one.
        are_several: whether they came in a dict: all of them or none.
    """

    paths: dict[str, str] = field(default_factory=dict)
    live: dict[str, LiveModel] = field(default_factory=dict)
    functions: dict[str, Callable[..., Any]] = field(default_factory=dict)
    examples: dict[str, object] = field(default_factory=dict)
    are_several: bool = False

    @property
    def names(self) -> list[str]:
        """Of all of them."""
        return [*self.paths, *self.live, *self.functions]

    def check_names(self, what: str, named: Iterable[str]) -> None:
        """Refuse an argument that is a dict by other names than theirs.

        Raises:
            InvalidArgument: the text has the names.
        """
        if unknown := [name for name in named if name not in self.names]:
            raise InvalidArgument(
                f"{what} goes by the names of what is served, {', '.join(self.names)}, and has "
                f"{', '.join(map(str, unknown))}"
            )


def sources_of(
    path: Source | Mapping[str, Source], name: str | None, example: object | None
) -> Sources:
    """What ``serve`` is told. Blocks on the disk.

    Args:
        path: one of them, or several by name.
        name: of one; by default what its directory is called, the model or function itself.
        example: for a live model or a function; of several a dict by their names.

    Raises:
        NotFound: there is no such directory.
        InvalidArgument: nothing in it can be served, or it is nothing of the kind.
        PermissionDenied: it cannot be read.
    """
    if name is not None and not isinstance(name, str):
        raise InvalidArgument(f"a model is called by a text, name='spam', and got {name!r}")
    if isinstance(path, Mapping):
        return _several(path, name, example)
    if example is not None and isinstance(path, str | os.PathLike):
        raise InvalidArgument(
            "an example is for a live model or a function: export(…, example=…) takes it"
        )
    sources = Sources()
    _add(sources, name, path)
    if example is not None:
        sources.examples = dict.fromkeys(sources.names, example)
    return sources


def _several(path: Mapping[str, Source], name: str | None, example: object | None) -> Sources:
    if name is not None:
        raise InvalidArgument("a dict has the names in it: leave out name=")
    if not path:
        raise InvalidArgument("there is nothing in the dict to serve")
    sources = Sources(are_several=True)
    for key, one in path.items():
        if not isinstance(key, str) or not key:
            raise InvalidArgument(f"the names in a dict are texts, and {key!r} is none")
        try:
            _add(sources, key, one)
        except ServingError as error:
            raise error_for_code(error.code, f"{key!r}: {error.message}") from error
    if example is not None:
        if not isinstance(example, Mapping):
            raise InvalidArgument(
                "of a dict, example= is a dict too, by the same names: example={"
                f'"{sources.names[0]}": …}}'
            )
        sources.check_names("example=", example)
        sources.examples = {str(key): one for key, one in example.items()}
        if of_paths := [key for key in sources.examples if key in sources.paths]:
            raise InvalidArgument(
                f"{', '.join(of_paths)}: an example is for a live model or a function"
            )
    return sources


def _add(sources: Sources, name: str | None, source: object) -> None:
    if is_live_model(source):
        sources.live[name or str(getattr(source, "name", "")) or "model"] = source
    elif isinstance(source, str | os.PathLike):
        base_path = base_path_of(source)
        sources.paths[name or name_of(base_path)] = base_path
    elif callable(source) and not isinstance(source, type):
        name = name or called.name_of(source)
        if not name or name == "<lambda>":
            raise InvalidArgument(
                "a function without a name needs one: serve(function, name=…)"
            )
        sources.functions[name] = source
    else:
        raise InvalidArgument(
            "serve() takes a path, a Keras 3 model, a tf.Module, a function, or a dict of such "
            f"by name, and got {_described(source)}"
        )


def _described(source: object) -> str:
    if isinstance(source, type):
        return f"the class {source.__name__}: make one of it first"
    kind = type(source).__name__
    if callable(getattr(source, "predict", None)):
        return f"a {kind}: serve(model.predict, name=…, example=X[:2]) serves a method of it"
    return f"a {kind}"


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
