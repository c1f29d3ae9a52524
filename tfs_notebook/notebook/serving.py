"""Serve models from a notebook: the functions behind ``tfs_notebook.serve`` and ``%tfs``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, overload

from tfs_notebook.client import Client, ModelHandle
from tfs_notebook.client.control import ModelControl, ServedModel, VersionPolicy
from tfs_notebook.client.model_list import with_statistics
from tfs_notebook.notebook.function_options import FunctionOptions
from tfs_notebook.notebook.function_versions import FUNCTIONS, forget_function
from tfs_notebook.notebook.live_models import LiveModel
from tfs_notebook.notebook.progress import run_with_progress
from tfs_notebook.notebook.quiet_library import quiet_loads
from tfs_notebook.notebook.serve_models import ServeOptions, serve_models
from tfs_notebook.notebook.session import SESSION, RunningServer, keep_grpc_quiet
from tfs_notebook.notebook.sources import Path, Source, sources_of
from tfs_notebook.notebook.status_table import StatusTable
from tfs_notebook.wire.errors import InvalidArgument, NotFound, ServingError

if TYPE_CHECKING:
    from tfs_notebook.runtimes.function_specs import Specs

__all__ = [
    "connect",
    "label",
    "load",
    "model_names",
    "rollback",
    "serve",
    "status",
    "stop",
    "unload",
]

_LOAD_SECONDS = 600.0
_CALL_SECONDS = 60.0
_KINDS = ("jupyter", "kernel")
_QUICK_SECONDS = 2.0


def connect(
    address: str | None = None,
    *,
    rest_address: str | None = None,
    token: str | None = None,
    timeout: float = _CALL_SECONDS,
    tls: bool | None = None,
    ca: Path | None = None,
    client_certificate: Path | None = None,
    client_key: Path | None = None,
    server_name: str | None = None,
) -> Client:
    """A client of a model server.

    ::

        tfs_notebook.connect()["half"].predict([1.0, 2.0, 5.0])
        tfs_notebook.connect("kernel")
        tfs_notebook.connect("serving.example.com:8500", ca="ca.pem", token="…")

    Args:
        address: of any TensorFlow Serving: ``"localhost:8500"`` for gRPC,
            ``"http://localhost:8501"`` for REST … By default the model server of this
            Jupyter, else this kernel's own; in a script, that of the Jupyter server that
            was started last. Where there are both, what is shown of either names the other,
            a model that this kernel serves by itself is found by its name, and
            ``"jupyter"`` and ``"kernel"`` choose.
        rest_address: of the same server, where the address is for gRPC: for the list of
            models and their statistics.
        token: for an address that asks for one, as the next ones.
        timeout: seconds a call may take, unless it says otherwise.
        tls: whether to speak TLS; by default if the address (``grpcs://``, ``https://``) or
            one of the next says so.
        ca: file of the certificate authorities to believe, in PEM.
        client_certificate: file of a certificate of one's own, in PEM.
        client_key: file of its key, if that is another.
        server_name: what the server's certificate is for, if that is not the address.

    Raises:
        InvalidArgument: it is no address, or the other arguments do not go with it.
        FailedPrecondition: without an address: there is no server yet.
        Unavailable: without an address: Jupyter's model server does not answer.
    """
    files = (ca, client_certificate, client_key, server_name)
    if address is not None and address not in _KINDS:
        keep_grpc_quiet()
        return Client(
            address,
            rest_address=rest_address,
            token=token,
            timeout=timeout,
            tls=tls,
            ca=ca,
            client_certificate=client_certificate,
            client_key=client_key,
            server_name=server_name,
        )
    if token is not None or rest_address is not None or tls is not None or any(files):
        raise InvalidArgument("a token is for an address: connect(ADDRESS, token=…); so is TLS")
    if timeout != _CALL_SECONDS:
        raise InvalidArgument("without an address, say the timeout of each call instead")
    if address is None:
        return SESSION.common_client()
    return SESSION.client(SESSION.require(address))


@overload
def serve(
    path: Path | LiveModel | Callable[..., Any],
    name: str | None = None,
    *,
    example: object | None = None,
    inputs: Specs | None = None,
    outputs: Specs | None = None,
    batched: bool | None = None,
    max_batch_size: int | None = None,
    batch_timeout_micros: int | None = None,
    version_policy: VersionPolicy | None = None,
    labels: Mapping[str, int] | None = None,
    replace: bool = False,
    timeout: float = _LOAD_SECONDS,
) -> ModelHandle: ...
@overload
def serve(
    path: Mapping[str, Path | LiveModel | Callable[..., Any]],
    name: None = None,
    *,
    example: Mapping[str, object] | None = None,
    inputs: Mapping[str, Specs] | None = None,
    outputs: Mapping[str, Specs] | None = None,
    batched: bool | None = None,
    max_batch_size: int | None = None,
    batch_timeout_micros: int | None = None,
    version_policy: VersionPolicy | None = None,
    labels: Mapping[str, int] | None = None,
    replace: bool = False,
    timeout: float = _LOAD_SECONDS,
) -> dict[str, ModelHandle]: ...
def serve(
    path: Source | Mapping[str, Source],
    name: str | None = None,
    *,
    example: object | None = None,
    inputs: Specs | None = None,
    outputs: Specs | None = None,
    batched: bool | None = None,
    max_batch_size: int | None = None,
    batch_timeout_micros: int | None = None,
    version_policy: VersionPolicy | None = None,
    labels: Mapping[str, int] | None = None,
    replace: bool = False,
    timeout: float = _LOAD_SECONDS,
) -> ModelHandle | dict[str, ModelHandle]:
    """Serve a model, and return when it answers; blocks, with a line that tells of it.

    With this Jupyter's model server where there is one, else with one of this kernel's
    own. Serving a name again from somewhere else exchanges the model. A live model is
    exported, to a directory that belongs to the model server; serving it again by the
    same name makes the next version. So does a function, which is served in this kernel,
    whatever Jupyter has, and goes with it: it is given an array for each parameter, rows
    first, by one thread at a time, and those of all requests that wait. Of a dict all are
    served or none: if one cannot be, the servers have what they had before.

    Args:
        path: directory with versions (``1``, ``2``, …) or with ``saved_model.pb`` right
            inside, which is version 1; or a URL; or a Keras 3 model or ``tf.Module`` of
            this kernel; or a function, a bound method, a partial, a callable object, a
            coroutine function; or a dict of such by name.
        name: what to call it; by default what its directory is called, or the model or
            function itself.
        example: for a live model; see ``export``, which offers more. A function is called
            with it, which says what it takes and gives: a batch of rows, or a dict of such
            by parameter. For a dict, a dict by the same names, as the next two.
        inputs: for a function without an example: ``"float32"``, ``np.int64``, ``str`` …,
            which is a value a row, or with a shape ``("float32", [None, 20])``; for several
            parameters a dict of such. By default what its annotations say, of which
            ``NDArray[np.float32]`` and ``list[str]`` are understood.
        outputs: likewise what it returns.
        batched: whether requests to a function share calls; by default if its inputs and
            outputs are by rows, and the rows of the example have the same answer alone.
        max_batch_size: the most rows of a call, and of a request; by default a million.
        batch_timeout_micros: how long the first request waits for others; by default it
            does not, and what comes during a call goes together into the next one.
        version_policy: ``"latest"``, ``"latest:2"``, ``"all"`` or version numbers.
        labels: version by label.
        replace: take the name although another kernel, or for a function Jupyter's model
            server, serves something else by it.
        timeout: seconds to wait; the server goes on loading after that.

    Returns:
        the model, to call ``predict`` on; for a dict, a dict of them.

    Raises:
        NotFound: there is no such directory.
        InvalidArgument: nothing in it can be served; or the model cannot be exported; or
            the function does not take its example, or nothing says what it takes.
        FailedPrecondition: an exported model answers otherwise than the model itself.
        AlreadyExists: the name is somebody else's; see ``replace``.
        ServingError: why it could not be loaded.
    """
    sources = sources_of(path, name, example)
    functions = FunctionOptions(
        inputs,
        outputs,
        batched,
        max_batch_size,
        batch_timeout_micros,
        is_by_name=sources.are_several,
    )
    options = ServeOptions(functions, version_policy, labels, replace, timeout)
    handles = serve_models(sources, options)
    return handles if sources.are_several else next(iter(handles.values()))


def _state(control: ModelControl, name: str) -> str:
    try:
        models = control.models(timeout=_QUICK_SECONDS)
    except ServingError:
        return ""
    states = [str(one) for model in models if model.name == name for one in model.versions[:1]]
    return f" ({states[0]})" if states else ""


def stop(name: str | None = None) -> None:
    """Stop serving what this kernel serves; blocks for seconds at most. Idempotent.

    The kernel's own server is stopped. Jupyter's model server belongs to all kernels: of
    that, the models are unloaded that this kernel has served.

    Args:
        name: only this model, whoever serves it.

    Raises:
        NotFound: there is no model of that name.
        ServingError: what the server says.
    """
    if name is not None:
        unload(name)
        return
    SESSION.stop_own()
    FUNCTIONS.clear()
    server = SESSION.find()
    if server is None:
        return
    mine = SESSION.served.pop(server.rest_address, set())
    control = SESSION.control(server)
    for model in control.models():
        if model.name in mine:
            with suppress(NotFound):  # somebody else was faster
                control.unload(model.name)


def load(
    name: str,
    *,
    version_policy: VersionPolicy | None = None,
    timeout: float = _LOAD_SECONDS,
) -> ModelHandle:
    """Serve a model of the server's models root by its name, or load one again; blocks.

    Raises:
        FailedPrecondition: there is no server.
        ServingError: why it could not be loaded.
    """
    server = SESSION.require()
    control = SESSION.control(server)
    call = partial(control.load, name, version_policy=version_policy, timeout=timeout)
    with quiet_loads(in_this_kernel=server.kind == "kernel"):
        run_with_progress("loading", {name: call}, partial(_state, control))
    return SESSION.client(server)[name]


def unload(name: str) -> None:
    """Serve a model no longer; raises as :func:`stop`."""
    server = SESSION.server_of(name)
    SESSION.control(server).unload(name)
    SESSION.served.get(server.rest_address, set()).discard(name)
    forget_function(server, name)


def rollback(
    name: str, version: int | None = None, *, timeout: float = _LOAD_SECONDS
) -> ModelHandle:
    """Serve an earlier version of a model; blocks until it answers.

    Args:
        name: the model.
        version: which one; by default the one before the one that serves.
        timeout: seconds to wait.

    Raises:
        ServingError: what the server says.
    """
    server = SESSION.server_of(name)
    control = SESSION.control(server)
    call = partial(control.rollback, name, version, timeout=timeout)
    with quiet_loads(in_this_kernel=server.kind == "kernel"):
        run_with_progress("rolling back", {name: call}, partial(_state, control))
    return SESSION.client(server)[name]


def label(name: str, labels: Mapping[str, int | None]) -> None:
    """Move labels of a model to versions, or with None take them away. Blocks.

    Raises:
        ServingError: what the server says.
    """
    SESSION.control(SESSION.server_of(name)).set_labels(name, labels)


def status(name: str | None = None) -> StatusTable:
    """What is served, as a table; blocks for a moment, and starts nothing.

    Args:
        name: only this model.

    Raises:
        Unavailable: there is a server, but it does not answer.
    """
    server = SESSION.find()
    if server is None:
        return StatusTable("There is no model server yet: %tfs serve PATH starts one.", ())
    models, title = _counted(server), server.title
    own = SESSION.own()
    if own is not None and own != server:  # for functions, beside Jupyter's
        models += _counted(own)
        title = f"{title} and {own.title}"
    chosen = tuple(model for model in models if name in (None, model.name))
    if not chosen:
        what = "serves no model yet" if name is None else f"has no model {name!r}"
        title = f"{title} {what}: %tfs serve PATH adds one."
    return StatusTable(title, chosen)


def _counted(server: RunningServer) -> list[ServedModel]:
    models = SESSION.control(server).models()
    try:
        return with_statistics(models, SESSION.client(server).stats(timeout=_QUICK_SECONDS))
    except ServingError:  # the table is of use without
        return models


def model_names() -> list[str]:
    """The names there are, for completion; none if nobody answers at once."""
    try:
        server = SESSION.find(patience=0)
        if server is None:
            return []
        models = SESSION.control(server).models(timeout=_QUICK_SECONDS)
    except ServingError:
        return []
    return [model.name for model in models]
