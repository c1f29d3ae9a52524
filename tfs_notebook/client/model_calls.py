"""What a model is asked, step by step; for code that blocks and code that awaits alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np

from tfs_notebook.client.absence import absence, is_about_absence
from tfs_notebook.client.calls import Call, Steps, ask
from tfs_notebook.client.chunks import (
    Joined,
    Pace,
    Rows,
    UnevenOutputsError,
    common_rows,
    has_open_rows,
    in_chunks,
    is_sent_at_once,
    largest_task,
    rows_of_a_chunk,
)
from tfs_notebook.client.columns import as_frame, is_table
from tfs_notebook.client.feature_rows import EXAMPLES_FORMS, serialized_examples
from tfs_notebook.client.frame_results import classes_frame, frame_of
from tfs_notebook.client.given import Outputs, as_given
from tfs_notebook.client.inputs import Inputs, passed, sent, unfit
from tfs_notebook.client.labelled_scores import LabelledScores
from tfs_notebook.client.limits import ChunkRows, Limits
from tfs_notebook.client.model_keys import key_literal
from tfs_notebook.client.offered import Offered
from tfs_notebook.client.raw_calls import RawCalls, RawInput
from tfs_notebook.client.request_id import checked_request_id
from tfs_notebook.client.server_access import ServerAccess
from tfs_notebook.client.transport import Answer, ModelMetadata, Transport
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.errors import InvalidArgument, NotFound, ServingError
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.signatures import DEFAULT_SIGNATURE, Signature

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["ModelCalls", "expression_of"]


T = TypeVar("T")


class ModelCalls:
    """The programs behind a :class:`~tfs_notebook.client.model_handle.ModelHandle`.

    Args:
        access: the ways to the server.
        reference: which model is asked.
        request_id: what all requests carry; see ``request_id.py``.
    """

    def __init__(
        self, access: ServerAccess, reference: ModelReference, request_id: str | None = None
    ) -> None:
        self._access = access
        self._reference = reference
        self._request_id = request_id
        self._offered = Offered(access, reference)
        self._raw = RawCalls(access, reference, self._offered, request_id)

    def keyed(self, request_id: object) -> ModelCalls:
        """The same with this id.

        Raises:
            InvalidArgument: it is none that a header takes.
        """
        if request_id is None:
            return self
        return ModelCalls(self._access, self._reference, checked_request_id(request_id))

    def fresh_metadata(self, limits: Limits) -> Steps[ModelMetadata]:
        """What the model offers now."""

        def program() -> Steps[ModelMetadata]:
            self._offered.forget()
            return self._offered.metadata(limits.timeout)

        return self._insisting(program, "", limits)

    def predict(
        self,
        value: object,
        named: Mapping[str, object],
        signature: str,
        limits: Limits,
        top: int | None = None,
    ) -> Steps[Outputs]:
        """Run a signature, or a pipeline; ``top`` is how many labels are to be told then."""

        def program() -> Steps[Outputs]:
            if self._access.before is not None:
                self._access.before(self._reference)
            answer = yield from self._raw.predict(value, named, signature, limits, top)
            if answer is not None:
                return answer
            return (yield from self._predict(value, named, signature, limits))

        return self._insisting(program, signature, limits)

    def raw_input(
        self, value: object, signature: str, limits: Limits
    ) -> Steps[RawInput | None]:
        """What of a value goes through the pipeline; see :meth:`RawCalls.input`."""
        return self._raw.input(value, signature, limits)

    def raw_request(self, raw: RawInput, limits: Limits) -> Callable[[], Call[Answer]]:
        """What asks the pipeline; see :meth:`RawCalls.request`."""
        return self._raw.request(raw, limits)

    def classify(
        self, examples: object, signature: str, limits: Limits
    ) -> Steps[LabelledScores | DataFrame]:
        """Classify examples."""

        def shaped(joined: Joined) -> LabelledScores | DataFrame:
            labels, scores = joined.outputs["labels"], joined.outputs["scores"]
            if not is_table(examples):
                return LabelledScores(labels, scores)
            return classes_frame(labels, scores, as_frame(examples).index[: joined.rows])

        return self._of_examples(examples, signature, limits, shaped, regress=False)

    def regress(
        self, examples: object, signature: str, limits: Limits
    ) -> Steps[np.ndarray | DataFrame]:
        """Give each example a number."""

        def shaped(joined: Joined) -> np.ndarray | DataFrame:
            if not is_table(examples):
                return joined.outputs["values"]
            return frame_of(joined.outputs, as_frame(examples).index[: joined.rows])

        return self._of_examples(examples, signature, limits, shaped, regress=True)

    def _of_examples(
        self,
        examples: object,
        signature: str,
        limits: Limits,
        shaped: Callable[[Joined], T],
        *,
        regress: bool,
    ) -> Steps[T]:
        # Once: what is passed may be an iterator.
        serialized = serialized_examples(examples)
        return (
            yield from self._insisting(
                lambda: self._examples(serialized, signature, limits, shaped, regress=regress),
                signature,
                limits,
            )
        )

    def _insisting(
        self, program: Callable[[], Steps[T]], signature: str, limits: Limits
    ) -> Steps[T]:
        """Run a program, and again if what failed it has changed or passed."""
        is_fresh = not self._offered.is_known
        try:
            return (yield from program())
        except (InvalidArgument, NotFound) as error:
            first = error
        # A new version may have another signature than the one that is remembered.
        if not is_fresh and (yield from self._has_changed(signature, limits.timeout)):
            return (yield from program())
        if is_about_absence(first):
            reason = yield from absence(self._access, self._reference, first, limits.wait)
            if reason is not None:
                raise reason from None
            return (yield from program())
        raise first

    def _has_changed(self, signature: str, timeout: float) -> Steps[bool]:
        before = self._offered.forget()
        try:
            after = yield from self._offered.metadata(timeout)
        except ServingError:
            return False
        name = signature or DEFAULT_SIGNATURE
        return before is None or before.signatures.get(name) != after.signatures.get(name)

    def _predict(
        self, value: object, named: Mapping[str, object], name: str, limits: Limits
    ) -> Steps[Outputs]:
        metadata = yield from self._offered.metadata(limits.timeout)
        signature = metadata.signature(name)
        given = None
        try:
            given = as_given(value, named, signature)
            joined = yield from self._run(given.inputs, signature, name, metadata, limits)
        except InvalidArgument as error:
            came = passed(value, named) if given is None else sent(given.inputs)
            reason, call = (
                f"{metadata.name}: {error.message}",
                expression_of(self._access, self._reference),
            )
            pipeline = yield from self._offered.pipeline_if_told(metadata, name, limits.timeout)
            raise unfit(reason, signature, came, call, pipeline) from None
        self._offered.answered_by(joined.version)
        return given.answer(joined.outputs, joined.rows)

    def _run(
        self,
        inputs: Inputs,
        signature: Signature,
        name: str,
        metadata: ModelMetadata,
        limits: Limits,
    ) -> Steps[Joined]:
        transport, reference = self._transport(), self._of_signature(name)

        def call(part: slice) -> Call[Answer]:
            if part == _ALL:
                some = inputs
            else:
                some = {alias: (array[part], dtype) for alias, (array, dtype) in inputs.items()}
            return transport.predict(reference, some, metadata, limits.timeout)

        rows = common_rows(inputs)
        chosen = limits.chunk_rows
        if rows is None:
            if isinstance(chosen, int) and chosen:
                raise InvalidArgument(
                    "chunk_rows= is for inputs of equally many rows, which these are not"
                )
            return _whole((yield from ask(call(_ALL))))
        size = rows
        if chosen == "auto":
            part = rows_of_a_chunk(inputs, rows)
            if not is_sent_at_once(rows, part) and has_open_rows(signature):
                size = part
        return (yield from self._in_parts(self._rows(rows, size, call, reference), chosen))

    def _transport(self) -> Transport:
        return self._access.transport().keyed(self._request_id)

    def _of_signature(self, name: str) -> ModelReference:
        return replace(self._reference, signature=name) if name else self._reference

    def _rows(
        self,
        count: int,
        size: int,
        call: Callable[[slice], Call[Answer]],
        reference: ModelReference,
    ) -> Rows:
        pace = self._access.paces.setdefault(reference, Pace())
        return Rows(count, size, False, call, self._reference.name, pace)

    def _in_parts(self, rows: Rows, chosen: ChunkRows) -> Steps[Joined]:
        if isinstance(chosen, int) and chosen > 0:
            rows = replace(rows, size=chosen, is_fixed=True)
        while True:
            is_whole = rows.size >= rows.count
            program = self._all(rows.call) if is_whole else in_chunks(rows)
            try:
                return (yield from program)
            except UnevenOutputsError as error:
                if rows.is_fixed:
                    raise InvalidArgument(
                        f"{error}, so that parts cannot be joined: chunk_rows=None sends all "
                        "rows at once"
                    ) from None
                rows = replace(rows, size=rows.count)
                chosen = None
            except InvalidArgument as error:
                limit = largest_task(error)
                if limit is None or not chosen or limit >= min(rows.size, rows.count):
                    raise
                rows = replace(rows, size=limit, is_fixed=True)

    def _all(self, call: Callable[[slice], Call[Answer]]) -> Steps[Joined]:
        return _whole((yield from ask(call(_ALL))))

    def _examples(
        self,
        serialized: Sequence[bytes],
        name: str,
        limits: Limits,
        shaped: Callable[[Joined], T],
        *,
        regress: bool,
    ) -> Steps[T]:
        transport, reference = self._transport(), self._of_signature(name)

        def call(part: slice) -> Call[Answer]:
            method = transport.regress if regress else transport.classify
            return method(reference, serialized[part], limits.timeout)

        strings = np.array([*serialized, b""], object)[:-1]
        count = len(serialized)
        size = rows_of_a_chunk({"": (strings, DataType.STRING)}, count)
        if not limits.chunk_rows or is_sent_at_once(count, size):
            size = count
        rows = self._rows(count, size, call, reference)
        try:
            joined = yield from self._in_parts(rows, limits.chunk_rows)
        except InvalidArgument as error:
            if is_about_absence(error):
                raise
            metadata = yield from self._offered.metadata(limits.timeout)
            method = "regress" if regress else "classify"
            fault = metadata.misuse(name, method)
            reason = f"{error.message}\n  {EXAMPLES_FORMS}" if fault is None else fault
            raise InvalidArgument(f"{self._reference.name}: {reason}") from None
        return shaped(joined)


_ALL: Final = slice(None)


def _whole(answer: Answer) -> Joined:
    return Joined(*answer)


def expression_of(access: ServerAccess, reference: ModelReference) -> str:
    """The handle as a person would write it: ``client["half", 2]``."""
    return access.expression + key_literal(reference)
