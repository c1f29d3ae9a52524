"""Image pipelines to try, and images for them."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tfs_notebook.pipelines.description import DIRECTORY, FILE_NAME
from tfs_notebook.pipelines.image import ImagePipeline
from tfs_notebook.pipelines.loading import load_pipeline


def image_document(height: int = 2, width: int = 3, **changes: Any) -> dict[str, Any]:
    """A valid pipeline; ``changes`` replace what is at the top, or add to it.

    ``pixels`` adds to what is said of them.
    """
    pixels = {"height": height, "width": width} | changes.pop("pixels", {})
    return {
        "schema_version": 1,
        "kind": "image",
        "pixels": pixels,
        "input": {"name": "input"},
        "output": {"name": "scores"},
    } | changes


def bytes_document(**changes: Any) -> dict[str, Any]:
    """A pipeline for a model that decodes images itself."""
    document = image_document(bytes={}, **changes)
    del document["pixels"]
    return document


def write_document(version: Path, document: Mapping[str, Any]) -> Path:
    """Write a pipeline into a version directory, and return its file."""
    path = version / DIRECTORY / FILE_NAME
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(json.dumps(document), "utf-8")
    return path


def loaded_image(version: Path, document: Mapping[str, Any]) -> ImagePipeline:
    """Write a pipeline and load it."""
    write_document(version, document)
    pipeline = load_pipeline(version)
    assert isinstance(pipeline, ImagePipeline)
    return pipeline


def encoded(image: Image.Image | np.ndarray, name: str = "PNG", **options: Any) -> bytes:
    """An image as a file of some format."""
    if isinstance(image, np.ndarray):
        image = Image.fromarray(image)
    written = io.BytesIO()
    image.save(written, name, **options)
    return written.getvalue()


def noise(height: int, width: int, channels: int = 3, seed: int = 0) -> np.ndarray:
    """Pixels that are all different, about: uint8 ``[height, width, channels]``."""
    shape = (height, width) if channels == 1 else (height, width, channels)
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
