"""Texts and images as bodies of requests that a server takes."""

from __future__ import annotations

import base64
import json
import operator
from typing import Final

from tfs_notebook.client.raw_answers import PipelineFacts
from tfs_notebook.client.raw_values import RawValue, image_bytes
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.model_spec import ModelReference

__all__ = ["RawParts"]

# A server takes 4 MiB of texts and 64 MiB of images; several requests are under way.
_MOST_BYTES: Final = {"text": 2_000_000, "image": 8_000_000}
_MOST_ITEMS: Final = {"text": 8192, "image": 64}
# Labels that a server tells in an answer, and half of it is enough.
_MOST_TOLD: Final = 100_000
# What is sent in one request even if more would fit, so that progress can be seen.
_FEW_ITEMS: Final = {"text": 512, "image": 64}


class RawParts:
    """Encodes items when their turn comes: ten thousand pictures are not held at once.

    Of one thread. Items are texts, or images if the pipeline takes these.
    """

    def __init__(
        self, value: RawValue, pipeline: PipelineFacts, model: ModelReference, top: int | None
    ) -> None:
        self._items = value.items
        self._kind = kind = pipeline.kind
        told = _MOST_TOLD // max(1, pipeline.top if top is None else top)
        self._most = max(1, min(_MOST_ITEMS[kind], told))
        self._encoded: dict[int, bytes] = {}
        tail: dict[str, object] = {"model": model.name}
        if model.version is not None:
            tail["version"] = model.version
        if model.label is not None:
            tail["label"] = model.label
        if top is not None:
            tail["k"] = top
        self._tail = b", " + json.dumps(tail, default=operator.index).encode()[1:]

    @property
    def count(self) -> int:
        """How many items there are."""
        return len(self._items)

    @property
    def most(self) -> int:
        """How many there are to be in a request."""
        return self._most

    def fit_in_one(self) -> bool:
        """Whether all of them go in one request; encodes those that would."""
        count = len(self._items)
        whole = slice(0, count)
        few = min(_FEW_ITEMS[self._kind], self._most)
        return count <= few and self.cut(whole) == whole

    def cut(self, wanted: slice) -> slice:
        """Those of these items that fit in a request; one at least.

        Raises:
            InvalidArgument: one is no image; the text says which.
        """
        size = 0
        for place in range(wanted.start, wanted.stop):
            if place not in self._encoded:
                self._encoded[place] = self._encode(place)
            size += len(self._encoded[place])
            if size > _MOST_BYTES[self._kind] and place > wanted.start:
                return slice(wanted.start, place)
        return wanted

    def body(self, part: slice) -> bytes:
        """The request for some of them, which are forgotten then."""
        items = [
            self._encoded.pop(place) if place in self._encoded else self._encode(place)
            for place in range(part.start, part.stop)
        ]
        return f'{{"{self._kind}s": ['.encode() + b", ".join(items) + b"]" + self._tail

    def _encode(self, place: int) -> bytes:
        one = self._items[place]
        if self._kind == "text":
            return _text_json(one)
        try:
            image = image_bytes(one)
        except InvalidArgument as error:
            if len(self._items) == 1:
                raise
            where = f"image {place + 1} of {len(self._items)}"
            raise InvalidArgument(f"{where}: {error.message}") from None
        return b'{"b64": "' + base64.b64encode(image) + b'"}'


def _text_json(text: str) -> bytes:
    try:
        return json.dumps(text, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # half a pair of surrogates has no form but an escape
        return json.dumps(text).encode()
