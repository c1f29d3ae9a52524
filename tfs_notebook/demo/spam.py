"""The demo's spam classifier: trained here, exported with its text pipeline.

``python -m tfs_notebook.demo.spam DIR`` writes versions 1 and 2 below ``DIR``, which
takes less than a minute. Version 1 is what a first attempt gives, from a third
of the messages; version 2 has learned from all of them.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

import tfs_notebook
from tfs_notebook.demo import spam_classifier
from tfs_notebook.demo.spam_messages import LABELS, Message, own_messages
from tfs_notebook.demo.spam_vectors import LENGTH, VALUES, train_vectors
from tfs_notebook.pipelines.loading import load_pipeline
from tfs_notebook.pipelines.text import TextPipeline
from tfs_notebook.pipelines.text_description import TextRules
from tfs_notebook.pipelines.text_words import TextWords
from tfs_notebook.runtimes.tensorflow.saved_model import TensorFlowModel, load_saved_model
from tfs_notebook.wire.dtypes import DataType

__all__ = ["VERSIONS", "Measured", "Recipe", "measure", "train_version", "write_spam"]

_SEED: Final = 3
_RULES: Final = TextRules(digits="zero")
_EXAMPLE_MESSAGES: Final = 8


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a version is trained.

    Attributes:
        every: 3 takes every third message for training.
        vector_epochs: how often the vectors see them.
        epochs: how often the network does.
    """

    every: int
    vector_epochs: int
    epochs: int


#: by the number of the version
VERSIONS: Final = {
    1: Recipe(every=3, vector_epochs=30, epochs=6),
    2: Recipe(every=1, vector_epochs=60, epochs=20),
}


@dataclass(frozen=True, slots=True)
class Measured:
    """How a version does on messages that it has not seen.

    Attributes:
        messages: how many there were.
        accuracy: the share that it judged rightly.
        spam_recall: the share of the spam that it caught.
    """

    messages: int
    accuracy: float
    spam_recall: float


def write_spam(base_path: str | Path, progress: Callable[[str], None]) -> Path:
    """Train and write both versions below ``base_path``, those that are not there.

    Each appears whole or not at all: a server that watches never sees half of it.

    Args:
        base_path: made if it is not there.
        progress: told what happens, a line at a time.

    Returns:
        the base path.
    """
    base = Path(base_path)
    train, test = own_messages()
    for number, recipe in VERSIONS.items():
        target = base / str(number)
        if target.exists():
            progress(f"version {number} is there already: {target}")
            continue
        started = time.perf_counter()
        progress(f"version {number}:")
        train_version(target, train, recipe, progress)
        seconds = time.perf_counter() - started
        result = measure(target, test)
        progress(
            f"version {number} is ready after {seconds:.0f} s: {target}\n"
            f"  {result.accuracy:.1%} of {result.messages} unseen messages judged rightly, "
            f"{result.spam_recall:.1%} of the spam among them caught"
        )
    return base


def train_version(
    target: Path, messages: Sequence[Message], recipe: Recipe, progress: Callable[[str], None]
) -> None:
    """Train one version and write it with its pipeline to ``target``, which must not exist.

    Args:
        target: the version directory.
        messages: for training.
        recipe: how.
        progress: told what happens, a line at a time.
    """
    chosen = messages[:: recipe.every]
    texts = [message.text for message in chosen]
    progress(f"  training word vectors on {len(chosen)} messages")
    pipeline = _pipeline(texts, recipe.vector_epochs)
    progress("  loading Keras")
    model = spam_classifier.trained(
        tfs_notebook.pipeline(pipeline).encode(texts)[spam_classifier.INPUT],
        np.array([LABELS.index(message.label) for message in chosen]),
        epochs=recipe.epochs,
        seed=_SEED,
        progress=lambda line: progress(f"  {line}"),
    )
    tfs_notebook.export(
        model,
        target.parent,
        version=int(target.name),
        pipeline=pipeline,
        labels=LABELS,
        example=texts[:_EXAMPLE_MESSAGES],
    )


def _pipeline(texts: Sequence[str], epochs: int) -> dict[str, Any]:
    cutter = TextWords(_RULES)
    words, pieces = train_vectors(
        [cutter.cut(text) for text in texts], epochs=epochs, seed=_SEED
    )
    return {
        "schema_version": 1,
        "kind": "text",
        "text": asdict(_RULES),
        "vectors": {"words": words, "pieces": pieces, "unknown_word_length": LENGTH},
        "input": {
            "name": spam_classifier.INPUT,
            "words": spam_classifier.WORDS,
            "values": VALUES,
            "keep": "ends",
        },
        "output": {"name": spam_classifier.OUTPUT},
    }


def _pipeline_of(version: Path) -> TextPipeline:
    pipeline = load_pipeline(version)
    if not isinstance(pipeline, TextPipeline):
        raise ValueError(f"{version} has no pipeline")  # noqa: TRY004 - a wrong directory
    return pipeline


def measure(version: Path, messages: Sequence[Message]) -> Measured:
    """Judge messages with a version as a server would, and count."""
    pipeline = _pipeline_of(version)
    model = load_saved_model(version, ["serve"])
    try:
        judged = _labels(model, pipeline, [message.text for message in messages])
    finally:
        model.close()
    right = [label == message.label for label, message in zip(judged, messages, strict=True)]
    spam = [ok for ok, message in zip(right, messages, strict=True) if message.label == "spam"]
    return Measured(len(messages), sum(right) / len(right), sum(spam) / len(spam))


def _labels(model: TensorFlowModel, pipeline: TextPipeline, texts: Sequence[str]) -> list[str]:
    signature = pipeline.check(model.signatures)
    inputs = {
        alias: (array, int(DataType.FLOAT)) for alias, array in pipeline.encode(texts).items()
    }
    output = pipeline.output
    (scores,) = model.run(signature, inputs, [output])
    return [scored.label for scored in pipeline.decode({output: scores})]


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - a command's own output


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit("usage: python -m tfs_notebook.demo.spam DIR")
    try:
        write_spam(sys.argv[1], _say)
    except KeyboardInterrupt:
        sys.exit(130)
