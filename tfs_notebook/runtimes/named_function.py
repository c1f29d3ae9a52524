"""A Python function of an importable module, as a version directory names it."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from tfs_notebook.runtimes.function_file import (
    FUNCTION_FILE,
    NamedFunction,
    read_function_file,
)
from tfs_notebook.runtimes.python_function import PythonFunction
from tfs_notebook.wire.errors import FailedPrecondition, PermissionDenied

__all__ = ["load_named_function"]


def load_named_function(directory: Path, allowed: Collection[str]) -> PythonFunction:
    """Import the function that a version directory names. Blocks.

    A name in a file does not become code by itself: only modules that whoever starts the
    server has named are imported, and only functions that these define, or list in
    ``__all__``, are taken.

    Args:
        directory: of the version.
        allowed: the names of the modules.

    Raises:
        DataLoss: as :func:`read_function_file`.
        PermissionDenied: the module is not allowed.
        FailedPrecondition: it cannot be imported, or has no such function of its own.
        InvalidArgument: the specs do not go with the function.
    """
    said = read_function_file(directory / FUNCTION_FILE)
    if said.module not in allowed:
        listed = ", ".join(sorted(allowed)) or "none"
        raise PermissionDenied(
            f"{directory / FUNCTION_FILE} names a function of {said.module}, whose functions "
            f"are not allowed here (allowed: {listed}). Start the server with "
            f"--allowed_function_modules={said.module} if you trust that module"
        )
    function = _imported(said)
    return PythonFunction(
        function, inputs=said.inputs, outputs=said.outputs, batched=said.batched
    )


def _imported(said: NamedFunction) -> Callable[..., Any]:
    try:
        module = importlib.import_module(said.module)
    except Exception as error:
        raise FailedPrecondition(
            f"the module {said.module} cannot be imported: {type(error).__name__}: {error}. "
            "The server's PYTHONPATH has to lead to it"
        ) from error
    function = getattr(module, said.name, None)
    if not callable(function):
        raise FailedPrecondition(f"the module {said.module} has no function {said.name}")
    offered = getattr(module, "__all__", None)
    # Else every function that it has imported, of os say, could be asked for.
    is_its_own = getattr(function, "__module__", None) == said.module
    if said.name not in offered if offered is not None else not is_its_own:
        raise FailedPrecondition(
            f"{said.name} is not the module {said.module}'s own: it has to be defined "
            "there, or be in its __all__"
        )
    called: Callable[..., Any] = function
    return called
