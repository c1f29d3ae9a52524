"""Texts and images as a request that is written down."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from tfs_notebook.client.raw_calls import RawInput
from tfs_notebook.client.raw_values import image_bytes
from tfs_notebook.client.rest_code import Asked
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.json_values import JsonValue
from tfs_notebook.wire.model_spec import ModelReference

__all__ = ["raw_asked"]

_PATH: Final = "/predict"
_MOST_TEXTS: Final = 10
_SHOWN: Final = 2
# A command line takes more; nobody reads it.
_MOST_CHARACTERS: Final = 20_000


def raw_asked(model: ModelReference, raw: RawInput) -> Asked:
    """What asks the pipeline for it, or for the first ones of many.

    One image of a file is that file, wherever the code is run on this machine.

    Raises:
        InvalidArgument: it is no image, or more than code can hold.
    """
    chosen = _choice(model)
    items = raw.value.items
    if not items:
        raise InvalidArgument(f"{model.name}: none at all cannot be shown; say a text or image")
    if raw.pipeline.kind == "text":
        texts = list(items if len(items) <= _MOST_TEXTS else items[:_SHOWN])
        _check_length(model, sum(map(len, texts)))
        given: JsonValue = texts if raw.value.is_list else texts[0]
        return Asked(_PATH, {"texts" if raw.value.is_list else "text": given, **chosen})
    if not raw.value.is_list and isinstance(items[0], str | os.PathLike):
        image_bytes(items[0])  # says why, if it is none
        file = str(Path(items[0]).expanduser().absolute())
        return Asked(f"{_PATH}?{urlencode(chosen)}", {}, file=file)
    images: list[JsonValue] = [_encoded(one) for one in items[:_SHOWN]]
    _check_length(model, sum(len(str(one)) for one in images))
    if raw.value.is_list:
        return Asked(_PATH, {"images": images, **chosen})
    return Asked(_PATH, {"image": images[0], **chosen})


def _choice(model: ModelReference) -> dict[str, str | int]:
    chosen: dict[str, str | int] = {"model": model.name}
    if model.version is not None:
        chosen["version"] = model.version
    elif model.label is not None:
        chosen["label"] = model.label
    return chosen


def _encoded(image: Any) -> JsonValue:  # noqa: ANN401 - any image
    return {"b64": base64.b64encode(image_bytes(image)).decode()}


def _check_length(model: ModelReference, length: int) -> None:
    if length > _MOST_CHARACTERS:
        raise InvalidArgument(
            f"{model.name}: {length} characters of input are too long for code to read; say a "
            'shorter text, or the path of one image, snippet("curl", "picture.png")'
        )
