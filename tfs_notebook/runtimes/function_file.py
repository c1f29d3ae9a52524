"""A version directory that names a Python function of an importable module, as data."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tfs_notebook.runtimes.python_function import PythonFunction
from tfs_notebook.wire.errors import DataLoss, FailedPrecondition, PermissionDenied

__all__ = ["FUNCTION_FILE", "NamedFunction", "load_named_function", "read_function_file"]

FUNCTION_FILE: Final = "tfs_notebook_function.json"

_MOST_BYTES: Final = 1 << 20
_NAME: Final = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")
_FIELDS: Final = frozenset({"schema_version", "function", "inputs", "outputs", "batched"})
_EXAMPLE: Final = (
    '{"schema_version": 1, "function": "package.module:name", "inputs": {"x": "float32"}, '
    '"outputs": ["float32", [null, 3]]}'
)


@dataclass(frozen=True, slots=True)
class NamedFunction:
    """What the file says.

    Attributes:
        module: the name of the module.
        name: of the function in it.
        inputs: see ``PythonFunction``; None for what its annotations say.
        outputs: likewise.
        batched: likewise.
    """

    module: str
    name: str
    inputs: Mapping[str, Any] | None
    outputs: Any
    batched: bool | None


def read_function_file(path: Path) -> NamedFunction:
    """Read and check the file; imports nothing. Blocks.

    Raises:
        DataLoss: it cannot be read, or says something else than it should.
    """
    try:
        return _checked(json.loads(_content(path)))
    except (OSError, ValueError, RecursionError) as error:
        raise DataLoss(f"{path} names no function: {error}. It looks so: {_EXAMPLE}") from None


def _content(path: Path) -> bytes:
    if path.stat().st_size > _MOST_BYTES:
        raise ValueError(f"it has more than {_MOST_BYTES} bytes")
    return path.read_bytes()


def _checked(document: object) -> NamedFunction:
    if not isinstance(document, dict):
        raise ValueError("an object is expected")  # noqa: TRY004 - of JSON, not of Python
    if unknown := document.keys() - _FIELDS:
        raise ValueError(f"there is no {', '.join(map(repr, sorted(unknown)))} in it")
    if document.get("schema_version") != 1:
        raise ValueError(f"schema_version has to be 1; got {document.get('schema_version')!r}")
    function, batched = document.get("function"), document.get("batched")
    if not isinstance(function, str) or not _NAME.fullmatch(function):
        raise ValueError(f'function has to be "package.module:name"; got {function!r}')
    if batched not in (None, True, False):
        raise ValueError(f"batched has to be true or false; got {batched!r}")
    inputs = document.get("inputs")
    if inputs is not None and not isinstance(inputs, dict):
        raise ValueError("inputs has to be an object: a type for each parameter")
    module, _, name = function.partition(":")
    return NamedFunction(module, name, inputs, document.get("outputs"), batched)


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
