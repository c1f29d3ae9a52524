"""Which ensembles ask which models, so that none comes to ask itself."""

from __future__ import annotations

import threading
from collections.abc import Collection
from typing import Final

from tfs_notebook.lifecycle import ServableId
from tfs_notebook.wire.errors import InvalidArgument

__all__ = ["DEEPEST", "MemberGraph"]

DEEPEST: Final = 8
"""How many ensembles may lie in one another."""


class MemberGraph:
    """The ensembles that are loaded or being loaded. Any thread may call it.

    It goes by names: which version of a member answers is found with each request, so an
    ensemble must not have its own name among its members, nor below them.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # One that replaces another under the same id comes while that is still there.
        self._edges: dict[object, tuple[str, frozenset[str]]] = {}

    def add(self, id_: ServableId, members: Collection[str]) -> object:
        """Note an ensemble, and return what :meth:`remove` takes.

        Raises:
            InvalidArgument: it would ask itself, or lie too deep.
        """
        token = object()
        with self._lock:
            self._edges[token] = id_.name, frozenset(members)
            try:
                for name in sorted({name for name, _ in self._edges.values()}):
                    self._check(id_, (name,))
            except InvalidArgument:
                del self._edges[token]
                raise
        return token

    def remove(self, token: object) -> None:
        """Forget an ensemble; it may have been forgotten before."""
        with self._lock:
            self._edges.pop(token, None)

    def _check(self, id_: ServableId, way: tuple[str, ...]) -> None:
        members = {
            member
            for name, members in self._edges.values()
            if name == way[-1]
            for member in members
        }
        if members and len(way) > DEEPEST:
            raise InvalidArgument(
                f"Servable {id_}: ensembles lie in one another {len(way)} deep: "
                f"{' asks '.join(way)}. At most {DEEPEST} may"
            )
        for member in sorted(members):
            if member in way:
                circle = " asks ".join((*way, member))
                raise InvalidArgument(
                    f"Servable {id_}: an ensemble cannot ask itself, and {circle} (whichever "
                    "versions)"
                )
            self._check(id_, (*way, member))
