"""How a model's requests share runs: read, and changed while it is served."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tfs_notebook.client.server_access import ServerAccess
from tfs_notebook.wire.errors import InvalidArgument, NotFound, ServingError, Unimplemented
from tfs_notebook.wire.model_spec import ModelReference

if TYPE_CHECKING:
    from tfs_notebook.client.batching_settings import BatchingSettings

__all__ = ["BatchedModel"]

# What TensorFlow Serving says of an address that it does not have.
_NO_ADDRESS: Final = "Malformed request"


class BatchedModel:
    """The part of a :class:`~tfs_notebook.client.model_handle.ModelHandle` about batches.

    They are those of all versions of the model, whichever one the handle is of.
    """

    _access: ServerAccess
    _reference: ModelReference

    def batching(self, *, timeout: float | None = None) -> BatchingSettings:
        """Ask the server how it puts the model's requests together; blocks.

        Raises:
            InvalidArgument: it does not.
            Unimplemented: it does not tell, as TensorFlow Serving; or its REST address is
                not known.
            NotFound: there is no such model.
        """
        seconds = self._access.seconds(timeout)
        transport = self._access.rest("its batching")
        try:
            return transport.batching(self._reference, seconds).wait()
        except (NotFound, InvalidArgument) as error:
            raise self._why(error) from None

    def set_batching(
        self, *, reset: bool = False, timeout: float | None = None, **parameters: object
    ) -> BatchingSettings:
        """Change it while the model is served; blocks until the change holds.

        ::

            server["spam"].set_batching(max_batch_size=64, batch_timeout_micros=1000)
            server["spam"].set_batching(latency_target_micros=30_000)
            server["spam"].set_batching(max_batch_size=None)  # as files and flags say
            server["spam"].set_batching(reset=True)           # all of it

        Args:
            reset: take back first whatever was said of all parameters.
            timeout: seconds to wait; by default the client's.
            parameters: values by the names of ``BatchingParameters``, and
                ``latency_target_micros`` for the automatic mode (0 for none). What is not
                named stays; None takes back what was said.

        Returns:
            what holds now.

        Raises:
            InvalidArgument: there is no such parameter, or a value that it cannot have; or
                the server puts no requests together.
            PermissionDenied: it lets nobody change its models by that address.
            Unimplemented: as :meth:`batching`.
            NotFound: there is no such model.
        """
        seconds = self._access.seconds(timeout)
        given = {**parameters, "reset": True} if reset else parameters
        transport = self._access.rest("changes of its batching")
        try:
            return transport.set_batching(self._reference, given, seconds).wait()
        except (NotFound, InvalidArgument) as error:
            raise self._why(error) from None

    def _why(self, error: ServingError) -> ServingError:
        if _NO_ADDRESS not in error.message:
            return error
        return Unimplemented(
            f"{self._access.address.text} does not tell of its batching, as TensorFlow Serving "
            f"does not; a model server of tfs_notebook does ({error.message})"
        )
