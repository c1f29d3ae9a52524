"""An example of raw texts or images, as the tensors that a pipeline makes of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tfs_notebook.client.raw_values import RawValue, image_bytes, raw_value
from tfs_notebook.pipelines.pipeline import Pipeline

__all__ = ["encoded_example", "is_raw"]


def is_raw(example: object) -> bool:
    """Whether this is certainly texts or images, as a pipeline takes them.

    Raises:
        InvalidArgument: texts are missing in a column; the message says where.
    """
    return _raw(example) is not None


def encoded_example(example: object, pipeline: Pipeline) -> Mapping[str, np.ndarray] | None:
    """The tensors by alias; None if the example is tensors already.

    Reads files where images are named by their paths.

    Raises:
        InvalidArgument: one is no image; or texts are missing in a column.
    """
    raw = _raw(example)
    if raw is None:
        return None
    if pipeline.kind == "image":
        return pipeline.encode([image_bytes(one) for one in raw.items])
    # What is bytes may be the strings that a model takes.
    return pipeline.encode(raw.items) if raw.kind == "text" else None


def _raw(example: object) -> RawValue | None:
    raw = raw_value(example)
    return raw if raw is not None and raw.items else None
