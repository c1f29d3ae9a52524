"""The file in which a version directory names a Python function; nothing is imported for it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tfs_notebook.wire.errors import DataLoss

__all__ = ["FUNCTION_FILE", "NamedFunction", "read_function_file"]

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
