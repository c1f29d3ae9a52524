"""All that ``serve`` is told, on its servers: all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tfs_notebook.client import ModelHandle
from tfs_notebook.client.control import ServedModel, VersionPolicy
from tfs_notebook.notebook.function_options import FunctionOptions
from tfs_notebook.notebook.function_versions import FUNCTION_PLATFORM
from tfs_notebook.notebook.live_models import LiveVersions, export_all
from tfs_notebook.notebook.placement import Placement
from tfs_notebook.notebook.progress import run_with_progress
from tfs_notebook.notebook.quiet_library import quiet_loads
from tfs_notebook.notebook.session import SESSION, RunningServer
from tfs_notebook.notebook.sources import Sources, check_free
from tfs_notebook.wire.errors import (
    AlreadyExists,
    DeadlineExceeded,
    InvalidArgument,
    ServingError,
    error_for_code,
)

if TYPE_CHECKING:
    from tfs_notebook.notebook.functions import MadeFunction

__all__ = ["ServeOptions", "serve_models"]


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """What ``serve`` is told beside what to serve; see there."""

    functions: FunctionOptions
    version_policy: VersionPolicy | None
    labels: Mapping[str, int] | None
    replace: bool
    timeout: float

    def check(self, sources: Sources) -> None:
        """Refuse what goes with none of the sources.

        Raises:
            InvalidArgument: the text says what it is for.
        """
        given = self.functions.given
        if given and not sources.functions:
            raise InvalidArgument(f"{', '.join(given)}: that is for functions")
        if sources.functions and (self.version_policy is not None or self.labels is not None):
            raise InvalidArgument("versions and labels of a function come after it is served")
        if not sources.are_several:
            return
        for what, specs in (
            ("inputs=", self.functions.inputs),
            ("outputs=", self.functions.outputs),
        ):
            if specs is not None and not isinstance(specs, Mapping):
                raise InvalidArgument(f"of a dict, {what} is a dict too, by the same names")
            sources.check_names(what, specs or ())


def serve_models(sources: Sources, options: ServeOptions) -> dict[str, ModelHandle]:
    """Serve all of them; blocks, with a line that tells of it.

    Paths and live models are served with Jupyter's model server where there is one, else
    with the kernel's own, functions always with that.

    Returns:
        the models, by name.

    Raises:
        DeadlineExceeded: the time is up; what is still being loaded goes on with that.
        ServingError: why one of them cannot be served; the servers have then what they had.
    """
    options.check(sources)
    with _all_or_nothing(sources):
        made: dict[str, MadeFunction] = {}
        placements: dict[str, Placement] = {}
        try:
            _make(sources, options, made)
            placements |= _placed(sources, options, made)
            for one in placements.values():
                _check_elsewhere(one, replace=options.replace)
            _add_versions(sources, placements, made)
        except BaseException:
            for one in placements.values():
                one.take_back()
            for function in made.values():
                function.model.close()
            raise
        _load(placements)
    for one in placements.values():
        one.settle()
    _have_threads_for(made, placements)
    return {name: SESSION.client(placements[name].server)[name] for name in sources.names}


def _have_threads_for(
    made: Mapping[str, MadeFunction], placements: Mapping[str, Placement]
) -> None:
    """See that functions that take long leave a thread to others."""
    own = next((placements[name] for name in made), None)
    if own is not None:
        functions = len(SESSION.served[own.server.rest_address])
        if own.control.batch_threads() <= functions:
            own.control.set_batch_threads(functions + 1)


@contextmanager
def _all_or_nothing(sources: Sources) -> Iterator[None]:
    try:
        yield
    except DeadlineExceeded:
        raise
    except ServingError as error:
        if not sources.are_several:
            raise
        text = f"{error.message}\nNothing of the dict is served by this call"
        raise error_for_code(error.code, text) from error


def _make(sources: Sources, options: ServeOptions, made: dict[str, MadeFunction]) -> None:
    if not sources.functions:
        return
    from tfs_notebook.notebook.functions import (  # noqa: PLC0415 - brings the lifecycle
        MadeFunction,
    )

    for name, function in sources.functions.items():
        try:
            example = sources.examples.get(name)
            made[name] = MadeFunction.of(function, example, options.functions, name)
        except ServingError as error:
            if not sources.are_several:
                raise
            raise error_for_code(error.code, f"{name!r}: {error.message}") from error


def _placed(
    sources: Sources, options: ServeOptions, made: Mapping[str, MadeFunction]
) -> dict[str, Placement]:
    placements: dict[str, Placement] = {}
    if sources.paths or sources.live:
        server = SESSION.ensure()
        models = SESSION.control(server).models()
        versions = {one: LiveVersions(server, one) for one in sources.live}
        paths = sources.paths | {one: str(its.base_path) for one, its in versions.items()}
        if not options.replace:
            served = SESSION.served.get(server.rest_address, set())
            check_free(paths, models, served, versions)
        for name, base_path in paths.items():
            load = _loading(server, name, base_path, options)
            placements[name] = Placement(
                name,
                server,
                _by_name(models, name),
                load,
                versions=versions.get(name),
                takes_newest=options.version_policy is None,
            )
    if made:
        own = SESSION.ensure_own()
        models = SESSION.control(own).models()
        for name in made:
            its = LiveVersions(own, name)
            load = _loading(own, name, str(its.base_path), options, FUNCTION_PLATFORM)
            placements[name] = Placement(
                name,
                own,
                _by_name(models, name),
                load,
                platform=FUNCTION_PLATFORM,
                versions=its,
                takes_newest=True,
            )
            _check_place(placements[name], replace=options.replace)
    return placements


def _loading(
    server: RunningServer,
    name: str,
    base_path: str,
    options: ServeOptions,
    platform: str | None = None,
) -> Callable[..., None]:
    return partial(
        SESSION.control(server).load,
        name,
        base_path=base_path,
        platform=platform,
        **({} if platform else {"version_policy": options.version_policy}),
        labels=options.labels,
        timeout=options.timeout,
    )


def _by_name(models: list[ServedModel], name: str) -> ServedModel | None:
    return next((one for one in models if one.name == name), None)


def _check_place(placement: Placement, *, replace: bool) -> None:
    before = placement.before
    if before is not None and not placement.was_function and not replace:
        raise AlreadyExists(
            f"{placement.name!r} is served here from {before.base_path}. Choose another name, "
            "or take this one with replace=True"
        )


def _check_elsewhere(placement: Placement, *, replace: bool) -> None:
    """See that a name means one model only, of all servers that this kernel uses.

    Raises:
        AlreadyExists: Jupyter's model server serves the name that a function is to have.
    """
    try:
        servers = SESSION.all()
    except ServingError:  # Jupyter's does not answer: nobody knows what it serves
        servers = []
    for server in servers:
        if server == placement.server or server.kind == "elsewhere":
            continue
        there = _by_name(SESSION.control(server).models(), placement.name)
        if there is None:
            continue
        if server.kind == "jupyter" and not replace:
            raise AlreadyExists(
                f"{server.title} serves {placement.name!r} too, from {there.base_path}, and "
                f"connect()[{placement.name!r}] is to mean one model. Choose another name, or "
                "take this one with replace=True, which unloads it there"
            )
        placement.elsewhere = server


def _add_versions(
    sources: Sources,
    placements: Mapping[str, Placement],
    made: Mapping[str, MadeFunction],
) -> None:
    versions = {name: LiveVersions(placements[name].server, name) for name in sources.live}
    exported = export_all(sources.live, versions, sources.examples)
    for name, path in exported.items():
        placements[name].add(path)
    for name, function in made.items():
        base_path: Path = LiveVersions(placements[name].server, name).base_path
        placements[name].add(function.add_version(base_path))


def _load(placements: Mapping[str, Placement]) -> None:
    before = {
        one.server.rest_address: set(SESSION.served.get(one.server.rest_address, ()))
        for one in placements.values()
    }
    for name, one in placements.items():
        SESSION.served.setdefault(one.server.rest_address, set()).add(name)
    calls = {name: one.load for name, one in placements.items()}
    try:
        kinds = {one.server.kind for one in placements.values()}
        with quiet_loads(in_this_kernel="kernel" in kinds):
            run_with_progress("loading", calls, lambda name: placements[name].state())
    except DeadlineExceeded:
        raise  # it goes on loading, and is this kernel's
    except ServingError as error:
        left = _taken_back(placements)
        for address, names in before.items():
            served = SESSION.served.setdefault(address, set())
            served -= {
                name
                for name, one in placements.items()
                if one.server.rest_address == address and name not in names | left.keys()
            }
        if left:
            what = "; ".join(f"{name} ({why})" for name, why in left.items())
            text = f"{error.message}\nWhat was there before is not back for {what}"
            raise error_for_code(error.code, text) from error
        raise


def _taken_back(placements: Mapping[str, Placement]) -> dict[str, str]:
    """Take all of them back; gives why not, by the names of those of which that failed."""
    left = {}
    for name, one in placements.items():
        try:
            one.take_back()
        except ServingError as error:
            left[name] = error.message
    return left
