"""The versions of models that lie under their base paths, whether they are loaded or not."""

from __future__ import annotations

from typing import Final

from tfs_notebook.lifecycle import All, FileSystem, Specific, choose_versions
from tfs_notebook.lifecycle.file_system import access_error
from tfs_notebook.serving.model_config import ModelSettings
from tfs_notebook.wire.errors import InvalidArgument, NotFound

__all__ = ["described", "versions_to_serve", "versions_under"]

_ONLY_IN_BASE: Final = frozenset({"saved_model.pb", "saved_model.pbtxt"})
_SHOWN: Final = 10
_EVERY: Final = All()


def versions_under(file_system: FileSystem, base_path: str) -> tuple[int, ...]:
    """All versions there, in ascending order; blocks on the file system.

    A model that lies in the base path itself is version 1, as the source has it.

    Raises:
        NotFound: the base path cannot be read.
    """
    try:
        children = file_system.children(base_path)
    except OSError as error:
        raise NotFound(
            f"could not read base path {base_path}: {access_error(error, base_path)}"
        ) from None
    choice = choose_versions(_EVERY, children)
    if not choice.versions and not _ONLY_IN_BASE.isdisjoint(children):
        return (1,)
    return tuple(found.version for found in choice.versions)


def versions_to_serve(file_system: FileSystem, settings: ModelSettings) -> frozenset[int]:
    """Those that the model's policy chooses; blocks on the file system.

    Raises:
        NotFound: there is none, or not the one the policy names.
        InvalidArgument: the policy names none.
    """
    if settings.policy == Specific(()):
        raise InvalidArgument(
            f"the version_policy names no version of model {settings.name} to serve; name "
            "one, or unload the model"
        )
    there = versions_under(file_system, settings.base_path)
    _require_versions(settings, there)
    chosen = choose_versions(settings.policy, map(str, there)).versions
    return frozenset(found.version for found in chosen)


def described(versions: tuple[int, ...]) -> str:
    """The newest of them, for the text of an error."""
    return ", ".join(map(str, versions[-_SHOWN:])) or "none"


def _require_versions(settings: ModelSettings, there: tuple[int, ...]) -> None:
    if not there:
        raise NotFound(
            f"there is no version of model {settings.name} under {settings.base_path}: "
            "versions are directories with numbers as names, such as 1"
        )
    if isinstance(settings.policy, Specific):
        for version in settings.policy.versions:
            if version not in there:
                raise NotFound(
                    f"there is no version {version} of model {settings.name} under "
                    f"{settings.base_path}; the versions there are {described(there)}"
                )
