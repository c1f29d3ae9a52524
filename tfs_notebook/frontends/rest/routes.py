"""Paths of TF Serving's REST API, read as it reads them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.model_spec import ModelReference

__all__ = ["ModelPath", "parse_get", "parse_post"]

_TARGET: Final = r"(?:(?:/versions/(?P<version>[0-9]+))|(?:/labels/(?P<label>[^/:]+)))?"
_POST: Final = re.compile(
    rf"/v1/models/(?P<name>[^/:]+){_TARGET}:(?P<action>classify|regress|predict)",
    re.IGNORECASE,
)
_GET: Final = re.compile(
    rf"/v1/models(?:/(?P<name>[^/:]+))?{_TARGET}(?:/(?P<action>metadata))?", re.IGNORECASE
)
_LARGEST_VERSION: Final = 2**63 - 1
_LONGEST_KNOWN: Final = 512
_METHODS: Final = frozenset({"classify", "regress", "predict"})


@dataclass(frozen=True, slots=True)
class ModelPath:
    """A path taken apart.

    Attributes:
        model: name, version and label; an empty name is the list of models.
        action: ``predict``, ``classify``, ``regress``, ``metadata``, or empty
            for the status.
    """

    model: ModelReference
    action: str


def parse_post(path: str) -> ModelPath:
    """Take a POST path apart: ``/v1/models/NAME[/versions/N|/labels/L]:METHOD``.

    The path has no query. Its letters' case does not matter, save the method's.

    Raises:
        InvalidArgument: TensorFlow Serving's texts.
    """
    return _known_post(path) if len(path) <= _LONGEST_KNOWN else _parse_post(path)


@lru_cache(maxsize=256)
def _known_post(path: str) -> ModelPath:
    return _parse_post(path)


def _parse_post(path: str) -> ModelPath:
    match = _POST.fullmatch(path)
    if match is None or match["action"] not in _METHODS:
        raise InvalidArgument(f"Malformed request: POST {path}")
    return _model_path(match)


def parse_get(path: str) -> ModelPath:
    """Take a GET path apart: ``/v1/models[/NAME[/versions/N|/labels/L][/metadata]]``.

    Raises:
        InvalidArgument: TensorFlow Serving's texts.
    """
    match = _GET.fullmatch(path.removesuffix("/") if path.count("/") == 3 else path)
    if match is None:
        raise InvalidArgument(f"Malformed request: GET {path}")
    if match["name"] is None and (match["version"] or match["label"] or match["action"]):
        raise InvalidArgument("Missing model name in request.")
    return _model_path(match)


def _is_int64(digits: str) -> bool:
    significant = digits.lstrip("0")
    # Python refuses to convert thousands of digits.
    return len(significant) < 20 and int(significant or "0") <= _LARGEST_VERSION


def _model_path(match: re.Match[str]) -> ModelPath:
    version, label = match["version"], match["label"]
    if version is not None and not _is_int64(version):
        raise InvalidArgument(f"Failed to convert version: {version} to numeric.")
    return ModelPath(
        ModelReference(
            unquote(match["name"] or ""),
            None if version is None else int(version.lstrip("0") or "0"),
            None if label is None else unquote(label),
        ),
        (match["action"] or "").lower(),
    )
