"""New kinds of servables and sources, from other packages.

A package offers one by an entry point; nothing of it is imported before its
name is asked for::

    [project.entry-points."tfs_notebook.platforms"]
    onnx = "my_package:OnnxPlatform"

    [project.entry-points."tfs_notebook.sources"]
    registry = "my_package:RegistrySource"

Each is a class (or a function) that is called with the options somebody gives
it as keyword arguments, and makes a :class:`Platform` or a
:class:`PluginSource`.

The model server calls a platform without options, once, when a version of a
model whose ``model_platform`` is its name is first to be loaded. It serves what
the platform's loaders load if that is a ``tfs_notebook.runtimes.model.Model``:
``signatures`` and ``signature_defs``, the same offer as records and as clients
read it, and ``run``, which many threads call at once. What ``run`` raises should
be one of ``tfs_notebook.wire.errors``, whose code and text the client is given.
The loader's ``unload`` frees the model, after the last run; the server does not
call the model's ``close``. Labels, retries, pipelines beside a version and a
limit of memory (by the loader's estimates) are the server's part and work with
every platform.

A whole one, whose models double numbers::

    import numpy as np

    from tfs_notebook.lifecycle import Platform, SimpleLoader
    from tfs_notebook.wire.dtypes import DataType
    from tfs_notebook.wire.messages import SignatureDef
    from tfs_notebook.wire.signatures import DEFAULT_SIGNATURE, signature_of


    class Doubler:
        def __init__(self):
            definition = SignatureDef(method_name="tensorflow/serving/predict")
            for tensors, alias in ((definition.inputs, "x"), (definition.outputs, "y")):
                tensors[alias].dtype = DataType.FLOAT
                tensors[alias].tensor_shape.unknown_rank = True
            self.signature_defs = {DEFAULT_SIGNATURE: definition}
            self.signatures = {DEFAULT_SIGNATURE: signature_of(DEFAULT_SIGNATURE, definition)}

        def run(self, signature, inputs, outputs):
            values, _ = inputs["x"]
            return [np.asarray(values + values) for _ in outputs]

        def close(self):
            pass


    class Doubling(Platform):
        def make_loader(self, id_, path):
            return SimpleLoader(Doubler, destroy=Doubler.close, origin=path)
"""

from __future__ import annotations

import importlib.metadata
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, TypeVar, cast

from tfs_notebook.lifecycle.loader import Loader
from tfs_notebook.lifecycle.servable import ServableData, ServableId
from tfs_notebook.lifecycle.source import AspiredVersionsCallback, StoragePath
from tfs_notebook.lifecycle.source_adapter import OutputPort, UnarySourceAdapter
from tfs_notebook.wire.errors import AlreadyExists, FailedPrecondition, InvalidArgument

__all__ = [
    "PLATFORMS_GROUP",
    "SOURCES_GROUP",
    "Platform",
    "PluginRegistry",
    "PluginSource",
    "platforms",
    "sources",
]

T = TypeVar("T")
P = TypeVar("P")

PLATFORMS_GROUP: Final = "tfs_notebook.platforms"
SOURCES_GROUP: Final = "tfs_notebook.sources"


class Platform(ABC, Generic[T]):
    """A kind of servable: how a path becomes something that serves.

    The name of its entry point is what a model's ``model_platform`` says.
    """

    @abstractmethod
    def make_loader(self, id_: ServableId, path: StoragePath) -> Loader[T]:
        """The loader of one version; see :class:`Loader` for what it must do.

        Called by the source's thread whenever a version is aspired, also again
        for one that is loaded: it must be quick and load nothing, and give
        loaders of one path the same ``origin`` and those of different paths
        different ones, because by it the manager sees that a version lies
        elsewhere now. A version from a URL has been copied here before; for it
        the thread that loads calls this, with each attempt. What it raises
        becomes the version's error.

        Args:
            id_: name and version.
            path: the version's directory or file, on this machine.
        """

    def adapter(self) -> UnarySourceAdapter[StoragePath, Loader[T]]:
        """A new adapter from paths to the platform's loaders."""
        return UnarySourceAdapter(self.make_loader)


