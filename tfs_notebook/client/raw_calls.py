"""Raw texts and images through a model's pipeline, step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias

import numpy as np

from tfs_notebook.client.calls import Call, Steps, ask
from tfs_notebook.client.chunks import Joined, Rows, UnevenOutputsError, in_chunks
from tfs_notebook.client.inputs import Nothing
from tfs_notebook.client.limits import ChunkRows, Limits
from tfs_notebook.client.offered import Offered
from tfs_notebook.client.raw_answers import INDICES, LABELS, SCORES, PipelineFacts
from tfs_notebook.client.raw_parts import RawParts
from tfs_notebook.client.raw_values import (
    ImageShape,
    RawValue,
    image_shape,
    raw_numbers,
    raw_value,
)
from tfs_notebook.client.scored_labels import ScoredLabels, scores_frame
from tfs_notebook.client.server_access import ServerAccess
from tfs_notebook.client.transport import Answer, ModelMetadata
from tfs_notebook.client.unfit_input import UnfitInput, taken_by
from tfs_notebook.wire.dtypes import DataType, base_type, numpy_type
from tfs_notebook.wire.errors import FailedPrecondition, InvalidArgument, Unimplemented
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.signatures import DEFAULT_SIGNATURE, TensorSpec

__all__ = ["RawCalls", "RawInput", "RawOutputs"]

RawOutputs: TypeAlias = Any
"""A ``ScoredLabel`` for one, ``ScoredLabels`` for several, a DataFrame for what goes with one.
Untyped, or whoever passes numbers would have to tell them from arrays."""

_NOTHING: Final = {
    LABELS: np.empty((0, 1), object),
    SCORES: np.empty((0, 1), np.float32),
    INDICES: np.empty((0, 1), np.int64),
}


@dataclass(frozen=True, slots=True)
class RawInput:
    """Texts or images that go through a model's pipeline.

    Attributes:
        value: what was passed.
        pipeline: what the model says of it.
    """

    value: RawValue
    pipeline: PipelineFacts


class RawCalls:
    """Judges what is text or images, where the model has a pipeline for it."""

    def __init__(
        self,
        access: ServerAccess,
        reference: ModelReference,
        offered: Offered,
        request_id: str | None = None,
    ) -> None:
        self._access = access
        self._reference = reference
        self._offered = offered
        self._request_id = request_id

    def predict(
        self,
        value: object,
        named: Mapping[str, object],
        signature: str,
        limits: Limits,
        top: int | None,
    ) -> Steps[RawOutputs | None]:
        """Have texts or images judged; many of them in parts, as tensors are.

        Args:
            value: what was passed.
            named: what was passed by name, which is tensors.
            signature: which one to run; empty for that of the pipeline.
            limits: of each request.
            top: how many labels are to be told; None for what the pipeline says.

        Returns:
            None if it is tensors, and goes the usual way.

        Raises:
            InvalidArgument: it is raw input, and the model does not take that; or one of
                several is no image.
            Unimplemented: it is raw input, and no REST address is known.
            ServingError: what the server answers.
        """
        is_by_name = bool(named) or isinstance(value, Mapping)
        raw = None if is_by_name else self._raw(value)
        if raw is not None:
            return (yield from self._certain(raw, signature, limits, top))
        shape = None if is_by_name else image_shape(value)
        if top is not None:
            if shape is None:
                raise InvalidArgument(
                    "k= is for a text, an image, or several of them; numbers have no labels. "
                    "(An input that is called k goes in a dict.)"
                )
            return (yield from self._certain(raw_numbers(value), signature, limits, top))
        if shape is None:
            return None
        return (yield from self._numbers(value, shape, signature, limits))

    def input(self, value: object, signature: str, limits: Limits) -> Steps[RawInput | None]:
        """What of this goes through the pipeline; None for tensors, and for nothing.

        Raises:
            InvalidArgument: it is raw input, and the model takes another kind, or none.
            Unimplemented: it is raw input, and no REST address is known.
        """
        if isinstance(value, Mapping | Nothing):
            return None
        raw = self._raw(value)
        if raw is None:
            shape = image_shape(value)
            if shape is None:
                return None
            return (yield from self._image(value, shape, signature, limits))
        metadata, pipeline = yield from self._asked(signature, limits)
        if pipeline is not None:
            self._check_kind(raw, pipeline)
            return RawInput(raw, pipeline)
        if not raw.items or _takes_strings(metadata, signature):
            return None
        raise self._refusal(metadata, signature, raw)

    def request(self, raw: RawInput, limits: Limits) -> Callable[[], Call[Answer]]:
        """What makes one request for all of it, again and again; any thread may call it.

        Raises:
            InvalidArgument: it is nothing, or more than a request holds, or no image.
        """
        transport = self._access.rest("raw input").keyed(self._request_id)
        parts = RawParts(raw.value, raw.pipeline, self._reference, None)
        whole = slice(0, parts.count)
        if not parts.count or parts.cut(whole) != whole:
            raise InvalidArgument(
                f"{self._reference.name}: {raw.value.described} do not make one request; take "
                f"1 to {parts.most} of them"
            )
        return partial(transport.predict_raw, parts.body(whole), limits.timeout)

    def _raw(self, value: object) -> RawValue | None:
        try:
            return raw_value(value)
        except InvalidArgument as error:
            raise InvalidArgument(f"{self._reference.name}: {error.message}") from None

    def _certain(
        self, raw: RawValue, signature: str, limits: Limits, top: int | None
    ) -> Steps[RawOutputs | None]:
        is_fresh = not self._offered.is_known
        metadata, pipeline = yield from self._asked(signature, limits)
        try:
            if pipeline is not None:
                return (yield from self._judged(raw, pipeline, limits, top))
            if top is None and (not raw.items or _takes_strings(metadata, signature)):
                return None
            raise self._refusal(metadata, signature, raw)
        except (InvalidArgument, FailedPrecondition) as error:
            refused = error
        # Another version may be there by now, with another pipeline than is remembered.
        if not is_fresh:
            self._offered.forget()
            _, now = yield from self._asked(signature, limits)
            if now != pipeline:
                return (yield from self._certain(raw, signature, limits, top))
        raise refused

    def _numbers(
        self, value: object, shape: ImageShape, signature: str, limits: Limits
    ) -> Steps[RawOutputs | None]:
        found = yield from self._image(value, shape, signature, limits)
        if found is None:
            return None
        return (yield from self._judged(found.value, found.pipeline, limits, None))

    def _image(
        self, value: object, shape: ImageShape, signature: str, limits: Limits
    ) -> Steps[RawInput | None]:
        """Numbers are an image if the model takes images, and no such tensor."""
        metadata = yield from self._offered.metadata(limits.timeout)
        if _takes_shape(metadata, signature, shape):
            return None
        _, pipeline = yield from self._asked(signature, limits)
        if pipeline is None or pipeline.kind != "image":
            return None
        return RawInput(raw_numbers(value), pipeline)

    def _asked(
        self, signature: str, limits: Limits
    ) -> Steps[tuple[ModelMetadata, PipelineFacts | None]]:
        metadata = yield from self._offered.metadata(limits.timeout)
        pipeline = yield from self._offered.pipeline(metadata, limits.timeout)
        return metadata, pipeline if pipeline and pipeline.is_for(signature) else None

    def _judged(
        self, raw: RawValue, pipeline: PipelineFacts, limits: Limits, top: int | None
    ) -> Steps[RawOutputs]:
        name = self._reference.name
        if not raw.items:
            return _shaped(raw, pipeline, Joined(None, _NOTHING))
        self._check_kind(raw, pipeline)
        transport = self._access.rest("raw input").keyed(self._request_id)
        parts = RawParts(raw, pipeline, self._reference, top)

        def call(part: slice) -> Call[Answer]:
            return transport.predict_raw(parts.body(part), limits.timeout)

        joined = yield from _in_parts(name, parts, limits.chunk_rows, call)
        self._offered.answered_by(joined.version)
        return _shaped(raw, pipeline, joined)

    def _check_kind(self, raw: RawValue, pipeline: PipelineFacts) -> None:
        if pipeline.kind == "text" and raw.kind != "text":
            raise InvalidArgument(
                f"{self._reference.name} takes text, and was given {raw.described}; bytes that "
                "are a text become one with .decode()"
            )

    def _refusal(
        self, metadata: ModelMetadata, name: str, raw: RawValue
    ) -> Unimplemented | InvalidArgument:
        signature = metadata.signature(name)
        takes = taken_by(signature)
        if self._access.rest_address is None:
            return Unimplemented(
                f"{metadata.name} was given {raw.described}. Where it has a pipeline that is "
                "asked over REST: give the server's REST address too, "
                "connect(address, rest_address=…). Without, it takes tensors: "
                f"{signature.name} takes {takes}"
            )
        reason = (
            f"{metadata.name} (version {metadata.version}) was given {raw.described}, and has "
            "no pipeline that makes tensors of it"
        )
        return UnfitInput(
            f"{reason}.\n  {signature.name} takes  {takes}\n  Make them yourself, or export "
            "the model with a pipeline (docs/models.md): "
            "tfs_notebook.export(model, directory, pipeline=…)",
            f"{reason}; {signature.name} takes {takes}",
            signature,
        )


def _takes_strings(metadata: ModelMetadata, name: str) -> bool:
    inputs = metadata.signature(name).inputs.values()
    return any(base_type(spec.dtype) == DataType.STRING for spec in inputs)


def _takes_shape(metadata: ModelMetadata, name: str, shape: ImageShape) -> bool:
    signature = metadata.signatures.get(name or DEFAULT_SIGNATURE)
    inputs = () if signature is None else signature.inputs.values()
    return any(_fits(spec, shape) for spec in inputs)


def _fits(spec: TensorSpec, shape: ImageShape) -> bool:
    dtype = numpy_type(spec.dtype)
    if dtype is None or dtype.kind == "O" or (shape.is_bytes and dtype.kind not in "ui"):
        return False
    sizes = spec.shape
    return sizes is None or (
        len(sizes) == len(shape.sizes)
        and all(size in (-1, own) for size, own in zip(sizes, shape.sizes, strict=True))
    )


def _in_parts(
    name: str, parts: RawParts, chosen: ChunkRows, call: Callable[[slice], Call[Answer]]
) -> Steps[Joined]:
    if not chosen or (chosen == "auto" and parts.fit_in_one()):
        return Joined(*(yield from ask(call(slice(0, parts.count)))))
    is_fixed = isinstance(chosen, int)
    size = chosen if isinstance(chosen, int) else parts.most
    try:
        return (
            yield from in_chunks(Rows(parts.count, size, is_fixed, call, name, cut=parts.cut))
        )
    except UnevenOutputsError:
        raise FailedPrecondition(
            f"{name}: the versions that answered tell different numbers of labels; k= says how "
            "many there are to be"
        ) from None


def _shaped(raw: RawValue, pipeline: PipelineFacts, joined: Joined) -> RawOutputs:
    if raw.index is not None:
        index = raw.index if joined.rows is None else raw.index[: joined.rows]
        return scores_frame(joined.outputs, index)
    texts = raw.items if pipeline.kind == "text" else None
    answer = ScoredLabels(joined.outputs, texts, joined.version)
    return answer if raw.is_list else answer[0]
