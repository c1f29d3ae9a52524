"""TLS for REST over TCP: ``--rest_api_ssl_config_file``."""

from __future__ import annotations

from functools import partial
from typing import Final

from tfs_notebook.frontends.reloaded_file import ReloadedFile
from tfs_notebook.frontends.ssl_config import SslSettings, read_ssl_config

__all__ = ["rest_ssl_file"]

_FLAG: Final = "--rest_api_ssl_config_file"


def rest_ssl_file(path: str) -> ReloadedFile[SslSettings]:
    """The file, whose certificates may change; blocks on it.

    Raises:
        InvalidArgument: no connection could be made with what it says.
    """
    return ReloadedFile(path, partial(read_ssl_config, path, _FLAG))
