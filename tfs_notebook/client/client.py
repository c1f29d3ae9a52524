"""A client for this server and for any TensorFlow Serving."""

from __future__ import annotations

import keyword
import time
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Final

from tfs_notebook.client.address import Address, parse_address
from tfs_notebook.client.asynchronous import run_steps_async
from tfs_notebook.client.calls import Steps, ask, run_steps
from tfs_notebook.client.client_repr import shown_client
from tfs_notebook.client.control import ModelControl
from tfs_notebook.client.limits import checked_seconds
from tfs_notebook.client.model_handle import ModelHandle
from tfs_notebook.client.model_keys import reference_of_key
from tfs_notebook.client.model_list import ServedModel
from tfs_notebook.client.server_access import Neighbours, ServerAccess, checked_token
from tfs_notebook.client.statistics import ModelStatistics, tells_no_statistics
from tfs_notebook.client.tls import PathLike, tls_of
from tfs_notebook.wire.errors import InvalidArgument, NotFound, ServingError, Unimplemented
from tfs_notebook.wire.model_spec import ModelReference

__all__ = ["Client"]

_QUICK_SECONDS: Final = 1.0
# What completion has just asked need not be asked again for each attribute.
_REMEMBERED_SECONDS: Final = 2.0


class Client:
    """Talks to one model server over gRPC or REST.

    ::

        client = Client("localhost:8500")
        client["half"].predict([1.0, 2.0, 5.0])   # the newest version
        client["half", 2]                         # that version
        client["half", "stable"]                  # the one with that label
        client.half                               # where the server lists its models

    It may be used from any thread, and as a context manager. Nothing is sent before the
    first call, and making one costs no time. ``repr`` sends nothing either; what a
    notebook shows asks the server for its models, for a second at most.

    A model is also an attribute if its name is a Python identifier without an underscore
    at its beginning, nothing here has that name, and the server lists it. The brackets
    take every name.
    """

    def __init__(
        self,
        address: str,
        *,
        rest_address: str | None = None,
        token: str | None = None,
        timeout: float = 60.0,
        tls: bool | None = None,
        ca: PathLike | None = None,
        client_certificate: PathLike | None = None,
        client_key: PathLike | None = None,
        server_name: str | None = None,
        title: str = "",
        expression: str = "client",
        neighbours: Neighbours = dict,
        elsewhere: Callable[[str], Client | None] | None = None,
        before: Callable[[ModelReference], None] | None = None,
    ) -> None:
        """Take note of an address.

        Args:
            address: ``"localhost:8500"``, ``"http://localhost:8501"``, ``"unix:PATH"`` …
                (see :data:`tfs_notebook.client.address.FORMS`).
            rest_address: of the same server, where ``address`` is for gRPC: what lists
                the models, which gRPC cannot.
            token: sent as ``Authorization: Bearer``; never shown.
            timeout: seconds a call may take, unless it says otherwise.
            tls: whether to speak TLS; by default if the address or one of the next says so.
            ca: file of the certificate authorities to believe, in PEM; by default those of
                the system.
            client_certificate: file of the client's own certificate, in PEM.
            client_key: file of its key, if that is another.
            server_name: what the server's certificate is for, if that is not the address.
            title: what the server is, for a person to read.
            expression: what gives this client, for calls that a person is shown.
            neighbours: see :data:`tfs_notebook.client.server_access.Neighbours`.
            elsewhere: which of them has the model of a name, if it is to be asked instead.
            before: called with what is asked for before each prediction; may refuse it.

        Raises:
            InvalidArgument: it is no address, no header takes the token, or the TLS settings
                contradict each other.
        """
        parsed = parse_address(address)
        rest = _rest(parsed, rest_address)
        settings = tls_of(
            tls,
            ca=ca,
            client_certificate=client_certificate,
            client_key=client_key,
            server_name=server_name,
            named_by_address=parsed.names_tls or (rest is not None and rest.names_tls),
        )
        if settings is not None and parsed.protocol == "http" and not parsed.names_tls:
            raise InvalidArgument(f"TLS over REST is https://…, and the address is {address!r}")
        self.access: ServerAccess = ServerAccess(
            parsed,
            rest,
            token=checked_token(token),
            # An address in clear may have a REST address with TLS beside it.
            tls=settings,
            grpc_tls=bool(tls or ca or client_certificate or server_name or parsed.names_tls),
            timeout=checked_seconds("timeout", timeout),
            expression=expression,
            neighbours=neighbours,
            before=before,
        )
        self._elsewhere = elsewhere
        self._title = title
        self._names: tuple[float, list[str]] = (0.0, [])

    @classmethod
    def of(cls, model: ModelHandle) -> Client:
        """The client of a model's server, with the same connections, token and TLS."""
        client = cls(model.access.address.text, timeout=model.access.timeout)
        client.access = model.access
        return client

    @property
    def address(self) -> str:
        """Where the server is, as it was written."""
        return self.access.address.text

    @property
    def title(self) -> str:
        """What the server is, for a person to read; empty if nobody said."""
        return self._title

    def __getitem__(self, key: str | tuple[str, int | str]) -> ModelHandle:
        """A handle of a model, of one of its versions, or of what has a label.

        Does not ask the server whether it is there.

        Raises:
            TypeError: it is none of these keys.
            InvalidArgument: no model, version or label can be called that.
        """
        reference = reference_of_key(key)
        if self._elsewhere is not None:
            other = self._elsewhere(reference.name)
            if other is not None:
                return other[key]
        return ModelHandle(self.access, reference)

    def models(self, *, timeout: float | None = None) -> list[str]:
        """The names of the server's models, in the order of its configuration; blocks.

        Raises:
            Unimplemented: gRPC has no call for it, and no ``rest_address`` is known; or it
                is a TensorFlow Serving, which has no such list.
            ServingError: what else the server says.
        """
        return [model.name for model in self.served(timeout=timeout)]

    def served(self, *, timeout: float | None = None) -> list[ServedModel]:
        """The server's models with their versions and labels; as :meth:`models`."""
        return run_steps(self._served(timeout))

    def stats(self, *, timeout: float | None = None) -> dict[str, ModelStatistics]:
        """What the server has counted of its models, by their names; blocks.

        Raises:
            Unimplemented: as :meth:`models`.
            ServingError: what else the server says.
        """
        return run_steps(self._stats(timeout))

    async def models_async(self, *, timeout: float | None = None) -> list[str]:
        """As :meth:`models`, awaited."""
        return [model.name for model in await self.served_async(timeout=timeout)]

    async def served_async(self, *, timeout: float | None = None) -> list[ServedModel]:
        """As :meth:`served`, awaited."""
        return await run_steps_async(self._served(timeout))

    async def stats_async(self, *, timeout: float | None = None) -> dict[str, ModelStatistics]:
        """As :meth:`stats`, awaited."""
        return await run_steps_async(self._stats(timeout))

    def _served(self, timeout: float | None) -> Steps[list[ServedModel]]:
        seconds = self.access.seconds(timeout)
        try:
            return (yield from ask(self.access.rest("a list of models").models(seconds)))
        except (NotFound, InvalidArgument) as error:
            raise Unimplemented(
                f"{self.address} does not list its models, as TensorFlow Serving does not; ask "
                f"for one by its name ({error.message})"
            ) from None

    def _stats(self, timeout: float | None) -> Steps[dict[str, ModelStatistics]]:
        seconds = self.access.seconds(timeout)
        try:
            return (yield from ask(self.access.rest("statistics").all_statistics(seconds)))
        except (NotFound, InvalidArgument) as error:
            raise tells_no_statistics(self.address, error) from None

    def control(self) -> ModelControl:
        """What changes this server's models: load, unload, labels, pins.

        It sends the client's token, and is to be closed by whoever asks for it. A server
        lets its models be changed over its Unix socket, and over TCP with a token.

        Raises:
            Unimplemented: gRPC alone is known, and no ``rest_address``.
        """
        return self.access.new_control()

    def _ipython_key_completions_(self) -> list[str | tuple[str, int | str]]:
        try:
            models = self.served(timeout=_QUICK_SECONDS)
        except ServingError:
            return []
        return [key for model in models for key in _keys(model)]

    def _quick_names(self) -> Iterable[str]:
        asked, names = self._names
        if time.monotonic() - asked > _REMEMBERED_SECONDS:
            try:
                names = self.models(timeout=_QUICK_SECONDS)
            except ServingError:
                names = []
            self._names = (time.monotonic(), names)
        return names

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *filter(_is_attribute, self._quick_names())})

    if not TYPE_CHECKING:  # or every misspelt method would be a model to type checkers

        def __getattr__(self, name: str) -> ModelHandle:
            if (
                _is_attribute(name)
                and "access" in self.__dict__
                and name in self._quick_names()
            ):
                return self[name]
            raise AttributeError(
                f"a client has no {name!r}, and the server lists no model of that name; "
                f'client["{name}"] takes every name'
            )

    @property
    def is_closed(self) -> bool:
        """Whether :meth:`close` was called."""
        return self.access.is_closed

    def close(self) -> None:
        """Hang up; idempotent. Calls under way may fail."""
        self.access.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        title = f": {self._title}" if self._title else ""
        closed = " (closed)" if self.is_closed else ""
        others = "".join(f"; also {one}" for one in self.access.neighbours())
        return f"<tfs_notebook.Client of {self.address}{title}{closed}{others}>"

    def _repr_mimebundle_(self, **_: object) -> Mapping[str, str]:
        return shown_client(self, _QUICK_SECONDS)


def _rest(address: Address, text: str | None) -> Address | None:
    if text is None:
        return address if address.protocol == "http" else None
    rest = parse_address(text)
    if rest.protocol != "http":
        raise InvalidArgument(f"rest_address is to be a REST address, not {text!r}")
    return rest


def _keys(model: ServedModel) -> list[str | tuple[str, int | str]]:
    choices: list[int | str] = [*model.labels, *model.available]
    keys: list[str | tuple[str, int | str]] = [(model.name, one) for one in choices]
    return [model.name, *keys]


def _is_attribute(name: str) -> bool:
    return name.isidentifier() and not name.startswith("_") and not keyword.iskeyword(name)
