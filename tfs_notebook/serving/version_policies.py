"""Version policies as people write them: ``latest``, ``latest:2``, ``all``, ``[1, 2]``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from google.protobuf import json_format

from tfs_notebook.lifecycle.servable import MAX_VERSION
from tfs_notebook.lifecycle.version_policy import All, Latest, Specific, VersionPolicy
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.messages import POOL, FileSystemStoragePathSourceConfig
from tfs_notebook.wire.shown_values import shown, shown_text

__all__ = ["check_version", "policy_of_message", "read_policy", "write_policy"]

_PolicyMessage = FileSystemStoragePathSourceConfig.ServableVersionPolicy
_LATEST: Final = re.compile(r"latest(?::([1-9][0-9]{0,8}))?")
_EXPECTED: Final = (
    'a version_policy is "latest", "latest:N", "all", a list of versions such as [1, 2], or '
    "the JSON form of ServableVersionPolicy"
)


def check_version(value: object) -> int:
    """Return a version that came from outside.

    Raises:
        InvalidArgument: it is not a number from 0 to 2**63 - 1.
    """
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_VERSION:
        return value
    raise InvalidArgument(
        f"a version is a whole number from 0 to {MAX_VERSION}; got {shown(value)}"
    )


def read_policy(value: object) -> VersionPolicy:
    """Return the policy that somebody wrote, as text, list or JSON object.

    Raises:
        InvalidArgument: it is none; the text says what would be one.
    """
    if isinstance(value, str):
        if value == "all":
            return All()
        if match := _LATEST.fullmatch(value):
            return Latest(int(match[1] or 1))
    elif isinstance(value, Mapping):
        return _read_message(value)
    elif isinstance(value, Sequence) and value and not isinstance(value, bytes):
        return Specific(tuple(sorted({check_version(version) for version in value})))
    raise InvalidArgument(f"{_EXPECTED}; got {shown(value)}")


def _read_message(value: Mapping[str, Any]) -> VersionPolicy:
    try:
        message = json_format.ParseDict(dict(value), _PolicyMessage(), descriptor_pool=POOL)
    except (json_format.ParseError, RecursionError) as error:
        raise InvalidArgument(f"{_EXPECTED}; got {shown(value)}: {shown_text(error)}") from None
    return policy_of_message(message)


def policy_of_message(
    message: FileSystemStoragePathSourceConfig.ServableVersionPolicy,
) -> VersionPolicy:
    """The policy that a message says; an empty one is the latest version."""
    choice = message.WhichOneof("policy_choice")
    if choice == "all":
        return All()
    if choice == "specific":
        return Specific(tuple(message.specific.versions))
    return Latest(message.latest.num_versions or 1)


def write_policy(policy: VersionPolicy) -> str | list[int] | dict[str, object]:
    """Write a policy so that :func:`read_policy` reads it."""
    if isinstance(policy, All):
        return "all"
    if isinstance(policy, Latest):
        number = max(policy.num_versions, 1)
        return "latest" if number == 1 else f"latest:{number}"
    if not policy.versions:
        return {"specific": {"versions": []}}
    return list(policy.versions)
