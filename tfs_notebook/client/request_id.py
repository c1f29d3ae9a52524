"""What a request's version sticks to, where a model's requests go by weights."""

from __future__ import annotations

import re
from typing import Final

from tfs_notebook.wire.errors import InvalidArgument

__all__ = ["HEADER", "checked_request_id"]

HEADER: Final = "tfs-request-id"
"""The header, and the metadata of gRPC, that it is sent in."""

# A header loses the blanks around it, and a server looks at no more than this.
_FIT: Final = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,510}[\x21-\x7e])?")


def checked_request_id(request_id: object) -> str | None:
    """A request id as it was asked for; None for none.

    Raises:
        InvalidArgument: it is none that a header takes.
    """
    if request_id is None:
        return None
    if isinstance(request_id, str) and _FIT.fullmatch(request_id):
        return request_id
    raise InvalidArgument(
        "request_id= is 1 to 512 printable ASCII characters without blanks around them, such "
        f'as "customer-17"; got {request_id!r:.100}'
    )
