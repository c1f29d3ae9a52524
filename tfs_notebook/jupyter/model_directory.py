"""``tfs/directory``: what the model server could serve of a directory in the file browser."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from tornado import web

from tfs_notebook.jupyter.access import JsonErrors, authorized

__all__ = ["DIRECTORY_HANDLERS", "ModelDirectory", "model_directory"]

_SAVED_MODELS: Final = ("saved_model.pb", "saved_model.pbtxt", "saved_model.cpb")


@dataclass(frozen=True, slots=True)
class ModelDirectory:
    """A directory with something to serve in it.

    Attributes:
        base_path: to be told to the model server.
        name: that suggests itself.
        versions: in it, as text, in ascending order.
    """

    base_path: str
    name: str
    versions: list[str]


def model_directory(root: Path, path: str) -> ModelDirectory:
    """Look at a directory below the file browser's root; blocks on the disk.

    Args:
        root: of the file browser.
        path: as the browser has it: parts joined by ``/``, whatever the system.

    Raises:
        LookupError: it holds nothing to serve, or is not there; the text says why.
        OSError: it cannot be read.
    """
    from tfs_notebook.lifecycle.version_policy import parse_version  # noqa: PLC0415 - when used

    if ".." in path.split("/"):
        raise LookupError(f"{path!r} is not below the directory of the file browser")
    directory = root.absolute().joinpath(*path.split("/"))
    if not directory.is_dir():
        raise LookupError(f"there is no directory {path!r}")
    if _is_saved_model(directory) and parse_version(directory.name) is not None and path:
        directory = directory.parent
    found = sorted(
        version
        for child in directory.iterdir()
        if (version := parse_version(child.name)) is not None and _is_saved_model(child)
    )
    if not found and _is_saved_model(directory):
        found = [1]
    if not found:
        raise LookupError(
            f"{path or '/'} holds no model: expected directories with numbers as names and a "
            "saved_model.pb in each, or a saved_model.pb right inside"
        )
    return ModelDirectory(str(directory), directory.name, [str(one) for one in found])


def _is_saved_model(directory: Path) -> bool:
    return any((directory / name).is_file() for name in _SAVED_MODELS)


class Directory(JsonErrors):
    """What is to be served of a directory."""

    @web.authenticated
    @authorized("read")
    async def get(self) -> None:
        """``?path=`` as the file browser has it: base path, name, versions."""
        root = getattr(self.contents_manager, "root_dir", None)
        if not root:
            raise web.HTTPError(404, "the files of this Jupyter server are on no disk")
        path = self.get_query_argument("path", "").strip("/")
        try:
            found = await asyncio.to_thread(model_directory, Path(root), path)
        except LookupError as error:
            raise web.HTTPError(404, "%s", error.args[0]) from None
        except OSError as error:
            raise web.HTTPError(403, "%s cannot be read: %s", path, error.strerror) from None
        await self.finish(asdict(found))


DIRECTORY_HANDLERS: Final[list[tuple[str, type[Directory]]]] = [
    (r"tfs/directory", Directory),
]