class PluginSource(ABC):
    """A source of versions that comes from another package.

    Says with :meth:`aspire` what should be served, on any thread and at any
    time between :meth:`start` and :meth:`stop`.
    """

    def __init__(self) -> None:
        self._output: OutputPort[StoragePath] = OutputPort()

    def set_aspired_versions_callback(
        self, callback: AspiredVersionsCallback[StoragePath]
    ) -> None:
        """Where to say it; see ``Source``."""
        self._output.set_aspired_versions_callback(callback)

    def aspire(self, name: str, versions: Mapping[int, StoragePath]) -> None:
        """Say where the versions of a name are that should be served: all of them.

        None unloads the name. Any thread may call this; it does not block.

        Raises:
            InvalidArgument: if a version is no int64, or is negative.
        """
        self._output.emit(
            name,
            [
                ServableData.of(ServableId(name, version), path)
                for version, path in versions.items()
            ],
        )

    @abstractmethod
    def start(self) -> None:
        """Begin. Called once; must not block for long."""

    @abstractmethod
    def stop(self, timeout: float) -> None:
        """End the source's threads, within ``timeout`` seconds. Called once."""


class PluginRegistry(Generic[P]):
    """Finds what plugs in under one entry-point group. Any thread may call it."""

    def __init__(self, group: str, base: type[Any]) -> None:
        """Make a registry.

        Args:
            group: the entry-point group.
            base: what its entry points have to make.
        """
        self._group = group
        self._base = base
        self._lock = threading.Lock()
        self._registered: dict[str, Callable[..., P]] = {}

    def register(self, name: str, factory: Callable[..., P]) -> None:
        """Add one of this process's own.

        Raises:
            AlreadyExists: ``Type T already registered.``
        """
        with self._lock:
            if name in self._registered or self._entry_points(name):
                raise AlreadyExists(f"Type {name} already registered.")
            self._registered[name] = factory

    def names(self) -> tuple[str, ...]:
        """What there is, sorted. Imports nothing."""
        found = {point.name for point in importlib.metadata.entry_points(group=self._group)}
        return tuple(sorted(found | self._registered.keys()))

    def make(self, name: str, /, **options: Any) -> P:  # noqa: ANN401 - the plug-in knows its own
        """Make the one with this name. Blocks on its import.

        Args:
            name: as in its entry point.
            options: keyword arguments for it.

        Raises:
            InvalidArgument: if there is none, or it refuses the options.
            FailedPrecondition: if two packages offer it, if it cannot be
                imported, or makes something else.
        """
        made = self._call(name, self._factory(name), options)
        if not isinstance(made, self._base):
            raise FailedPrecondition(
                f"{name!r} of {self._group} makes a {type(made).__name__}; it has to make a "
                f"{self._base.__name__}"
            )
        return cast("P", made)

    def _factory(self, name: str) -> Callable[..., object]:
        if name in self._registered:
            return self._registered[name]
        points = self._entry_points(name)
        if not points:
            known = ", ".join(self.names()) or "none"
            raise InvalidArgument(
                f"There is no {name!r} among {self._group}; there is: {known}"
            )
        if len({point.value for point in points}) > 1:
            offers = " and ".join(sorted(point.value for point in points))
            raise FailedPrecondition(
                f"{name!r} of {self._group} is offered twice: {offers}. Uninstall one of them"
            )
        try:
            factory: Callable[..., object] = points[0].load()
        except Exception as exc:
            raise FailedPrecondition(
                f"{name!r} of {self._group} cannot be imported from {points[0].value}: "
                f"{type(exc).__name__}: {exc}"
            ) from exc
        return factory

    def _call(
        self, name: str, factory: Callable[..., object], options: Mapping[str, Any]
    ) -> object:
        try:
            return factory(**options)
        except TypeError as exc:
            raise InvalidArgument(
                f"{name!r} of {self._group} does not take these options: {exc}"
            ) from exc

    def _entry_points(self, name: str) -> tuple[importlib.metadata.EntryPoint, ...]:
        return tuple(importlib.metadata.entry_points(group=self._group, name=name))


platforms: Final[PluginRegistry[Platform[Any]]] = PluginRegistry(PLATFORMS_GROUP, Platform)
"""Kinds of servables, by the name that configurations use for them."""

sources: Final[PluginRegistry[PluginSource]] = PluginRegistry(SOURCES_GROUP, PluginSource)
"""Kinds of sources."""
