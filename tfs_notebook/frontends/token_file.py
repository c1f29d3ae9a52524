"""Tokens come in files, because a command line can be read by everybody on the machine."""

from __future__ import annotations

import hmac
import logging
import stat
from functools import partial
from pathlib import Path
from typing import Final

from tfs_notebook.frontends.reloaded_file import ReloadedFile
from tfs_notebook.wire.errors import InvalidArgument

__all__ = ["is_bearer_of", "read_token", "reloaded_token"]

_log = logging.getLogger(__name__)

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_SCHEME: Final = "Bearer "


def read_token(path: str, named_by: str) -> bytes:
    """The token in a file; blocks.

    Args:
        path: of the file.
        named_by: the flag or the trait that names it, for the errors.

    Raises:
        InvalidArgument: the file cannot be read, or has no token in it, or more.
    """
    file = Path(path)
    try:
        token = file.read_bytes().strip()
        mode = file.stat().st_mode
    except OSError as error:
        raise InvalidArgument(f"{named_by}: cannot read {file}: {error.strerror}") from None
    if not token:
        raise InvalidArgument(f"{named_by}: there is no token in {file}")
    if len(token.split()) > 1:
        # No header could hold it, and nobody would get in.
        raise InvalidArgument(
            f"{named_by}: the token in {file} has spaces or several lines; write one word"
        )
    if mode & _OTHERS:
        _log.warning("%s can be read by others than its owner; chmod 600 it", file)
    return token


def is_bearer_of(token: bytes, authorization: str) -> bool:
    """Whether a header ``Authorization`` has the token; takes as long if it has not."""
    is_bearer = authorization[: len(_SCHEME)].lower() == _SCHEME.lower()
    sent = authorization[len(_SCHEME) :] if is_bearer else ""
    return hmac.compare_digest(sent.strip().encode("latin-1", "replace"), token)


def reloaded_token(path: str, named_by: str) -> ReloadedFile[bytes]:
    """The token in a file that may change; as :func:`read_token`."""
    return ReloadedFile(path, partial(read_token, path, named_by))
