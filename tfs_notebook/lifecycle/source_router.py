"""Sends each name to one of several targets, for instance by its platform."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from tfs_notebook.lifecycle.servable import ServableData
from tfs_notebook.lifecycle.source_adapter import OutputPort
from tfs_notebook.wire.errors import InvalidArgument

__all__ = ["DynamicSourceRouter", "SourceRouter", "StaticSourceRouter"]

logger = logging.getLogger(__name__)

T = TypeVar("T")


class SourceRouter(ABC, Generic[T]):
    """Takes lists of aspired versions, and passes each on to one of its ports.

    The base class of all routers. Any thread may call any method; nothing here
    blocks.
    """

    def __init__(self, num_ports: int) -> None:
        """Make a router.

        Raises:
            InvalidArgument: if it would have no port.
        """
        if num_ports < 1:
            raise InvalidArgument(f"A router needs at least one port; got {num_ports}")
        self.ports: tuple[OutputPort[T], ...] = tuple(OutputPort() for _ in range(num_ports))
        """A source each; connect a target to every one."""

    def set_aspired_versions(self, name: str, versions: Iterable[ServableData[T]]) -> None:
        """Take a list, and pass it on."""
        versions = tuple(versions)
        port = self.route(name, versions)
        if port is None:
            return
        if not 0 <= port < len(self.ports):
            logger.error("Servable %s is routed to port %d, which is not there", name, port)
            return
        self.ports[port].emit(name, versions)

    @abstractmethod
    def route(self, name: str, versions: Sequence[ServableData[T]]) -> int | None:
        """The number of the port for this name; None drops the list without a word.

        Must be quick, and give the same for a name each time; whoever changes
        the route of a name that is loaded leaves it loaded at the old port.
        """


class StaticSourceRouter(SourceRouter[T]):
    """Routes by parts of names, with one more port for all other names."""

    def __init__(self, route_substrings: Sequence[str]) -> None:
        """Make a router.

        Args:
            route_substrings: the port of a name is the place of the first of
                these that occurs in it.
        """
        super().__init__(len(route_substrings) + 1)
        self._substrings = tuple(route_substrings)

    def route(self, name: str, versions: Sequence[ServableData[T]]) -> int:
        """See :meth:`SourceRouter.route`."""
        del versions
        hits = (port for port, part in enumerate(self._substrings) if part in name)
        return next(hits, len(self._substrings))


class DynamicSourceRouter(SourceRouter[T]):
    """Routes by a map from name to port, which can be replaced at any time.

    The last port is for all names that are not in the map.
    """

    def __init__(self, num_ports: int, routes: Mapping[str, int]) -> None:
        """Make a router.

        Raises:
            InvalidArgument: see :meth:`update_routes`.
        """
        super().__init__(num_ports)
        self._routes: Mapping[str, int] = {}
        self.update_routes(routes)

    @property
    def routes(self) -> Mapping[str, int]:
        """The map."""
        return self._routes

    def update_routes(self, routes: Mapping[str, int]) -> None:
        """Replace the map, for what comes from now on.

        Raises:
            InvalidArgument: if a port is not there, or is the last one; the old
                map stays.
        """
        for port in routes.values():
            if not 0 <= port < len(self.ports):
                raise InvalidArgument(f"Port number out of range: {port}")
            if port == len(self.ports) - 1:
                raise InvalidArgument(
                    "Last port cannot be used in route map, since it's reserved for the "
                    "default route"
                )
        self._routes = dict(routes)

    def route(self, name: str, versions: Sequence[ServableData[T]]) -> int:
        """See :meth:`SourceRouter.route`."""
        del versions
        return self._routes.get(name, len(self.ports) - 1)
