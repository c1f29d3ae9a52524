"""What a Python function takes: an array for each of its parameters."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

from tfs_notebook.wire.errors import InvalidArgument

__all__ = ["Parameters"]

T = TypeVar("T")

_POSITIONAL: Final = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
)
_MANY: Final = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
# Of what is written in C nobody knows what its parameters are called.
_UNNAMED: Final = "x"


class Parameters:
    """The parameters of a function, by name.

    Attributes:
        names: all of them, in their order, but for ``*args`` and ``**kwargs``.
    """

    def __init__(self, function: Callable[..., Any], called: str) -> None:
        """Look at a function; it is not called.

        Args:
            function: of any kind.
            called: what errors call it.
        """
        self._called = called
        try:
            found = list(inspect.signature(function).parameters.values())
        except (ValueError, TypeError):
            found = [inspect.Parameter("args", inspect.Parameter.VAR_POSITIONAL)]
        kinds = {one.kind for one in found}
        self._takes_more = not kinds.isdisjoint(_MANY)
        self._has_more_places = inspect.Parameter.VAR_POSITIONAL in kinds
        self._own = {one.name: one for one in found if one.kind not in _MANY}
        self.names = tuple(self._own)

    def by_name(self, given: object, what: str) -> dict[str, object]:
        """What is given for some or all parameters, by name and in their order.

        Args:
            given: a dict by name, or a value for the only one that has to have one.
            what: it is, in errors: ``"example="``.

        Raises:
            InvalidArgument: a name is unknown, or one is missing.
        """
        if isinstance(given, Mapping):
            values = {str(name): value for name, value in given.items()}
        else:
            names = (*self._needed(), *self.names, *([_UNNAMED] * self._takes_more))
            values = dict.fromkeys(names[:1], given)
        unknown = [name for name in values if name not in self._own]
        if not values or (unknown and not self._takes_more):
            raise InvalidArgument(
                f"{self._called}() takes {_listed(self.names)}, and {what} has "
                f"{_listed(values if isinstance(given, Mapping) else ())}"
            )
        if missing := [name for name in self._needed() if name not in values]:
            raise InvalidArgument(
                f"{self._called}() takes {_listed(self.names)}; {what} is a dict with one for "
                f"each: missing is {_listed(missing)}"
            )
        order = [name for name in self.names if name in values] + unknown
        return {name: values[name] for name in order}

    def _needed(self) -> list[str]:
        return [name for name, one in self._own.items() if one.default is one.empty]

    def arguments(self, values: Mapping[str, T]) -> tuple[list[T], dict[str, T]]:
        """What to call the function with.

        Args:
            values: by name, in the order of :meth:`by_name`.

        Returns:
            the arguments by position, and those by name.
        """
        positional: list[T] = []
        named: dict[str, T] = {}
        for name, value in values.items():
            if self._is_by_name(name, len(positional)):
                named[name] = value
            else:
                positional.append(value)
        return positional, named

    def _is_by_name(self, name: str, before: int) -> bool:
        own = self._own.get(name)
        if own is None:
            return not self._has_more_places
        # After one that was left out, the position would be another one's.
        return own.kind not in _POSITIONAL or self.names.index(name) != before


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "nothing"
