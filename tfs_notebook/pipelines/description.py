"""What a pipeline file says, validated against the schema of its kind and read into records."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeAlias

from tfs_notebook.pipelines.image_description import ImageDescription
from tfs_notebook.pipelines.text_description import TextDescription
from tfs_notebook.wire.errors import DataLoss

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

__all__ = [
    "DIRECTORY",
    "FILE_NAME",
    "Description",
    "read_description",
    "validated",
    "write_description",
]

Description: TypeAlias = TextDescription | ImageDescription

#: where TensorFlow Serving keeps what is not part of the graph
DIRECTORY: Final = "assets.extra"
FILE_NAME: Final = "tfs_notebook_pipeline.json"

_SCHEMAS: Final = {
    "text": "text_pipeline.schema.json",
    "image": "image_pipeline.schema.json",
}
_READERS: Final[Mapping[str, Callable[[Mapping[str, Any]], Description]]] = {
    "text": TextDescription.read,
    "image": ImageDescription.read,
}
# What the model is given is said in one of these ways; said by hand, because of "oneOf"
# the validator tells no more than that it does not hold.
_FORMS: Final = {"text": ("vectors", "ids", "strings"), "image": ("pixels", "bytes")}
# A hundred thousand labels fit; a file that was put there by mistake does not.
_MAXIMUM_BYTES: Final = 4 << 20
_MAXIMUM_VALUE_SHOWN: Final = 60


def read_description(path: Path) -> Description:
    """Read and validate a pipeline file.

    Raises:
        DataLoss: it cannot be read or breaks the schema; the message names the
            file, the place in it, and what is expected there.
    """
    try:
        size = path.stat().st_size
        if size > _MAXIMUM_BYTES:
            raise DataLoss(f"{path} has {size} bytes; a pipeline has {_MAXIMUM_BYTES} at most")
        document = json.loads(path.read_bytes(), parse_constant=_refuse_constant)
    except (OSError, ValueError, RecursionError) as error:
        raise DataLoss(f"{path} cannot be read as JSON: {error}") from error
    return validated(document, str(path))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def validated(document: object, source: str) -> Description:
    """Check a pipeline against the schema and return its record.

    Args:
        document: the JSON document, parsed.
        source: what to call it in an error.

    Raises:
        DataLoss: it breaks the schema.
    """
    try:
        kind = _kind(document)
        _check_schema(kind, document)
        assert isinstance(document, dict)  # noqa: S101 - the schema says so
        return _READERS[kind](document)
    except ValueError as wrong:
        raise DataLoss(f"{source} is no valid pipeline: {wrong}") from None


def _check_schema(kind: str, document: object) -> None:
    from jsonschema.exceptions import best_match  # noqa: PLC0415 - 0.2 s that not everyone needs

    error = best_match(_validator(kind).iter_errors(document))
    if error is not None:
        place = ".".join(str(part) for part in error.absolute_path) or "the document"
        raise ValueError(f"{place}: {_reason(error)}")


def _kind(document: object) -> str:
    if not isinstance(document, Mapping):
        return "text"
    kind = document.get("kind", "text")
    if not isinstance(kind, str) or kind not in _SCHEMAS:
        raise ValueError(f"kind: {_short(repr(kind))} is not one of {list(_SCHEMAS)}")
    forms = _FORMS[kind]
    found = [form for form in forms if form in document]
    if len(found) != 1:
        wanted = f"{', '.join(map(repr, forms[:-1]))} and {forms[-1]!r}"
        raise ValueError(f"the document: one of {wanted} is needed, and there are {found}")
    return kind


def _reason(error: ValidationError) -> str:
    if error.validator == "not":
        return f"{_short(repr(error.instance))} does not belong here"
    # The message may quote a value of any size.
    shown = repr(error.instance)
    return str(error.message).replace(shown, _short(shown))


def _short(text: str) -> str:
    return text if len(text) <= _MAXIMUM_VALUE_SHOWN else f"{text[:_MAXIMUM_VALUE_SHOWN]}…"


@cache
def _validator(kind: str) -> Draft202012Validator:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - as above

    schema = files("tfs_notebook.pipelines").joinpath(_SCHEMAS[kind]).read_text("utf-8")
    return Draft202012Validator(json.loads(schema))


def write_description(version_dir: Path, description: Description) -> Path:
    """Write a pipeline file into a version directory, and return its path.

    The files that it names are the caller's to write. What is written is what
    :func:`read_description` gives back.

    Raises:
        DataLoss: what it says is not valid.
    """
    directory = version_dir / DIRECTORY
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / FILE_NAME
    document: dict[str, Any] = description.document()
    validated(document, str(path))
    text = json.dumps(document, ensure_ascii=False, indent=2)
    path.write_text(f"{text}\n", "utf-8")
    return path
