"""``python -m tests.models.build DIR``: make every model, with TensorFlow's answers."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.models import examples, hangs, keras_exports, tf1, tf2
from tests.models.answers import write_answers
from tests.models.recording import Call, record

Builder = Callable[[Path], list[Call]]

BUILDERS: Final[dict[str, Builder]] = {
    "half_plus_two": lambda path: tf1.half_plus(path, 2.0),
    "half_plus_three": lambda path: tf1.half_plus(path, 3.0),
    "identities": tf1.identities,
    "coo_sparse": tf1.coo_sparse,
    "string_keepers": tf1.string_keepers,
    "hangs": hangs.hangs,
    "examples": examples.examples,
    "several": tf2.several,
    "texts": tf2.texts,
    "string_memory": tf2.string_memory,
    "tables": tf2.tables,
    "compiled": tf2.compiled,
    "composites": tf2.composites,
    "defaults": tf2.defaults,
    "slow": tf2.slow,
    "readings": tf2.readings,
    "large_outputs": tf2.large_outputs,
    "heavy": tf2.heavy,
    "keras_3": keras_exports.keras_3,
    "legacy_keras": keras_exports.legacy_keras,
    "text_classifier": keras_exports.text_classifier,
    "string_lookup": keras_exports.string_lookup,
}


def build(directory: Path) -> None:
    """Make every model as version 1 below ``directory``, and one with tags of its own."""
    for name, builder in BUILDERS.items():
        path = directory / name / "1"
        path.parent.mkdir(parents=True)
        calls = builder(path)
        write_answers(path, record(path, calls))
    tf1.other_tags(directory / "other_tags" / "1")
    keras_exports.legacy_export(directory / "legacy_export" / "1")


if __name__ == "__main__":
    build(Path(sys.argv[1]))
