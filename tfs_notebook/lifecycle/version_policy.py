"""Which of the versions in a directory to serve: names, policies, the choice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from tfs_notebook.lifecycle.servable import MAX_VERSION

__all__ = [
    "All",
    "AspiredVersion",
    "Choice",
    "Latest",
    "Specific",
    "VersionPolicy",
    "choose_versions",
    "parse_version",
]

# ASCII digits only: int() would also take "1_0" and digits of other scripts,
# which TensorFlow Serving, reading the same directory, does not.
_VERSION_NAME: Final = re.compile(r"[ \t\n\v\f\r]*([+-]?)0*([0-9]+)[ \t\n\v\f\r]*")
_MAX_DIGITS: Final = len(str(MAX_VERSION))


def parse_version(name: str) -> int | None:
    """The version that a file or directory name stands for, or None.

    The rules are those of TensorFlow Serving's integer parser: a decimal
    int64 in ASCII digits, with a sign, leading zeros and blanks around it
    allowed. Negative numbers are not versions.
    """
    match = _VERSION_NAME.fullmatch(name)
    if match is None:
        return None
    sign, digits = match.groups()
    if len(digits) > _MAX_DIGITS:
        return None
    version = int(digits)
    if version > MAX_VERSION or (sign == "-" and version):
        return None
    return version


@dataclass(frozen=True)
class Latest:
    """The ``num_versions`` highest versions; 0 means 1, as in TensorFlow Serving."""

    num_versions: int = 1


@dataclass(frozen=True)
class All:
    """Every version that is there."""


@dataclass(frozen=True)
class Specific:
    """Exactly these versions, as far as they are there; none if it is empty."""

    versions: tuple[int, ...]


VersionPolicy = Latest | All | Specific


class AspiredVersion(NamedTuple):
    """A version to serve and the child of the base path that holds it."""

    version: int
    child: str


@dataclass(frozen=True)
class Choice:
    """What to serve, what went unfound, and what a person should know."""

    versions: tuple[AspiredVersion, ...]
    missing: tuple[int, ...] = ()
    """Versions that a :class:`Specific` policy names and that are not there."""
    notes: tuple[str, ...] = field(default=())
    """Warnings, whole sentences, about duplicates."""


def choose_versions(policy: VersionPolicy, children: Iterable[str]) -> Choice:
    """Choose what to serve among the names found under a base path. Pure.

    Args:
        policy: what is wanted.
        children: names of direct children; those that are no version are
            ignored without a word.

    Returns:
        The versions, highest first for :class:`Latest`, else lowest first.
    """
    by_version, notes = _index(children)
    missing: tuple[int, ...] = ()
    if isinstance(policy, Latest):
        versions = sorted(by_version, reverse=True)[: max(policy.num_versions, 1)]
    elif isinstance(policy, All):
        versions = sorted(by_version)
    else:
        wanted = sorted(set(policy.versions))
        versions = [version for version in wanted if version in by_version]
        missing = tuple(version for version in wanted if version not in by_version)
    chosen = tuple(AspiredVersion(version, by_version[version]) for version in versions)
    return Choice(chosen, missing, notes)


def _index(children: Iterable[str]) -> tuple[Mapping[int, str], tuple[str, ...]]:
    names: dict[int, list[str]] = {}
    for child in children:
        version = parse_version(child)
        if version is not None:
            names.setdefault(version, []).append(child)
    by_version: dict[int, str] = {}
    notes: list[str] = []
    for version, candidates in names.items():
        # The plain spelling wins, so that a second spelling which turns up
        # later cannot take the place of the one that is being served.
        plain = str(version)
        chosen = plain if plain in candidates else max(candidates)
        by_version[version] = chosen
        notes.extend(
            f"Duplicate version directories detected. Version {version} will be loaded "
            f"from {chosen}, {ignored} will be ignored."
            for ignored in sorted(candidates)
            if ignored != chosen
        )
    return by_version, tuple(notes)
