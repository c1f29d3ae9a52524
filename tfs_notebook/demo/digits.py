"""The demo's classifier of handwritten digits: trained here, exported with its image pipeline.

``python -m tfs_notebook.demo.digits DIR`` trains two versions and writes them below
``DIR``: 1 weighs pixels and has seen few pictures, 2 is a small convolutional network.
``DIR/examples`` gets a picture of each digit that neither has seen. It takes half a minute.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from tfs_notebook.demo import digit_classifier
from tfs_notebook.demo.digit_images import LABELS, SIDE, Digits, load_digits
from tfs_notebook.pipelines.description import write_description
from tfs_notebook.pipelines.image import ImagePipeline
from tfs_notebook.pipelines.image_description import (
    ImageDescription,
    PixelForm,
    PixelRules,
    ValueRules,
)
from tfs_notebook.pipelines.image_sources import encoded_images
from tfs_notebook.pipelines.loading import load_pipeline
from tfs_notebook.pipelines.output_description import OutputDescription
from tfs_notebook.runtimes.tensorflow.saved_model import load_saved_model
from tfs_notebook.wire.dtypes import DataType

__all__ = ["EXAMPLES", "VERSIONS", "Recipe", "measure", "write_digits"]

EXAMPLES: Final = "examples"

_SEED: Final = 3
_DESCRIPTION: Final = ImageDescription(
    "serving_default",
    PixelForm(
        # As the pictures are: bright on black.
        PixelRules(SIDE, SIDE, "grey", "area", "pad", background=(0, 0, 0)),
        ValueRules(scale=(1 / 255,)),
    ),
    digit_classifier.INPUT,
    OutputDescription(digit_classifier.OUTPUT, LABELS, scores="logits", top=3),
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a version is trained.

    Attributes:
        every: 8 takes every eighth picture.
        filters: of the convolution, if there is one.
        epochs: how often the pictures are seen.
    """

    every: int
    filters: int
    epochs: int


#: by the number of the version
VERSIONS: Final = {
    1: Recipe(every=8, filters=0, epochs=60),
    2: Recipe(every=1, filters=16, epochs=15),
}


def write_digits(base_path: str | Path, progress: Callable[[str], None]) -> Path:
    """Train and write both versions below ``base_path``, those that are not there.

    Each appears whole or not at all: a server that watches never sees half of it.

    Args:
        base_path: made if it is not there.
        progress: told what happens, a line at a time.

    Returns:
        the base path.
    """
    base = Path(base_path)
    train, test = load_digits()
    _write_examples(base / EXAMPLES, test)
    for number, recipe in VERSIONS.items():
        target = base / str(number)
        if target.exists():
            progress(f"version {number} is there already: {target}")
            continue
        started = time.perf_counter()
        progress(f"version {number}:")
        _train_version(target, train, recipe, progress)
        seconds = time.perf_counter() - started
        accuracy = measure(target, test)
        progress(
            f"version {number} is ready after {seconds:.0f} s: {target}\n"
            f"  {accuracy:.1%} of {len(test.classes)} unseen pictures known"
        )
    return base


def _write_examples(directory: Path, digits: Digits) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for digit in range(len(LABELS)):
        first = int(np.flatnonzero(digits.classes == digit)[0])
        (picture,), _ = encoded_images(digits.images[first])
        (directory / f"{digit}.png").write_bytes(picture)


def _train_version(
    target: Path, digits: Digits, recipe: Recipe, progress: Callable[[str], None]
) -> None:
    unfinished = Path(tempfile.mkdtemp(prefix=".writing-", dir=target.parent))
    try:
        write_description(unfinished, _DESCRIPTION)
        pipeline = _pipeline_of(unfinished)
        pictures, _ = encoded_images(digits.images[:: recipe.every])
        progress(f"  training on {len(pictures)} pictures")
        # What it is trained on is what it will be given.
        digit_classifier.train_and_export(
            pipeline.encode(pictures)[digit_classifier.INPUT],
            digits.classes[:: recipe.every],
            unfinished,
            filters=recipe.filters,
            epochs=recipe.epochs,
            seed=_SEED,
            progress=lambda line: progress(f"  {line}"),
        )
        unfinished.chmod(0o755)
        unfinished.rename(target)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def _pipeline_of(version: Path) -> ImagePipeline:
    pipeline = load_pipeline(version)
    if not isinstance(pipeline, ImagePipeline):
        raise ValueError(f"{version} has no image pipeline")  # noqa: TRY004 - a wrong directory
    return pipeline


def measure(version: Path, digits: Digits) -> float:
    """The share of pictures that a version knows; it is run as a server would."""
    pictures, _ = encoded_images(digits.images)
    labels = _labels(version, _pipeline_of(version), pictures)
    known = sum(
        label == LABELS[digit] for label, digit in zip(labels, digits.classes, strict=True)
    )
    return float(known / len(labels))


def _labels(version: Path, pipeline: ImagePipeline, pictures: Sequence[bytes]) -> list[str]:
    model = load_saved_model(version, ["serve"])
    try:
        signature = pipeline.check(model.signatures)
        inputs = {
            alias: (array, int(DataType.FLOAT))
            for alias, array in pipeline.encode(pictures).items()
        }
        (scores,) = model.run(signature, inputs, [pipeline.output])
        return [one.label for one in pipeline.decode({pipeline.output: scores})]
    finally:
        model.close()


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - a command's own output


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit("usage: python -m tfs_notebook.demo.digits DIR")
    try:
        write_digits(sys.argv[1], _say)
    except ModuleNotFoundError as error:
        sys.exit(f"{error}: pip install 'tfs_notebook[demo]'")
    except KeyboardInterrupt:
        sys.exit(130)
