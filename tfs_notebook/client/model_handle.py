"""One model, or one of its versions, on a server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from tfs_notebook.client.asynchronous import run_steps_async
from tfs_notebook.client.batched_model import BatchedModel
from tfs_notebook.client.calls import run_steps
from tfs_notebook.client.described_model import WAIT_SECONDS, DescribedModel
from tfs_notebook.client.given import Outputs
from tfs_notebook.client.inputs import NOTHING
from tfs_notebook.client.labelled_scores import LabelledScores
from tfs_notebook.client.limits import ChunkRows
from tfs_notebook.client.measured_model import MeasuredModel
from tfs_notebook.client.model_calls import ModelCalls
from tfs_notebook.client.model_repr import handle_line, shown_handle
from tfs_notebook.client.model_traffic import RoutedModel
from tfs_notebook.client.server_access import ServerAccess
from tfs_notebook.wire.model_spec import ModelReference

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["ModelHandle"]


class ModelHandle(DescribedModel, MeasuredModel, BatchedModel, RoutedModel):
    """Runs one model; made by :class:`~tfs_notebook.client.client.Client`.

    It may be used from any thread. Its methods block until the server has answered, and
    raise the :class:`~tfs_notebook.wire.errors.ServingError` it answers with. Those whose
    names end in ``_async`` are awaited instead, on any asyncio loop, a notebook's too; what
    they are given is made a request on that loop, which takes milliseconds for megabytes.
    """

    def __init__(self, access: ServerAccess, reference: ModelReference) -> None:
        self._access = access
        self._reference = reference
        self._calls = ModelCalls(access, reference)

    @property
    def name(self) -> str:
        """The name of the model."""
        return self._reference.name

    @property
    def access(self) -> ServerAccess:
        """The ways to its server."""
        return self._access

    @property
    def reference(self) -> ModelReference:
        """Which model, and which of its versions or labels, it stands for."""
        return self._reference

    def predict(
        self,
        x: object = NOTHING,
        /,
        *,
        signature: str = "",
        timeout: float | None = None,
        wait: float = WAIT_SECONDS,
        chunk_rows: ChunkRows = "auto",
        request_id: str | None = None,
        k: int | None = None,
        **named: object,
    ) -> Outputs:
        """Run the model.

        ::

            half.predict([1.0, 2.0, 5.0])
            half.predict({"a": [1], "b": [2]})
            half.predict(a=[1], b=[2])
            half.predict(df)
            spam.predict("win a prize"), spam.predict(df["text"])
            cats.predict("cat.jpg", k=3)

        Large inputs are sent in parts, several at a time and with a progress bar, if the
        signature leaves the first dimension of all inputs and outputs open. An interrupt
        ends that with the answer for the rows that are done, and a warning; nothing is
        left running. A model whose rows depend on each other wants ``chunk_rows=None``.

        Args:
            x: the value of the one input, as an array (NumPy's or any other library's) or
                as nested lists; or a dict of all inputs, which also takes those that are
                named like one of the arguments here; or a pandas DataFrame or Series,
                whose rows are instances: columns are the inputs of their names, or
                together the last dimension of the one input. Types are converted where
                that loses nothing. Where the model has a pipeline also a text, or an image
                (a path, bytes, a picture of Pillow, an array whose shape is not that of the
                input), or a list, Series or DataFrame column of them.
            signature: which one to run, by default ``serving_default``.
            timeout: seconds to wait for an answer, or for that of each part; by default
                the client's.
            wait: seconds to wait for a model that is being loaded.
            chunk_rows: how many rows to send at a time; ``"auto"`` up to 32768 rows or
                2 MB; None for all at once.
            request_id: the id of a customer, a session or a device, which meets one version
                all the while where the model's requests go by weights; by default the
                choice is another one each time.
            k: how many labels are told of a text or an image.
            named: the inputs by name.

        Returns:
            the array of the one output, or a dict of arrays by name; a dict for a dict; a
            DataFrame with the index of the one passed for a DataFrame or Series, if the
            outputs are by rows. Strings are ``bytes`` in arrays and text in a DataFrame.
            All is the caller's own. For a text or an image a record with label and score,
            for several a list of such, or a DataFrame with its index.

        Raises:
            InvalidArgument: the arguments do not fit; the text shows what would.
            NotFound: no such model, version or signature; the text says what there is.
            FailedPrecondition: the model is there, and none of its versions.
            Unavailable: no server answers, or the model was loading for too long.
            DeadlineExceeded: no answer in time.
            ServingError: what else the server says.
        """
        limits = self._limits(timeout, wait, chunk_rows)
        return run_steps(self._calls.keyed(request_id).predict(x, named, signature, limits, k))

    async def predict_async(
        self,
        x: object = NOTHING,
        /,
        *,
        signature: str = "",
        timeout: float | None = None,
        wait: float = WAIT_SECONDS,
        chunk_rows: ChunkRows = "auto",
        request_id: str | None = None,
        k: int | None = None,
        **named: object,
    ) -> Outputs:
        """As :meth:`predict`, awaited; cancelling the task cancels what is under way."""
        limits = self._limits(timeout, wait, chunk_rows)
        return await run_steps_async(
            self._calls.keyed(request_id).predict(x, named, signature, limits, k)
        )

    def classify(
        self,
        examples: object,
        /,
        *,
        signature: str = "",
        timeout: float | None = None,
        wait: float = WAIT_SECONDS,
        chunk_rows: ChunkRows = "auto",
        request_id: str | None = None,
    ) -> LabelledScores | DataFrame:
        """Classify examples; the signature is one that takes ``tf.Example``.

        ::

            model.classify([{"age": 30, "height": 1.8, "name": "x"}])

        Args:
            examples: see :func:`~tfs_notebook.client.feature_rows.serialized_examples`:
                dicts of features, a DataFrame, or serialised ``tf.Example``. Integers are
                int64 to the model, and numbers with a point float.
            signature: which one to run, by default ``serving_default``.
            timeout: as :meth:`predict` has it, like the next two.
            wait: for a model that is being loaded.
            chunk_rows: how many examples to send at a time.
            request_id: as :meth:`predict` has it.

        Returns:
            labels and scores for each example; for a DataFrame one with its index, the
            best ``label``, its ``score``, and the scores of all labels.

        Raises:
            InvalidArgument: the examples do not fit, or the signature is no such one.
            ServingError: as :meth:`predict`.
        """
        limits = self._limits(timeout, wait, chunk_rows)
        return run_steps(self._calls.keyed(request_id).classify(examples, signature, limits))

    async def classify_async(
        self,
        examples: object,
        /,
        *,
        signature: str = "",
        timeout: float | None = None,
        wait: float = WAIT_SECONDS,
        chunk_rows: ChunkRows = "auto",
        request_id: str | None = None,
    ) -> LabelledScores | DataFrame:
        """As :meth:`classify`, awaited."""
        limits = self._limits(timeout, wait, chunk_rows)
        return await run_steps_async(
            self._calls.keyed(request_id).classify(examples, signature, limits)
        )

    def regress(
        self,
        examples: object,
        /,
        *,
        signature: str = "",
        timeout: float | None = None,
        wait: float = WAIT_SECONDS,
        chunk_rows: ChunkRows = "auto",
        request_id: str | None = None,
    ) -> np.ndarray | DataFrame:
        """Give each example a number; takes and raises what :meth:`classify` does.

        Returns:
            float32 of ``[examples]``; for a DataFrame one with its index and a column
            ``values``.
        """
        limits = self._limits(timeout, wait, chunk_rows)
        return run_steps(self._calls.keyed(request_id).regress(examples, signature, limits))

    async def regress_async(
        self,
        examples: object,
        /,
        *,
        signature: str = "",
        timeout: float | None = None,
        wait: float = WAIT_SECONDS,
        chunk_rows: ChunkRows = "auto",
        request_id: str | None = None,
    ) -> np.ndarray | DataFrame:
        """As :meth:`regress`, awaited."""
        limits = self._limits(timeout, wait, chunk_rows)
        return await run_steps_async(
            self._calls.keyed(request_id).regress(examples, signature, limits)
        )

    def __repr__(self) -> str:
        return handle_line(self._access, self._reference)

    def _repr_mimebundle_(self, **_: object) -> Mapping[str, str]:
        return shown_handle(self._access, self._reference)
