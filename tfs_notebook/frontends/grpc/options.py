"""Options of the gRPC server: this server's own, and those of the command line."""

from __future__ import annotations

import re
from typing import Final

from tfs_notebook.wire.errors import InvalidArgument

__all__ = ["server_options"]

# gRPC counts in C's int.
_LARGEST: Final = 2**31 - 1
_STANDARD: Final[dict[str, int | str]] = {
    # As TF Serving sets it.
    "grpc.max_receive_message_length": _LARGEST,
    "grpc.max_send_message_length": _LARGEST,
    # Two servers on one port would share its requests without a word.
    "grpc.so_reuseport": 0,
}
_INTEGER: Final = re.compile(r"[+-]?[0-9]+")
_MOST_DIGITS: Final = 20


def server_options(channel_arguments: str) -> dict[str, int | str]:
    """The options of the server, with those of ``--grpc_channel_arguments``.

    Args:
        channel_arguments: ``key=value,key=value``; integers are sent as such, and
            whatever else does not begin with a sign as text.

    Raises:
        InvalidArgument: they are written in another way, or a number is larger
            than gRPC can take.
    """
    options = dict(_STANDARD)
    for item in filter(str.strip, channel_arguments.split(",")):
        key, equals, value = map(str.strip, item.partition("="))
        if not equals or not key:
            raise _refusal(item, "not key=value (several are separated by commas)")
        options[key] = _value(item, value)
    return options


def _value(item: str, value: str) -> int | str:
    if not _INTEGER.fullmatch(value):
        if value.startswith(("+", "-")):
            raise _refusal(item, "neither an integer nor text")
        return value
    # int() reads no more than some thousand digits.
    number = int(value) if len(value) <= _MOST_DIGITS else _LARGEST + 1
    if not -_LARGEST - 1 <= number <= _LARGEST:
        raise _refusal(item, f"not an integer from {-_LARGEST - 1} to {_LARGEST}")
    return number


def _refusal(item: str, reason: str) -> InvalidArgument:
    return InvalidArgument(f"--grpc_channel_arguments: {item[:80]!r} is {reason}")
