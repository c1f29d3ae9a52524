"""What an operation of the REST API is, for the document that describes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

__all__ = ["JSON", "Operation", "Place", "control", "read"]

JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Operation:
    """One method at one place.

    Attributes:
        summary: one line.
        answer: what comes with status 200: the name of a schema by media type.
        body: what is sent, in the same way; empty for nothing.
        query: the parameters of the query: their schemas by name.
        needed: those of the query without which there is no answer.
        headers: those of the request that matter: their schemas by name.
        further: the schema of answers with other statuses that are no errors.
        is_control: whether it changes models, which not everybody may.
    """

    summary: str
    answer: Mapping[str, str]
    body: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    needed: frozenset[str] = frozenset()
    headers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    further: Mapping[int, str] = field(default_factory=dict)
    is_control: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A path and what is done there.

    Attributes:
        path: with ``{model}``, ``{version}`` and ``{label}`` where these stand.
        tag: the chapter it belongs to.
        operations: by method, in small letters.
    """

    path: str
    tag: str
    operations: Mapping[str, Operation]


def read(summary: str, schema: str, **more: Any) -> Operation:  # noqa: ANN401 - fields of it
    """An operation that is answered with JSON and sends nothing."""
    return Operation(summary, {JSON: schema}, **more)


def control(summary: str, parameters: str, schema: str = "Index") -> Operation:
    """An operation that changes models."""
    return Operation(summary, {JSON: schema}, {JSON: parameters}, is_control=True)
