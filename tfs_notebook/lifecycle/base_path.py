"""A base path, and which of what lies there is to be served."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tfs_notebook.lifecycle.notices import Notices
from tfs_notebook.lifecycle.servable import ServableData, ServableId
from tfs_notebook.lifecycle.version_policy import (
    Choice,
    Latest,
    Specific,
    VersionPolicy,
    choose_versions,
    parse_version,
)

__all__ = ["ServableToMonitor", "StoragePath", "versions_found"]

StoragePath = str

_SAVED_MODEL_FILES: Final = frozenset({"saved_model.pb", "saved_model.pbtxt"})


@dataclass(frozen=True)
class ServableToMonitor:
    """A name, the directory that holds its versions, and which of them to serve."""

    name: str
    base_path: str
    policy: VersionPolicy = Latest()  # noqa: RUF009 - frozen


def versions_found(
    servable: ServableToMonitor, children: Sequence[str], notices: Notices
) -> tuple[ServableData[StoragePath], ...]:
    """Choose the versions to serve from what a base path holds.

    Args:
        servable: whose base path, and which versions of it are wanted.
        children: the names of what lies there.
        notices: hears what is unusual about them.
    """
    bare = _is_bare_model(children)
    choice = choose_versions(servable.policy, ("1",) if bare else children)
    _warn(servable, choice, notices)
    if bare and choice.versions:
        notices.once(
            servable.name,
            "bare",
            f"There is a SavedModel right in the base path {servable.base_path} of "
            f"servable {servable.name}, not in a version directory: it is served as "
            "version 1. Move it to a numbered directory (eg. '/1/') to add versions.",
            logging.INFO,
        )
    return tuple(
        ServableData.of(
            ServableId(servable.name, version),
            _join(servable.base_path, "" if bare else child),
        )
        for version, child in choice.versions
    )


def _warn(servable: ServableToMonitor, choice: Choice, notices: Notices) -> None:
    notes = [f"Servable {servable.name}: {note}" for note in choice.notes]
    notes.extend(
        f"Version {version} of servable {servable.name}, which was requested to be "
        "served as a 'specific' version in the servable's version policy, was not "
        "found in the file system"
        for version in choice.missing
    )
    if servable.policy == Specific(()):
        notes.append(f"No specific versions requested for servable {servable.name}.")
    notices.once(servable.name, "notes", "\n".join(notes), logging.WARNING)


def _join(base_path: str, child: str) -> str:
    # The path tells one origin from another, so a base path must give the
    # same with a slash at its end as without.
    if base_path.endswith("://"):
        return base_path + child
    return f"{base_path.rstrip('/')}/{child}".rstrip("/") or "/"


def _is_bare_model(children: Sequence[str]) -> bool:
    """Whether the base path is itself the SavedModel; a version goes before it."""
    return not _SAVED_MODEL_FILES.isdisjoint(children) and not any(
        parse_version(child) is not None for child in children
    )
