"""What a person writes between the brackets of a client, as a reference."""

from __future__ import annotations

import json
import operator
from typing import Final, SupportsIndex

from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.model_spec import ModelReference

__all__ = ["checked_choice", "key_literal", "reference_of_key"]

_FORMS: Final = '["name"], ["name", 2] or ["name", "label"]'
_LARGEST: Final = 2**63 - 1


def reference_of_key(key: object) -> ModelReference:
    """Read a name, or a name with a version number or a label.

    Raises:
        TypeError: it is neither.
        InvalidArgument: there can be no such name, number or label.
    """
    name, *choices = key if isinstance(key, tuple) and key else (key,)
    if not isinstance(name, str) or len(choices) > 1:
        raise TypeError(f"expected {_FORMS}, got {key!r}")
    _check_text("the name of a model", name)
    if not choices or choices[0] is None:
        return ModelReference(name)
    choice = checked_choice(choices[0])
    if isinstance(choice, str):
        return ModelReference(name, label=choice)
    return ModelReference(name, choice)


def key_literal(reference: ModelReference) -> str:
    """The same as a person writes it, brackets and all; a signature is left out."""
    choice = reference.label if reference.version is None else reference.version
    return json.dumps(
        [reference.name, *([] if choice is None else [choice])], ensure_ascii=False
    )


def checked_choice(choice: object) -> int | str:
    """A version number, NumPy's too, or a label; raises as :func:`reference_of_key`."""
    if isinstance(choice, str):
        _check_text("a label", choice)
        return str(choice)
    if isinstance(choice, bool) or not isinstance(choice, SupportsIndex):
        raise TypeError(f"a version number or a label is expected, not {choice!r}")
    version = operator.index(choice)
    if not 0 <= version <= _LARGEST:
        raise InvalidArgument(f"a version is a number from 0 to {_LARGEST}, not {version}")
    return version


def _check_text(what: str, text: str) -> None:
    if not text:
        raise InvalidArgument(f"{what} is empty")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidArgument(f"{what} cannot be {text!r}: it has no UTF-8") from None
