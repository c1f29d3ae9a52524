"""What is called in the end: its name, its kind, and the line in which it failed."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, Final

__all__ = ["failed_line", "is_generator", "name_of"]

_GENERATORS: Final = (inspect.isgeneratorfunction, inspect.isasyncgenfunction)


def name_of(function: Callable[..., Any]) -> str:
    """Its name; that of a partial is what it calls, and of a callable object its class's."""
    function = _without_partials(function)
    name: str = getattr(function, "__name__", type(function).__name__)
    return name


def is_generator(function: Callable[..., Any]) -> bool:
    """Whether it yields."""
    return any(is_one(_plain(function)) for is_one in _GENERATORS)


def failed_line(error: BaseException, function: Callable[..., Any]) -> int:
    """The line of the function, counted from its first, that an error came through; else 0."""
    line, here = 0, error.__traceback__
    code = getattr(_plain(function), "__code__", None)
    while here is not None:
        if code is not None and here.tb_frame.f_code is code:
            line = here.tb_lineno - code.co_firstlineno + 1
        here = here.tb_next
    return line


def _without_partials(function: Callable[..., Any]) -> Callable[..., Any]:
    while isinstance(function, functools.partial):
        function = function.func
    return function


def _plain(function: Callable[..., Any]) -> Any:  # noqa: ANN401 - whatever has the code
    function = inspect.unwrap(_without_partials(function))
    is_object = not (inspect.isroutine(function) or isinstance(function, type))
    return type(function).__call__ if is_object else function
