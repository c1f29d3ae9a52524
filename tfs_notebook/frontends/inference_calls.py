"""Calls of the Open Inference Protocol on their way to the data plane, whatever the door."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

import numpy as np

from tfs_notebook.frontends.request_key import key_of_id
from tfs_notebook.serving.inference import SignatureNotFound
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.prediction import Prediction
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.open_inference import InferCall

__all__ = ["prediction_of"]

T = TypeVar("T")


def prediction_of(
    server: ModelServer,
    name: str,
    version: int | None,
    call: InferCall,
    encode: Callable[[ModelReference, InferCall, Mapping[str, np.ndarray]], T],
    key: str | None = None,
) -> Prediction[T]:
    """What is to be run to answer a call.

    Args:
        server: the data plane.
        name: the model's.
        version: the one asked for; None for the newest, or the one of the call's label.
        call: what is asked of it.
        encode: makes the answer, on the thread that ran it; the first argument is what
            answered.
        key: what the version sticks to where requests go by weights; without it, the id of
            the call.

    Raises:
        NotFound: there is no such model or version.
        InvalidArgument: it has no such signature.
    """
    asked = ModelReference(name, version, call.label, call.signature)
    model = server.hold(asked, key or key_of_id(call.id))
    try:
        try:
            signature = model.signature(call.signature)
        except SignatureNotFound as error:
            raise InvalidArgument(
                f"the model {name!r} has no signature {error.signature_name!r}; the parameter "
                f'"signature_name" is one of {", ".join(error.known)}'
            ) from None
        answer = partial(encode, model.reference(signature.name), call)
        return model.prediction(signature, call.inputs, answer, call.outputs)
    except BaseException:
        model.release()
        raise
